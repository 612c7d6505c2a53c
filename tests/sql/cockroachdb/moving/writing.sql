-- The SQL of agentomatic_sql/moving/writing.py on CockroachDB 25.4, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.writing.has_numbers: look whether there are rows with generated numbers (query)

SELECT agentomatic_messages.id 
FROM agentomatic_messages 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
 LIMIT $1::INTEGER


-- moving.writing.store: store rows of thread that are missing (once)

SELECT found.id, found.user_id, found.agent_name, found.created_at 
FROM unnest($1::VARCHAR[]) AS given(id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.id IS NOT NULL

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, $9::TIMESTAMP WITH TIME ZONE, $10::TIMESTAMP WITH TIME ZONE, $11::BIGINT, $12::BIGINT, $13::BIGINT)


-- moving.writing.store: store rows of message that are missing (once)

SELECT found.thread_id, found.position, found.id, found.created_at 
FROM unnest($1::VARCHAR[], $2::BIGINT[]) AS given(thread_id, position) LEFT OUTER JOIN LATERAL (SELECT agentomatic_messages.thread_id AS thread_id, agentomatic_messages.position AS position, agentomatic_messages.id AS id, agentomatic_messages."role" AS "role", agentomatic_messages.content AS content, agentomatic_messages.metadata AS metadata, agentomatic_messages.created_at AS created_at, agentomatic_messages.token AS token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = given.thread_id AND agentomatic_messages.position = given.position
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_id IS NOT NULL

-- then:

SELECT found.id, found.message_count 
FROM unnest($1::VARCHAR[]) AS given(id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.id IS NOT NULL

-- then:

SELECT given.number 
FROM unnest($1::BIGINT[]) AS given(number) JOIN agentomatic_messages ON agentomatic_messages.id = given.number

-- then:

SELECT CASE WHEN (nextval(pg_get_serial_sequence($1, $2::VARCHAR)) < $3::BIGINT) THEN setval(pg_get_serial_sequence($1, $2::VARCHAR), $3::BIGINT + 1000) END AS anon_1

-- then:

INSERT INTO agentomatic_messages (thread_id, position, id, "role", content, metadata, created_at, token) VALUES ($1, $2::BIGINT, $3::BIGINT, $4, $5::VARCHAR, $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE, $8::BIGINT)


-- moving.writing.store: store rows of idempotency_key that are missing (once)

SELECT found.thread_id, found.operation, found.key 
FROM unnest($1::VARCHAR[], $2::VARCHAR[], $3::VARCHAR[]) AS given(thread_id, operation, key) LEFT OUTER JOIN LATERAL (SELECT agentomatic_idempotency_keys.thread_id AS thread_id, agentomatic_idempotency_keys.operation AS operation, agentomatic_idempotency_keys.key AS key, agentomatic_idempotency_keys.content_digest AS content_digest, agentomatic_idempotency_keys.first AS first, agentomatic_idempotency_keys.count AS count, agentomatic_idempotency_keys.created_at AS created_at 
FROM agentomatic_idempotency_keys 
WHERE agentomatic_idempotency_keys.thread_id = given.thread_id AND agentomatic_idempotency_keys.operation = given.operation AND agentomatic_idempotency_keys.key = given.key
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_id IS NOT NULL

-- then:

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) VALUES ($1, $2, $3, $4::VARCHAR, $5::BIGINT, $6::BIGINT, $7::TIMESTAMP WITH TIME ZONE)


-- moving.writing.store: store rows of feedback that are missing (once)

SELECT found.thread_id, found.id, found.user_id, found.created_at 
FROM unnest($1::VARCHAR[], $2::BIGINT[]) AS given(thread_id, id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_feedback.thread_id AS thread_id, agentomatic_feedback.id AS id, agentomatic_feedback.message_id AS message_id, agentomatic_feedback.user_id AS user_id, agentomatic_feedback.agent_name AS agent_name, agentomatic_feedback.rating AS rating, agentomatic_feedback.comment AS comment, agentomatic_feedback.feedback_type AS feedback_type, agentomatic_feedback.query AS query, agentomatic_feedback.response AS response, agentomatic_feedback.correction AS correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = given.thread_id AND agentomatic_feedback.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_id IS NOT NULL

-- then:

SELECT given.number 
FROM unnest($1::BIGINT[]) AS given(number) JOIN agentomatic_feedback ON agentomatic_feedback.id = given.number

-- then:

SELECT CASE WHEN (nextval(pg_get_serial_sequence($1, $2::VARCHAR)) < $3::BIGINT) THEN setval(pg_get_serial_sequence($1, $2::VARCHAR), $3::BIGINT + 1000) END AS anon_1

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES ($1, $2::BIGINT, $3::BIGINT, $4, $5, $6::INTEGER, $7::VARCHAR, $8, $9::VARCHAR, $10::VARCHAR, $11::VARCHAR, $12::TIMESTAMP WITH TIME ZONE)


-- moving.writing.store: store rows of suspended_state that are missing (once)

SELECT found.id 
FROM unnest($1::VARCHAR[]) AS given(id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_suspended_states.id AS id, agentomatic_suspended_states.thread_id AS thread_id, agentomatic_suspended_states.agent_name AS agent_name, agentomatic_suspended_states.node_name AS node_name, agentomatic_suspended_states.state_snapshot AS state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token AS token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.id IS NOT NULL

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::TIMESTAMP WITH TIME ZONE, $8::BIGINT)


-- moving.writing.store: store rows of checkpoint that are missing (once)

SELECT found.thread_id, found.namespace_digest, found.checkpoint_id 
FROM unnest($1::VARCHAR[], $2::VARCHAR(32)[], $3::VARCHAR[]) AS given(thread_id, namespace_digest, checkpoint_id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_checkpoints.thread_id AS thread_id, agentomatic_checkpoints.namespace_digest AS namespace_digest, agentomatic_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_checkpoints.checkpoint_ns AS checkpoint_ns, agentomatic_checkpoints.sequence AS sequence, agentomatic_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_checkpoints.checkpoint AS checkpoint, agentomatic_checkpoints.metadata AS metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token AS token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = given.thread_id AND agentomatic_checkpoints.namespace_digest = given.namespace_digest AND agentomatic_checkpoints.checkpoint_id = given.checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_id IS NOT NULL

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES ($1, $2::VARCHAR, $3, $4::VARCHAR, $5::BIGINT, $6, $7::VARCHAR, $8::VARCHAR, $9::TIMESTAMP WITH TIME ZONE, $10::BIGINT)


-- moving.writing.store: store rows of invocation_log that are missing (once)

SELECT found.id 
FROM unnest($1::VARCHAR[]) AS given(id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_invocation_logs.id AS id, agentomatic_invocation_logs.agent_name AS agent_name, agentomatic_invocation_logs.resource_type AS resource_type, agentomatic_invocation_logs.thread_id AS thread_id, agentomatic_invocation_logs.run_id AS run_id, agentomatic_invocation_logs.endpoint AS endpoint, agentomatic_invocation_logs.input AS input, agentomatic_invocation_logs.output AS output, agentomatic_invocation_logs.metadata AS metadata, agentomatic_invocation_logs.error AS error, agentomatic_invocation_logs.duration_ms AS duration_ms, agentomatic_invocation_logs.status AS status, agentomatic_invocation_logs.created_at AS created_at 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.id IS NOT NULL

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::FLOAT, $12, $13::TIMESTAMP WITH TIME ZONE)


-- moving.writing.store: store rows of log_analysis that are missing (once)

SELECT found.id 
FROM unnest($1::VARCHAR[]) AS given(id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_log_analyses.id AS id, agentomatic_log_analyses.agent_name AS agent_name, agentomatic_log_analyses.resource_type AS resource_type, agentomatic_log_analyses.score AS score, agentomatic_log_analyses.summary AS summary, agentomatic_log_analyses.status AS status, agentomatic_log_analyses.recommendations AS recommendations, agentomatic_log_analyses.metadata AS metadata, agentomatic_log_analyses.created_at AS created_at 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.id IS NOT NULL

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) VALUES ($1, $2, $3, $4::FLOAT, $5::VARCHAR, $6, $7::VARCHAR, $8::VARCHAR, $9::TIMESTAMP WITH TIME ZONE)


-- moving.writing.store: store rows of optimization_run that are missing (once)

SELECT found.id 
FROM unnest($1::VARCHAR[]) AS given(id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_optimization_runs.id AS id, agentomatic_optimization_runs.experiment_id AS experiment_id, agentomatic_optimization_runs.agent_name AS agent_name, agentomatic_optimization_runs.baseline_score AS baseline_score, agentomatic_optimization_runs.best_score AS best_score, agentomatic_optimization_runs.prompt_versions AS prompt_versions, agentomatic_optimization_runs.score_history AS score_history, agentomatic_optimization_runs.learnings AS learnings, agentomatic_optimization_runs.artefacts AS artefacts, agentomatic_optimization_runs.metadata AS metadata, agentomatic_optimization_runs.created_at AS created_at 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.id IS NOT NULL

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) VALUES ($1, $2, $3, $4::FLOAT, $5::FLOAT, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::TIMESTAMP WITH TIME ZONE)


-- moving.writing.store: store rows of graph_namespace that are missing (once)

SELECT found.thread_digest, found.id, found.digest, found.epoch, found.generation, found.sequence 
FROM unnest($1::BIGINT[], $2::BIGINT[]) AS given(thread_digest, id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.digest AS digest, agentomatic_graph_namespaces.thread_id AS thread_id, agentomatic_graph_namespaces.checkpoint_ns AS checkpoint_ns, agentomatic_graph_namespaces.epoch AS epoch, agentomatic_graph_namespaces.generation AS generation, agentomatic_graph_namespaces.sequence AS sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

SELECT found.thread_digest, found.digest 
FROM unnest($1::BIGINT[], $2::VARCHAR(32)[]) AS given(thread_digest, digest) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.digest AS digest, agentomatic_graph_namespaces.thread_id AS thread_id, agentomatic_graph_namespaces.checkpoint_ns AS checkpoint_ns, agentomatic_graph_namespaces.epoch AS epoch, agentomatic_graph_namespaces.generation AS generation, agentomatic_graph_namespaces.sequence AS sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.digest = given.digest
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES ($1::BIGINT, $2::BIGINT, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7::BIGINT, $8::BIGINT)


-- moving.writing.store: store rows of graph_checkpoint that are missing (once)

SELECT found.thread_digest, found.namespace_id, found.checkpoint_id 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::VARCHAR[]) AS given(thread_digest, namespace_id, checkpoint_id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = given.thread_digest AND agentomatic_graph_checkpoints.namespace_id = given.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = given.checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

SELECT found.thread_digest, found.id 
FROM unnest($1::BIGINT[], $2::BIGINT[]) AS given(thread_digest, id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.digest AS digest, agentomatic_graph_namespaces.thread_id AS thread_id, agentomatic_graph_namespaces.checkpoint_ns AS checkpoint_ns, agentomatic_graph_namespaces.epoch AS epoch, agentomatic_graph_namespaces.generation AS generation, agentomatic_graph_namespaces.sequence AS sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) VALUES ($1::BIGINT, $2::BIGINT, $3, $4, $5::VARCHAR, $6::VARCHAR, $7::BYTEA, $8::TIMESTAMP WITH TIME ZONE)


-- moving.writing.store: store rows of graph_value that are missing (once)

SELECT found.thread_digest, found.namespace_id, found.segment, found.position 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[]) AS given(thread_digest, namespace_id, segment, position) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.thread_digest AS thread_digest, agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = given.thread_digest AND agentomatic_graph_values.namespace_id = given.namespace_id AND agentomatic_graph_values.segment = given.segment AND agentomatic_graph_values.position = given.position
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

SELECT found.thread_digest, found.id 
FROM unnest($1::BIGINT[], $2::BIGINT[]) AS given(thread_digest, id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.digest AS digest, agentomatic_graph_namespaces.thread_id AS thread_id, agentomatic_graph_namespaces.checkpoint_ns AS checkpoint_ns, agentomatic_graph_namespaces.epoch AS epoch, agentomatic_graph_namespaces.generation AS generation, agentomatic_graph_namespaces.sequence AS sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) VALUES ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT, $5::BYTEA)


-- moving.writing.store: store rows of graph_write that are missing (once)

SELECT found.thread_digest, found.namespace_id, found.checkpoint_id, found.sequence 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::VARCHAR[], $4::BIGINT[]) AS given(thread_digest, namespace_id, checkpoint_id, sequence) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_writes.thread_digest AS thread_digest, agentomatic_graph_writes.namespace_id AS namespace_id, agentomatic_graph_writes.checkpoint_id AS checkpoint_id, agentomatic_graph_writes.sequence AS sequence, agentomatic_graph_writes.token AS token, agentomatic_graph_writes.body AS body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = given.thread_digest AND agentomatic_graph_writes.namespace_id = given.namespace_id AND agentomatic_graph_writes.checkpoint_id = given.checkpoint_id AND agentomatic_graph_writes.sequence = given.sequence
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

SELECT found.thread_digest, found.id 
FROM unnest($1::BIGINT[], $2::BIGINT[]) AS given(thread_digest, id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.digest AS digest, agentomatic_graph_namespaces.thread_id AS thread_id, agentomatic_graph_namespaces.checkpoint_ns AS checkpoint_ns, agentomatic_graph_namespaces.epoch AS epoch, agentomatic_graph_namespaces.generation AS generation, agentomatic_graph_namespaces.sequence AS sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) VALUES ($1::BIGINT, $2::BIGINT, $3, $4::BIGINT, $5::BIGINT, $6::BYTEA)

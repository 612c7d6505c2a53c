-- The SQL of agentomatic_sql/moving/writing.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.writing.has_numbers: look whether there are rows with generated numbers (query)

SELECT agentomatic_messages.id 
FROM agentomatic_messages 
 LIMIT %s

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
 LIMIT %s


-- moving.writing.store: store rows of thread that are missing (once)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.created_at 
FROM (SELECT given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_threads ON agentomatic_threads.id = given.id 
WHERE agentomatic_threads.id IS NOT NULL

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of message that are missing (once)

SELECT agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.id, agentomatic_messages.created_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.`position` AS `position` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `position` BIGINT PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_messages ON agentomatic_messages.thread_id = given.thread_id AND agentomatic_messages.`position` = given.`position` 
WHERE agentomatic_messages.thread_id IS NOT NULL

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.message_count 
FROM (SELECT given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_threads ON agentomatic_threads.id = given.id 
WHERE agentomatic_threads.id IS NOT NULL

-- then:

SELECT given.number 
FROM (SELECT given_each.number AS number 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`number` BIGINT PATH '$[0]')) AS given_each) AS given INNER JOIN agentomatic_messages ON agentomatic_messages.id = given.number

-- then:

INSERT INTO agentomatic_messages (thread_id, `position`, id, role, content, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of idempotency_key that are missing (once)

SELECT agentomatic_idempotency_keys.thread_id, agentomatic_idempotency_keys.operation, agentomatic_idempotency_keys.`key` 
FROM (SELECT given_each.thread_id AS thread_id, given_each.operation AS operation, given_each.`key` AS `key` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `operation` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_idempotency_keys ON agentomatic_idempotency_keys.thread_id = given.thread_id AND agentomatic_idempotency_keys.operation = given.operation AND agentomatic_idempotency_keys.`key` = given.`key` 
WHERE agentomatic_idempotency_keys.thread_id IS NOT NULL

-- then:

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of feedback that are missing (once)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.user_id, agentomatic_feedback.created_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `id` BIGINT PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = given.thread_id AND agentomatic_feedback.id = given.id 
WHERE agentomatic_feedback.thread_id IS NOT NULL

-- then:

SELECT given.number 
FROM (SELECT given_each.number AS number 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`number` BIGINT PATH '$[0]')) AS given_each) AS given INNER JOIN agentomatic_feedback ON agentomatic_feedback.id = given.number

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of suspended_state that are missing (once)

SELECT agentomatic_suspended_states.id 
FROM (SELECT given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_suspended_states ON agentomatic_suspended_states.id = given.id 
WHERE agentomatic_suspended_states.id IS NOT NULL

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of checkpoint that are missing (once)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
FROM (SELECT given_each.thread_id AS thread_id, given_each.namespace_digest AS namespace_digest, given_each.checkpoint_id AS checkpoint_id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `namespace_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[1]', `checkpoint_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_checkpoints ON agentomatic_checkpoints.thread_id = given.thread_id AND agentomatic_checkpoints.namespace_digest = given.namespace_digest AND agentomatic_checkpoints.checkpoint_id = given.checkpoint_id 
WHERE agentomatic_checkpoints.thread_id IS NOT NULL

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of invocation_log that are missing (once)

SELECT agentomatic_invocation_logs.id 
FROM (SELECT given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_invocation_logs ON agentomatic_invocation_logs.id = given.id 
WHERE agentomatic_invocation_logs.id IS NOT NULL

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of log_analysis that are missing (once)

SELECT agentomatic_log_analyses.id 
FROM (SELECT given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_log_analyses ON agentomatic_log_analyses.id = given.id 
WHERE agentomatic_log_analyses.id IS NOT NULL

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of optimization_run that are missing (once)

SELECT agentomatic_optimization_runs.id 
FROM (SELECT given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_optimization_runs ON agentomatic_optimization_runs.id = given.id 
WHERE agentomatic_optimization_runs.id IS NOT NULL

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of graph_namespace that are missing (once)

SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.digest, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.sequence 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `id` BIGINT PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id 
WHERE agentomatic_graph_namespaces.thread_digest IS NOT NULL

-- then:

SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.digest 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.digest AS digest 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.digest = given.digest 
WHERE agentomatic_graph_namespaces.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)


-- moving.writing.store: store rows of graph_checkpoint that are missing (once)

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.namespace_id AS namespace_id, given_each.checkpoint_id AS checkpoint_id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `namespace_id` BIGINT PATH '$[1]', `checkpoint_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_checkpoints ON agentomatic_graph_checkpoints.thread_digest = given.thread_digest AND agentomatic_graph_checkpoints.namespace_id = given.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = given.checkpoint_id 
WHERE agentomatic_graph_checkpoints.thread_digest IS NOT NULL

-- then:

SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `id` BIGINT PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id 
WHERE agentomatic_graph_namespaces.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) VALUES (%s, %s, %s, %s, %s, %s, unhex(%s), %s)


-- moving.writing.store: store rows of graph_value that are missing (once)

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.`position` 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.namespace_id AS namespace_id, given_each.segment AS segment, given_each.`position` AS `position` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `namespace_id` BIGINT PATH '$[1]', `segment` BIGINT PATH '$[2]', `position` BIGINT PATH '$[3]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.thread_digest = given.thread_digest AND agentomatic_graph_values.namespace_id = given.namespace_id AND agentomatic_graph_values.segment = given.segment AND agentomatic_graph_values.`position` = given.`position` 
WHERE agentomatic_graph_values.thread_digest IS NOT NULL

-- then:

SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `id` BIGINT PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id 
WHERE agentomatic_graph_namespaces.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) VALUES (%s, %s, %s, %s, unhex(%s))


-- moving.writing.store: store rows of graph_write that are missing (once)

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.namespace_id AS namespace_id, given_each.checkpoint_id AS checkpoint_id, given_each.sequence AS sequence 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `namespace_id` BIGINT PATH '$[1]', `checkpoint_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `sequence` BIGINT PATH '$[3]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = given.thread_digest AND agentomatic_graph_writes.namespace_id = given.namespace_id AND agentomatic_graph_writes.checkpoint_id = given.checkpoint_id AND agentomatic_graph_writes.sequence = given.sequence 
WHERE agentomatic_graph_writes.thread_digest IS NOT NULL

-- then:

SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `id` BIGINT PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.id = given.id 
WHERE agentomatic_graph_namespaces.thread_digest IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, `body`) VALUES (%s, %s, %s, %s, %s, unhex(%s))

-- The SQL of agentomatic_sql/entities/forks.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.forks.fork: fork a thread (once)

WITH counted AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1), 
held AS 
(SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR KEY SHARE), 
copied AS 
(INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at) SELECT $2 AS anon_1, agentomatic_messages.position AS position, agentomatic_messages.role AS role, agentomatic_messages.content AS content, agentomatic_messages.metadata AS metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT held.id 
FROM held) AND agentomatic_messages.position <= $3::BIGINT), 
made AS 
(INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $2 AS anon_2, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, coalesce($4::VARCHAR, $5::VARCHAR || nullif(agentomatic_threads.title, $6::VARCHAR), $7::VARCHAR) AS coalesce_1, agentomatic_threads.metadata AS metadata, CASE WHEN (agentomatic_threads.message_count > $3::BIGINT) THEN $3::BIGINT + $8::BIGINT ELSE agentomatic_threads.message_count END AS anon_3, agentomatic_threads.id AS id, $3::BIGINT AS anon_4, statement_timestamp() AS statement_timestamp_1, statement_timestamp() AS statement_timestamp__1, $9::BIGINT AS anon_5, $9::BIGINT AS anon_6 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = (SELECT held.id 
FROM held) RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached)
 SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.created_at, made.updated_at, made.message_count, made.parent_thread_id, made.fork_message_index, made.epoch, made.version, made.attached 
FROM made


-- entities.forks.fork: fork a thread, in a user's view (once)

WITH counted AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2), 
held AS 
(SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2 FOR KEY SHARE), 
copied AS 
(INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at) SELECT $3 AS anon_1, agentomatic_messages.position AS position, agentomatic_messages.role AS role, agentomatic_messages.content AS content, agentomatic_messages.metadata AS metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT held.id 
FROM held) AND agentomatic_messages.position <= $4::BIGINT AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_messages.thread_id AND owned.user_id = $2))), 
made AS 
(INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $3 AS anon_2, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, coalesce($5::VARCHAR, $6::VARCHAR || nullif(agentomatic_threads.title, $7::VARCHAR), $8::VARCHAR) AS coalesce_1, agentomatic_threads.metadata AS metadata, CASE WHEN (agentomatic_threads.message_count > $4::BIGINT) THEN $4::BIGINT + $9::BIGINT ELSE agentomatic_threads.message_count END AS anon_3, agentomatic_threads.id AS id, $4::BIGINT AS anon_4, statement_timestamp() AS statement_timestamp_1, statement_timestamp() AS statement_timestamp__1, $10::BIGINT AS anon_5, $10::BIGINT AS anon_6 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = (SELECT held.id 
FROM held) AND agentomatic_threads.user_id = $2 RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached)
 SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.created_at, made.updated_at, made.message_count, made.parent_thread_id, made.fork_message_index, made.epoch, made.version, made.attached 
FROM made


-- entities.forks.find: fork a thread (asked when the answer was lost)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1


-- entities.forks.find: fork a thread, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2


-- entities.forks.fork: fork a thread, when the server is told the user, in a user's view (once)

SELECT WHERE pg_catalog.concat(pg_catalog.set_config('agentomatic_sql.user_id', $1, true), pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)) IS NULL

-- then, sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_1, agentomatic_threads.user_id, agentomatic_threads.agent_name, coalesce($2::VARCHAR, $3::VARCHAR || nullif(agentomatic_threads.title, $4::VARCHAR), $5::VARCHAR) AS coalesce_1, agentomatic_threads.metadata, CASE WHEN (agentomatic_threads.message_count > $6::BIGINT) THEN $6::BIGINT + $7::BIGINT ELSE agentomatic_threads.message_count END AS anon_2, agentomatic_threads.id, $6::BIGINT AS anon_3, statement_timestamp() AS statement_timestamp_1, statement_timestamp() AS statement_timestamp__1, $8::BIGINT AS anon_4, $8::BIGINT AS anon_5 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $9 AND agentomatic_threads.user_id = $10 RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, agentomatic_messages.position, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $2 AND agentomatic_messages.position <= $3::BIGINT AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_messages.thread_id AND owned.user_id = $4))


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_1, agentomatic_threads.user_id, agentomatic_threads.agent_name, coalesce($2::VARCHAR, $3::VARCHAR || nullif(agentomatic_threads.title, $4::VARCHAR), $5::VARCHAR) AS coalesce_1, agentomatic_threads.metadata, CASE WHEN (agentomatic_threads.message_count > $6::BIGINT) THEN $6::BIGINT + $7::BIGINT ELSE agentomatic_threads.message_count END AS anon_2, agentomatic_threads.id, $6::BIGINT AS anon_3, statement_timestamp() AS statement_timestamp_1, statement_timestamp() AS statement_timestamp__1, $8::BIGINT AS anon_4, $8::BIGINT AS anon_5 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $9 RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached

-- then:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, agentomatic_messages.position, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $2 AND agentomatic_messages.position <= $3::BIGINT

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT $1 AS anon_1, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $2

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $1::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $2::BIGINT AND agentomatic_graph_namespaces.thread_id = $3::VARCHAR

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES ($1::BIGINT, $2::BIGINT, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7::BIGINT, $8::BIGINT)

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.checkpoint_id, found.parent_checkpoint_id, found.run_digest, found.segments, found.body, found.created_at 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $4::BIGINT AND agentomatic_graph_checkpoints.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.segment, found.position, found.body 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.thread_digest AS thread_digest, agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $4::BIGINT AND agentomatic_graph_values.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.checkpoint_id, found.sequence, found.token, found.body 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_writes.thread_digest AS thread_digest, agentomatic_graph_writes.namespace_id AS namespace_id, agentomatic_graph_writes.checkpoint_id AS checkpoint_id, agentomatic_graph_writes.sequence AS sequence, agentomatic_graph_writes.token AS token, agentomatic_graph_writes.body AS body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $4::BIGINT AND agentomatic_graph_writes.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_1, agentomatic_threads.user_id, agentomatic_threads.agent_name, coalesce($2::VARCHAR, $3::VARCHAR || nullif(agentomatic_threads.title, $4::VARCHAR), $5::VARCHAR) AS coalesce_1, agentomatic_threads.metadata, CASE WHEN (agentomatic_threads.message_count > $6::BIGINT) THEN $6::BIGINT + $7::BIGINT ELSE agentomatic_threads.message_count END AS anon_2, agentomatic_threads.id, $6::BIGINT AS anon_3, statement_timestamp() AS statement_timestamp_1, statement_timestamp() AS statement_timestamp__1, $8::BIGINT AS anon_4, $8::BIGINT AS anon_5 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $9 AND agentomatic_threads.user_id = $10 RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached

-- then:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, agentomatic_messages.position, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $2 AND agentomatic_messages.position <= $3::BIGINT AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_messages.thread_id AND owned.user_id = $4))

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT $1 AS anon_1, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $2

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $1::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $2::BIGINT AND agentomatic_graph_namespaces.thread_id = $3::VARCHAR

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES ($1::BIGINT, $2::BIGINT, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7::BIGINT, $8::BIGINT)

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.checkpoint_id, found.parent_checkpoint_id, found.run_digest, found.segments, found.body, found.created_at 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $4::BIGINT AND agentomatic_graph_checkpoints.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.segment, found.position, found.body 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.thread_digest AS thread_digest, agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $4::BIGINT AND agentomatic_graph_values.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.checkpoint_id, found.sequence, found.token, found.body 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_writes.thread_digest AS thread_digest, agentomatic_graph_writes.namespace_id AS namespace_id, agentomatic_graph_writes.checkpoint_id AS checkpoint_id, agentomatic_graph_writes.sequence AS sequence, agentomatic_graph_writes.token AS token, agentomatic_graph_writes.body AS body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $4::BIGINT AND agentomatic_graph_writes.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2


-- entities.forks.fork_encrypted: fork an encrypted thread (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, statement_timestamp(), statement_timestamp(), $9::BIGINT, $10::BIGINT, $11::BIGINT)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.position <= $2::BIGINT ORDER BY agentomatic_messages.position 
 LIMIT $3::INTEGER

-- then:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES ($1, $2::BIGINT, $3, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::BIGINT)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.position <= $2::BIGINT AND (agentomatic_messages.position) > ($3::BIGINT) ORDER BY agentomatic_messages.position 
 LIMIT $4::INTEGER

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1


-- entities.forks.fork_encrypted: fork an encrypted thread, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, statement_timestamp(), statement_timestamp(), $9::BIGINT, $10::BIGINT, $11::BIGINT)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.position <= $2::BIGINT ORDER BY agentomatic_messages.position 
 LIMIT $3::INTEGER

-- then:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES ($1, $2::BIGINT, $3, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::BIGINT)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.position <= $2::BIGINT AND (agentomatic_messages.position) > ($3::BIGINT) ORDER BY agentomatic_messages.position 
 LIMIT $4::INTEGER

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, statement_timestamp(), statement_timestamp(), $9::BIGINT, $10::BIGINT, $11::BIGINT)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.position <= $2::BIGINT ORDER BY agentomatic_messages.position 
 LIMIT $3::INTEGER

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT $2::INTEGER

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES ($1, $2::VARCHAR, $3, $4::VARCHAR, $5::BIGINT, $6, $7::VARCHAR, $8::VARCHAR, $9::TIMESTAMP WITH TIME ZONE, $10::BIGINT)

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND (agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id) > ($2::VARCHAR, $3) ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT $4::INTEGER

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, statement_timestamp(), statement_timestamp(), $9::BIGINT, $10::BIGINT, $11::BIGINT)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.position <= $2::BIGINT ORDER BY agentomatic_messages.position 
 LIMIT $3::INTEGER

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT $2::INTEGER

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES ($1, $2::VARCHAR, $3, $4::VARCHAR, $5::BIGINT, $6, $7::VARCHAR, $8::VARCHAR, $9::TIMESTAMP WITH TIME ZONE, $10::BIGINT)

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND (agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id) > ($2::VARCHAR, $3) ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT $4::INTEGER

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

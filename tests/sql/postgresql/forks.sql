-- The SQL of agentomatic_sql/entities/forks.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.forks.fork: fork a thread (once)

WITH held AS 
(SELECT threads.id AS id 
FROM threads 
WHERE threads.id = $2 FOR KEY SHARE), 
copied AS 
(INSERT INTO messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, messages.position AS position, messages.role AS role, messages.content AS content, messages.metadata AS metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = (SELECT held.id 
FROM held) AND messages.position <= $3::BIGINT), 
made AS 
(INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_2, threads.user_id AS user_id, threads.agent_name AS agent_name, coalesce($4::VARCHAR, $5::VARCHAR || nullif(threads.title, $6::VARCHAR), $7::VARCHAR) AS coalesce_1, threads.metadata AS metadata, CASE WHEN (threads.message_count > $3::BIGINT) THEN $3::BIGINT + $8::BIGINT ELSE threads.message_count END AS anon_3, threads.id AS id, $3::BIGINT AS anon_4, $9::TIMESTAMP WITH TIME ZONE AS anon_5, $9::TIMESTAMP WITH TIME ZONE AS anon__1, $10::BIGINT AS anon_6, $10::BIGINT AS anon_7 
FROM threads 
WHERE threads.id = (SELECT held.id 
FROM held) RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version)
 SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.created_at, made.updated_at, made.message_count, made.parent_thread_id, made.fork_message_index, made.epoch, made.version 
FROM made


-- entities.forks.fork: fork a thread, in a user's view (once)

WITH held AS 
(SELECT threads.id AS id 
FROM threads 
WHERE threads.id = $2 AND threads.user_id = $3 FOR KEY SHARE), 
copied AS 
(INSERT INTO messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, messages.position AS position, messages.role AS role, messages.content AS content, messages.metadata AS metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = (SELECT held.id 
FROM held) AND messages.position <= $4::BIGINT AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = messages.thread_id AND owned.user_id = $3))), 
made AS 
(INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_2, threads.user_id AS user_id, threads.agent_name AS agent_name, coalesce($5::VARCHAR, $6::VARCHAR || nullif(threads.title, $7::VARCHAR), $8::VARCHAR) AS coalesce_1, threads.metadata AS metadata, CASE WHEN (threads.message_count > $4::BIGINT) THEN $4::BIGINT + $9::BIGINT ELSE threads.message_count END AS anon_3, threads.id AS id, $4::BIGINT AS anon_4, $10::TIMESTAMP WITH TIME ZONE AS anon_5, $10::TIMESTAMP WITH TIME ZONE AS anon__1, $11::BIGINT AS anon_6, $11::BIGINT AS anon_7 
FROM threads 
WHERE threads.id = (SELECT held.id 
FROM held) AND threads.user_id = $3 RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version)
 SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.created_at, made.updated_at, made.message_count, made.parent_thread_id, made.fork_message_index, made.epoch, made.version 
FROM made


-- entities.forks.find: fork a thread (asked when the answer was lost)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1


-- entities.forks.find: fork a thread, in a user's view (asked when the answer was lost)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2


-- entities.forks.fork: fork a thread, when the server is told the user, in a user's view (once)

SELECT set_config('agentomatic_sql.user_id', $1, true)

-- then, sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2 FOR SHARE

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_1, threads.user_id, threads.agent_name, coalesce($2::VARCHAR, $3::VARCHAR || nullif(threads.title, $4::VARCHAR), $5::VARCHAR) AS coalesce_1, threads.metadata, CASE WHEN (threads.message_count > $6::BIGINT) THEN $6::BIGINT + $7::BIGINT ELSE threads.message_count END AS anon_2, threads.id, $6::BIGINT AS anon_3, $8::TIMESTAMP WITH TIME ZONE AS anon_4, $8::TIMESTAMP WITH TIME ZONE AS anon__1, $9::BIGINT AS anon_5, $9::BIGINT AS anon_6 
FROM threads 
WHERE threads.id = $10 AND threads.user_id = $11 RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version

INSERT INTO messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, messages.position, messages.role, messages.content, messages.metadata, messages.created_at 
FROM messages 
WHERE messages.thread_id = $2 AND messages.position <= $3::BIGINT AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = messages.thread_id AND owned.user_id = $4))


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints (once)

SELECT threads.id 
FROM threads 
WHERE threads.id = $1 FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_1, threads.user_id, threads.agent_name, coalesce($2::VARCHAR, $3::VARCHAR || nullif(threads.title, $4::VARCHAR), $5::VARCHAR) AS coalesce_1, threads.metadata, CASE WHEN (threads.message_count > $6::BIGINT) THEN $6::BIGINT + $7::BIGINT ELSE threads.message_count END AS anon_2, threads.id, $6::BIGINT AS anon_3, $8::TIMESTAMP WITH TIME ZONE AS anon_4, $8::TIMESTAMP WITH TIME ZONE AS anon__1, $9::BIGINT AS anon_5, $9::BIGINT AS anon_6 
FROM threads 
WHERE threads.id = $10 RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version

-- then:

INSERT INTO messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, messages.position, messages.role, messages.content, messages.metadata, messages.created_at 
FROM messages 
WHERE messages.thread_id = $2 AND messages.position <= $3::BIGINT

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = $1

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT $1 AS anon_1, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = $2 ORDER BY checkpoints.sequence

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR SHARE

-- then:

-- once for each row:
INSERT INTO graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::BIGINT)

-- then:

INSERT INTO graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT graph_namespaces.id, found.checkpoint_id, found.parent_checkpoint_id, found.run_digest, found.segments, found.body, found.created_at 
FROM graph_namespaces LEFT OUTER JOIN LATERAL (SELECT graph_checkpoints.namespace_id AS namespace_id, graph_checkpoints.checkpoint_id AS checkpoint_id, graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, graph_checkpoints.run_digest AS run_digest, graph_checkpoints.segments AS segments, graph_checkpoints.body AS body, graph_checkpoints.created_at AS created_at 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_values (namespace_id, segment, position, body) SELECT graph_namespaces.id, found.segment, found.position, found.body 
FROM graph_namespaces LEFT OUTER JOIN LATERAL (SELECT graph_values.namespace_id AS namespace_id, graph_values.segment AS segment, graph_values.position AS position, graph_values.body AS body 
FROM graph_values 
WHERE graph_values.namespace_id = graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_writes (namespace_id, checkpoint_id, body) SELECT graph_namespaces.id, found.checkpoint_id, found.body 
FROM graph_namespaces LEFT OUTER JOIN LATERAL (SELECT graph_writes.sequence AS sequence, graph_writes.namespace_id AS namespace_id, graph_writes.checkpoint_id AS checkpoint_id, graph_writes.body AS body 
FROM graph_writes 
WHERE graph_writes.namespace_id = graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL ORDER BY found.sequence

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints, in a user's view (once)

SELECT threads.id 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2 FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT $1 AS anon_1, threads.user_id, threads.agent_name, coalesce($2::VARCHAR, $3::VARCHAR || nullif(threads.title, $4::VARCHAR), $5::VARCHAR) AS coalesce_1, threads.metadata, CASE WHEN (threads.message_count > $6::BIGINT) THEN $6::BIGINT + $7::BIGINT ELSE threads.message_count END AS anon_2, threads.id, $6::BIGINT AS anon_3, $8::TIMESTAMP WITH TIME ZONE AS anon_4, $8::TIMESTAMP WITH TIME ZONE AS anon__1, $9::BIGINT AS anon_5, $9::BIGINT AS anon_6 
FROM threads 
WHERE threads.id = $10 AND threads.user_id = $11 RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version

-- then:

INSERT INTO messages (thread_id, position, role, content, metadata, created_at) SELECT $1 AS anon_1, messages.position, messages.role, messages.content, messages.metadata, messages.created_at 
FROM messages 
WHERE messages.thread_id = $2 AND messages.position <= $3::BIGINT AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = messages.thread_id AND owned.user_id = $4))

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = $1

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT $1 AS anon_1, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = $2 ORDER BY checkpoints.sequence

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR SHARE

-- then:

-- once for each row:
INSERT INTO graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::BIGINT)

-- then:

INSERT INTO graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT graph_namespaces.id, found.checkpoint_id, found.parent_checkpoint_id, found.run_digest, found.segments, found.body, found.created_at 
FROM graph_namespaces LEFT OUTER JOIN LATERAL (SELECT graph_checkpoints.namespace_id AS namespace_id, graph_checkpoints.checkpoint_id AS checkpoint_id, graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, graph_checkpoints.run_digest AS run_digest, graph_checkpoints.segments AS segments, graph_checkpoints.body AS body, graph_checkpoints.created_at AS created_at 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_values (namespace_id, segment, position, body) SELECT graph_namespaces.id, found.segment, found.position, found.body 
FROM graph_namespaces LEFT OUTER JOIN LATERAL (SELECT graph_values.namespace_id AS namespace_id, graph_values.segment AS segment, graph_values.position AS position, graph_values.body AS body 
FROM graph_values 
WHERE graph_values.namespace_id = graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_writes (namespace_id, checkpoint_id, body) SELECT graph_namespaces.id, found.checkpoint_id, found.body 
FROM graph_namespaces LEFT OUTER JOIN LATERAL (SELECT graph_writes.sequence AS sequence, graph_writes.namespace_id AS namespace_id, graph_writes.checkpoint_id AS checkpoint_id, graph_writes.body AS body 
FROM graph_writes 
WHERE graph_writes.namespace_id = graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL ORDER BY found.sequence

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2


-- entities.forks.fork_encrypted: fork an encrypted thread (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, $9::TIMESTAMP WITH TIME ZONE, $10::TIMESTAMP WITH TIME ZONE, $11::BIGINT, $12::BIGINT)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.role, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = $1 AND messages.position <= $2::BIGINT AND messages.position > $3::BIGINT ORDER BY messages.position 
 LIMIT $4::INTEGER

-- then:

INSERT INTO messages (thread_id, position, role, content, metadata, created_at, token) VALUES ($1, $2::BIGINT, $3, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::BIGINT) RETURNING messages.id

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.role, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = $1 AND messages.position <= $2::BIGINT AND messages.position > $3::BIGINT ORDER BY messages.position 
 LIMIT $4::INTEGER

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1


-- entities.forks.fork_encrypted: fork an encrypted thread, in a user's view (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2 FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, $9::TIMESTAMP WITH TIME ZONE, $10::TIMESTAMP WITH TIME ZONE, $11::BIGINT, $12::BIGINT)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.role, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = $1 AND messages.position <= $2::BIGINT AND messages.position > $3::BIGINT ORDER BY messages.position 
 LIMIT $4::INTEGER

-- then:

INSERT INTO messages (thread_id, position, role, content, metadata, created_at, token) VALUES ($1, $2::BIGINT, $3, $4::VARCHAR, $5::VARCHAR, $6::TIMESTAMP WITH TIME ZONE, $7::BIGINT) RETURNING messages.id

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.role, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = $1 AND messages.position <= $2::BIGINT AND messages.position > $3::BIGINT ORDER BY messages.position 
 LIMIT $4::INTEGER

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, $9::TIMESTAMP WITH TIME ZONE, $10::TIMESTAMP WITH TIME ZONE, $11::BIGINT, $12::BIGINT)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.role, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = $1 AND messages.position <= $2::BIGINT AND messages.position > $3::BIGINT ORDER BY messages.position 
 LIMIT $4::INTEGER

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = $1

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = $1 AND checkpoints.sequence > $2::BIGINT ORDER BY checkpoints.sequence 
 LIMIT $3::INTEGER

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE, $8::BIGINT) RETURNING checkpoints.sequence

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = $1 AND checkpoints.sequence > $2::BIGINT ORDER BY checkpoints.sequence 
 LIMIT $3::INTEGER

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR SHARE

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints, in a user's view (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2 FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, $9::TIMESTAMP WITH TIME ZONE, $10::TIMESTAMP WITH TIME ZONE, $11::BIGINT, $12::BIGINT)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.role, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = $1 AND messages.position <= $2::BIGINT AND messages.position > $3::BIGINT ORDER BY messages.position 
 LIMIT $4::INTEGER

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = $1

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = $1 AND checkpoints.sequence > $2::BIGINT ORDER BY checkpoints.sequence 
 LIMIT $3::INTEGER

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE, $8::BIGINT) RETURNING checkpoints.sequence

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = $1 AND checkpoints.sequence > $2::BIGINT ORDER BY checkpoints.sequence 
 LIMIT $3::INTEGER

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR SHARE

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2

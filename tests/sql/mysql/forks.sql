-- The SQL of agentomatic_sql/entities/forks.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.forks.fork: fork a thread (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s FOR SHARE

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, threads.user_id, threads.agent_name, coalesce(%s, concat(%s, nullif(threads.title, %s)), %s) AS coalesce_1, threads.metadata, CASE WHEN (threads.message_count > %s) THEN %s + %s ELSE threads.message_count END AS anon_2, threads.id, %s AS anon_3, %s AS anon_4, %s AS anon__1, %s AS anon_5, %s AS anon_6 
FROM threads 
WHERE threads.id = %s

INSERT INTO messages (thread_id, position, `role`, content, metadata, created_at) SELECT %s AS anon_1, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s


-- entities.forks.fork: fork a thread, in a user's view (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s FOR SHARE

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, threads.user_id, threads.agent_name, coalesce(%s, concat(%s, nullif(threads.title, %s)), %s) AS coalesce_1, threads.metadata, CASE WHEN (threads.message_count > %s) THEN %s + %s ELSE threads.message_count END AS anon_2, threads.id, %s AS anon_3, %s AS anon_4, %s AS anon__1, %s AS anon_5, %s AS anon_6 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s

INSERT INTO messages (thread_id, position, `role`, content, metadata, created_at) SELECT %s AS anon_1, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = messages.thread_id AND owned.user_id = %s))

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s


-- entities.forks.find: fork a thread (asked when the answer was lost)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s


-- entities.forks.find: fork a thread, in a user's view (asked when the answer was lost)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints (once)

SELECT threads.id 
FROM threads 
WHERE threads.id = %s FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, threads.user_id, threads.agent_name, coalesce(%s, concat(%s, nullif(threads.title, %s)), %s) AS coalesce_1, threads.metadata, CASE WHEN (threads.message_count > %s) THEN %s + %s ELSE threads.message_count END AS anon_2, threads.id, %s AS anon_3, %s AS anon_4, %s AS anon__1, %s AS anon_5, %s AS anon_6 
FROM threads 
WHERE threads.id = %s

-- then:

INSERT INTO messages (thread_id, position, `role`, content, metadata, created_at) SELECT %s AS anon_1, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT %s AS anon_1, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s ORDER BY checkpoints.sequence

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR SHARE

-- then:

-- once for each row:
INSERT INTO graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES (%s, %s, %s, %s, %s)

-- then:

INSERT INTO graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT graph_namespaces.id, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.run_digest, graph_checkpoints.segments, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_namespaces LEFT OUTER JOIN graph_checkpoints ON graph_checkpoints.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_checkpoints.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_values (namespace_id, segment, position, body) SELECT graph_namespaces.id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_namespaces LEFT OUTER JOIN graph_values ON graph_values.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_values.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_writes (namespace_id, checkpoint_id, body) SELECT graph_namespaces.id, graph_writes.checkpoint_id, graph_writes.body 
FROM graph_namespaces LEFT OUTER JOIN graph_writes ON graph_writes.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_writes.namespace_id IS NOT NULL ORDER BY graph_writes.sequence

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints, in a user's view (once)

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, threads.user_id, threads.agent_name, coalesce(%s, concat(%s, nullif(threads.title, %s)), %s) AS coalesce_1, threads.metadata, CASE WHEN (threads.message_count > %s) THEN %s + %s ELSE threads.message_count END AS anon_2, threads.id, %s AS anon_3, %s AS anon_4, %s AS anon__1, %s AS anon_5, %s AS anon_6 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s

-- then:

INSERT INTO messages (thread_id, position, `role`, content, metadata, created_at) SELECT %s AS anon_1, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = messages.thread_id AND owned.user_id = %s))

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT %s AS anon_1, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s ORDER BY checkpoints.sequence

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR SHARE

-- then:

-- once for each row:
INSERT INTO graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES (%s, %s, %s, %s, %s)

-- then:

INSERT INTO graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT graph_namespaces.id, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.run_digest, graph_checkpoints.segments, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_namespaces LEFT OUTER JOIN graph_checkpoints ON graph_checkpoints.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_checkpoints.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_values (namespace_id, segment, position, body) SELECT graph_namespaces.id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_namespaces LEFT OUTER JOIN graph_values ON graph_values.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_values.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_writes (namespace_id, checkpoint_id, body) SELECT graph_namespaces.id, graph_writes.checkpoint_id, graph_writes.body 
FROM graph_namespaces LEFT OUTER JOIN graph_writes ON graph_writes.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_writes.namespace_id IS NOT NULL ORDER BY graph_writes.sequence

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND messages.position > %s ORDER BY messages.position 
 LIMIT %s

-- then:

INSERT INTO messages (thread_id, position, `role`, content, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND messages.position > %s ORDER BY messages.position 
 LIMIT %s

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread, in a user's view (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND messages.position > %s ORDER BY messages.position 
 LIMIT %s

-- then:

INSERT INTO messages (thread_id, position, `role`, content, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND messages.position > %s ORDER BY messages.position 
 LIMIT %s

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND messages.position > %s ORDER BY messages.position 
 LIMIT %s

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.sequence > %s ORDER BY checkpoints.sequence 
 LIMIT %s

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.sequence > %s ORDER BY checkpoints.sequence 
 LIMIT %s

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR SHARE

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints, in a user's view (once)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s FOR SHARE

-- then:

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at, messages.token 
FROM messages 
WHERE messages.thread_id = %s AND messages.position <= %s AND messages.position > %s ORDER BY messages.position 
 LIMIT %s

-- then:

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.sequence > %s ORDER BY checkpoints.sequence 
 LIMIT %s

-- then:

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.sequence > %s ORDER BY checkpoints.sequence 
 LIMIT %s

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR SHARE

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s

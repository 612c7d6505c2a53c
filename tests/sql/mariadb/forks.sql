-- The SQL of agentomatic_sql/entities/forks.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.forks.fork: fork a thread (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, agentomatic_threads.user_id, agentomatic_threads.agent_name, coalesce(%s, concat(%s, nullif(agentomatic_threads.title, %s)), %s) AS coalesce_1, agentomatic_threads.metadata, CASE WHEN (agentomatic_threads.message_count > %s) THEN %s + %s ELSE agentomatic_threads.message_count END AS anon_2, agentomatic_threads.id, %s AS anon_3, utc_timestamp(6) AS utc_timestamp_1, utc_timestamp(6) AS utc_timestamp__1, %s AS anon_4, %s AS anon_5 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, created_at) SELECT %s AS anon_1, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s


-- entities.forks.fork: fork a thread, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, agentomatic_threads.user_id, agentomatic_threads.agent_name, coalesce(%s, concat(%s, nullif(agentomatic_threads.title, %s)), %s) AS coalesce_1, agentomatic_threads.metadata, CASE WHEN (agentomatic_threads.message_count > %s) THEN %s + %s ELSE agentomatic_threads.message_count END AS anon_2, agentomatic_threads.id, %s AS anon_3, utc_timestamp(6) AS utc_timestamp_1, utc_timestamp(6) AS utc_timestamp__1, %s AS anon_4, %s AS anon_5 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, created_at) SELECT %s AS anon_1, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_messages.thread_id AND owned.user_id = %s))


-- entities.forks.find: fork a thread (asked when the answer was lost)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s


-- entities.forks.find: fork a thread, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, agentomatic_threads.user_id, agentomatic_threads.agent_name, coalesce(%s, concat(%s, nullif(agentomatic_threads.title, %s)), %s) AS coalesce_1, agentomatic_threads.metadata, CASE WHEN (agentomatic_threads.message_count > %s) THEN %s + %s ELSE agentomatic_threads.message_count END AS anon_2, agentomatic_threads.id, %s AS anon_3, utc_timestamp(6) AS utc_timestamp_1, utc_timestamp(6) AS utc_timestamp__1, %s AS anon_4, %s AS anon_5 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached

-- then:

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, created_at) SELECT %s AS anon_1, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT %s AS anon_1, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT %s AS anon_1, pairs.b, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest, agentomatic_graph_checkpoints.segments, agentomatic_graph_checkpoints.`body`, agentomatic_graph_checkpoints.created_at 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS pairs LEFT OUTER JOIN agentomatic_graph_checkpoints ON agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = pairs.a 
WHERE agentomatic_graph_checkpoints.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT %s AS anon_1, pairs.b, agentomatic_graph_values.segment, agentomatic_graph_values.`position`, agentomatic_graph_values.`body` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS pairs LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.thread_digest = %s AND agentomatic_graph_values.namespace_id = pairs.a 
WHERE agentomatic_graph_values.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, `body`) SELECT %s AS anon_1, pairs.b, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.`body` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS pairs LEFT OUTER JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = pairs.a 
WHERE agentomatic_graph_writes.namespace_id IS NOT NULL

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s


-- entities.forks.fork_with_checkpoints: fork a thread with its checkpoints, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) SELECT %s AS anon_1, agentomatic_threads.user_id, agentomatic_threads.agent_name, coalesce(%s, concat(%s, nullif(agentomatic_threads.title, %s)), %s) AS coalesce_1, agentomatic_threads.metadata, CASE WHEN (agentomatic_threads.message_count > %s) THEN %s + %s ELSE agentomatic_threads.message_count END AS anon_2, agentomatic_threads.id, %s AS anon_3, utc_timestamp(6) AS utc_timestamp_1, utc_timestamp(6) AS utc_timestamp__1, %s AS anon_4, %s AS anon_5 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached

-- then:

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, created_at) SELECT %s AS anon_1, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_messages.thread_id AND owned.user_id = %s))

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT %s AS anon_1, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT %s AS anon_1, pairs.b, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest, agentomatic_graph_checkpoints.segments, agentomatic_graph_checkpoints.`body`, agentomatic_graph_checkpoints.created_at 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS pairs LEFT OUTER JOIN agentomatic_graph_checkpoints ON agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = pairs.a 
WHERE agentomatic_graph_checkpoints.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT %s AS anon_1, pairs.b, agentomatic_graph_values.segment, agentomatic_graph_values.`position`, agentomatic_graph_values.`body` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS pairs LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.thread_digest = %s AND agentomatic_graph_values.namespace_id = pairs.a 
WHERE agentomatic_graph_values.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, `body`) SELECT %s AS anon_1, pairs.b, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.`body` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS pairs LEFT OUTER JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = pairs.a 
WHERE agentomatic_graph_writes.namespace_id IS NOT NULL

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, utc_timestamp(6), utc_timestamp(6), %s, %s, %s)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s AND agentomatic_messages.`position` > %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, utc_timestamp(6), utc_timestamp(6), %s, %s, %s)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s AND agentomatic_messages.`position` > %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, utc_timestamp(6), utc_timestamp(6), %s, %s, %s)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT %s

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest >= %s AND (agentomatic_checkpoints.namespace_digest > %s OR agentomatic_checkpoints.checkpoint_id > %s) ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT %s

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s


-- entities.forks.fork_encrypted: fork an encrypted thread with its checkpoints, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, utc_timestamp(6), utc_timestamp(6), %s, %s, %s)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.id, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at, agentomatic_messages.token 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` <= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT %s

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest >= %s AND (agentomatic_checkpoints.namespace_digest > %s OR agentomatic_checkpoints.checkpoint_id > %s) ORDER BY agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT %s

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

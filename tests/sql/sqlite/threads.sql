-- The SQL of agentomatic_sql/entities/threads.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.threads.create: create a thread (once)

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version


-- entities.threads.find_creation: create a thread (asked when the answer was lost)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?


-- entities.threads.get: get a thread (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?


-- entities.threads.get: get a thread, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?


-- entities.threads.know: look at a thread before the first write to it (query)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?


-- entities.threads.know: look at a thread before the first write to it, in a user's view (query)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?


-- entities.threads.page: list threads (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = ? ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads of a user and an agent (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = ? AND threads.agent_name = ? ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads of a user and an agent, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = ? AND threads.agent_name = ? AND threads.user_id = ? ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads from an offset (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads JOIN (SELECT threads.id AS id 
FROM threads ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?) AS here ON threads.id = here.id


-- entities.threads.page: list threads from an offset, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads JOIN (SELECT threads.id AS id 
FROM threads 
WHERE threads.user_id = ? ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?) AS here ON threads.id = here.id


-- entities.threads.page: list threads of an agent after the last one of a page (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = ? AND threads.updated_at <= ? AND (threads.updated_at < ? OR threads.id < ?) ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads of an agent after the last one of a page, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = ? AND threads.user_id = ? AND threads.updated_at <= ? AND (threads.updated_at < ? OR threads.id < ?) ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads after the one with an id (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.updated_at <= ? AND (threads.updated_at < ? OR threads.id < ?) ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads after the one with an id, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = ? AND threads.updated_at <= ? AND (threads.updated_at < ? OR threads.id < ?) ORDER BY threads.updated_at DESC, threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads: the first page (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads ORDER BY threads.id
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads: the first page, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = ? ORDER BY threads.id
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads of an agent: a later page (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = ? AND threads.id > ? ORDER BY threads.id
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads of an agent: a later page, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = ? AND threads.user_id = ? AND threads.id > ? ORDER BY threads.id
 LIMIT ? OFFSET ?


-- entities.threads.change: change the title of a thread (once)

UPDATE threads SET title=?, updated_at=max(threads.updated_at, ?), version=? WHERE threads.id = ? AND threads.epoch = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version


-- entities.threads.change: change the title of a thread, in a user's view (once)

UPDATE threads SET title=?, updated_at=max(threads.updated_at, ?), version=? WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version


-- entities.threads.find_change: change the title of a thread (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ?


-- entities.threads.find_change: change the title of a thread, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ? AND threads.user_id = ?


-- entities.threads.change: change the title and the metadata of a thread (once)

UPDATE threads SET title=?, metadata=?, updated_at=max(threads.updated_at, ?), version=? WHERE threads.id = ? AND threads.epoch = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version


-- entities.threads.change: change the title and the metadata of a thread, in a user's view (once)

UPDATE threads SET title=?, metadata=?, updated_at=max(threads.updated_at, ?), version=? WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version


-- entities.threads.remove: delete a thread (once)

-- sent together:

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = ?
 LIMIT 1 OFFSET ?

-- then, sent together:

DELETE FROM feedback WHERE feedback.thread_id = ?

DELETE FROM idempotency_keys WHERE idempotency_keys.thread_id = ?

DELETE FROM suspended_states WHERE suspended_states.thread_id = ?

DELETE FROM checkpoints WHERE checkpoints.thread_id = ?

UPDATE threads SET parent_thread_id=? WHERE threads.parent_thread_id = ?

DELETE FROM messages WHERE messages.thread_id = ?

DELETE FROM threads WHERE threads.id = ?


-- entities.threads.remove: delete a thread, in a user's view (once)

-- sent together:

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = ?
 LIMIT 1 OFFSET ?

-- then, sent together:

DELETE FROM feedback WHERE feedback.thread_id = ?

DELETE FROM idempotency_keys WHERE idempotency_keys.thread_id = ?

DELETE FROM suspended_states WHERE suspended_states.thread_id = ?

DELETE FROM checkpoints WHERE checkpoints.thread_id = ?

UPDATE threads SET parent_thread_id=? WHERE threads.parent_thread_id = ?

DELETE FROM messages WHERE messages.thread_id = ?

DELETE FROM threads WHERE threads.id = ?


-- entities.threads.find_removal: delete a thread (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ?


-- entities.threads.find_removal: delete a thread, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ? AND threads.user_id = ?


-- entities.threads.remove: do not delete a thread in which graphs have stored something (once)

-- sent together:

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = ?
 LIMIT 1 OFFSET ?


-- entities.threads.remove: do not delete a thread in which graphs have stored something, in a user's view (once)

-- sent together:

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = ?
 LIMIT 1 OFFSET ?


-- entities.threads.remove_with_graphs: delete a thread and what graphs have stored in it (once)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

-- then:

UPDATE threads SET parent_thread_id=? WHERE threads.parent_thread_id = ?

-- then:

DELETE FROM messages WHERE messages.thread_id = ?

-- then:

DELETE FROM feedback WHERE feedback.thread_id = ?

-- then:

DELETE FROM idempotency_keys WHERE idempotency_keys.thread_id = ?

-- then:

DELETE FROM suspended_states WHERE suspended_states.thread_id = ?

-- then:

DELETE FROM checkpoints WHERE checkpoints.thread_id = ?

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = ? ORDER BY graph_namespaces.id

-- then:

DELETE FROM graph_checkpoints WHERE graph_checkpoints.namespace_id IN (?, ?)

-- then:

DELETE FROM graph_writes WHERE graph_writes.namespace_id IN (?, ?)

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id IN (?, ?)

-- then:

DELETE FROM graph_namespaces WHERE graph_namespaces.id IN (?, ?)

-- then:

DELETE FROM threads WHERE threads.id = ?


-- entities.threads.remove_with_graphs: delete a thread and what graphs have stored in it, in a user's view (once)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

-- then:

UPDATE threads SET parent_thread_id=? WHERE threads.parent_thread_id = ?

-- then:

DELETE FROM messages WHERE messages.thread_id = ?

-- then:

DELETE FROM feedback WHERE feedback.thread_id = ?

-- then:

DELETE FROM idempotency_keys WHERE idempotency_keys.thread_id = ?

-- then:

DELETE FROM suspended_states WHERE suspended_states.thread_id = ?

-- then:

DELETE FROM checkpoints WHERE checkpoints.thread_id = ?

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = ? ORDER BY graph_namespaces.id

-- then:

DELETE FROM graph_checkpoints WHERE graph_checkpoints.namespace_id IN (?, ?)

-- then:

DELETE FROM graph_writes WHERE graph_writes.namespace_id IN (?, ?)

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id IN (?, ?)

-- then:

DELETE FROM graph_namespaces WHERE graph_namespaces.id IN (?, ?)

-- then:

DELETE FROM threads WHERE threads.id = ?


-- entities.threads.lineage: get the ancestors and the forks of a thread (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, generation) AS 
(SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, ? AS generation 
FROM threads 
WHERE threads.id = ? UNION ALL SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, up.generation + ? AS anon_1 
FROM up JOIN threads ON threads.id = up.parent_thread_id AND up.generation < ?)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.generation 
FROM up

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.parent_thread_id = ? ORDER BY threads.created_at, threads.id


-- entities.threads.lineage: get the ancestors and the forks of a thread, in a user's view (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, generation) AS 
(SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, ? AS generation 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ? UNION ALL SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, up.generation + ? AS anon_1 
FROM up JOIN threads ON threads.id = up.parent_thread_id AND up.generation < ? AND threads.user_id = ?)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.generation 
FROM up

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.parent_thread_id = ? AND threads.user_id = ? ORDER BY threads.created_at, threads.id

-- The SQL of agentomatic_sql/entities/threads.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.threads.create: create a thread (once)

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version, attached


-- entities.threads.find_creation: create a thread (asked when the answer was lost)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?


-- entities.threads.get: get a thread (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?


-- entities.threads.get: get a thread, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?


-- entities.threads.know: look at a thread before the first write to it (query)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached, agentomatic_threads.user_id, agentomatic_threads.agent_name 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?


-- entities.threads.know: look at a thread before the first write to it, in a user's view (query)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached, agentomatic_threads.user_id, agentomatic_threads.agent_name 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?


-- entities.threads.owned: look whether threads are the owner's (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM (SELECT json_extract(wanted_each.value, ?) AS id 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id


-- entities.threads.owned: look whether threads are the owner's, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM (SELECT json_extract(wanted_each.value, ?) AS id 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id 
WHERE agentomatic_threads.user_id = ?


-- entities.threads.page: list threads (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = ? ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads of a user and an agent (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = ? AND agentomatic_threads.agent_name = ? ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads of a user and an agent, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = ? AND agentomatic_threads.agent_name = ? AND agentomatic_threads.user_id = ? ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads from an offset (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads JOIN (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?) AS here ON agentomatic_threads.id = here.id


-- entities.threads.page: list threads from an offset, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads JOIN (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = ? ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?) AS here ON agentomatic_threads.id = here.id


-- entities.threads.page: list threads of an agent after the last one of a page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = ? AND agentomatic_threads.updated_at <= ? AND (agentomatic_threads.updated_at < ? OR agentomatic_threads.id < ?) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads of an agent after the last one of a page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.updated_at <= ? AND (agentomatic_threads.updated_at < ? OR agentomatic_threads.id < ?) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads after the one with an id (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.updated_at <= ? AND (agentomatic_threads.updated_at < ? OR agentomatic_threads.id < ?) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page: list threads after the one with an id, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = ? AND agentomatic_threads.updated_at <= ? AND (agentomatic_threads.updated_at < ? OR agentomatic_threads.id < ?) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads: the first page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads ORDER BY agentomatic_threads.id
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads: the first page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = ? ORDER BY agentomatic_threads.id
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads of an agent: a later page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = ? AND agentomatic_threads.id > ? ORDER BY agentomatic_threads.id
 LIMIT ? OFFSET ?


-- entities.threads.page_by_id: iterate over threads of an agent: a later page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.id > ? ORDER BY agentomatic_threads.id
 LIMIT ? OFFSET ?


-- entities.threads.change: change the title of a thread (once)

UPDATE agentomatic_threads SET title=?, updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, version=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version, attached


-- entities.threads.change: change the title of a thread, in a user's view (once)

UPDATE agentomatic_threads SET title=?, updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, version=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version, attached


-- entities.threads.find_change: change the title of a thread (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ?


-- entities.threads.find_change: change the title of a thread, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?


-- entities.threads.change: change the title and the metadata of a thread (once)

UPDATE agentomatic_threads SET title=?, metadata=?, updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, version=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version, attached


-- entities.threads.change: change the title and the metadata of a thread, in a user's view (once)

UPDATE agentomatic_threads SET title=?, metadata=?, updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, version=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ? RETURNING id, user_id, agent_name, title, metadata, created_at AS created_at, updated_at AS updated_at, message_count, parent_thread_id, fork_message_index, epoch, version, attached


-- entities.threads.lineage: get the ancestors and the forks of a thread (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached, generation) AS 
(SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, ? AS generation 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? UNION ALL SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, up.generation + ? AS anon_1 
FROM up JOIN agentomatic_threads ON agentomatic_threads.id = up.parent_thread_id AND up.generation < ?)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.attached, up.generation 
FROM up

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.parent_thread_id = ? ORDER BY agentomatic_threads.created_at, agentomatic_threads.id


-- entities.threads.lineage: get the ancestors and the forks of a thread, in a user's view (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached, generation) AS 
(SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, ? AS generation 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ? UNION ALL SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, up.generation + ? AS anon_1 
FROM up JOIN agentomatic_threads ON agentomatic_threads.id = up.parent_thread_id AND up.generation < ? AND agentomatic_threads.user_id = ?)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.attached, up.generation 
FROM up

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.parent_thread_id = ? AND agentomatic_threads.user_id = ? ORDER BY agentomatic_threads.created_at, agentomatic_threads.id

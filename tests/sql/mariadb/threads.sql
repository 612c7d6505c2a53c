-- The SQL of agentomatic_sql/entities/threads.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.threads.create: create a thread (once)

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, utc_timestamp(6), utc_timestamp(6), %s, %s) ON DUPLICATE KEY UPDATE id = agentomatic_threads.id RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached


-- entities.threads.find_creation: create a thread (asked when the answer was lost)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s


-- entities.threads.get: get a thread (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s


-- entities.threads.get: get a thread, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.threads.know: look at a thread before the first write to it (query)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached, agentomatic_threads.user_id, agentomatic_threads.agent_name 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s


-- entities.threads.know: look at a thread before the first write to it, in a user's view (query)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached, agentomatic_threads.user_id, agentomatic_threads.agent_name 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.threads.owned: look whether threads are the owner's (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM (SELECT wanted_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS wanted_each) AS wanted INNER JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id


-- entities.threads.owned: look whether threads are the owner's, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM (SELECT wanted_each.id AS id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS wanted_each) AS wanted INNER JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id 
WHERE agentomatic_threads.user_id = %s


-- entities.threads.page: list threads (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page: list threads, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page: list threads of a user and an agent (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s AND agentomatic_threads.agent_name = %s ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page: list threads of a user and an agent, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s AND agentomatic_threads.agent_name = %s AND agentomatic_threads.user_id = %s ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page: list threads from an offset (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads INNER JOIN (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s, %s) AS here ON agentomatic_threads.id = here.id


-- entities.threads.page: list threads from an offset, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads INNER JOIN (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s, %s) AS here ON agentomatic_threads.id = here.id


-- entities.threads.page: list threads of an agent after the last one of a page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = %s AND agentomatic_threads.updated_at <= %s AND (agentomatic_threads.updated_at < %s OR agentomatic_threads.id < %s) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page: list threads of an agent after the last one of a page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.updated_at <= %s AND (agentomatic_threads.updated_at < %s OR agentomatic_threads.id < %s) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page: list threads after the one with an id (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.updated_at <= %s AND (agentomatic_threads.updated_at < %s OR agentomatic_threads.id < %s) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page: list threads after the one with an id, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s AND agentomatic_threads.updated_at <= %s AND (agentomatic_threads.updated_at < %s OR agentomatic_threads.id < %s) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT %s


-- entities.threads.page_by_id: iterate over threads: the first page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads ORDER BY agentomatic_threads.id 
 LIMIT %s


-- entities.threads.page_by_id: iterate over threads: the first page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s ORDER BY agentomatic_threads.id 
 LIMIT %s


-- entities.threads.page_by_id: iterate over threads of an agent: a later page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = %s AND agentomatic_threads.id > %s ORDER BY agentomatic_threads.id 
 LIMIT %s


-- entities.threads.page_by_id: iterate over threads of an agent: a later page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.id > %s ORDER BY agentomatic_threads.id 
 LIMIT %s


-- entities.threads.change: change the title of a thread (once)

-- sent together:

UPDATE agentomatic_threads SET title=%s, updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END, version=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s


-- entities.threads.change: change the title of a thread, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET title=%s, updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END, version=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s


-- entities.threads.find_change: change the title of a thread (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s


-- entities.threads.find_change: change the title of a thread, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.threads.change: change the title and the metadata of a thread (once)

-- sent together:

UPDATE agentomatic_threads SET title=%s, metadata=%s, updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END, version=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s


-- entities.threads.change: change the title and the metadata of a thread, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET title=%s, metadata=%s, updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END, version=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s


-- entities.threads.lineage: get the ancestors and the forks of a thread (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached, generation) AS 
(SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, %s AS generation 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s UNION ALL SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, up.generation + %s AS anon_1 
FROM up INNER JOIN agentomatic_threads ON agentomatic_threads.id = up.parent_thread_id AND up.generation < %s)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.attached, up.generation 
FROM up

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.parent_thread_id = %s ORDER BY agentomatic_threads.created_at, agentomatic_threads.id


-- entities.threads.lineage: get the ancestors and the forks of a thread, in a user's view (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached, generation) AS 
(SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, %s AS generation 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s UNION ALL SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, up.generation + %s AS anon_1 
FROM up INNER JOIN agentomatic_threads ON agentomatic_threads.id = up.parent_thread_id AND up.generation < %s AND agentomatic_threads.user_id = %s)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.attached, up.generation 
FROM up

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.parent_thread_id = %s AND agentomatic_threads.user_id = %s ORDER BY agentomatic_threads.created_at, agentomatic_threads.id

-- The SQL of agentomatic_sql/entities/threads.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.threads.create: create a thread (once)

WITH made AS 
(INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, statement_timestamp(), statement_timestamp(), $9::BIGINT, $10::BIGINT) ON CONFLICT (id) DO NOTHING RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached)
 SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.created_at, made.updated_at, made.message_count, made.parent_thread_id, made.fork_message_index, made.epoch, made.version, made.attached 
FROM made UNION ALL SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND CASE pg_catalog.current_setting('synchronous_standby_names') WHEN '' THEN true ELSE pg_catalog.pg_logical_emit_message(true, '', '') IS NOT NULL END AND NOT (EXISTS (SELECT made.id 
FROM made))


-- entities.threads.find_creation: create a thread (asked when the answer was lost)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1


-- entities.threads.get: get a thread (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1


-- entities.threads.get: get a thread, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2


-- entities.threads.know: look at a thread before the first write to it (query)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached, agentomatic_threads.user_id, agentomatic_threads.agent_name 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1


-- entities.threads.know: look at a thread before the first write to it, in a user's view (query)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached, agentomatic_threads.user_id, agentomatic_threads.agent_name 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2


-- entities.threads.owned: look whether threads are the owner's (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM unnest($1::VARCHAR[] COLLATE "C") AS wanted(id) JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id


-- entities.threads.owned: look whether threads are the owner's, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM unnest($1::VARCHAR[] COLLATE "C") AS wanted(id) JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id 
WHERE agentomatic_threads.user_id = $2


-- entities.threads.page: list threads (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $1::BIGINT


-- entities.threads.page: list threads, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1 ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $2::BIGINT


-- entities.threads.page: list threads of a user and an agent (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1 AND agentomatic_threads.agent_name = $2 ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $3::BIGINT


-- entities.threads.page: list threads of a user and an agent, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1 AND agentomatic_threads.agent_name = $2 AND agentomatic_threads.user_id = $3 ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $4::BIGINT


-- entities.threads.page: list threads from an offset (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads JOIN (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $1::BIGINT OFFSET $2::BIGINT) AS here ON agentomatic_threads.id = here.id


-- entities.threads.page: list threads from an offset, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads JOIN (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1 ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $2::BIGINT OFFSET $3::BIGINT) AS here ON agentomatic_threads.id = here.id


-- entities.threads.page: list threads of an agent after the last one of a page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = $1 AND agentomatic_threads.updated_at <= $2::TIMESTAMP WITH TIME ZONE AND (agentomatic_threads.updated_at < $2::TIMESTAMP WITH TIME ZONE OR agentomatic_threads.id < $3) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $4::BIGINT


-- entities.threads.page: list threads of an agent after the last one of a page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = $1 AND agentomatic_threads.user_id = $2 AND agentomatic_threads.updated_at <= $3::TIMESTAMP WITH TIME ZONE AND (agentomatic_threads.updated_at < $3::TIMESTAMP WITH TIME ZONE OR agentomatic_threads.id < $4) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $5::BIGINT


-- entities.threads.page: list threads after the one with an id (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.updated_at <= $1::TIMESTAMP WITH TIME ZONE AND (agentomatic_threads.updated_at < $1::TIMESTAMP WITH TIME ZONE OR agentomatic_threads.id < $2) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $3::BIGINT


-- entities.threads.page: list threads after the one with an id, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1 AND agentomatic_threads.updated_at <= $2::TIMESTAMP WITH TIME ZONE AND (agentomatic_threads.updated_at < $2::TIMESTAMP WITH TIME ZONE OR agentomatic_threads.id < $3) ORDER BY agentomatic_threads.updated_at DESC, agentomatic_threads.id DESC 
 LIMIT $4::BIGINT


-- entities.threads.page_by_id: iterate over threads: the first page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads ORDER BY agentomatic_threads.id 
 LIMIT $1::BIGINT


-- entities.threads.page_by_id: iterate over threads: the first page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1 ORDER BY agentomatic_threads.id 
 LIMIT $2::BIGINT


-- entities.threads.page_by_id: iterate over threads of an agent: a later page (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = $1 AND agentomatic_threads.id > $2 ORDER BY agentomatic_threads.id 
 LIMIT $3::BIGINT


-- entities.threads.page_by_id: iterate over threads of an agent: a later page, in a user's view (query)

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index 
FROM agentomatic_threads 
WHERE agentomatic_threads.agent_name = $1 AND agentomatic_threads.user_id = $2 AND agentomatic_threads.id > $3 ORDER BY agentomatic_threads.id 
 LIMIT $4::BIGINT


-- entities.threads.change: change the title of a thread (once)

UPDATE agentomatic_threads SET title=$1::VARCHAR, updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, version=$2::BIGINT WHERE agentomatic_threads.id = $3 AND agentomatic_threads.epoch = $4::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached


-- entities.threads.change: change the title of a thread, in a user's view (once)

UPDATE agentomatic_threads SET title=$1::VARCHAR, updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, version=$2::BIGINT WHERE agentomatic_threads.id = $3 AND agentomatic_threads.epoch = $4::BIGINT AND agentomatic_threads.user_id = $5 RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached


-- entities.threads.find_change: change the title of a thread (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR UPDATE

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2


-- entities.threads.find_change: change the title of a thread, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2 FOR UPDATE

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2 AND agentomatic_threads.user_id = $3


-- entities.threads.change: change the title and the metadata of a thread (once)

UPDATE agentomatic_threads SET title=$1::VARCHAR, metadata=$2::VARCHAR, updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, version=$3::BIGINT WHERE agentomatic_threads.id = $4 AND agentomatic_threads.epoch = $5::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached


-- entities.threads.change: change the title and the metadata of a thread, in a user's view (once)

UPDATE agentomatic_threads SET title=$1::VARCHAR, metadata=$2::VARCHAR, updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, version=$3::BIGINT WHERE agentomatic_threads.id = $4 AND agentomatic_threads.epoch = $5::BIGINT AND agentomatic_threads.user_id = $6 RETURNING agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached


-- entities.threads.lineage: get the ancestors and the forks of a thread (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached, generation) AS 
(SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, $1::INTEGER AS generation 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $2 UNION ALL SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, up.generation + $3::INTEGER AS anon_1 
FROM up JOIN agentomatic_threads ON agentomatic_threads.id = up.parent_thread_id AND up.generation < $4::INTEGER)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.attached, up.generation 
FROM up

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.parent_thread_id = $1 ORDER BY agentomatic_threads.created_at, agentomatic_threads.id


-- entities.threads.lineage: get the ancestors and the forks of a thread, in a user's view (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached, generation) AS 
(SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, $1::INTEGER AS generation 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $2 AND agentomatic_threads.user_id = $3 UNION ALL SELECT agentomatic_threads.id AS id, agentomatic_threads.user_id AS user_id, agentomatic_threads.agent_name AS agent_name, agentomatic_threads.title AS title, agentomatic_threads.metadata AS metadata, agentomatic_threads.message_count AS message_count, agentomatic_threads.parent_thread_id AS parent_thread_id, agentomatic_threads.fork_message_index AS fork_message_index, agentomatic_threads.created_at AS created_at, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.epoch AS epoch, agentomatic_threads.version AS version, agentomatic_threads.attached AS attached, up.generation + $4::INTEGER AS anon_1 
FROM up JOIN agentomatic_threads ON agentomatic_threads.id = up.parent_thread_id AND up.generation < $5::INTEGER AND agentomatic_threads.user_id = $3)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.attached, up.generation 
FROM up

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata, agentomatic_threads.message_count, agentomatic_threads.parent_thread_id, agentomatic_threads.fork_message_index, agentomatic_threads.created_at, agentomatic_threads.updated_at, agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.parent_thread_id = $1 AND agentomatic_threads.user_id = $2 ORDER BY agentomatic_threads.created_at, agentomatic_threads.id

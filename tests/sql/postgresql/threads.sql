-- The SQL of agentomatic_sql/entities/threads.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.threads.create: create a thread (once)

INSERT INTO threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version) VALUES ($1, $2, $3, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7, $8::BIGINT, $9::TIMESTAMP WITH TIME ZONE, $10::TIMESTAMP WITH TIME ZONE, $11::BIGINT, $12::BIGINT) ON CONFLICT (id) DO NOTHING RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version


-- entities.threads.find_creation: create a thread (asked when the answer was lost)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1


-- entities.threads.get: get a thread (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1


-- entities.threads.get: get a thread, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2


-- entities.threads.know: look at a thread before the first write to it (query)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1


-- entities.threads.know: look at a thread before the first write to it, in a user's view (query)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2


-- entities.threads.page: list threads (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $1::BIGINT


-- entities.threads.page: list threads, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = $1 ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $2::BIGINT


-- entities.threads.page: list threads of a user and an agent (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = $1 AND threads.agent_name = $2 ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $3::BIGINT


-- entities.threads.page: list threads of a user and an agent, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = $1 AND threads.agent_name = $2 AND threads.user_id = $3 ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $4::BIGINT


-- entities.threads.page: list threads from an offset (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads JOIN (SELECT threads.id AS id 
FROM threads ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $1::BIGINT OFFSET $2::BIGINT) AS here ON threads.id = here.id


-- entities.threads.page: list threads from an offset, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads JOIN (SELECT threads.id AS id 
FROM threads 
WHERE threads.user_id = $1 ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $2::BIGINT OFFSET $3::BIGINT) AS here ON threads.id = here.id


-- entities.threads.page: list threads of an agent after the last one of a page (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = $1 AND threads.updated_at <= $2::TIMESTAMP WITH TIME ZONE AND (threads.updated_at < $2::TIMESTAMP WITH TIME ZONE OR threads.id < $3) ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $4::BIGINT


-- entities.threads.page: list threads of an agent after the last one of a page, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = $1 AND threads.user_id = $2 AND threads.updated_at <= $3::TIMESTAMP WITH TIME ZONE AND (threads.updated_at < $3::TIMESTAMP WITH TIME ZONE OR threads.id < $4) ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $5::BIGINT


-- entities.threads.page: list threads after the one with an id (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.updated_at <= $1::TIMESTAMP WITH TIME ZONE AND (threads.updated_at < $1::TIMESTAMP WITH TIME ZONE OR threads.id < $2) ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $3::BIGINT


-- entities.threads.page: list threads after the one with an id, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = $1 AND threads.updated_at <= $2::TIMESTAMP WITH TIME ZONE AND (threads.updated_at < $2::TIMESTAMP WITH TIME ZONE OR threads.id < $3) ORDER BY threads.updated_at DESC, threads.id DESC 
 LIMIT $4::BIGINT


-- entities.threads.page_by_id: iterate over threads: the first page (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads ORDER BY threads.id 
 LIMIT $1::BIGINT


-- entities.threads.page_by_id: iterate over threads: the first page, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.user_id = $1 ORDER BY threads.id 
 LIMIT $2::BIGINT


-- entities.threads.page_by_id: iterate over threads of an agent: a later page (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = $1 AND threads.id > $2 ORDER BY threads.id 
 LIMIT $3::BIGINT


-- entities.threads.page_by_id: iterate over threads of an agent: a later page, in a user's view (query)

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index 
FROM threads 
WHERE threads.agent_name = $1 AND threads.user_id = $2 AND threads.id > $3 ORDER BY threads.id 
 LIMIT $4::BIGINT


-- entities.threads.change: change the title of a thread (once)

UPDATE threads SET title=$1::VARCHAR, updated_at=greatest(threads.updated_at, $2::TIMESTAMP WITH TIME ZONE), version=$3::BIGINT WHERE threads.id = $4 AND threads.epoch = $5::BIGINT RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version


-- entities.threads.change: change the title of a thread, in a user's view (once)

UPDATE threads SET title=$1::VARCHAR, updated_at=greatest(threads.updated_at, $2::TIMESTAMP WITH TIME ZONE), version=$3::BIGINT WHERE threads.id = $4 AND threads.epoch = $5::BIGINT AND threads.user_id = $6 RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version


-- entities.threads.find_change: change the title of a thread (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 FOR UPDATE

-- then:

UPDATE threads SET epoch=$1::BIGINT WHERE threads.id = $2


-- entities.threads.find_change: change the title of a thread, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2 FOR UPDATE

-- then:

UPDATE threads SET epoch=$1::BIGINT WHERE threads.id = $2 AND threads.user_id = $3


-- entities.threads.change: change the title and the metadata of a thread (once)

UPDATE threads SET title=$1::VARCHAR, metadata=$2::VARCHAR, updated_at=greatest(threads.updated_at, $3::TIMESTAMP WITH TIME ZONE), version=$4::BIGINT WHERE threads.id = $5 AND threads.epoch = $6::BIGINT RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version


-- entities.threads.change: change the title and the metadata of a thread, in a user's view (once)

UPDATE threads SET title=$1::VARCHAR, metadata=$2::VARCHAR, updated_at=greatest(threads.updated_at, $3::TIMESTAMP WITH TIME ZONE), version=$4::BIGINT WHERE threads.id = $5 AND threads.epoch = $6::BIGINT AND threads.user_id = $7 RETURNING threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.epoch, threads.version


-- entities.threads.remove: delete a thread (once)

WITH gone AS 
(DELETE FROM threads WHERE threads.id = $2 AND NOT (EXISTS (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR 
 LIMIT 1)) AND threads.epoch = $3::BIGINT RETURNING threads.id)
 SELECT EXISTS (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR 
 LIMIT 1) AS anon_1, EXISTS (SELECT gone.id 
FROM gone) AS anon_2


-- entities.threads.remove: delete a thread, in a user's view (once)

WITH gone AS 
(DELETE FROM threads WHERE threads.id = $2 AND NOT (EXISTS (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR 
 LIMIT 1)) AND threads.epoch = $3::BIGINT AND threads.user_id = $4 RETURNING threads.id)
 SELECT EXISTS (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR 
 LIMIT 1) AS anon_1, EXISTS (SELECT gone.id 
FROM gone) AS anon_2


-- entities.threads.find_removal: delete a thread (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 FOR UPDATE

-- then:

UPDATE threads SET epoch=$1::BIGINT WHERE threads.id = $2


-- entities.threads.find_removal: delete a thread, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2 FOR UPDATE

-- then:

UPDATE threads SET epoch=$1::BIGINT WHERE threads.id = $2 AND threads.user_id = $3


-- entities.threads.remove_with_graphs: delete a thread and what graphs have stored in it (once)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 FOR UPDATE

-- then:

UPDATE threads SET parent_thread_id=$1 WHERE threads.parent_thread_id = $2

-- then:

DELETE FROM messages WHERE messages.thread_id = $1

-- then:

DELETE FROM feedback WHERE feedback.thread_id = $1

-- then:

DELETE FROM idempotency_keys WHERE idempotency_keys.thread_id = $1

-- then:

DELETE FROM suspended_states WHERE suspended_states.thread_id = $1

-- then:

DELETE FROM checkpoints WHERE checkpoints.thread_id = $1

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR UPDATE

-- then:

DELETE FROM graph_checkpoints WHERE graph_checkpoints.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM graph_writes WHERE graph_writes.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM graph_namespaces WHERE graph_namespaces.id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM threads WHERE threads.id = $1


-- entities.threads.remove_with_graphs: delete a thread and what graphs have stored in it, in a user's view (once)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = $1 AND threads.user_id = $2 FOR UPDATE

-- then:

UPDATE threads SET parent_thread_id=$1 WHERE threads.parent_thread_id = $2

-- then:

DELETE FROM messages WHERE messages.thread_id = $1

-- then:

DELETE FROM feedback WHERE feedback.thread_id = $1

-- then:

DELETE FROM idempotency_keys WHERE idempotency_keys.thread_id = $1

-- then:

DELETE FROM suspended_states WHERE suspended_states.thread_id = $1

-- then:

DELETE FROM checkpoints WHERE checkpoints.thread_id = $1

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR ORDER BY graph_namespaces.id FOR UPDATE

-- then:

DELETE FROM graph_checkpoints WHERE graph_checkpoints.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM graph_writes WHERE graph_writes.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM graph_namespaces WHERE graph_namespaces.id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM threads WHERE threads.id = $1


-- entities.threads.lineage: get the ancestors and the forks of a thread (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, generation) AS 
(SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, $1::INTEGER AS generation 
FROM threads 
WHERE threads.id = $2 UNION ALL SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, up.generation + $3::INTEGER AS anon_1 
FROM up JOIN threads ON threads.id = up.parent_thread_id AND up.generation < $4::INTEGER)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.generation 
FROM up

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.parent_thread_id = $1 ORDER BY threads.created_at, threads.id


-- entities.threads.lineage: get the ancestors and the forks of a thread, in a user's view (query)

WITH RECURSIVE up(id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, generation) AS 
(SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, $1::INTEGER AS generation 
FROM threads 
WHERE threads.id = $2 AND threads.user_id = $3 UNION ALL SELECT threads.id AS id, threads.user_id AS user_id, threads.agent_name AS agent_name, threads.title AS title, threads.metadata AS metadata, threads.message_count AS message_count, threads.parent_thread_id AS parent_thread_id, threads.fork_message_index AS fork_message_index, threads.created_at AS created_at, threads.updated_at AS updated_at, threads.epoch AS epoch, threads.version AS version, up.generation + $4::INTEGER AS anon_1 
FROM up JOIN threads ON threads.id = up.parent_thread_id AND up.generation < $5::INTEGER AND threads.user_id = $3)
 SELECT up.id, up.user_id, up.agent_name, up.title, up.metadata, up.message_count, up.parent_thread_id, up.fork_message_index, up.created_at, up.updated_at, up.epoch, up.version, up.generation 
FROM up

-- then:

SELECT threads.id, threads.user_id, threads.agent_name, threads.title, threads.metadata, threads.message_count, threads.parent_thread_id, threads.fork_message_index, threads.created_at, threads.updated_at, threads.epoch, threads.version 
FROM threads 
WHERE threads.parent_thread_id = $1 AND threads.user_id = $2 ORDER BY threads.created_at, threads.id

-- The SQL of agentomatic_sql/entities/checkpoints.py on CockroachDB 25.4, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.checkpoints.save: save a checkpoint (once)

INSERT INTO agentomatic_checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, $1 AS checkpoint_ns, $2 AS checkpoint_id, $3 AS parent_checkpoint_id, $4::VARCHAR AS checkpoint, $5::VARCHAR AS metadata, $6::TIMESTAMP WITH TIME ZONE AS created_at, $7::BIGINT AS token 
FROM agentomatic_threads AS owned 
WHERE owned.id = $8 AND owned.epoch = $9::BIGINT FOR KEY SHARE OF owned ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token RETURNING agentomatic_checkpoints.sequence


-- entities.checkpoints.save: save a checkpoint, in a user's view (once)

INSERT INTO agentomatic_checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, $1 AS checkpoint_ns, $2 AS checkpoint_id, $3 AS parent_checkpoint_id, $4::VARCHAR AS checkpoint, $5::VARCHAR AS metadata, $6::TIMESTAMP WITH TIME ZONE AS created_at, $7::BIGINT AS token 
FROM agentomatic_threads AS owned 
WHERE owned.id = $8 AND owned.epoch = $9::BIGINT AND owned.user_id = $10 FOR KEY SHARE OF owned ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token RETURNING agentomatic_checkpoints.sequence


-- entities.checkpoints.find_saved: save a checkpoint (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 AND agentomatic_checkpoints.checkpoint_id = $3

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2


-- entities.checkpoints.find_saved: save a checkpoint, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2 FOR UPDATE

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 AND agentomatic_checkpoints.checkpoint_id = $3

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2 AND agentomatic_threads.user_id = $3


-- entities.checkpoints.save: save a checkpoint without a thread (once)

INSERT INTO agentomatic_checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, $6::VARCHAR, $7::TIMESTAMP WITH TIME ZONE, $8::BIGINT) ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token RETURNING agentomatic_checkpoints.sequence


-- entities.checkpoints.get: get a checkpoint (query)

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 AND agentomatic_checkpoints.checkpoint_id = $3


-- entities.checkpoints.get: get a checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.checkpoint_ns = $3 AND agentomatic_checkpoints.checkpoint_id = $4


-- entities.checkpoints.get: get the latest checkpoint (query)

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 ORDER BY agentomatic_checkpoints.sequence DESC 
 LIMIT $3::INTEGER


-- entities.checkpoints.get: get the latest checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.checkpoint_ns = $3 ORDER BY agentomatic_checkpoints.sequence DESC 
 LIMIT $4::INTEGER


-- entities.checkpoints.page: list checkpoints (query)

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 ORDER BY agentomatic_checkpoints.sequence DESC


-- entities.checkpoints.page: list checkpoints, in a user's view (query)

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.checkpoint_ns = $3 ORDER BY agentomatic_checkpoints.sequence DESC


-- entities.checkpoints.page: list checkpoints before one of the store's own (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 AND agentomatic_checkpoints.checkpoint_id = $3) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $4::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $4::BIGINT AND agentomatic_graph_namespaces.digest = $5::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = $3) AS anon_2

-- then:

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 AND agentomatic_checkpoints.sequence < $3::BIGINT ORDER BY agentomatic_checkpoints.sequence DESC 
 LIMIT $4::BIGINT


-- entities.checkpoints.page: list checkpoints before one of the store's own, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.checkpoint_ns = $3 AND agentomatic_checkpoints.checkpoint_id = $4) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $5::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $5::BIGINT AND agentomatic_graph_namespaces.digest = $6::VARCHAR AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2))) AND agentomatic_graph_checkpoints.checkpoint_id = $4) AS anon_2

-- then:

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.checkpoint_ns = $3 AND agentomatic_checkpoints.sequence < $4::BIGINT ORDER BY agentomatic_checkpoints.sequence DESC 
 LIMIT $5::BIGINT


-- entities.checkpoints.page: list checkpoints before an unknown id (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 AND agentomatic_checkpoints.checkpoint_id = $3) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $4::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $4::BIGINT AND agentomatic_graph_namespaces.digest = $5::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = $3) AS anon_2

-- then:

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.checkpoint_ns = $2 AND agentomatic_checkpoints.checkpoint_id < $3 ORDER BY agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $4::BIGINT


-- entities.checkpoints.page: list checkpoints before an unknown id, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.checkpoint_ns = $3 AND agentomatic_checkpoints.checkpoint_id = $4) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $5::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $5::BIGINT AND agentomatic_graph_namespaces.digest = $6::VARCHAR AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2))) AND agentomatic_graph_checkpoints.checkpoint_id = $4) AS anon_2

-- then:

SELECT agentomatic_checkpoints.sequence, agentomatic_checkpoints.thread_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.checkpoint_ns = $3 AND agentomatic_checkpoints.checkpoint_id < $4 ORDER BY agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $5::BIGINT

-- The SQL of agentomatic_sql/entities/checkpoints.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.checkpoints.save: save a checkpoint (once)

WITH thread AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $4 AND agentomatic_threads.epoch = $10::BIGINT RETURNING agentomatic_threads.id)
 INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT thread.id AS thread_id, $1::VARCHAR AS namespace_digest, $2 AS checkpoint_id, $3::VARCHAR AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = $4 AND earlier.namespace_digest = $1::VARCHAR) AS sequence, $5 AS parent_checkpoint_id, $6::VARCHAR AS checkpoint, $7::VARCHAR AS metadata, $8::TIMESTAMP WITH TIME ZONE AS created_at, $9::BIGINT AS token 
FROM thread ON CONFLICT (thread_id, namespace_digest, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token RETURNING agentomatic_checkpoints.sequence


-- entities.checkpoints.save: save a checkpoint, in a user's view (once)

WITH thread AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $4 AND agentomatic_threads.user_id = $10 AND agentomatic_threads.epoch = $11::BIGINT RETURNING agentomatic_threads.id)
 INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT thread.id AS thread_id, $1::VARCHAR AS namespace_digest, $2 AS checkpoint_id, $3::VARCHAR AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = $4 AND earlier.namespace_digest = $1::VARCHAR) AS sequence, $5 AS parent_checkpoint_id, $6::VARCHAR AS checkpoint, $7::VARCHAR AS metadata, $8::TIMESTAMP WITH TIME ZONE AS created_at, $9::BIGINT AS token 
FROM thread ON CONFLICT (thread_id, namespace_digest, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token RETURNING agentomatic_checkpoints.sequence


-- entities.checkpoints.find_saved: save a checkpoint (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $3

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2


-- entities.checkpoints.find_saved: save a checkpoint, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2 FOR UPDATE

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $3

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2 AND agentomatic_threads.user_id = $3


-- entities.checkpoints.save: save a checkpoint without a thread (once)

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT CAST($1 AS VARCHAR) AS thread_id, $2::VARCHAR AS namespace_digest, $3 AS checkpoint_id, $4::VARCHAR AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = $1 AND earlier.namespace_digest = $2::VARCHAR) AS sequence, $5 AS parent_checkpoint_id, $6::VARCHAR AS checkpoint, $7::VARCHAR AS metadata, $8::TIMESTAMP WITH TIME ZONE AS created_at, $9::BIGINT AS token 
WHERE true ON CONFLICT (thread_id, namespace_digest, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token


-- entities.checkpoints.get: get a checkpoint (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $3


-- entities.checkpoints.get: get a checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.namespace_digest = $3::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $4


-- entities.checkpoints.get: get the latest checkpoint (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $3::INTEGER


-- entities.checkpoints.get: get the latest checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.namespace_digest = $3::VARCHAR ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $4::INTEGER


-- entities.checkpoints.page: list checkpoints (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC


-- entities.checkpoints.page: list checkpoints, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.namespace_digest = $3::VARCHAR ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC


-- entities.checkpoints.page: list checkpoints before one of the store's own (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $3) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $4::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $4::BIGINT AND agentomatic_graph_namespaces.digest = $5::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = $3) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.sequence <= $3::BIGINT AND (agentomatic_checkpoints.sequence < $3::BIGINT OR agentomatic_checkpoints.checkpoint_id < $4) ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $5::BIGINT


-- entities.checkpoints.page: list checkpoints before one of the store's own, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.namespace_digest = $3::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $4) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $5::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $5::BIGINT AND agentomatic_graph_namespaces.digest = $6::VARCHAR AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2))) AND agentomatic_graph_checkpoints.checkpoint_id = $4) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.namespace_digest = $3::VARCHAR AND agentomatic_checkpoints.sequence <= $4::BIGINT AND (agentomatic_checkpoints.sequence < $4::BIGINT OR agentomatic_checkpoints.checkpoint_id < $5) ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $6::BIGINT


-- entities.checkpoints.page: list checkpoints before an unknown id (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $3) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $4::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $4::BIGINT AND agentomatic_graph_namespaces.digest = $5::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = $3) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.checkpoint_id < $3 ORDER BY agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $4::BIGINT


-- entities.checkpoints.page: list checkpoints before an unknown id, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.namespace_digest = $3::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $4) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $5::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $5::BIGINT AND agentomatic_graph_namespaces.digest = $6::VARCHAR AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2))) AND agentomatic_graph_checkpoints.checkpoint_id = $4) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_checkpoints.namespace_digest = $3::VARCHAR AND agentomatic_checkpoints.checkpoint_id < $4 ORDER BY agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT $5::BIGINT

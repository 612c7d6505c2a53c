-- The SQL of agentomatic_sql/entities/checkpoints.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.checkpoints.save: save a checkpoint (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, %s AS namespace_digest, %s AS checkpoint_id, %s AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = %s AND earlier.namespace_digest = %s) AS sequence, %s AS parent_checkpoint_id, %s AS checkpoint, %s AS metadata, %s AS created_at, %s AS token 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), checkpoint = VALUES(checkpoint), metadata = VALUES(metadata), token = VALUES(token)


-- entities.checkpoints.save: save a checkpoint, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, %s AS namespace_digest, %s AS checkpoint_id, %s AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = %s AND earlier.namespace_digest = %s) AS sequence, %s AS parent_checkpoint_id, %s AS checkpoint, %s AS metadata, %s AS created_at, %s AS token 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), checkpoint = VALUES(checkpoint), metadata = VALUES(metadata), token = VALUES(token)


-- entities.checkpoints.find_saved: save a checkpoint (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s


-- entities.checkpoints.find_saved: save a checkpoint, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.checkpoints.save: save a checkpoint without a thread (once)

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT CAST(%s AS CHAR) AS thread_id, %s AS namespace_digest, %s AS checkpoint_id, %s AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = %s AND earlier.namespace_digest = %s) AS sequence, %s AS parent_checkpoint_id, %s AS checkpoint, %s AS metadata, %s AS created_at, %s AS token FROM DUAL 
WHERE true = 1 ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), checkpoint = VALUES(checkpoint), metadata = VALUES(metadata), token = VALUES(token)


-- entities.checkpoints.get: get a checkpoint (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s


-- entities.checkpoints.get: get a checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s


-- entities.checkpoints.get: get the latest checkpoint (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- entities.checkpoints.get: get the latest checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_checkpoints.namespace_digest = %s ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC


-- entities.checkpoints.page: list checkpoints, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_checkpoints.namespace_digest = %s ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC


-- entities.checkpoints.page: list checkpoints before one of the store's own (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s) AND agentomatic_graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.sequence <= %s AND (agentomatic_checkpoints.sequence < %s OR agentomatic_checkpoints.checkpoint_id < %s) ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints before one of the store's own, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s))) AND agentomatic_graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.sequence <= %s AND (agentomatic_checkpoints.sequence < %s OR agentomatic_checkpoints.checkpoint_id < %s) ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints before an unknown id (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s) AND agentomatic_graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id < %s ORDER BY agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints before an unknown id, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s))) AND agentomatic_graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id < %s ORDER BY agentomatic_checkpoints.checkpoint_id DESC 
 LIMIT %s

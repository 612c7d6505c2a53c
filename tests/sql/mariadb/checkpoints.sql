-- The SQL of agentomatic_sql/entities/checkpoints.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.checkpoints.save: save a checkpoint (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s LOCK IN SHARE MODE

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, %s AS checkpoint_ns, %s AS checkpoint_id, %s AS parent_checkpoint_id, %s AS checkpoint, %s AS metadata, %s AS created_at, %s AS token 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), checkpoint = VALUES(checkpoint), metadata = VALUES(metadata), token = VALUES(token)


-- entities.checkpoints.save: save a checkpoint, in a user's view (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s AND threads.epoch = %s LOCK IN SHARE MODE

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, %s AS checkpoint_ns, %s AS checkpoint_id, %s AS parent_checkpoint_id, %s AS checkpoint, %s AS metadata, %s AS created_at, %s AS token 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), checkpoint = VALUES(checkpoint), metadata = VALUES(metadata), token = VALUES(token)


-- entities.checkpoints.find_saved: save a checkpoint (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s FOR UPDATE

-- then:

SELECT checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s

-- then:

UPDATE threads SET epoch=%s WHERE threads.id = %s


-- entities.checkpoints.find_saved: save a checkpoint, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s FOR UPDATE

-- then:

SELECT checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s

-- then:

UPDATE threads SET epoch=%s WHERE threads.id = %s AND threads.user_id = %s


-- entities.checkpoints.save: save a checkpoint without a thread (once)

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), checkpoint = VALUES(checkpoint), metadata = VALUES(metadata), token = VALUES(token)


-- entities.checkpoints.get: get a checkpoint (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s


-- entities.checkpoints.get: get a checkpoint, in a user's view (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s


-- entities.checkpoints.get: get the latest checkpoint (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s ORDER BY checkpoints.sequence DESC 
 LIMIT %s


-- entities.checkpoints.get: get the latest checkpoint, in a user's view (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND checkpoints.checkpoint_ns = %s ORDER BY checkpoints.sequence DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s ORDER BY checkpoints.sequence DESC


-- entities.checkpoints.page: list checkpoints, in a user's view (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND checkpoints.checkpoint_ns = %s ORDER BY checkpoints.sequence DESC


-- entities.checkpoints.page: list checkpoints before one of the store's own (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) AND graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.sequence < %s ORDER BY checkpoints.sequence DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints before one of the store's own, in a user's view (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s))) AND graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND checkpoints.checkpoint_ns = %s AND checkpoints.sequence < %s ORDER BY checkpoints.sequence DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints before an unknown id (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) AND graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id < %s ORDER BY checkpoints.checkpoint_id DESC 
 LIMIT %s


-- entities.checkpoints.page: list checkpoints before an unknown id, in a user's view (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = %s) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s))) AND graph_checkpoints.checkpoint_id = %s) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id < %s ORDER BY checkpoints.checkpoint_id DESC 
 LIMIT %s

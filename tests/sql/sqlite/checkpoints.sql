-- The SQL of agentomatic_sql/entities/checkpoints.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.checkpoints.save: save a checkpoint (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ?

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, ? AS checkpoint_ns, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS checkpoint, ? AS metadata, ? AS created_at, ? AS token 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token


-- entities.checkpoints.save: save a checkpoint, in a user's view (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ? AND threads.epoch = ?

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, ? AS checkpoint_ns, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS checkpoint, ? AS metadata, ? AS created_at, ? AS token 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ? ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token


-- entities.checkpoints.find_saved: save a checkpoint (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

-- then:

SELECT checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ?


-- entities.checkpoints.find_saved: save a checkpoint, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

-- then:

SELECT checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ? AND threads.user_id = ?


-- entities.checkpoints.save: save a checkpoint without a thread (once)

INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token


-- entities.checkpoints.get: get a checkpoint (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?


-- entities.checkpoints.get: get a checkpoint, in a user's view (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?


-- entities.checkpoints.get: get the latest checkpoint (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? ORDER BY checkpoints.sequence DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.get: get the latest checkpoint, in a user's view (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND checkpoints.checkpoint_ns = ? ORDER BY checkpoints.sequence DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? ORDER BY checkpoints.sequence DESC


-- entities.checkpoints.page: list checkpoints, in a user's view (query)

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND checkpoints.checkpoint_ns = ? ORDER BY checkpoints.sequence DESC


-- entities.checkpoints.page: list checkpoints before one of the store's own (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = ?) AND graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? AND checkpoints.sequence < ? ORDER BY checkpoints.sequence DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints before one of the store's own, in a user's view (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = ? AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?))) AND graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND checkpoints.checkpoint_ns = ? AND checkpoints.sequence < ? ORDER BY checkpoints.sequence DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints before an unknown id (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = ?) AND graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = ? AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id < ? ORDER BY checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints before an unknown id, in a user's view (query)

SELECT (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id = ?) AS anon_1, (SELECT graph_checkpoints.namespace_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = ? AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?))) AND graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.parent_checkpoint_id, checkpoints.checkpoint, checkpoints.metadata, checkpoints.created_at AS created_at, checkpoints.token 
FROM checkpoints 
WHERE checkpoints.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND checkpoints.checkpoint_ns = ? AND checkpoints.checkpoint_id < ? ORDER BY checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?

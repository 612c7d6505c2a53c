-- The SQL of agentomatic_sql/entities/checkpoints.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.checkpoints.save: save a checkpoint (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, ? AS namespace_digest, ? AS checkpoint_id, ? AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = ? AND earlier.namespace_digest = ?) AS sequence, ? AS parent_checkpoint_id, ? AS checkpoint, ? AS metadata, ? AS created_at, ? AS token 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? ON CONFLICT (thread_id, namespace_digest, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token


-- entities.checkpoints.save: save a checkpoint, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT owned.id AS thread_id, ? AS namespace_digest, ? AS checkpoint_id, ? AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = ? AND earlier.namespace_digest = ?) AS sequence, ? AS parent_checkpoint_id, ? AS checkpoint, ? AS metadata, ? AS created_at, ? AS token 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ? ON CONFLICT (thread_id, namespace_digest, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token


-- entities.checkpoints.find_saved: save a checkpoint (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ?


-- entities.checkpoints.find_saved: save a checkpoint, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?

-- then:

SELECT agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?


-- entities.checkpoints.save: save a checkpoint without a thread (once)

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT CAST(? AS VARCHAR) AS thread_id, ? AS namespace_digest, ? AS checkpoint_id, ? AS checkpoint_ns, (SELECT coalesce(max(earlier.sequence) + 1, 0) AS coalesce_1 
FROM agentomatic_checkpoints AS earlier 
WHERE earlier.thread_id = ? AND earlier.namespace_digest = ?) AS sequence, ? AS parent_checkpoint_id, ? AS checkpoint, ? AS metadata, ? AS created_at, ? AS token 
WHERE 1 = 1 ON CONFLICT (thread_id, namespace_digest, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, checkpoint = excluded.checkpoint, metadata = excluded.metadata, token = excluded.token


-- entities.checkpoints.get: get a checkpoint (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?


-- entities.checkpoints.get: get a checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?


-- entities.checkpoints.get: get the latest checkpoint (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.get: get the latest checkpoint, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_checkpoints.namespace_digest = ? ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC


-- entities.checkpoints.page: list checkpoints, in a user's view (query)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_checkpoints.namespace_digest = ? ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC


-- entities.checkpoints.page: list checkpoints before one of the store's own (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?) AND agentomatic_graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.sequence <= ? AND (agentomatic_checkpoints.sequence < ? OR agentomatic_checkpoints.checkpoint_id < ?) ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints before one of the store's own, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ? AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?))) AND agentomatic_graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.sequence <= ? AND (agentomatic_checkpoints.sequence < ? OR agentomatic_checkpoints.checkpoint_id < ?) ORDER BY agentomatic_checkpoints.sequence DESC, agentomatic_checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints before an unknown id (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?) AND agentomatic_graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = ? AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id < ? ORDER BY agentomatic_checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?


-- entities.checkpoints.page: list checkpoints before an unknown id, in a user's view (query)

SELECT (SELECT agentomatic_checkpoints.sequence 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id = ?) AS anon_1, (SELECT agentomatic_graph_checkpoints.namespace_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ? AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?))) AND agentomatic_graph_checkpoints.checkpoint_id = ?) AS anon_2

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.sequence, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata, agentomatic_checkpoints.created_at AS created_at, agentomatic_checkpoints.token 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_checkpoints.namespace_digest = ? AND agentomatic_checkpoints.checkpoint_id < ? ORDER BY agentomatic_checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?

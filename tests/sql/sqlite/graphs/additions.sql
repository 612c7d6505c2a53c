-- The SQL of agentomatic_sql/graphs/additions.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.additions.add_alone: add the first checkpoint of a namespace (once)

-- sent together:

INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (thread_digest, digest) DO NOTHING RETURNING id

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS run_digest, ? AS segments, ? AS body, ? AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ? ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body


-- graphs.additions.find_alone: add the first checkpoint of a namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?


-- graphs.additions.add_alone: add the first checkpoint of a subgraph whose root namespace is known (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + ?) WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ?

INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) SELECT ? AS thread_digest, ? AS id, ? AS digest, ? AS thread_id, ? AS checkpoint_ns, ? AS epoch, ? AS generation, ? AS sequence 
WHERE EXISTS (SELECT root.id 
FROM agentomatic_graph_namespaces AS root 
WHERE root.thread_digest = ? AND root.id = ?) ON CONFLICT (thread_digest, digest) DO NOTHING RETURNING id

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS run_digest, ? AS segments, ? AS body, ? AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ? ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body


-- graphs.additions.add_alone: add a checkpoint to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET epoch=? WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? AND agentomatic_graph_namespaces.epoch = ? RETURNING id

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS run_digest, ? AS segments, ? AS body, ? AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ? ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body


-- graphs.additions.find_alone: add a checkpoint to a known namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ?

-- then:

SELECT agentomatic_graph_checkpoints.body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = ? AND agentomatic_graph_checkpoints.checkpoint_id = ?


-- graphs.additions.add_alone: add a whole checkpoint to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET epoch=? WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING id

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS run_digest, ? AS segments, ? AS body, ? AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ? ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body


-- graphs.additions.add_alone: add writes to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + ?) WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING id

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, agentomatic_graph_namespaces.sequence - ? AS sequence, ? AS token, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ?


-- graphs.additions.find_alone: add writes to a known namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ?

-- then:

SELECT agentomatic_graph_writes.token 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = ? AND agentomatic_graph_writes.checkpoint_id = ? AND agentomatic_graph_writes.token = ?

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=?, generation=? WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ?


-- graphs.additions.add_alone: add a checkpoint with writes to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET epoch=?, sequence=(agentomatic_graph_namespaces.sequence + ?) WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? AND agentomatic_graph_namespaces.epoch = ? RETURNING id

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, agentomatic_graph_namespaces.sequence - ? AS sequence, ? AS token, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ?

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS run_digest, ? AS segments, ? AS body, ? AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.epoch = ? ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body


-- graphs.additions.add_alone: add writes and delete the rows that they supersede (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + ?) WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING id

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = ? AND agentomatic_graph_writes.checkpoint_id = ? AND agentomatic_graph_writes.sequence IN (SELECT json_extract(superseded.value, ?) AS json_extract_1 
FROM json_each(?) AS superseded) AND agentomatic_graph_writes.token IN (SELECT json_extract(superseded.value, ?) AS json_extract_3 
FROM json_each(?) AS superseded)

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, agentomatic_graph_namespaces.sequence - ? AS sequence, ? AS token, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ?

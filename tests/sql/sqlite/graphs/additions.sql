-- The SQL of agentomatic_sql/graphs/additions.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.additions.add_alone: add the first checkpoint of a namespace (idempotent)

-- sent together:

INSERT INTO agentomatic_graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.digest = ?

-- then, sent together:

INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING namespace_id

INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING namespace_id

INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS run_digest, ? AS segments, ? AS body, ? AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? ON CONFLICT (namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body RETURNING namespace_id


-- graphs.additions.add_alone: add a checkpoint to a known namespace (idempotent)

-- sent together:

INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING namespace_id

INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS segment, ? AS position, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING namespace_id

INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS parent_checkpoint_id, ? AS run_digest, ? AS segments, ? AS body, ? AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? ON CONFLICT (namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body RETURNING namespace_id


-- graphs.additions.add_alone: add writes to a known namespace (idempotent)

INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING namespace_id


-- graphs.additions.add_alone: add writes and delete the rows that they supersede (idempotent)

-- sent together:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.namespace_id = ? AND agentomatic_graph_writes.checkpoint_id = ? AND agentomatic_graph_writes.sequence IN (SELECT json_extract(superseded.value, ?) AS json_extract_1 
FROM json_each(?) AS superseded)

INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT agentomatic_graph_namespaces.id AS namespace_id, ? AS checkpoint_id, ? AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id = ? AND agentomatic_graph_namespaces.generation = ? RETURNING namespace_id

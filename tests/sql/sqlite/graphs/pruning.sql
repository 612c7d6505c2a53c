-- The SQL of agentomatic_sql/graphs/pruning.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.pruning._look: find the checkpoints to remove (query)

SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = ?

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = ?

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = ? AND graph_checkpoints.checkpoint_id IN (?, ?, ?)

-- then:

SELECT graph_writes.checkpoint_id, graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = ? AND graph_writes.checkpoint_id IN (?)


-- graphs.pruning._remove_batch: remove the last of the checkpoints (once)

SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = ?

-- then:

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = ?

-- then:

SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = ?

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = ?

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = ? AND graph_checkpoints.checkpoint_id IN (?, ?, ?)

-- then:

SELECT graph_writes.checkpoint_id, graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = ? AND graph_writes.checkpoint_id IN (?)

-- then:

DELETE FROM graph_checkpoints WHERE graph_checkpoints.namespace_id = ? AND graph_checkpoints.checkpoint_id IN (?, ?)

-- then:

DELETE FROM graph_writes WHERE graph_writes.namespace_id = ? AND graph_writes.checkpoint_id IN (?, ?)

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.segments 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = ?

-- then:

UPDATE graph_checkpoints SET parent_checkpoint_id=? WHERE graph_checkpoints.namespace_id = ? AND graph_checkpoints.parent_checkpoint_id IN (?)

-- then:

SELECT graph_values.segment, max(graph_values.position) AS max_1 
FROM graph_values 
WHERE graph_values.namespace_id = ? GROUP BY graph_values.segment

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id = ? AND graph_values.segment IN (?)

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id = ? AND graph_values.segment = ? AND graph_values.position > ?

-- then:

UPDATE graph_namespaces SET generation=(graph_namespaces.generation + ?) WHERE graph_namespaces.id = ?

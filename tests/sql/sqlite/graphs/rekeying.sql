-- The SQL of agentomatic_sql/graphs/rekeying.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rekeying.left: count the rows of graph_checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ? AND (substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ?) AND substr(graph_checkpoints.body, ?, ?) != ?


-- graphs.rekeying.left: count the rows of graph_checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, ?, ?) = ? AND (substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ?)


-- graphs.rekeying.batch: encrypt the first rows of graph_checkpoints (once)

SELECT graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ? AND (substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ?) AND substr(graph_checkpoints.body, ?, ?) != ? ORDER BY graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id
 LIMIT ? OFFSET ?

-- then:

-- once for each row:
UPDATE graph_checkpoints SET body=? WHERE graph_checkpoints.namespace_id = ? AND graph_checkpoints.checkpoint_id = ?


-- graphs.rekeying.batch: encrypt the next rows of graph_checkpoints (once)

SELECT graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE (substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ? AND (substr(graph_checkpoints.body, ?, ?) = ? OR substr(graph_checkpoints.body, ?, ?) = ?) AND substr(graph_checkpoints.body, ?, ?) != ?) AND (graph_checkpoints.namespace_id > ? OR graph_checkpoints.namespace_id = ? AND graph_checkpoints.checkpoint_id > ?) ORDER BY graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id
 LIMIT ? OFFSET ?


-- graphs.rekeying.left: count the rows of graph_values to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_values 
WHERE substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ? AND (substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ?) AND substr(graph_values.body, ?, ?) != ?


-- graphs.rekeying.left: count the rows of graph_values to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_values 
WHERE substr(graph_values.body, ?, ?) = ? AND (substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ?)


-- graphs.rekeying.batch: encrypt the first rows of graph_values (once)

SELECT graph_values.namespace_id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_values 
WHERE substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ? AND (substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ?) AND substr(graph_values.body, ?, ?) != ? ORDER BY graph_values.namespace_id, graph_values.segment, graph_values.position
 LIMIT ? OFFSET ?

-- then:

-- once for each row:
UPDATE graph_values SET body=? WHERE graph_values.namespace_id = ? AND graph_values.segment = ? AND graph_values.position = ?


-- graphs.rekeying.batch: encrypt the next rows of graph_values (once)

SELECT graph_values.namespace_id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_values 
WHERE (substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ? AND (substr(graph_values.body, ?, ?) = ? OR substr(graph_values.body, ?, ?) = ?) AND substr(graph_values.body, ?, ?) != ?) AND (graph_values.namespace_id > ? OR graph_values.namespace_id = ? AND (graph_values.segment > ? OR graph_values.segment = ? AND graph_values.position > ?)) ORDER BY graph_values.namespace_id, graph_values.segment, graph_values.position
 LIMIT ? OFFSET ?


-- graphs.rekeying.left: count the rows of graph_writes to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_writes 
WHERE substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ? OR substr(graph_writes.body, ?, ?) = ? AND substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ?)


-- graphs.rekeying.left: count the rows of graph_writes to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_writes 
WHERE substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) OR substr(graph_writes.body, ?, ?) = ? AND substr(graph_writes.body, ?, ?) = ? AND substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?)


-- graphs.rekeying.batch: encrypt the first rows of graph_writes (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ? OR substr(graph_writes.body, ?, ?) = ? AND substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ?) ORDER BY graph_writes.sequence
 LIMIT ? OFFSET ?

-- then:

-- once for each row:
UPDATE graph_writes SET body=? WHERE graph_writes.sequence = ?


-- graphs.rekeying.batch: encrypt the next rows of graph_writes (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ? OR substr(graph_writes.body, ?, ?) = ? AND substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ?)) AND graph_writes.sequence > ? ORDER BY graph_writes.sequence
 LIMIT ? OFFSET ?


-- graphs.rekeying.batch: encrypt a row of graph_writes that is in parts (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ? OR substr(graph_writes.body, ?, ?) = ? AND substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ? AND (substr(graph_writes.body, ?, ?) = ? OR substr(graph_writes.body, ?, ?) = ?) AND substr(graph_writes.body, ?, ?) != ?) ORDER BY graph_writes.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT graph_writes.namespace_id, graph_writes.checkpoint_id 
FROM graph_writes 
WHERE graph_writes.sequence = ?

-- then:

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = ? AND graph_writes.checkpoint_id = ? AND substr(graph_writes.body, ?, ?) = ?

-- then:

-- once for each row:
UPDATE graph_writes SET body=? WHERE graph_writes.sequence = ?

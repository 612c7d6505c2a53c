-- The SQL of agentomatic_sql/graphs/rows.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rows.get: get the latest checkpoint (query)

WITH here AS 
(SELECT (SELECT agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS generation, (SELECT agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS epoch, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC
 LIMIT ? OFFSET ?)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.epoch AS c, here.checkpoint_id, here.parent_checkpoint_id, here.body 
FROM here UNION ALL SELECT 1 AS kind, agentomatic_graph_values.segment, agentomatic_graph_values.position, 0, NULL AS anon_1, NULL AS anon__1, agentomatic_graph_values.body 
FROM here JOIN json_each(here.segments) AS read ON 1 = 1 LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id = here.namespace_id AND agentomatic_graph_values.segment = json_extract(read.value, ?) AND agentomatic_graph_values.position <= json_extract(read.value, ?) AND agentomatic_graph_values.position > coalesce((SELECT json_extract(known.value, ?) AS json_extract_3 
FROM json_each(?) AS known 
WHERE json_extract(known.value, ?) = json_extract(read.value, ?)), -1) UNION ALL SELECT 2 AS kind, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, 0, NULL AS anon_1, NULL AS anon__1, agentomatic_graph_writes.body 
FROM here JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = here.namespace_id AND agentomatic_graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.get: get a checkpoint (query)

WITH here AS 
(SELECT (SELECT agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS generation, (SELECT agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS epoch, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?) AND agentomatic_graph_checkpoints.checkpoint_id = ?
 LIMIT ? OFFSET ?)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.epoch AS c, here.checkpoint_id, here.parent_checkpoint_id, here.body 
FROM here UNION ALL SELECT 1 AS kind, agentomatic_graph_values.segment, agentomatic_graph_values.position, 0, NULL AS anon_1, NULL AS anon__1, agentomatic_graph_values.body 
FROM here JOIN json_each(here.segments) AS read ON 1 = 1 LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id = here.namespace_id AND agentomatic_graph_values.segment = json_extract(read.value, ?) AND agentomatic_graph_values.position <= json_extract(read.value, ?) AND agentomatic_graph_values.position > coalesce((SELECT json_extract(known.value, ?) AS json_extract_3 
FROM json_each(?) AS known 
WHERE json_extract(known.value, ?) = json_extract(read.value, ?)), -1) UNION ALL SELECT 2 AS kind, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, 0, NULL AS anon_1, NULL AS anon__1, agentomatic_graph_writes.body 
FROM here JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = here.namespace_id AND agentomatic_graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.locate: find a namespace (query)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?


-- graphs.rows.locate_all: find a namespace and the root namespace (query)

-- sent together:

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.digest = ?


-- graphs.rows.writes: get the writes of checkpoints (query)

SELECT agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = ? AND agentomatic_graph_writes.checkpoint_id IN (?, ?)

-- The SQL of agentomatic_sql/graphs/rows.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rows.get: get the latest checkpoint (query)

WITH here AS 
(SELECT (SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = graph_checkpoints.namespace_id) AS generation, graph_checkpoints.namespace_id AS namespace_id, graph_checkpoints.checkpoint_id AS checkpoint_id, graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, graph_checkpoints.segments AS segments, graph_checkpoints.`body` AS `body` 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT %s)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.checkpoint_id, here.parent_checkpoint_id, here.`body` 
FROM here UNION ALL SELECT 1 AS kind, graph_values.segment, graph_values.`position`, NULL AS anon_1, NULL AS anon__1, graph_values.`body` 
FROM here INNER JOIN JSON_TABLE(here.segments, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS `read` ON true = 1 LEFT OUTER JOIN graph_values ON graph_values.namespace_id = here.namespace_id AND graph_values.segment = `read`.a AND graph_values.`position` <= `read`.b AND graph_values.`position` > coalesce((SELECT known.b 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS known 
WHERE known.a = `read`.a), -1) UNION ALL SELECT 2 AS kind, graph_writes.sequence, 0, NULL AS anon_1, NULL AS anon__1, graph_writes.`body` 
FROM here INNER JOIN graph_writes ON graph_writes.namespace_id = here.namespace_id AND graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.get: get a checkpoint (query)

WITH here AS 
(SELECT (SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = graph_checkpoints.namespace_id) AS generation, graph_checkpoints.namespace_id AS namespace_id, graph_checkpoints.checkpoint_id AS checkpoint_id, graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, graph_checkpoints.segments AS segments, graph_checkpoints.`body` AS `body` 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) AND graph_checkpoints.checkpoint_id = %s 
 LIMIT %s)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.checkpoint_id, here.parent_checkpoint_id, here.`body` 
FROM here UNION ALL SELECT 1 AS kind, graph_values.segment, graph_values.`position`, NULL AS anon_1, NULL AS anon__1, graph_values.`body` 
FROM here INNER JOIN JSON_TABLE(here.segments, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS `read` ON true = 1 LEFT OUTER JOIN graph_values ON graph_values.namespace_id = here.namespace_id AND graph_values.segment = `read`.a AND graph_values.`position` <= `read`.b AND graph_values.`position` > coalesce((SELECT known.b 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS known 
WHERE known.a = `read`.a), -1) UNION ALL SELECT 2 AS kind, graph_writes.sequence, 0, NULL AS anon_1, NULL AS anon__1, graph_writes.`body` 
FROM here INNER JOIN graph_writes ON graph_writes.namespace_id = here.namespace_id AND graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.writes: get the writes of checkpoints (query)

SELECT graph_writes.checkpoint_id, graph_writes.sequence, graph_writes.`body` 
FROM graph_writes 
WHERE graph_writes.namespace_id = %s AND graph_writes.checkpoint_id IN (%s, %s)

-- The SQL of agentomatic_sql/graphs/rows.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rows.get: get the latest checkpoint (query)

WITH here AS 
(SELECT (SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = graph_checkpoints.namespace_id) AS generation, graph_checkpoints.namespace_id AS namespace_id, graph_checkpoints.checkpoint_id AS checkpoint_id, graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, graph_checkpoints.segments AS segments, graph_checkpoints.body AS body 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = $1::VARCHAR) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT $2::INTEGER)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.checkpoint_id, here.parent_checkpoint_id, here.body 
FROM here UNION ALL SELECT 1 AS kind, found.segment, found.position, NULL AS anon_1, NULL AS anon__1, found.body 
FROM here JOIN jsonb_array_elements(CAST(here.segments AS JSONB)) AS read ON true LEFT OUTER JOIN LATERAL (SELECT graph_values.namespace_id AS namespace_id, graph_values.segment AS segment, graph_values.position AS position, graph_values.body AS body 
FROM graph_values 
WHERE graph_values.namespace_id = here.namespace_id AND graph_values.segment = CAST(read.value ->> $3::INTEGER AS BIGINT) AND graph_values.position <= CAST(read.value ->> $4::INTEGER AS BIGINT) AND graph_values.position > coalesce((SELECT CAST(known.value ->> $5::INTEGER AS BIGINT) AS anon_2 
FROM jsonb_array_elements(CAST($6::VARCHAR AS JSONB)) AS known 
WHERE CAST(known.value ->> $7::INTEGER AS BIGINT) = CAST(read.value ->> $3::INTEGER AS BIGINT)), -1)
 LIMIT ALL OFFSET 0) AS found ON true UNION ALL SELECT 2 AS kind, graph_writes.sequence, 0, NULL AS anon_1, NULL AS anon__1, graph_writes.body 
FROM here JOIN graph_writes ON graph_writes.namespace_id = here.namespace_id AND graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.get: get a checkpoint (query)

WITH here AS 
(SELECT (SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = graph_checkpoints.namespace_id) AS generation, graph_checkpoints.namespace_id AS namespace_id, graph_checkpoints.checkpoint_id AS checkpoint_id, graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, graph_checkpoints.segments AS segments, graph_checkpoints.body AS body 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = $1::VARCHAR) AND graph_checkpoints.checkpoint_id = $2 
 LIMIT $3::INTEGER)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.checkpoint_id, here.parent_checkpoint_id, here.body 
FROM here UNION ALL SELECT 1 AS kind, found.segment, found.position, NULL AS anon_1, NULL AS anon__1, found.body 
FROM here JOIN jsonb_array_elements(CAST(here.segments AS JSONB)) AS read ON true LEFT OUTER JOIN LATERAL (SELECT graph_values.namespace_id AS namespace_id, graph_values.segment AS segment, graph_values.position AS position, graph_values.body AS body 
FROM graph_values 
WHERE graph_values.namespace_id = here.namespace_id AND graph_values.segment = CAST(read.value ->> $4::INTEGER AS BIGINT) AND graph_values.position <= CAST(read.value ->> $5::INTEGER AS BIGINT) AND graph_values.position > coalesce((SELECT CAST(known.value ->> $6::INTEGER AS BIGINT) AS anon_2 
FROM jsonb_array_elements(CAST($7::VARCHAR AS JSONB)) AS known 
WHERE CAST(known.value ->> $8::INTEGER AS BIGINT) = CAST(read.value ->> $4::INTEGER AS BIGINT)), -1)
 LIMIT ALL OFFSET 0) AS found ON true UNION ALL SELECT 2 AS kind, graph_writes.sequence, 0, NULL AS anon_1, NULL AS anon__1, graph_writes.body 
FROM here JOIN graph_writes ON graph_writes.namespace_id = here.namespace_id AND graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.writes: get the writes of checkpoints (query)

SELECT graph_writes.checkpoint_id, graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = $1::BIGINT AND graph_writes.checkpoint_id IN ($2, $3)

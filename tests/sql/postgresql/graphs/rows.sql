-- The SQL of agentomatic_sql/graphs/rows.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rows.get: get the latest checkpoint (query)

WITH here AS 
(SELECT (SELECT agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS generation, (SELECT agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS epoch, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT $3::INTEGER)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.epoch AS c, here.checkpoint_id, here.parent_checkpoint_id, here.body 
FROM here UNION ALL SELECT 1 AS kind, found.segment, found.position, 0, NULL AS anon_1, NULL AS anon__1, found.body 
FROM here JOIN jsonb_array_elements(CAST(here.segments AS JSONB)) AS read ON true LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.thread_digest AS thread_digest, agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = here.namespace_id AND agentomatic_graph_values.segment = CAST(read.value ->> $4::INTEGER AS BIGINT) AND agentomatic_graph_values.position <= CAST(read.value ->> $5::INTEGER AS BIGINT) AND agentomatic_graph_values.position > coalesce((SELECT CAST(known.value ->> $6::INTEGER AS BIGINT) AS anon_2 
FROM jsonb_array_elements(CAST($7::VARCHAR AS JSONB)) AS known 
WHERE CAST(known.value ->> $8::INTEGER AS BIGINT) = CAST(read.value ->> $4::INTEGER AS BIGINT)), -1)
 LIMIT ALL OFFSET 0) AS found ON true UNION ALL SELECT 2 AS kind, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, 0, NULL AS anon_1, NULL AS anon__1, agentomatic_graph_writes.body 
FROM here JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = here.namespace_id AND agentomatic_graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.get: get a checkpoint (query)

WITH here AS 
(SELECT (SELECT agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS generation, (SELECT agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS epoch, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = $3 
 LIMIT $4::INTEGER)
 SELECT 0 AS kind, here.namespace_id AS a, here.generation AS b, here.epoch AS c, here.checkpoint_id, here.parent_checkpoint_id, here.body 
FROM here UNION ALL SELECT 1 AS kind, found.segment, found.position, 0, NULL AS anon_1, NULL AS anon__1, found.body 
FROM here JOIN jsonb_array_elements(CAST(here.segments AS JSONB)) AS read ON true LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.thread_digest AS thread_digest, agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = here.namespace_id AND agentomatic_graph_values.segment = CAST(read.value ->> $5::INTEGER AS BIGINT) AND agentomatic_graph_values.position <= CAST(read.value ->> $6::INTEGER AS BIGINT) AND agentomatic_graph_values.position > coalesce((SELECT CAST(known.value ->> $7::INTEGER AS BIGINT) AS anon_2 
FROM jsonb_array_elements(CAST($8::VARCHAR AS JSONB)) AS known 
WHERE CAST(known.value ->> $9::INTEGER AS BIGINT) = CAST(read.value ->> $5::INTEGER AS BIGINT)), -1)
 LIMIT ALL OFFSET 0) AS found ON true UNION ALL SELECT 2 AS kind, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, 0, NULL AS anon_1, NULL AS anon__1, agentomatic_graph_writes.body 
FROM here JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = here.namespace_id AND agentomatic_graph_writes.checkpoint_id = here.checkpoint_id


-- graphs.rows.locate: find a namespace (query)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR


-- graphs.rows.locate_all: find a namespace and the root namespace (query)

-- sent together:

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR


-- graphs.rows.writes: get the writes of checkpoints (query)

SELECT agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id IN ($3, $4)

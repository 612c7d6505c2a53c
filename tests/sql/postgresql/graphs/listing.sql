-- The SQL of agentomatic_sql/graphs/listing.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.listing.page: list the checkpoints of a namespace (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_checkpoints JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = $1::VARCHAR) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT $2::BIGINT


-- graphs.listing.page: list the checkpoints of a namespace before an id: a later page (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_checkpoints JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = $1::VARCHAR) AND graph_checkpoints.checkpoint_id < $2 AND graph_checkpoints.checkpoint_id <= $3 AND (graph_checkpoints.checkpoint_id < $3 OR graph_checkpoints.checkpoint_id = $3 AND graph_checkpoints.namespace_id < $4::BIGINT) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT $5::BIGINT


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_checkpoints JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = $1::VARCHAR) AND NOT (EXISTS (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = $2 AND checkpoints.checkpoint_ns = $3 AND checkpoints.checkpoint_id = graph_checkpoints.checkpoint_id)) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT $4::BIGINT


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods, in a user's view (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_checkpoints JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = $1::VARCHAR) AND NOT (EXISTS (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = $2 AND checkpoints.checkpoint_ns = $3 AND checkpoints.checkpoint_id = graph_checkpoints.checkpoint_id)) AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = $2 AND owned.user_id = $4)) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT $5::BIGINT


-- graphs.listing.page: list the checkpoints of a thread (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_checkpoints JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id IN (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR) ORDER BY graph_checkpoints.checkpoint_id DESC, graph_checkpoints.namespace_id DESC 
 LIMIT $2::BIGINT


-- graphs.listing.page: list the checkpoints of a thread with an id (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_checkpoints JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id IN (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = $1::VARCHAR) AND graph_checkpoints.checkpoint_id = $2 ORDER BY graph_checkpoints.checkpoint_id DESC, graph_checkpoints.namespace_id DESC 
 LIMIT $3::BIGINT


-- graphs.listing.page: list the checkpoints of all threads: a later page (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.body, graph_checkpoints.created_at 
FROM graph_checkpoints JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.checkpoint_id <= $1 AND (graph_checkpoints.checkpoint_id < $1 OR graph_checkpoints.checkpoint_id = $1 AND graph_checkpoints.namespace_id < $2::BIGINT) ORDER BY graph_checkpoints.checkpoint_id DESC, graph_checkpoints.namespace_id DESC 
 LIMIT $3::BIGINT


-- graphs.listing.belonging: get the values and writes of a page of checkpoints (query)

SELECT 0 AS kind, graph_namespaces.generation AS a, 0 AS b, NULL AS id, NULL AS body 
FROM graph_namespaces 
WHERE graph_namespaces.id = $1::BIGINT UNION ALL SELECT 1 AS kind, found.segment, found.position, NULL AS anon_1, found.body 
FROM jsonb_array_elements(CAST($2::VARCHAR AS JSONB)) AS read LEFT OUTER JOIN LATERAL (SELECT graph_values.namespace_id AS namespace_id, graph_values.segment AS segment, graph_values.position AS position, graph_values.body AS body 
FROM graph_values 
WHERE graph_values.namespace_id = $1::BIGINT AND graph_values.segment = CAST(read.value ->> $3::INTEGER AS BIGINT) AND graph_values.position <= CAST(read.value ->> $4::INTEGER AS BIGINT) AND graph_values.position > coalesce((SELECT CAST(known.value ->> $5::INTEGER AS BIGINT) AS anon_2 
FROM jsonb_array_elements(CAST($6::VARCHAR AS JSONB)) AS known 
WHERE CAST(known.value ->> $7::INTEGER AS BIGINT) = CAST(read.value ->> $3::INTEGER AS BIGINT)), -1)
 LIMIT ALL OFFSET 0) AS found ON true UNION ALL SELECT 2 AS kind, graph_writes.sequence, 0 AS b, graph_writes.checkpoint_id, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = $1::BIGINT AND graph_writes.checkpoint_id BETWEEN $8 AND $9

-- The SQL of agentomatic_sql/graphs/listing.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.listing.page: list the checkpoints of a namespace (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT $3::BIGINT


-- graphs.listing.page: list the checkpoints of a namespace before an id: a later page (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id < $3 AND agentomatic_graph_checkpoints.checkpoint_id <= $4 AND (agentomatic_graph_checkpoints.checkpoint_id < $4 OR agentomatic_graph_checkpoints.checkpoint_id = $4 AND agentomatic_graph_checkpoints.namespace_id < $5::BIGINT) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT $6::BIGINT


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) AND (agentomatic_graph_checkpoints.checkpoint_id NOT IN (SELECT agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $3 AND agentomatic_checkpoints.namespace_digest = $4::VARCHAR)) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT $5::BIGINT


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods, in a user's view (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) AND (agentomatic_graph_checkpoints.checkpoint_id NOT IN (SELECT agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $3 AND agentomatic_checkpoints.namespace_digest = $4::VARCHAR)) AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $3 AND owned.user_id = $5)) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT $6::BIGINT


-- graphs.listing.page: list the checkpoints of a thread (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id IN (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC, agentomatic_graph_checkpoints.namespace_id DESC 
 LIMIT $3::BIGINT


-- graphs.listing.page: list the checkpoints of a thread with an id (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id IN (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = $3 ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC, agentomatic_graph_checkpoints.namespace_id DESC 
 LIMIT $4::BIGINT


-- graphs.listing.page: list the checkpoints of all threads: a later page (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.checkpoint_id <= $1 AND (agentomatic_graph_checkpoints.checkpoint_id < $1 OR agentomatic_graph_checkpoints.checkpoint_id = $1 AND agentomatic_graph_checkpoints.namespace_id < $2::BIGINT) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC, agentomatic_graph_checkpoints.namespace_id DESC 
 LIMIT $3::BIGINT


-- graphs.listing.belonging: get the values and writes of a page of checkpoints (query)

SELECT 0 AS kind, agentomatic_graph_namespaces.generation AS a, agentomatic_graph_namespaces.epoch AS b, NULL AS id, NULL AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT UNION ALL SELECT 1 AS kind, found.segment, found.position, NULL AS anon_1, found.body 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS read LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.thread_digest AS thread_digest, agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT AND agentomatic_graph_values.segment = CAST(read.value ->> $4::INTEGER AS BIGINT) AND agentomatic_graph_values.position <= CAST(read.value ->> $5::INTEGER AS BIGINT) AND agentomatic_graph_values.position > coalesce((SELECT CAST(known.value ->> $6::INTEGER AS BIGINT) AS anon_2 
FROM jsonb_array_elements(CAST($7::VARCHAR AS JSONB)) AS known 
WHERE CAST(known.value ->> $8::INTEGER AS BIGINT) = CAST(read.value ->> $4::INTEGER AS BIGINT)), -1)
 LIMIT ALL OFFSET 0) AS found ON true UNION ALL SELECT 2 AS kind, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id BETWEEN $9 AND $10

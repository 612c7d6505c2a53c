-- The SQL of agentomatic_sql/graphs/deltas.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.deltas._ancestors: get the ancestors of a checkpoint (query)

WITH RECURSIVE chain(namespace_id, checkpoint_id, parent_checkpoint_id, depth) AS 
(SELECT agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, 0 AS depth 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = $3 UNION ALL SELECT found.namespace_id AS namespace_id, found.checkpoint_id AS checkpoint_id, found.parent_checkpoint_id AS parent_checkpoint_id, chain.depth + 1 AS anon_1 
FROM chain LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = chain.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = chain.parent_checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.checkpoint_id IS NOT NULL AND chain.depth < $4::BIGINT)
 SELECT 0 AS kind, chain.depth AS a, 0 AS b, chain.checkpoint_id AS id, chain.parent_checkpoint_id AS parent, found.body AS body 
FROM chain LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = chain.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = chain.checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE chain.depth > 0 UNION ALL SELECT 1 AS kind, found.sequence, found.token, found.checkpoint_id, NULL AS anon_2, found.body 
FROM chain LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_writes.thread_digest AS thread_digest, agentomatic_graph_writes.namespace_id AS namespace_id, agentomatic_graph_writes.checkpoint_id AS checkpoint_id, agentomatic_graph_writes.sequence AS sequence, agentomatic_graph_writes.token AS token, agentomatic_graph_writes.body AS body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = chain.namespace_id AND agentomatic_graph_writes.checkpoint_id = chain.checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE chain.depth > 0 AND found.sequence IS NOT NULL UNION ALL SELECT 2 AS kind, agentomatic_graph_namespaces.generation, 0, NULL AS anon_2, NULL AS anon__1, NULL AS anon__2 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR


-- graphs.deltas._ancestors: get the ancestors of the latest checkpoint (query)

WITH RECURSIVE chain(namespace_id, checkpoint_id, parent_checkpoint_id, depth) AS 
(SELECT agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, 0 AS depth 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) AND agentomatic_graph_checkpoints.checkpoint_id = (SELECT agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT $3::INTEGER) UNION ALL SELECT found.namespace_id AS namespace_id, found.checkpoint_id AS checkpoint_id, found.parent_checkpoint_id AS parent_checkpoint_id, chain.depth + 1 AS anon_1 
FROM chain LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = chain.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = chain.parent_checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.checkpoint_id IS NOT NULL AND chain.depth < $4::BIGINT)
 SELECT 0 AS kind, chain.depth AS a, 0 AS b, chain.checkpoint_id AS id, chain.parent_checkpoint_id AS parent, found.body AS body 
FROM chain LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = chain.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = chain.checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE chain.depth > 0 UNION ALL SELECT 1 AS kind, found.sequence, found.token, found.checkpoint_id, NULL AS anon_2, found.body 
FROM chain LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_writes.thread_digest AS thread_digest, agentomatic_graph_writes.namespace_id AS namespace_id, agentomatic_graph_writes.checkpoint_id AS checkpoint_id, agentomatic_graph_writes.sequence AS sequence, agentomatic_graph_writes.token AS token, agentomatic_graph_writes.body AS body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = chain.namespace_id AND agentomatic_graph_writes.checkpoint_id = chain.checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE chain.depth > 0 AND found.sequence IS NOT NULL UNION ALL SELECT 2 AS kind, agentomatic_graph_namespaces.generation, 0, NULL AS anon_2, NULL AS anon__1, NULL AS anon__2 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR

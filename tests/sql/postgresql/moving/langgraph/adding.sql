-- The SQL of agentomatic_sql/moving/langgraph/adding.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.langgraph.adding.states: look for the checkpoints of another saver that are there (query)

SELECT found.thread_digest, found.digest, found.id, found.generation, found.epoch 
FROM unnest($1::BIGINT[], $2::VARCHAR(32)[]) AS given(thread_digest, digest) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.digest AS digest, agentomatic_graph_namespaces.thread_id AS thread_id, agentomatic_graph_namespaces.checkpoint_ns AS checkpoint_ns, agentomatic_graph_namespaces.epoch AS epoch, agentomatic_graph_namespaces.generation AS generation, agentomatic_graph_namespaces.sequence AS sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.digest = given.digest
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

-- then:

SELECT found.thread_digest, found.namespace_id, found.checkpoint_id 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::VARCHAR[] COLLATE "C") AS given(thread_digest, namespace_id, checkpoint_id) LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = given.thread_digest AND agentomatic_graph_checkpoints.namespace_id = given.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = given.checkpoint_id
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.thread_digest IS NOT NULL

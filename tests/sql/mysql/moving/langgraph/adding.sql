-- The SQL of agentomatic_sql/moving/langgraph/adding.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.langgraph.adding.states: look for the checkpoints of another saver that are there (query)

SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.digest AS digest 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[1]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.thread_digest = given.thread_digest AND agentomatic_graph_namespaces.digest = given.digest 
WHERE agentomatic_graph_namespaces.thread_digest IS NOT NULL

-- then:

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM (SELECT given_each.thread_digest AS thread_digest, given_each.namespace_id AS namespace_id, given_each.checkpoint_id AS checkpoint_id 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_digest` BIGINT PATH '$[0]', `namespace_id` BIGINT PATH '$[1]', `checkpoint_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[2]')) AS given_each) AS given LEFT OUTER JOIN agentomatic_graph_checkpoints ON agentomatic_graph_checkpoints.thread_digest = given.thread_digest AND agentomatic_graph_checkpoints.namespace_id = given.namespace_id AND agentomatic_graph_checkpoints.checkpoint_id = given.checkpoint_id 
WHERE agentomatic_graph_checkpoints.thread_digest IS NOT NULL

-- The SQL of agentomatic_sql/graphs/deltas.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.deltas._parents: get the parents of a namespace's checkpoints (query)

SELECT agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = %s


-- graphs.deltas._read: get the ancestors of a checkpoint (query)

SELECT agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = %s AND agentomatic_graph_checkpoints.checkpoint_id IN (%s, %s)

-- then:

SELECT agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = %s AND agentomatic_graph_writes.checkpoint_id IN (%s, %s)


-- graphs.deltas._is_reduced: look whether checkpoints were removed (query)

SELECT agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s

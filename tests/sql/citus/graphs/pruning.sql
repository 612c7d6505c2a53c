-- The SQL of agentomatic_sql/graphs/pruning.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.pruning._look: find the checkpoints to remove (query)

SELECT agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT

-- then:

SELECT agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT

-- then:

SELECT agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id IN ($3, $4, $5)

-- then:

SELECT agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id IN ($3)


-- graphs.pruning._remove_batch: remove the last of the checkpoints (once)

SELECT agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT

-- then:

SELECT agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT

-- then:

SELECT agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id IN ($3, $4, $5)

-- then:

SELECT agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id IN ($3)

-- then:

DELETE FROM agentomatic_graph_checkpoints WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id IN ($3, $4)

-- then:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id IN ($3, $4)

-- then:

SELECT agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.segments 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT

-- then:

UPDATE agentomatic_graph_checkpoints SET parent_checkpoint_id=$1 WHERE agentomatic_graph_checkpoints.thread_digest = $2::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $3::BIGINT AND agentomatic_graph_checkpoints.parent_checkpoint_id IN ($4)

-- then:

SELECT agentomatic_graph_values.segment, max(agentomatic_graph_values.position) AS max_1 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT GROUP BY agentomatic_graph_values.segment

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT AND agentomatic_graph_values.segment IN ($3::BIGINT)

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT AND agentomatic_graph_values.segment = $3::BIGINT AND agentomatic_graph_values.position > $4::BIGINT

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=$1::BIGINT, generation=$2::BIGINT WHERE agentomatic_graph_namespaces.thread_digest = $3::BIGINT AND agentomatic_graph_namespaces.id = $4::BIGINT AND agentomatic_graph_namespaces.generation = $5::BIGINT AND agentomatic_graph_namespaces.epoch = $6::BIGINT

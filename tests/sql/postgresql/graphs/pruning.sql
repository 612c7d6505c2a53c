-- The SQL of agentomatic_sql/graphs/pruning.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.pruning._look: find the checkpoints to remove (query)

SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = $1::BIGINT

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = $1::BIGINT

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = $1::BIGINT AND graph_checkpoints.checkpoint_id IN ($2, $3, $4)

-- then:

SELECT graph_writes.checkpoint_id, graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = $1::BIGINT AND graph_writes.checkpoint_id IN ($2)


-- graphs.pruning._remove_batch: remove the last of the checkpoints (once)

SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = $1::BIGINT FOR UPDATE

-- then:

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = $1::BIGINT

-- then:

SELECT graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id = $1::BIGINT

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = $1::BIGINT

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = $1::BIGINT AND graph_checkpoints.checkpoint_id IN ($2, $3, $4)

-- then:

SELECT graph_writes.checkpoint_id, graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = $1::BIGINT AND graph_writes.checkpoint_id IN ($2)

-- then:

DELETE FROM graph_checkpoints WHERE graph_checkpoints.namespace_id = $1::BIGINT AND graph_checkpoints.checkpoint_id IN ($2, $3)

-- then:

DELETE FROM graph_writes WHERE graph_writes.namespace_id = $1::BIGINT AND graph_writes.checkpoint_id IN ($2, $3)

-- then:

SELECT graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.segments 
FROM graph_checkpoints 
WHERE graph_checkpoints.namespace_id = $1::BIGINT

-- then:

UPDATE graph_checkpoints SET parent_checkpoint_id=$1 WHERE graph_checkpoints.namespace_id = $2::BIGINT AND graph_checkpoints.parent_checkpoint_id IN ($3)

-- then:

SELECT graph_values.segment, max(graph_values.position) AS max_1 
FROM graph_values 
WHERE graph_values.namespace_id = $1::BIGINT GROUP BY graph_values.segment

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id = $1::BIGINT AND graph_values.segment IN ($2::BIGINT)

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id = $1::BIGINT AND graph_values.segment = $2::BIGINT AND graph_values.position > $3::BIGINT

-- then:

UPDATE graph_namespaces SET generation=(graph_namespaces.generation + $1::BIGINT) WHERE graph_namespaces.id = $2::BIGINT

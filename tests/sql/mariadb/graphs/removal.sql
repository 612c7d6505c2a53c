-- The SQL of agentomatic_sql/graphs/removal.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.removal.namespaces: get the namespaces of a thread (query)

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id


-- graphs.removal.some: look whether graphs have stored anything (query)

SELECT graph_namespaces.id 
FROM graph_namespaces 
 LIMIT %s


-- graphs.removal.of_runs: find the checkpoints that runs made (query)

SELECT graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id 
FROM graph_checkpoints 
WHERE graph_checkpoints.run_digest IN (%s)

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.id IN (%s)


-- graphs.removal.remove_thread: delete what graphs have stored in a thread (once)

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR UPDATE

-- then:

DELETE FROM graph_checkpoints WHERE graph_checkpoints.namespace_id IN (%s, %s)

-- then:

DELETE FROM graph_writes WHERE graph_writes.namespace_id IN (%s, %s)

-- then:

DELETE FROM graph_values WHERE graph_values.namespace_id IN (%s, %s)

-- then:

DELETE FROM graph_namespaces WHERE graph_namespaces.id IN (%s, %s)


-- graphs.removal.copy: copy what graphs have stored in a thread (once)

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id FOR UPDATE

-- then:

SELECT graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.id, graph_namespaces.generation 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s ORDER BY graph_namespaces.id LOCK IN SHARE MODE

-- then:

-- once for each row:
INSERT INTO graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES (%s, %s, %s, %s, %s)

-- then:

INSERT INTO graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT graph_namespaces.id, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.run_digest, graph_checkpoints.segments, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_namespaces LEFT OUTER JOIN graph_checkpoints ON graph_checkpoints.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_checkpoints.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_values (namespace_id, segment, `position`, `body`) SELECT graph_namespaces.id, graph_values.segment, graph_values.`position`, graph_values.`body` 
FROM graph_namespaces LEFT OUTER JOIN graph_values ON graph_values.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_values.namespace_id IS NOT NULL

-- then:

INSERT INTO graph_writes (namespace_id, checkpoint_id, `body`) SELECT graph_namespaces.id, graph_writes.checkpoint_id, graph_writes.`body` 
FROM graph_namespaces LEFT OUTER JOIN graph_writes ON graph_writes.namespace_id = graph_namespaces.generation 
WHERE graph_namespaces.thread_digest = %s AND graph_writes.namespace_id IS NOT NULL ORDER BY graph_writes.sequence

-- The SQL of agentomatic_sql/graphs/removal.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.removal.namespaces: get the namespaces of a thread (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s ORDER BY agentomatic_graph_namespaces.id


-- graphs.removal.some: look whether graphs have stored anything (query)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
 LIMIT %s


-- graphs.removal.of_runs: find the checkpoints that runs made (query)

SELECT agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.run_digest IN (%s)

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id IN (%s)


-- graphs.removal.remove_thread: delete what graphs have stored in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s ORDER BY agentomatic_graph_namespaces.id FOR UPDATE

-- then:

DELETE FROM agentomatic_graph_checkpoints WHERE agentomatic_graph_checkpoints.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_namespaces WHERE agentomatic_graph_namespaces.id IN (%s, %s)


-- graphs.removal.copy: copy what graphs have stored in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s ORDER BY agentomatic_graph_namespaces.id FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s ORDER BY agentomatic_graph_namespaces.id FOR SHARE

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES (%s, %s, %s, %s, %s)

-- then:

INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest, agentomatic_graph_checkpoints.segments, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_namespaces LEFT OUTER JOIN agentomatic_graph_checkpoints ON agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.generation 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.id, agentomatic_graph_values.segment, agentomatic_graph_values.position, agentomatic_graph_values.body 
FROM agentomatic_graph_namespaces LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.namespace_id = agentomatic_graph_namespaces.generation 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_values.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT agentomatic_graph_namespaces.id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.body 
FROM agentomatic_graph_namespaces LEFT OUTER JOIN agentomatic_graph_writes ON agentomatic_graph_writes.namespace_id = agentomatic_graph_namespaces.generation 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_writes.namespace_id IS NOT NULL ORDER BY agentomatic_graph_writes.sequence

-- The SQL of agentomatic_sql/graphs/removal.py on CockroachDB 25.4, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.removal.namespaces: get the namespaces of a thread (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::VARCHAR ORDER BY agentomatic_graph_namespaces.id


-- graphs.removal.some: look whether graphs have stored anything (query)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
 LIMIT $1::INTEGER


-- graphs.removal.of_runs: find the checkpoints that runs made (query)

SELECT agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.run_digest IN ($1::VARCHAR)

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.id IN ($1::BIGINT)


-- graphs.removal.remove_thread: delete what graphs have stored in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::VARCHAR ORDER BY agentomatic_graph_namespaces.id FOR UPDATE

-- then:

DELETE FROM agentomatic_graph_checkpoints WHERE agentomatic_graph_checkpoints.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.namespace_id IN ($1::BIGINT, $2::BIGINT)

-- then:

DELETE FROM agentomatic_graph_namespaces WHERE agentomatic_graph_namespaces.id IN ($1::BIGINT, $2::BIGINT)


-- graphs.removal.copy: copy what graphs have stored in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::VARCHAR ORDER BY agentomatic_graph_namespaces.id FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::VARCHAR ORDER BY agentomatic_graph_namespaces.id FOR SHARE

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES ($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::BIGINT)

-- then:

INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT agentomatic_graph_namespaces.id, found.checkpoint_id, found.parent_checkpoint_id, found.run_digest, found.segments, found.body, found.created_at 
FROM agentomatic_graph_namespaces LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE agentomatic_graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT agentomatic_graph_namespaces.id, found.segment, found.position, found.body 
FROM agentomatic_graph_namespaces LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.namespace_id = agentomatic_graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE agentomatic_graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT agentomatic_graph_namespaces.id, found.checkpoint_id, found.body 
FROM agentomatic_graph_namespaces LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_writes.sequence AS sequence, agentomatic_graph_writes.namespace_id AS namespace_id, agentomatic_graph_writes.checkpoint_id AS checkpoint_id, agentomatic_graph_writes.body AS body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.namespace_id = agentomatic_graph_namespaces.generation
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE agentomatic_graph_namespaces.thread_digest = $1::VARCHAR AND found.namespace_id IS NOT NULL ORDER BY found.sequence

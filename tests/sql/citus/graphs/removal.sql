-- The SQL of agentomatic_sql/graphs/removal.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.removal.namespaces: get the namespaces of a thread (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR


-- graphs.removal.some: look whether graphs have stored anything (query)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
 LIMIT $1::INTEGER


-- graphs.removal.of_runs: find the checkpoints that runs made (query)

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.run_digest IN ($1::VARCHAR)

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE (agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id) IN (($1, $2))


-- graphs.removal.remove_thread: delete what graphs have stored in a thread (once)

UPDATE agentomatic_graph_namespaces SET epoch=$1::BIGINT, generation=(agentomatic_graph_namespaces.generation + $2::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $3::BIGINT AND agentomatic_graph_namespaces.thread_id = $4::VARCHAR

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

DELETE FROM agentomatic_graph_checkpoints WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id IN ($2::BIGINT, $3::BIGINT)

-- then:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id IN ($2::BIGINT, $3::BIGINT)

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id IN ($2::BIGINT, $3::BIGINT)

-- then:

DELETE FROM agentomatic_graph_namespaces WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id IN ($2::BIGINT, $3::BIGINT)


-- graphs.removal.copy: copy what graphs have stored in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $1::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $2::BIGINT AND agentomatic_graph_namespaces.thread_id = $3::VARCHAR

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES ($1::BIGINT, $2::BIGINT, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7::BIGINT, $8::BIGINT)

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.checkpoint_id, found.parent_checkpoint_id, found.run_digest, found.segments, found.body, found.created_at 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_checkpoints.thread_digest AS thread_digest, agentomatic_graph_checkpoints.namespace_id AS namespace_id, agentomatic_graph_checkpoints.checkpoint_id AS checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id AS parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest AS run_digest, agentomatic_graph_checkpoints.segments AS segments, agentomatic_graph_checkpoints.body AS body, agentomatic_graph_checkpoints.created_at AS created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $4::BIGINT AND agentomatic_graph_checkpoints.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.segment, found.position, found.body 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_values.thread_digest AS thread_digest, agentomatic_graph_values.namespace_id AS namespace_id, agentomatic_graph_values.segment AS segment, agentomatic_graph_values.position AS position, agentomatic_graph_values.body AS body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $4::BIGINT AND agentomatic_graph_values.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT $1::BIGINT AS anon_1, CAST(pairs.value ->> $2::INTEGER AS BIGINT) AS anon_2, found.checkpoint_id, found.sequence, found.token, found.body 
FROM jsonb_array_elements(CAST($3::VARCHAR AS JSONB)) AS pairs LEFT OUTER JOIN LATERAL (SELECT agentomatic_graph_writes.thread_digest AS thread_digest, agentomatic_graph_writes.namespace_id AS namespace_id, agentomatic_graph_writes.checkpoint_id AS checkpoint_id, agentomatic_graph_writes.sequence AS sequence, agentomatic_graph_writes.token AS token, agentomatic_graph_writes.body AS body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $4::BIGINT AND agentomatic_graph_writes.namespace_id = CAST(pairs.value ->> $5::INTEGER AS BIGINT)
 LIMIT ALL OFFSET 0) AS found ON true 
WHERE found.namespace_id IS NOT NULL


-- graphs.removal.copy: copy what graphs have encrypted in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.thread_id = $2::VARCHAR FOR UPDATE

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $1::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $2::BIGINT AND agentomatic_graph_namespaces.thread_id = $3::VARCHAR

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES ($1::BIGINT, $2::BIGINT, $3::VARCHAR, $4::VARCHAR, $5::VARCHAR, $6::BIGINT, $7::BIGINT, $8::BIGINT)

-- then:

SELECT DISTINCT agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT ORDER BY agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT $3::INTEGER

-- then:

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest, agentomatic_graph_checkpoints.segments, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND (agentomatic_graph_checkpoints.checkpoint_id) <= ($3) ORDER BY agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) VALUES ($1::BIGINT, $2::BIGINT, $3, $4, $5::VARCHAR, $6::VARCHAR, $7::BYTEA, $8::TIMESTAMP WITH TIME ZONE)

-- then:

SELECT DISTINCT agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND (agentomatic_graph_checkpoints.checkpoint_id) > ($3) ORDER BY agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT $4::INTEGER

-- then:

SELECT DISTINCT agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT ORDER BY agentomatic_graph_values.segment, agentomatic_graph_values.position 
 LIMIT $3::INTEGER

-- then:

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position, agentomatic_graph_values.body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT AND (agentomatic_graph_values.segment, agentomatic_graph_values.position) <= ($3::BIGINT, $4::BIGINT) ORDER BY agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) VALUES ($1::BIGINT, $2::BIGINT, $3::BIGINT, $4::BIGINT, $5::BYTEA)

-- then:

SELECT DISTINCT agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT AND (agentomatic_graph_values.segment, agentomatic_graph_values.position) > ($3::BIGINT, $4::BIGINT) ORDER BY agentomatic_graph_values.segment, agentomatic_graph_values.position 
 LIMIT $5::INTEGER

-- then:

SELECT DISTINCT agentomatic_graph_writes.checkpoint_id 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT ORDER BY agentomatic_graph_writes.checkpoint_id 
 LIMIT $3::INTEGER

-- then:

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND (agentomatic_graph_writes.checkpoint_id) <= ($3) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) VALUES ($1::BIGINT, $2::BIGINT, $3, $4::BIGINT, $5::BIGINT, $6::BYTEA)

-- then:

SELECT DISTINCT agentomatic_graph_writes.checkpoint_id 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND (agentomatic_graph_writes.checkpoint_id) > ($3) ORDER BY agentomatic_graph_writes.checkpoint_id 
 LIMIT $4::INTEGER

-- then:

SELECT DISTINCT agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT ORDER BY agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT $3::INTEGER

-- then:

SELECT DISTINCT agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT ORDER BY agentomatic_graph_values.segment, agentomatic_graph_values.position 
 LIMIT $3::INTEGER

-- then:

SELECT DISTINCT agentomatic_graph_writes.checkpoint_id 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT ORDER BY agentomatic_graph_writes.checkpoint_id 
 LIMIT $3::INTEGER

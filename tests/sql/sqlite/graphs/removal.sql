-- The SQL of agentomatic_sql/graphs/removal.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.removal.namespaces: get the namespaces of a thread (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?


-- graphs.removal.some: look whether graphs have stored anything (query)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces
 LIMIT ? OFFSET ?


-- graphs.removal.of_runs: find the checkpoints that runs made (query)

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.run_digest IN (?)

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE (agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id) IN (VALUES (?, ?))


-- graphs.removal.remove_thread: delete what graphs have stored in a thread (once)

UPDATE agentomatic_graph_namespaces SET epoch=?, generation=(agentomatic_graph_namespaces.generation + ?) WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

DELETE FROM agentomatic_graph_checkpoints WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id IN (?, ?)

-- then:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id IN (?, ?)

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id IN (?, ?)

-- then:

DELETE FROM agentomatic_graph_namespaces WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.id IN (?, ?)


-- graphs.removal.copy: copy what graphs have stored in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + ?) WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT ? AS anon_1, json_extract(pairs.value, ?) AS json_extract_1, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest, agentomatic_graph_checkpoints.segments, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM json_each(?) AS pairs LEFT OUTER JOIN agentomatic_graph_checkpoints ON agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = json_extract(pairs.value, ?) 
WHERE agentomatic_graph_checkpoints.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT ? AS anon_1, json_extract(pairs.value, ?) AS json_extract_1, agentomatic_graph_values.segment, agentomatic_graph_values.position, agentomatic_graph_values.body 
FROM json_each(?) AS pairs LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id = json_extract(pairs.value, ?) 
WHERE agentomatic_graph_values.namespace_id IS NOT NULL

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT ? AS anon_1, json_extract(pairs.value, ?) AS json_extract_1, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM json_each(?) AS pairs LEFT OUTER JOIN agentomatic_graph_writes ON agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = json_extract(pairs.value, ?) 
WHERE agentomatic_graph_writes.namespace_id IS NOT NULL


-- graphs.removal.copy: copy what graphs have encrypted in a thread (once)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_namespaces.sequence 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + ?) WHERE agentomatic_graph_namespaces.thread_digest = ? AND agentomatic_graph_namespaces.thread_id = ?

-- then:

-- once for each row:
INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- then:

SELECT DISTINCT agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = ? ORDER BY agentomatic_graph_checkpoints.checkpoint_id
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.run_digest, agentomatic_graph_checkpoints.segments, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = ? AND (agentomatic_graph_checkpoints.checkpoint_id) <= (?) ORDER BY agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id

-- then:

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- then:

SELECT DISTINCT agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = ? AND (agentomatic_graph_checkpoints.checkpoint_id) > (?) ORDER BY agentomatic_graph_checkpoints.checkpoint_id
 LIMIT ? OFFSET ?

-- then:

SELECT DISTINCT agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id = ? ORDER BY agentomatic_graph_values.segment, agentomatic_graph_values.position
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position, agentomatic_graph_values.body 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id = ? AND (agentomatic_graph_values.segment, agentomatic_graph_values.position) <= (?, ?) ORDER BY agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position

-- then:

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) VALUES (?, ?, ?, ?, ?)

-- then:

SELECT DISTINCT agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id = ? AND (agentomatic_graph_values.segment, agentomatic_graph_values.position) > (?, ?) ORDER BY agentomatic_graph_values.segment, agentomatic_graph_values.position
 LIMIT ? OFFSET ?

-- then:

SELECT DISTINCT agentomatic_graph_writes.checkpoint_id 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = ? ORDER BY agentomatic_graph_writes.checkpoint_id
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = ? AND (agentomatic_graph_writes.checkpoint_id) <= (?) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence

-- then:

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) VALUES (?, ?, ?, ?, ?, ?)

-- then:

SELECT DISTINCT agentomatic_graph_writes.checkpoint_id 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = ? AND (agentomatic_graph_writes.checkpoint_id) > (?) ORDER BY agentomatic_graph_writes.checkpoint_id
 LIMIT ? OFFSET ?

-- then:

SELECT DISTINCT agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = ? AND agentomatic_graph_checkpoints.namespace_id = ? ORDER BY agentomatic_graph_checkpoints.checkpoint_id
 LIMIT ? OFFSET ?

-- then:

SELECT DISTINCT agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = ? AND agentomatic_graph_values.namespace_id = ? ORDER BY agentomatic_graph_values.segment, agentomatic_graph_values.position
 LIMIT ? OFFSET ?

-- then:

SELECT DISTINCT agentomatic_graph_writes.checkpoint_id 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = ? AND agentomatic_graph_writes.namespace_id = ? ORDER BY agentomatic_graph_writes.checkpoint_id
 LIMIT ? OFFSET ?

-- The SQL of agentomatic_sql/graphs/additions.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.additions.add_alone: add the first checkpoint of a namespace (once)

-- sent together:

INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE thread_digest = agentomatic_graph_namespaces.thread_digest

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, %s AS parent_checkpoint_id, %s AS run_digest, %s AS segments, unhex(%s) AS `body`, %s AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), run_digest = VALUES(run_digest), segments = VALUES(segments), `body` = VALUES(`body`)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s


-- graphs.additions.find_alone: add the first checkpoint of a namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s FOR UPDATE


-- graphs.additions.add_alone: add the first checkpoint of a subgraph whose root namespace is known (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s

INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) SELECT %s AS thread_digest, %s AS id, %s AS digest, %s AS thread_id, %s AS checkpoint_ns, %s AS epoch, %s AS generation, %s AS sequence FROM DUAL 
WHERE EXISTS (SELECT root.id 
FROM agentomatic_graph_namespaces AS root 
WHERE root.thread_digest = %s AND root.id = %s) ON DUPLICATE KEY UPDATE thread_digest = agentomatic_graph_namespaces.thread_digest

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, %s AS parent_checkpoint_id, %s AS run_digest, %s AS segments, unhex(%s) AS `body`, %s AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), run_digest = VALUES(run_digest), segments = VALUES(segments), `body` = VALUES(`body`)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s


-- graphs.additions.add_alone: add a checkpoint to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET epoch=%s WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, %s AS parent_checkpoint_id, %s AS run_digest, %s AS segments, unhex(%s) AS `body`, %s AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), run_digest = VALUES(run_digest), segments = VALUES(segments), `body` = VALUES(`body`)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s


-- graphs.additions.find_alone: add a checkpoint to a known namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s FOR UPDATE

-- then:

SELECT agentomatic_graph_checkpoints.`body` 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = %s AND agentomatic_graph_checkpoints.checkpoint_id = %s


-- graphs.additions.add_alone: add a whole checkpoint to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET epoch=%s WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, %s AS parent_checkpoint_id, %s AS run_digest, %s AS segments, unhex(%s) AS `body`, %s AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), run_digest = VALUES(run_digest), segments = VALUES(segments), `body` = VALUES(`body`)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s


-- graphs.additions.add_alone: add writes to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, agentomatic_graph_namespaces.sequence - %s AS sequence, %s AS token, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s


-- graphs.additions.find_alone: add writes to a known namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s FOR UPDATE

-- then:

SELECT agentomatic_graph_writes.token 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = %s AND agentomatic_graph_writes.checkpoint_id = %s AND agentomatic_graph_writes.token = %s

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=%s, generation=%s WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s


-- graphs.additions.add_alone: add a checkpoint with writes to a known namespace (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET epoch=%s, sequence=(agentomatic_graph_namespaces.sequence + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, `position`, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS segment, %s AS `position`, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, agentomatic_graph_namespaces.sequence - %s AS sequence, %s AS token, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s

INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, `body`, created_at) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, %s AS parent_checkpoint_id, %s AS run_digest, %s AS segments, unhex(%s) AS `body`, %s AS created_at 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s ON DUPLICATE KEY UPDATE parent_checkpoint_id = VALUES(parent_checkpoint_id), run_digest = VALUES(run_digest), segments = VALUES(segments), `body` = VALUES(`body`)

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.epoch = %s


-- graphs.additions.add_alone: add writes and delete the rows that they supersede (once)

-- sent together:

UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = %s AND agentomatic_graph_writes.checkpoint_id = %s AND agentomatic_graph_writes.sequence IN (SELECT superseded.a 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS superseded) AND agentomatic_graph_writes.token IN (SELECT superseded.b 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS superseded)

INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, `body`) SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id AS namespace_id, %s AS checkpoint_id, agentomatic_graph_namespaces.sequence - %s AS sequence, %s AS token, unhex(%s) AS `body` 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s AND agentomatic_graph_namespaces.generation = %s

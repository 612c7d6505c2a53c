-- The SQL of agentomatic_sql/graphs/additions.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.additions.add: add to several known namespaces (once; batched)

WITH locked AS 
(SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id, wanted.epoch AS epoch, wanted.count AS count, wanted.expected IS NULL OR agentomatic_graph_namespaces.epoch = wanted.expected AS fits 
FROM unnest($5::BIGINT[], $6::BIGINT[], $7::BIGINT[], $8::BIGINT[], $9::BIGINT[], $10::BIGINT[]) AS wanted(thread_digest, id, generation, expected, epoch, count) JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.thread_digest = wanted.thread_digest AND agentomatic_graph_namespaces.id = wanted.id AND agentomatic_graph_namespaces.generation = wanted.generation 
WHERE wanted.expected IS NULL OR agentomatic_graph_namespaces.epoch = wanted.expected OR wanted.count > $11::BIGINT FOR UPDATE OF agentomatic_graph_namespaces SKIP LOCKED), 
held AS 
(UPDATE agentomatic_graph_namespaces SET epoch=CASE WHEN locked.fits THEN coalesce(locked.epoch, agentomatic_graph_namespaces.epoch) ELSE agentomatic_graph_namespaces.epoch END, sequence=(agentomatic_graph_namespaces.sequence + locked.count) FROM locked WHERE agentomatic_graph_namespaces.thread_digest = locked.thread_digest AND agentomatic_graph_namespaces.id = locked.id RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, locked.fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, run.segment AS segment, run.position AS position, run.body AS body 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[]) AS run(id, segment, position, body) JOIN held ON held.id = run.id 
WHERE held.fits), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, written.checkpoint_id AS checkpoint_id, held.sequence - written.place AS sequence, written.token AS token, written.body AS body 
FROM unnest($12::BIGINT[], $13::VARCHAR[] COLLATE "C", $14::BIGINT[], $15::BIGINT[], $16::BYTEA[]) AS written(id, checkpoint_id, place, token, body) JOIN held ON held.id = written.id), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, saved.checkpoint_id AS checkpoint_id, saved.parent_checkpoint_id AS parent_checkpoint_id, saved.run_digest AS run_digest, saved.segments AS segments, saved.body AS body, saved.created_at AS created_at 
FROM unnest($17::BIGINT[], $18::VARCHAR[] COLLATE "C", $19::VARCHAR[] COLLATE "C", $20::VARCHAR(32)[], $21::VARCHAR[], $22::BYTEA[], $23::TIMESTAMP WITH TIME ZONE[]) AS saved(id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) JOIN held ON held.id = saved.id 
WHERE held.fits ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.find: add to several known namespaces (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_checkpoints.body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id = $3

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=$1::BIGINT, generation=$2::BIGINT WHERE agentomatic_graph_namespaces.thread_digest = $3::BIGINT AND agentomatic_graph_namespaces.id = $4::BIGINT

-- then:

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_writes.token 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id = $3 AND agentomatic_graph_writes.token = $4::BIGINT

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=$1::BIGINT, generation=$2::BIGINT WHERE agentomatic_graph_namespaces.thread_digest = $3::BIGINT AND agentomatic_graph_namespaces.id = $4::BIGINT


-- graphs.additions.add: add a checkpoint to a known namespace (once; batched)

WITH locked AS 
(SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $5::BIGINT AND agentomatic_graph_namespaces.id = $6::BIGINT AND agentomatic_graph_namespaces.generation = $7::BIGINT AND agentomatic_graph_namespaces.epoch = $8::BIGINT FOR UPDATE SKIP LOCKED), 
held AS 
(UPDATE agentomatic_graph_namespaces SET epoch=$4::BIGINT FROM locked WHERE agentomatic_graph_namespaces.thread_digest = locked.thread_digest AND agentomatic_graph_namespaces.id = locked.id RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1::BIGINT AS segment, $2::BIGINT AS position, $3::BYTEA AS body 
FROM held), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $9 AS checkpoint_id, $10 AS parent_checkpoint_id, $11::VARCHAR AS run_digest, $12::VARCHAR AS segments, $13::BYTEA AS body, $14::TIMESTAMP WITH TIME ZONE AS created_at 
FROM held ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.add: add a checkpoint and writes to a known namespace (once; batched)

WITH locked AS 
(SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $7::BIGINT AND agentomatic_graph_namespaces.id = $8::BIGINT AND agentomatic_graph_namespaces.generation = $9::BIGINT FOR UPDATE SKIP LOCKED), 
held AS 
(UPDATE agentomatic_graph_namespaces SET epoch=CASE WHEN (agentomatic_graph_namespaces.epoch = $4::BIGINT) THEN $5::BIGINT ELSE agentomatic_graph_namespaces.epoch END, sequence=(agentomatic_graph_namespaces.sequence + $6::BIGINT) FROM locked WHERE agentomatic_graph_namespaces.thread_digest = locked.thread_digest AND agentomatic_graph_namespaces.id = locked.id RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, agentomatic_graph_namespaces.epoch = $5::BIGINT AS fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1::BIGINT AS segment, $2::BIGINT AS position, $3::BYTEA AS body 
FROM held 
WHERE held.fits), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $10 AS checkpoint_id, held.sequence - $11::BIGINT AS sequence, $12::BIGINT AS token, $13::BYTEA AS body 
FROM held), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $14 AS checkpoint_id, $15 AS parent_checkpoint_id, $16::VARCHAR AS run_digest, $17::VARCHAR AS segments, $18::BYTEA AS body, $19::TIMESTAMP WITH TIME ZONE AS created_at 
FROM held 
WHERE held.fits ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.add: add writes to a known namespace (once; batched)

WITH locked AS 
(SELECT agentomatic_graph_namespaces.thread_digest AS thread_digest, agentomatic_graph_namespaces.id AS id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $6::BIGINT AND agentomatic_graph_namespaces.id = $7::BIGINT AND agentomatic_graph_namespaces.generation = $8::BIGINT FOR UPDATE SKIP LOCKED), 
held AS 
(UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $5::BIGINT) FROM locked WHERE agentomatic_graph_namespaces.thread_digest = locked.thread_digest AND agentomatic_graph_namespaces.id = locked.id RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1 AS checkpoint_id, held.sequence - $2::BIGINT AS sequence, $3::BIGINT AS token, $4::BYTEA AS body 
FROM held)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.add_alone: add the first checkpoint of a namespace (once)

WITH held AS 
(INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) VALUES ($4::BIGINT, $5::BIGINT, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::BIGINT, $10::BIGINT, $11::BIGINT) ON CONFLICT (thread_digest, digest) DO NOTHING RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1::BIGINT AS segment, $2::BIGINT AS position, $3::BYTEA AS body 
FROM held UNION ALL SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $12::BIGINT AS segment, $13::BIGINT AS position, $14::BYTEA AS body 
FROM held), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $15 AS checkpoint_id, $16 AS parent_checkpoint_id, $17::VARCHAR AS run_digest, $18::VARCHAR AS segments, $19::BYTEA AS body, $20::TIMESTAMP WITH TIME ZONE AS created_at 
FROM held ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.find_alone: add the first checkpoint of a namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.digest = $2::VARCHAR FOR UPDATE


-- graphs.additions.add_alone: add the first checkpoint of a subgraph whose root namespace is known (once)

WITH held AS 
(INSERT INTO agentomatic_graph_namespaces (thread_digest, id, digest, thread_id, checkpoint_ns, epoch, generation, sequence) SELECT $4::BIGINT AS thread_digest, $5::BIGINT AS id, $6::VARCHAR AS digest, $7::VARCHAR AS thread_id, $8::VARCHAR AS checkpoint_ns, $9::BIGINT AS epoch, $10::BIGINT AS generation, $11::BIGINT AS sequence 
FROM agentomatic_graph_namespaces AS root 
WHERE root.thread_digest = $12::BIGINT AND root.id = $13::BIGINT FOR UPDATE OF root ON CONFLICT (thread_digest, digest) DO NOTHING RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1::BIGINT AS segment, $2::BIGINT AS position, $3::BYTEA AS body 
FROM held UNION ALL SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $14::BIGINT AS segment, $15::BIGINT AS position, $16::BYTEA AS body 
FROM held), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $17 AS checkpoint_id, $18 AS parent_checkpoint_id, $19::VARCHAR AS run_digest, $20::VARCHAR AS segments, $21::BYTEA AS body, $22::TIMESTAMP WITH TIME ZONE AS created_at 
FROM held ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.add_alone: add a checkpoint to a known namespace (once)

WITH held AS 
(UPDATE agentomatic_graph_namespaces SET epoch=$4::BIGINT WHERE agentomatic_graph_namespaces.thread_digest = $5::BIGINT AND agentomatic_graph_namespaces.id = $6::BIGINT AND agentomatic_graph_namespaces.generation = $7::BIGINT AND agentomatic_graph_namespaces.epoch = $8::BIGINT RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1::BIGINT AS segment, $2::BIGINT AS position, $3::BYTEA AS body 
FROM held UNION ALL SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $9::BIGINT AS segment, $10::BIGINT AS position, $11::BYTEA AS body 
FROM held), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $12 AS checkpoint_id, $13 AS parent_checkpoint_id, $14::VARCHAR AS run_digest, $15::VARCHAR AS segments, $16::BYTEA AS body, $17::TIMESTAMP WITH TIME ZONE AS created_at 
FROM held ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.find_alone: add a checkpoint to a known namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_checkpoints.body 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id = $3


-- graphs.additions.add_alone: add a whole checkpoint to a known namespace (once)

WITH held AS 
(UPDATE agentomatic_graph_namespaces SET epoch=$4::BIGINT WHERE agentomatic_graph_namespaces.thread_digest = $5::BIGINT AND agentomatic_graph_namespaces.id = $6::BIGINT AND agentomatic_graph_namespaces.generation = $7::BIGINT RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1::BIGINT AS segment, $2::BIGINT AS position, $3::BYTEA AS body 
FROM held UNION ALL SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $8::BIGINT AS segment, $9::BIGINT AS position, $10::BYTEA AS body 
FROM held), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $11 AS checkpoint_id, $12 AS parent_checkpoint_id, $13::VARCHAR AS run_digest, $14::VARCHAR AS segments, $15::BYTEA AS body, $16::TIMESTAMP WITH TIME ZONE AS created_at 
FROM held ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.add_alone: add writes to a known namespace (once)

WITH held AS 
(UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $5::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $6::BIGINT AND agentomatic_graph_namespaces.id = $7::BIGINT AND agentomatic_graph_namespaces.generation = $8::BIGINT RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1 AS checkpoint_id, held.sequence - $2::BIGINT AS sequence, $3::BIGINT AS token, $4::BYTEA AS body 
FROM held)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.find_alone: add writes to a known namespace (asked when the answer was lost)

SELECT agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = $1::BIGINT AND agentomatic_graph_namespaces.id = $2::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_writes.token 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id = $3 AND agentomatic_graph_writes.token = $4::BIGINT

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=$1::BIGINT, generation=$2::BIGINT WHERE agentomatic_graph_namespaces.thread_digest = $3::BIGINT AND agentomatic_graph_namespaces.id = $4::BIGINT


-- graphs.additions.add_alone: add a checkpoint with writes to a known namespace (once)

WITH held AS 
(UPDATE agentomatic_graph_namespaces SET epoch=$4::BIGINT, sequence=(agentomatic_graph_namespaces.sequence + $5::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $6::BIGINT AND agentomatic_graph_namespaces.id = $7::BIGINT AND agentomatic_graph_namespaces.generation = $8::BIGINT AND agentomatic_graph_namespaces.epoch = $9::BIGINT RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (thread_digest, namespace_id, segment, position, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1::BIGINT AS segment, $2::BIGINT AS position, $3::BYTEA AS body 
FROM held UNION ALL SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $10::BIGINT AS segment, $11::BIGINT AS position, $12::BYTEA AS body 
FROM held), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $13 AS checkpoint_id, held.sequence - $14::BIGINT AS sequence, $15::BIGINT AS token, $16::BYTEA AS body 
FROM held), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (thread_digest, namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $17 AS checkpoint_id, $18 AS parent_checkpoint_id, $19::VARCHAR AS run_digest, $20::VARCHAR AS segments, $21::BYTEA AS body, $22::TIMESTAMP WITH TIME ZONE AS created_at 
FROM held ON CONFLICT (thread_digest, namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.add_alone: add a long row of writes in many parts (once)

WITH held AS 
(UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $6::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $7::BIGINT AND agentomatic_graph_namespaces.id = $8::BIGINT AND agentomatic_graph_namespaces.generation = $9::BIGINT RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, written.checkpoint_id AS checkpoint_id, held.sequence - written.place AS sequence, written.token AS token, written.body AS body 
FROM unnest($1::BIGINT[], $2::VARCHAR[] COLLATE "C", $3::BIGINT[], $4::BIGINT[], $5::BYTEA[]) AS written(id, checkpoint_id, place, token, body) JOIN held ON held.id = written.id)
 SELECT held.id, held.fits 
FROM held


-- graphs.additions.add_alone: add writes and delete the rows that they supersede (once)

WITH held AS 
(UPDATE agentomatic_graph_namespaces SET sequence=(agentomatic_graph_namespaces.sequence + $5::BIGINT) WHERE agentomatic_graph_namespaces.thread_digest = $6::BIGINT AND agentomatic_graph_namespaces.id = $7::BIGINT AND agentomatic_graph_namespaces.generation = $8::BIGINT RETURNING agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.sequence, true AS fits), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (thread_digest, namespace_id, checkpoint_id, sequence, token, body) SELECT held.thread_digest AS thread_digest, held.id AS namespace_id, $1 AS checkpoint_id, held.sequence - $2::BIGINT AS sequence, $3::BIGINT AS token, $4::BYTEA AS body 
FROM held), 
superseding AS 
(DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = $9::BIGINT AND agentomatic_graph_writes.namespace_id = $10::BIGINT AND agentomatic_graph_writes.checkpoint_id = $11 AND agentomatic_graph_writes.sequence IN (SELECT CAST(superseded.value ->> $12::INTEGER AS BIGINT) AS anon_1 
FROM jsonb_array_elements(CAST($13::VARCHAR AS JSONB)) AS superseded) AND agentomatic_graph_writes.token IN (SELECT CAST(superseded.value ->> $14::INTEGER AS BIGINT) AS anon_2 
FROM jsonb_array_elements(CAST($13::VARCHAR AS JSONB)) AS superseded))
 SELECT held.id, held.fits 
FROM held

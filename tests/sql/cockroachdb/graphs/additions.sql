-- The SQL of agentomatic_sql/graphs/additions.py on CockroachDB 25.4, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.additions.add: add to several known namespaces (idempotent; batched)

WITH held AS 
(SELECT wanted.number AS number, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.generation AS generation 
FROM unnest($5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS wanted(number, id, generation) JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.id = wanted.id AND agentomatic_graph_namespaces.generation = wanted.generation ORDER BY agentomatic_graph_namespaces.id FOR SHARE OF agentomatic_graph_namespaces SKIP LOCKED), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT held.id AS namespace_id, run.segment AS segment, run.position AS position, run.body AS body 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[]) AS run(number, segment, position, body) JOIN held ON held.number = run.number), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT held.id AS namespace_id, written.checkpoint_id AS checkpoint_id, written.body AS body 
FROM unnest($8::BIGINT[], $9::VARCHAR[], $10::BYTEA[]) AS written(number, checkpoint_id, body) JOIN held ON held.number = written.number), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.id AS namespace_id, saved.checkpoint_id AS checkpoint_id, saved.parent_checkpoint_id AS parent_checkpoint_id, saved.run_digest AS run_digest, saved.segments AS segments, saved.body AS body, saved.created_at AS created_at 
FROM unnest($11::BIGINT[], $12::VARCHAR[], $13::VARCHAR[], $14::VARCHAR(32)[], $15::VARCHAR[], $16::BYTEA[], $17::TIMESTAMP WITH TIME ZONE[]) AS saved(number, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) JOIN held ON held.number = saved.number ON CONFLICT (namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.number, held.id, held.generation 
FROM held


-- graphs.additions.add_alone: add the first checkpoint of a namespace (idempotent)

WITH held AS 
(INSERT INTO agentomatic_graph_namespaces (digest, thread_digest, thread_id, checkpoint_ns, generation) VALUES ($5::VARCHAR, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::BIGINT) ON CONFLICT (digest) DO UPDATE SET thread_digest = excluded.thread_digest RETURNING 0 AS number, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT held.id AS namespace_id, run.segment AS segment, run.position AS position, run.body AS body 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[]) AS run(number, segment, position, body) JOIN held ON held.number = run.number), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT held.id AS namespace_id, written.checkpoint_id AS checkpoint_id, written.body AS body 
FROM unnest($10::BIGINT[], $11::VARCHAR[], $12::BYTEA[]) AS written(number, checkpoint_id, body) JOIN held ON held.number = written.number), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.id AS namespace_id, saved.checkpoint_id AS checkpoint_id, saved.parent_checkpoint_id AS parent_checkpoint_id, saved.run_digest AS run_digest, saved.segments AS segments, saved.body AS body, saved.created_at AS created_at 
FROM unnest($13::BIGINT[], $14::VARCHAR[], $15::VARCHAR[], $16::VARCHAR(32)[], $17::VARCHAR[], $18::BYTEA[], $19::TIMESTAMP WITH TIME ZONE[]) AS saved(number, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) JOIN held ON held.number = saved.number ON CONFLICT (namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.number, held.id, held.generation 
FROM held


-- graphs.additions.add_alone: add a checkpoint to a known namespace (idempotent)

WITH held AS 
(SELECT wanted.number AS number, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.generation AS generation 
FROM unnest($5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS wanted(number, id, generation) JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.id = wanted.id AND agentomatic_graph_namespaces.generation = wanted.generation ORDER BY agentomatic_graph_namespaces.id FOR SHARE OF agentomatic_graph_namespaces), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT held.id AS namespace_id, run.segment AS segment, run.position AS position, run.body AS body 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[]) AS run(number, segment, position, body) JOIN held ON held.number = run.number), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT held.id AS namespace_id, written.checkpoint_id AS checkpoint_id, written.body AS body 
FROM unnest($8::BIGINT[], $9::VARCHAR[], $10::BYTEA[]) AS written(number, checkpoint_id, body) JOIN held ON held.number = written.number), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.id AS namespace_id, saved.checkpoint_id AS checkpoint_id, saved.parent_checkpoint_id AS parent_checkpoint_id, saved.run_digest AS run_digest, saved.segments AS segments, saved.body AS body, saved.created_at AS created_at 
FROM unnest($11::BIGINT[], $12::VARCHAR[], $13::VARCHAR[], $14::VARCHAR(32)[], $15::VARCHAR[], $16::BYTEA[], $17::TIMESTAMP WITH TIME ZONE[]) AS saved(number, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) JOIN held ON held.number = saved.number ON CONFLICT (namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.number, held.id, held.generation 
FROM held


-- graphs.additions.add_alone: add writes to a known namespace (idempotent)

WITH held AS 
(SELECT wanted.number AS number, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.generation AS generation 
FROM unnest($5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS wanted(number, id, generation) JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.id = wanted.id AND agentomatic_graph_namespaces.generation = wanted.generation ORDER BY agentomatic_graph_namespaces.id FOR SHARE OF agentomatic_graph_namespaces), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT held.id AS namespace_id, run.segment AS segment, run.position AS position, run.body AS body 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[]) AS run(number, segment, position, body) JOIN held ON held.number = run.number), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT held.id AS namespace_id, written.checkpoint_id AS checkpoint_id, written.body AS body 
FROM unnest($8::BIGINT[], $9::VARCHAR[], $10::BYTEA[]) AS written(number, checkpoint_id, body) JOIN held ON held.number = written.number), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.id AS namespace_id, saved.checkpoint_id AS checkpoint_id, saved.parent_checkpoint_id AS parent_checkpoint_id, saved.run_digest AS run_digest, saved.segments AS segments, saved.body AS body, saved.created_at AS created_at 
FROM unnest($11::BIGINT[], $12::VARCHAR[], $13::VARCHAR[], $14::VARCHAR(32)[], $15::VARCHAR[], $16::BYTEA[], $17::TIMESTAMP WITH TIME ZONE[]) AS saved(number, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) JOIN held ON held.number = saved.number ON CONFLICT (namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.number, held.id, held.generation 
FROM held


-- graphs.additions.add_alone: add writes and delete the rows that they supersede (idempotent)

-- sent together:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.namespace_id = $1::BIGINT AND agentomatic_graph_writes.checkpoint_id = $2 AND agentomatic_graph_writes.sequence IN (SELECT CAST(superseded.value ->> $3::INTEGER AS BIGINT) AS anon_1 
FROM jsonb_array_elements(CAST($4::VARCHAR AS JSONB)) AS superseded)

WITH held AS 
(SELECT wanted.number AS number, agentomatic_graph_namespaces.id AS id, agentomatic_graph_namespaces.generation AS generation 
FROM unnest($5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS wanted(number, id, generation) JOIN agentomatic_graph_namespaces ON agentomatic_graph_namespaces.id = wanted.id AND agentomatic_graph_namespaces.generation = wanted.generation ORDER BY agentomatic_graph_namespaces.id FOR SHARE OF agentomatic_graph_namespaces), 
adding_run AS 
(INSERT INTO agentomatic_graph_values (namespace_id, segment, position, body) SELECT held.id AS namespace_id, run.segment AS segment, run.position AS position, run.body AS body 
FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BYTEA[]) AS run(number, segment, position, body) JOIN held ON held.number = run.number), 
adding_written AS 
(INSERT INTO agentomatic_graph_writes (namespace_id, checkpoint_id, body) SELECT held.id AS namespace_id, written.checkpoint_id AS checkpoint_id, written.body AS body 
FROM unnest($8::BIGINT[], $9::VARCHAR[], $10::BYTEA[]) AS written(number, checkpoint_id, body) JOIN held ON held.number = written.number), 
adding_saved AS 
(INSERT INTO agentomatic_graph_checkpoints (namespace_id, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) SELECT held.id AS namespace_id, saved.checkpoint_id AS checkpoint_id, saved.parent_checkpoint_id AS parent_checkpoint_id, saved.run_digest AS run_digest, saved.segments AS segments, saved.body AS body, saved.created_at AS created_at 
FROM unnest($11::BIGINT[], $12::VARCHAR[], $13::VARCHAR[], $14::VARCHAR(32)[], $15::VARCHAR[], $16::BYTEA[], $17::TIMESTAMP WITH TIME ZONE[]) AS saved(number, checkpoint_id, parent_checkpoint_id, run_digest, segments, body, created_at) JOIN held ON held.number = saved.number ON CONFLICT (namespace_id, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, run_digest = excluded.run_digest, segments = excluded.segments, body = excluded.body)
 SELECT held.number, held.id, held.generation 
FROM held

-- The SQL of agentomatic_sql/moving/agentomatic/survey.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.agentomatic.survey.look: look for the platform's tables (query)

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped


-- moving.agentomatic.survey._counted: count the platform's rows of thread (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.threads.message_count != (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id)) THEN $1::INTEGER ELSE $2::INTEGER END), $3::INTEGER) AS miscounted, coalesce(sum(CASE WHEN (theirs.threads.parent_thread_id IS NOT NULL AND NOT (EXISTS (SELECT $4::INTEGER AS anon_1 
FROM theirs.threads AS parents 
WHERE parents.id = theirs.threads.parent_thread_id))) THEN $5::INTEGER ELSE $6::INTEGER END), $7::INTEGER) AS no_parent, coalesce(sum(CASE WHEN (theirs.threads.metadata_json IS NOT NULL AND (trim(CAST(theirs.threads.metadata_json AS TEXT)) NOT IN ($20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR)) AND substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), $8::INTEGER, $9::INTEGER) != $10::VARCHAR) THEN $11::INTEGER ELSE $12::INTEGER END), $13::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $14::INTEGER ELSE $15::INTEGER END), $16::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $17::INTEGER ELSE $18::INTEGER END), $19::INTEGER) AS misfit 
FROM theirs.threads


-- moving.agentomatic.survey._counted: count the platform's rows of message (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (NOT (EXISTS (SELECT $1::INTEGER AS anon_1 
FROM theirs.threads 
WHERE theirs.threads.id = theirs.messages.thread_id))) THEN $2::INTEGER ELSE $3::INTEGER END), $4::INTEGER) AS no_thread, coalesce(sum(CASE WHEN (theirs.messages.metadata_json IS NOT NULL AND (trim(CAST(theirs.messages.metadata_json AS TEXT)) NOT IN ($17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR)) AND substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), $5::INTEGER, $6::INTEGER) != $7::VARCHAR) THEN $8::INTEGER ELSE $9::INTEGER END), $10::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $11::INTEGER ELSE $12::INTEGER END), $13::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $14::INTEGER ELSE $15::INTEGER END), $16::INTEGER) AS misfit 
FROM theirs.messages


-- moving.agentomatic.survey._counted: count the platform's rows of feedback (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN false THEN $1::INTEGER ELSE $2::INTEGER END), $3::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $4::INTEGER ELSE $5::INTEGER END), $6::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $7::INTEGER ELSE $8::INTEGER END), $9::INTEGER) AS misfit 
FROM theirs.feedback


-- moving.agentomatic.survey._counted: count the platform's rows of suspended_state (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.suspended_states.expires_at < $1::TIMESTAMP WITH TIME ZONE) THEN $2::INTEGER ELSE $3::INTEGER END), $4::INTEGER) AS expired, coalesce(sum(CASE WHEN (theirs.suspended_states.state_json IS NOT NULL AND (trim(CAST(theirs.suspended_states.state_json AS TEXT)) NOT IN ($17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR)) AND substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), $5::INTEGER, $6::INTEGER) != $7::VARCHAR) THEN $8::INTEGER ELSE $9::INTEGER END), $10::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $11::INTEGER ELSE $12::INTEGER END), $13::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $14::INTEGER ELSE $15::INTEGER END), $16::INTEGER) AS misfit 
FROM theirs.suspended_states


-- moving.agentomatic.survey._counted: count the platform's rows of checkpoint (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.checkpoints.checkpoint_id = theirs.checkpoints.parent_checkpoint_id OR theirs.checkpoints.checkpoint_id = $1::VARCHAR) THEN $2::INTEGER ELSE $3::INTEGER END), $4::INTEGER) AS of_parent, coalesce(sum(CASE WHEN false THEN $5::INTEGER ELSE $6::INTEGER END), $7::INTEGER) AS respelled, coalesce(sum(CASE WHEN (theirs.checkpoints.checkpoint_json IS NOT NULL AND (trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) NOT IN ($23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR)) AND substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), $8::INTEGER, $9::INTEGER) != $10::VARCHAR OR theirs.checkpoints.metadata_json IS NOT NULL AND (trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) NOT IN ($30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR)) AND substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), $11::INTEGER, $12::INTEGER) != $13::VARCHAR) THEN $14::INTEGER ELSE $15::INTEGER END), $16::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $17::INTEGER ELSE $18::INTEGER END), $19::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $20::INTEGER ELSE $21::INTEGER END), $22::INTEGER) AS misfit 
FROM theirs.checkpoints


-- moving.agentomatic.survey._counted: count the platform's rows of invocation_log (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.agent_invocation_logs.input_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) NOT IN ($19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR)) AND substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR theirs.agent_invocation_logs.output_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) NOT IN ($26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR)) AND substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR theirs.agent_invocation_logs.metadata_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) NOT IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) AND substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), $7::INTEGER, $8::INTEGER) != $9::VARCHAR) THEN $10::INTEGER ELSE $11::INTEGER END), $12::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $13::INTEGER ELSE $14::INTEGER END), $15::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $16::INTEGER ELSE $17::INTEGER END), $18::INTEGER) AS misfit 
FROM theirs.agent_invocation_logs


-- moving.agentomatic.survey._counted: count the platform's rows of log_analysis (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.log_analyses.recommendations IS NOT NULL AND (trim(CAST(theirs.log_analyses.recommendations AS TEXT)) NOT IN ($16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR)) AND substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR theirs.log_analyses.metadata_json IS NOT NULL AND (trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) NOT IN ($23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR)) AND substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), $4::INTEGER, $5::INTEGER) != $6::VARCHAR) THEN $7::INTEGER ELSE $8::INTEGER END), $9::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $10::INTEGER ELSE $11::INTEGER END), $12::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $13::INTEGER ELSE $14::INTEGER END), $15::INTEGER) AS misfit 
FROM theirs.log_analyses


-- moving.agentomatic.survey._counted: count the platform's rows of optimization_run (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.optimization_runs.prompt_versions IS NOT NULL AND (trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) NOT IN ($25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR)) AND substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR theirs.optimization_runs.score_history IS NOT NULL AND (trim(CAST(theirs.optimization_runs.score_history AS TEXT)) NOT IN ($32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR)) AND substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR theirs.optimization_runs.learnings IS NOT NULL AND (trim(CAST(theirs.optimization_runs.learnings AS TEXT)) NOT IN ($39::VARCHAR, $40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR)) AND substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR theirs.optimization_runs.artefacts IS NOT NULL AND (trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) NOT IN ($46::VARCHAR, $47::VARCHAR, $48::VARCHAR, $49::VARCHAR, $50::VARCHAR, $51::VARCHAR, $52::VARCHAR)) AND substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), $10::INTEGER, $11::INTEGER) != $12::VARCHAR OR theirs.optimization_runs.metadata_json IS NOT NULL AND (trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) NOT IN ($53::VARCHAR, $54::VARCHAR, $55::VARCHAR, $56::VARCHAR, $57::VARCHAR, $58::VARCHAR, $59::VARCHAR)) AND substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), $13::INTEGER, $14::INTEGER) != $15::VARCHAR) THEN $16::INTEGER ELSE $17::INTEGER END), $18::INTEGER) AS other_json, coalesce(sum(CASE WHEN false THEN $19::INTEGER ELSE $20::INTEGER END), $21::INTEGER) AS not_finite, coalesce(sum(CASE WHEN false THEN $22::INTEGER ELSE $23::INTEGER END), $24::INTEGER) AS misfit 
FROM theirs.optimization_runs


-- moving.agentomatic.survey._latest: find the platform's latest rows (query)

SELECT max(theirs.threads.updated_at) AS max_1 
FROM theirs.threads

-- then:

SELECT max(theirs.messages.id) AS max_1 
FROM theirs.messages

-- then:

SELECT max(theirs.feedback.id) AS max_1 
FROM theirs.feedback

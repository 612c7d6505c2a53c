-- The SQL of agentomatic_sql/moving/agentomatic/survey.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.agentomatic.survey.look: look for the platform's tables (query)

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s


-- moving.agentomatic.survey._counted: count the platform's rows of thread (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN (theirs.threads.message_count != (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id)) THEN %s ELSE %s END), %s) AS miscounted, coalesce(sum(CASE WHEN (theirs.threads.parent_thread_id IS NOT NULL AND NOT (EXISTS (SELECT %s AS anon_1 
FROM theirs.threads AS parents 
WHERE parents.id = theirs.threads.parent_thread_id))) THEN %s ELSE %s END), %s) AS no_parent, coalesce(sum(CASE WHEN (theirs.threads.metadata_json IS NOT NULL AND (trim(CAST(theirs.threads.metadata_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.threads.metadata_json AS CHAR)), %s, %s) != %s) THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
FROM theirs.threads


-- moving.agentomatic.survey._counted: count the platform's rows of message (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN (NOT (EXISTS (SELECT %s AS anon_1 
FROM theirs.threads 
WHERE theirs.threads.id = theirs.messages.thread_id))) THEN %s ELSE %s END), %s) AS no_thread, coalesce(sum(CASE WHEN (theirs.messages.metadata_json IS NOT NULL AND (trim(CAST(theirs.messages.metadata_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.messages.metadata_json AS CHAR)), %s, %s) != %s) THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
FROM theirs.messages


-- moving.agentomatic.survey._counted: count the platform's rows of feedback (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
FROM theirs.feedback


-- moving.agentomatic.survey._counted: count the platform's rows of suspended_state (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN (theirs.suspended_states.expires_at < %s) THEN %s ELSE %s END), %s) AS expired, coalesce(sum(CASE WHEN (theirs.suspended_states.state_json IS NOT NULL AND (trim(CAST(theirs.suspended_states.state_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s, %s) != %s) THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
FROM theirs.suspended_states


-- moving.agentomatic.survey._counted: count the platform's rows of checkpoint (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN (theirs.checkpoints.checkpoint_id = theirs.checkpoints.parent_checkpoint_id OR theirs.checkpoints.checkpoint_id = %s) THEN %s ELSE %s END), %s) AS of_parent, coalesce(sum(CASE WHEN ((EXISTS (SELECT %s AS anon_1 
FROM theirs.threads 
WHERE theirs.threads.id = theirs.checkpoints.thread_id)) AND NOT (EXISTS (SELECT %s AS anon_1 
FROM theirs.threads 
WHERE theirs.threads.id = theirs.checkpoints.thread_id AND CAST(theirs.threads.id AS BINARY) = CAST(theirs.checkpoints.thread_id AS BINARY)))) THEN %s ELSE %s END), %s) AS respelled, coalesce(sum(CASE WHEN (theirs.checkpoints.checkpoint_json IS NOT NULL AND (trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s, %s) != %s OR theirs.checkpoints.metadata_json IS NOT NULL AND (trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s, %s) != %s) THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
FROM theirs.checkpoints


-- moving.agentomatic.survey._counted: count the platform's rows of invocation_log (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN (theirs.agent_invocation_logs.input_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s, %s) != %s OR theirs.agent_invocation_logs.output_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s, %s) != %s OR theirs.agent_invocation_logs.metadata_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s, %s) != %s) THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
FROM theirs.agent_invocation_logs


-- moving.agentomatic.survey._counted: count the platform's rows of log_analysis (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN (theirs.log_analyses.recommendations IS NOT NULL AND (trim(CAST(theirs.log_analyses.recommendations AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s, %s) != %s OR theirs.log_analyses.metadata_json IS NOT NULL AND (trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s, %s) != %s) THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
FROM theirs.log_analyses


-- moving.agentomatic.survey._counted: count the platform's rows of optimization_run (query)

SELECT count(*) AS `rows`, coalesce(sum(CASE WHEN (theirs.optimization_runs.prompt_versions IS NOT NULL AND (trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s, %s) != %s OR theirs.optimization_runs.score_history IS NOT NULL AND (trim(CAST(theirs.optimization_runs.score_history AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s, %s) != %s OR theirs.optimization_runs.learnings IS NOT NULL AND (trim(CAST(theirs.optimization_runs.learnings AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s, %s) != %s OR theirs.optimization_runs.artefacts IS NOT NULL AND (trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s, %s) != %s OR theirs.optimization_runs.metadata_json IS NOT NULL AND (trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) NOT IN (%s, %s, %s, %s, %s, %s, %s)) AND substr(trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s, %s) != %s) THEN %s ELSE %s END), %s) AS other_json, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS not_finite, coalesce(sum(CASE WHEN false = 1 THEN %s ELSE %s END), %s) AS misfit 
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

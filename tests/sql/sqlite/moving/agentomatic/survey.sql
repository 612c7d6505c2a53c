-- The SQL of agentomatic_sql/moving/agentomatic/survey.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.agentomatic.survey.look: look for the platform's tables (query)

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1


-- moving.agentomatic.survey._counted: count the platform's rows of thread (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.threads.message_count != (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id)) THEN ? ELSE ? END), ?) AS miscounted, coalesce(sum(CASE WHEN (theirs.threads.parent_thread_id IS NOT NULL AND NOT (EXISTS (SELECT ? AS anon_1 
FROM theirs.threads AS parents 
WHERE parents.id = theirs.threads.parent_thread_id))) THEN ? ELSE ? END), ?) AS no_parent, coalesce(sum(CASE WHEN (theirs.threads.metadata_json IS NOT NULL AND (trim(CAST(theirs.threads.metadata_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), ?, ?) != ?) THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN ((instr(CAST(theirs.threads.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.threads.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.threads.metadata_json AS TEXT)) = ?) THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.threads.id) > ? OR length(theirs.threads.user_id) > ? OR length(theirs.threads.agent_name) > ? OR theirs.threads.created_at IS NOT NULL AND (length(theirs.threads.created_at) NOT IN (?, ?)) OR theirs.threads.updated_at IS NOT NULL AND (length(theirs.threads.updated_at) NOT IN (?, ?)) OR length(theirs.threads.parent_thread_id) > ?) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.threads


-- moving.agentomatic.survey._counted: count the platform's rows of message (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (NOT (EXISTS (SELECT ? AS anon_1 
FROM theirs.threads 
WHERE theirs.threads.id = theirs.messages.thread_id))) THEN ? ELSE ? END), ?) AS no_thread, coalesce(sum(CASE WHEN (theirs.messages.metadata_json IS NOT NULL AND (trim(CAST(theirs.messages.metadata_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), ?, ?) != ?) THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN ((instr(CAST(theirs.messages.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.messages.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.messages.metadata_json AS TEXT)) = ?) THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.messages.thread_id) > ? OR length(theirs.messages.role) > ? OR theirs.messages.created_at IS NOT NULL AND (length(theirs.messages.created_at) NOT IN (?, ?))) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.messages


-- moving.agentomatic.survey._counted: count the platform's rows of feedback (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN 0 = 1 THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN 0 = 1 THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.feedback.thread_id) > ? OR length(theirs.feedback.user_id) > ? OR length(theirs.feedback.agent_name) > ? OR length(theirs.feedback.feedback_type) > ? OR theirs.feedback.created_at IS NOT NULL AND (length(theirs.feedback.created_at) NOT IN (?, ?))) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.feedback


-- moving.agentomatic.survey._counted: count the platform's rows of suspended_state (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.suspended_states.expires_at < ?) THEN ? ELSE ? END), ?) AS expired, coalesce(sum(CASE WHEN (theirs.suspended_states.state_json IS NOT NULL AND (trim(CAST(theirs.suspended_states.state_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), ?, ?) != ?) THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN ((instr(CAST(theirs.suspended_states.state_json AS TEXT), ?) > ? OR instr(CAST(theirs.suspended_states.state_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.suspended_states.state_json AS TEXT)) = ?) THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.suspended_states.id) > ? OR length(theirs.suspended_states.thread_id) > ? OR length(theirs.suspended_states.agent_name) > ? OR length(theirs.suspended_states.node_name) > ? OR theirs.suspended_states.created_at IS NOT NULL AND (length(theirs.suspended_states.created_at) NOT IN (?, ?)) OR theirs.suspended_states.expires_at IS NOT NULL AND (length(theirs.suspended_states.expires_at) NOT IN (?, ?))) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.suspended_states


-- moving.agentomatic.survey._counted: count the platform's rows of checkpoint (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.checkpoints.checkpoint_id = theirs.checkpoints.parent_checkpoint_id OR theirs.checkpoints.checkpoint_id = ?) THEN ? ELSE ? END), ?) AS of_parent, coalesce(sum(CASE WHEN 0 THEN ? ELSE ? END), ?) AS respelled, coalesce(sum(CASE WHEN (theirs.checkpoints.checkpoint_json IS NOT NULL AND (trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), ?, ?) != ? OR theirs.checkpoints.metadata_json IS NOT NULL AND (trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), ?, ?) != ?) THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN ((instr(CAST(theirs.checkpoints.checkpoint_json AS TEXT), ?) > ? OR instr(CAST(theirs.checkpoints.checkpoint_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) = ? OR (instr(CAST(theirs.checkpoints.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.checkpoints.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.checkpoints.metadata_json AS TEXT)) = ?) THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.checkpoints.thread_id) > ? OR length(theirs.checkpoints.checkpoint_id) > ? OR length(theirs.checkpoints.parent_checkpoint_id) > ? OR theirs.checkpoints.created_at IS NOT NULL AND (length(theirs.checkpoints.created_at) NOT IN (?, ?))) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.checkpoints


-- moving.agentomatic.survey._counted: count the platform's rows of invocation_log (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.agent_invocation_logs.input_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), ?, ?) != ? OR theirs.agent_invocation_logs.output_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), ?, ?) != ? OR theirs.agent_invocation_logs.metadata_json IS NOT NULL AND (trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), ?, ?) != ?) THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN ((instr(CAST(theirs.agent_invocation_logs.input_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.input_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) = ? OR (instr(CAST(theirs.agent_invocation_logs.output_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.output_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) = ? OR (instr(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) = ?) THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.agent_invocation_logs.id) > ? OR length(theirs.agent_invocation_logs.agent_name) > ? OR length(theirs.agent_invocation_logs.thread_id) > ? OR length(theirs.agent_invocation_logs.run_id) > ? OR theirs.agent_invocation_logs.timestamp IS NOT NULL AND (length(theirs.agent_invocation_logs.timestamp) NOT IN (?, ?)) OR length(theirs.agent_invocation_logs.endpoint) > ? OR length(theirs.agent_invocation_logs.status) > ? OR length(theirs.agent_invocation_logs.resource_type) > ?) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.agent_invocation_logs


-- moving.agentomatic.survey._counted: count the platform's rows of log_analysis (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.log_analyses.recommendations IS NOT NULL AND (trim(CAST(theirs.log_analyses.recommendations AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), ?, ?) != ? OR theirs.log_analyses.metadata_json IS NOT NULL AND (trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), ?, ?) != ?) THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN ((instr(CAST(theirs.log_analyses.recommendations AS TEXT), ?) > ? OR instr(CAST(theirs.log_analyses.recommendations AS TEXT), ?) > ?) AND json_valid(CAST(theirs.log_analyses.recommendations AS TEXT)) = ? OR (instr(CAST(theirs.log_analyses.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.log_analyses.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.log_analyses.metadata_json AS TEXT)) = ?) THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.log_analyses.id) > ? OR length(theirs.log_analyses.agent_name) > ? OR length(theirs.log_analyses.status) > ? OR theirs.log_analyses.created_at IS NOT NULL AND (length(theirs.log_analyses.created_at) NOT IN (?, ?)) OR length(theirs.log_analyses.resource_type) > ?) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.log_analyses


-- moving.agentomatic.survey._counted: count the platform's rows of optimization_run (query)

SELECT count(*) AS rows, coalesce(sum(CASE WHEN (theirs.optimization_runs.prompt_versions IS NOT NULL AND (trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), ?, ?) != ? OR theirs.optimization_runs.score_history IS NOT NULL AND (trim(CAST(theirs.optimization_runs.score_history AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), ?, ?) != ? OR theirs.optimization_runs.learnings IS NOT NULL AND (trim(CAST(theirs.optimization_runs.learnings AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), ?, ?) != ? OR theirs.optimization_runs.artefacts IS NOT NULL AND (trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), ?, ?) != ? OR theirs.optimization_runs.metadata_json IS NOT NULL AND (trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) NOT IN (?, ?, ?, ?, ?, ?, ?)) AND substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), ?, ?) != ?) THEN ? ELSE ? END), ?) AS other_json, coalesce(sum(CASE WHEN ((instr(CAST(theirs.optimization_runs.prompt_versions AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.prompt_versions AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.score_history AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.score_history AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.score_history AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.learnings AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.learnings AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.learnings AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.artefacts AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.artefacts AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.artefacts AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.metadata_json AS TEXT)) = ?) THEN ? ELSE ? END), ?) AS not_finite, coalesce(sum(CASE WHEN (length(theirs.optimization_runs.id) > ? OR length(theirs.optimization_runs.experiment_id) > ? OR length(theirs.optimization_runs.agent_name) > ? OR theirs.optimization_runs.created_at IS NOT NULL AND (length(theirs.optimization_runs.created_at) NOT IN (?, ?))) THEN ? ELSE ? END), ?) AS misfit 
FROM theirs.optimization_runs


-- moving.agentomatic.survey._not_finite: name the platform's rows of thread with NaN (query)

SELECT theirs.threads.id, (instr(CAST(theirs.threads.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.threads.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.threads.metadata_json AS TEXT)) = ? AS metadata_json 
FROM theirs.threads 
WHERE (instr(CAST(theirs.threads.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.threads.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.threads.metadata_json AS TEXT)) = ? ORDER BY theirs.threads.id
 LIMIT ? OFFSET ?


-- moving.agentomatic.survey._not_finite: name the platform's rows of message with NaN (query)

SELECT theirs.messages.id, (instr(CAST(theirs.messages.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.messages.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.messages.metadata_json AS TEXT)) = ? AS metadata_json 
FROM theirs.messages 
WHERE (instr(CAST(theirs.messages.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.messages.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.messages.metadata_json AS TEXT)) = ? ORDER BY theirs.messages.id
 LIMIT ? OFFSET ?


-- moving.agentomatic.survey._not_finite: name the platform's rows of suspended_state with NaN (query)

SELECT theirs.suspended_states.id, (instr(CAST(theirs.suspended_states.state_json AS TEXT), ?) > ? OR instr(CAST(theirs.suspended_states.state_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.suspended_states.state_json AS TEXT)) = ? AS state_json 
FROM theirs.suspended_states 
WHERE (instr(CAST(theirs.suspended_states.state_json AS TEXT), ?) > ? OR instr(CAST(theirs.suspended_states.state_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.suspended_states.state_json AS TEXT)) = ? ORDER BY theirs.suspended_states.id
 LIMIT ? OFFSET ?


-- moving.agentomatic.survey._not_finite: name the platform's rows of checkpoint with NaN (query)

SELECT theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns, theirs.checkpoints.checkpoint_id, (instr(CAST(theirs.checkpoints.checkpoint_json AS TEXT), ?) > ? OR instr(CAST(theirs.checkpoints.checkpoint_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) = ? AS checkpoint_json, (instr(CAST(theirs.checkpoints.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.checkpoints.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.checkpoints.metadata_json AS TEXT)) = ? AS metadata_json 
FROM theirs.checkpoints 
WHERE (instr(CAST(theirs.checkpoints.checkpoint_json AS TEXT), ?) > ? OR instr(CAST(theirs.checkpoints.checkpoint_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) = ? OR (instr(CAST(theirs.checkpoints.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.checkpoints.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.checkpoints.metadata_json AS TEXT)) = ? ORDER BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns, theirs.checkpoints.checkpoint_id
 LIMIT ? OFFSET ?


-- moving.agentomatic.survey._not_finite: name the platform's rows of invocation_log with NaN (query)

SELECT theirs.agent_invocation_logs.id, (instr(CAST(theirs.agent_invocation_logs.input_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.input_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) = ? AS input_json, (instr(CAST(theirs.agent_invocation_logs.output_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.output_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) = ? AS output_json, (instr(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) = ? AS metadata_json 
FROM theirs.agent_invocation_logs 
WHERE (instr(CAST(theirs.agent_invocation_logs.input_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.input_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) = ? OR (instr(CAST(theirs.agent_invocation_logs.output_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.output_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) = ? OR (instr(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) = ? ORDER BY theirs.agent_invocation_logs.id
 LIMIT ? OFFSET ?


-- moving.agentomatic.survey._not_finite: name the platform's rows of log_analysis with NaN (query)

SELECT theirs.log_analyses.id, (instr(CAST(theirs.log_analyses.recommendations AS TEXT), ?) > ? OR instr(CAST(theirs.log_analyses.recommendations AS TEXT), ?) > ?) AND json_valid(CAST(theirs.log_analyses.recommendations AS TEXT)) = ? AS recommendations, (instr(CAST(theirs.log_analyses.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.log_analyses.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.log_analyses.metadata_json AS TEXT)) = ? AS metadata_json 
FROM theirs.log_analyses 
WHERE (instr(CAST(theirs.log_analyses.recommendations AS TEXT), ?) > ? OR instr(CAST(theirs.log_analyses.recommendations AS TEXT), ?) > ?) AND json_valid(CAST(theirs.log_analyses.recommendations AS TEXT)) = ? OR (instr(CAST(theirs.log_analyses.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.log_analyses.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.log_analyses.metadata_json AS TEXT)) = ? ORDER BY theirs.log_analyses.id
 LIMIT ? OFFSET ?


-- moving.agentomatic.survey._not_finite: name the platform's rows of optimization_run with NaN (query)

SELECT theirs.optimization_runs.id, (instr(CAST(theirs.optimization_runs.prompt_versions AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.prompt_versions AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) = ? AS prompt_versions, (instr(CAST(theirs.optimization_runs.score_history AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.score_history AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.score_history AS TEXT)) = ? AS score_history, (instr(CAST(theirs.optimization_runs.learnings AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.learnings AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.learnings AS TEXT)) = ? AS learnings, (instr(CAST(theirs.optimization_runs.artefacts AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.artefacts AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.artefacts AS TEXT)) = ? AS artefacts, (instr(CAST(theirs.optimization_runs.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.metadata_json AS TEXT)) = ? AS metadata_json 
FROM theirs.optimization_runs 
WHERE (instr(CAST(theirs.optimization_runs.prompt_versions AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.prompt_versions AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.score_history AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.score_history AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.score_history AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.learnings AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.learnings AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.learnings AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.artefacts AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.artefacts AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.artefacts AS TEXT)) = ? OR (instr(CAST(theirs.optimization_runs.metadata_json AS TEXT), ?) > ? OR instr(CAST(theirs.optimization_runs.metadata_json AS TEXT), ?) > ?) AND json_valid(CAST(theirs.optimization_runs.metadata_json AS TEXT)) = ? ORDER BY theirs.optimization_runs.id
 LIMIT ? OFFSET ?


-- moving.agentomatic.survey._latest: find the platform's latest rows (query)

SELECT max(theirs.threads.updated_at) AS max_1 
FROM theirs.threads

-- then:

SELECT max(theirs.messages.id) AS max_1 
FROM theirs.messages

-- then:

SELECT max(theirs.feedback.id) AS max_1 
FROM theirs.feedback

-- The SQL of agentomatic_sql/entities/history.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.history.add: add to the invocation logs (once)

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::FLOAT, $12, $13::TIMESTAMP WITH TIME ZONE)


-- entities.history.get: get one of the invocation logs (query)

SELECT agentomatic_invocation_logs.id, agentomatic_invocation_logs.agent_name, agentomatic_invocation_logs.resource_type, agentomatic_invocation_logs.thread_id, agentomatic_invocation_logs.run_id, agentomatic_invocation_logs.endpoint, agentomatic_invocation_logs.input, agentomatic_invocation_logs.output, agentomatic_invocation_logs.metadata, agentomatic_invocation_logs.error, agentomatic_invocation_logs.duration_ms, agentomatic_invocation_logs.status, agentomatic_invocation_logs.created_at 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id = $1


-- entities.history.page: list the invocation logs (query)

SELECT agentomatic_invocation_logs.id, agentomatic_invocation_logs.agent_name, agentomatic_invocation_logs.resource_type, agentomatic_invocation_logs.thread_id, agentomatic_invocation_logs.run_id, agentomatic_invocation_logs.endpoint, agentomatic_invocation_logs.input, agentomatic_invocation_logs.output, agentomatic_invocation_logs.metadata, agentomatic_invocation_logs.error, agentomatic_invocation_logs.duration_ms, agentomatic_invocation_logs.status, agentomatic_invocation_logs.created_at 
FROM agentomatic_invocation_logs ORDER BY agentomatic_invocation_logs.created_at DESC, agentomatic_invocation_logs.id DESC 
 LIMIT $1::INTEGER


-- entities.history.page: list the invocation logs of an agent from an offset (query)

SELECT agentomatic_invocation_logs.id, agentomatic_invocation_logs.agent_name, agentomatic_invocation_logs.resource_type, agentomatic_invocation_logs.thread_id, agentomatic_invocation_logs.run_id, agentomatic_invocation_logs.endpoint, agentomatic_invocation_logs.input, agentomatic_invocation_logs.output, agentomatic_invocation_logs.metadata, agentomatic_invocation_logs.error, agentomatic_invocation_logs.duration_ms, agentomatic_invocation_logs.status, agentomatic_invocation_logs.created_at 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.agent_name = $1 ORDER BY agentomatic_invocation_logs.created_at DESC, agentomatic_invocation_logs.id DESC 
 LIMIT $2::INTEGER OFFSET $3::INTEGER


-- entities.history.count: count the invocation logs of an agent (query)

SELECT count(*) AS count_1 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.agent_name = $1


-- entities.history.add: add to the log analyses (once)

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) VALUES ($1, $2, $3, $4::FLOAT, $5::VARCHAR, $6, $7::VARCHAR, $8::VARCHAR, $9::TIMESTAMP WITH TIME ZONE)


-- entities.history.get: get one of the log analyses (query)

SELECT agentomatic_log_analyses.id, agentomatic_log_analyses.agent_name, agentomatic_log_analyses.resource_type, agentomatic_log_analyses.score, agentomatic_log_analyses.summary, agentomatic_log_analyses.status, agentomatic_log_analyses.recommendations, agentomatic_log_analyses.metadata, agentomatic_log_analyses.created_at 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id = $1


-- entities.history.page: list the log analyses (query)

SELECT agentomatic_log_analyses.id, agentomatic_log_analyses.agent_name, agentomatic_log_analyses.resource_type, agentomatic_log_analyses.score, agentomatic_log_analyses.summary, agentomatic_log_analyses.status, agentomatic_log_analyses.recommendations, agentomatic_log_analyses.metadata, agentomatic_log_analyses.created_at 
FROM agentomatic_log_analyses ORDER BY agentomatic_log_analyses.created_at DESC, agentomatic_log_analyses.id DESC 
 LIMIT $1::INTEGER


-- entities.history.page: list the log analyses of an agent from an offset (query)

SELECT agentomatic_log_analyses.id, agentomatic_log_analyses.agent_name, agentomatic_log_analyses.resource_type, agentomatic_log_analyses.score, agentomatic_log_analyses.summary, agentomatic_log_analyses.status, agentomatic_log_analyses.recommendations, agentomatic_log_analyses.metadata, agentomatic_log_analyses.created_at 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.agent_name = $1 ORDER BY agentomatic_log_analyses.created_at DESC, agentomatic_log_analyses.id DESC 
 LIMIT $2::INTEGER OFFSET $3::INTEGER


-- entities.history.count: count the log analyses of an agent (query)

SELECT count(*) AS count_1 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.agent_name = $1


-- entities.history.add: add to the optimization runs (once)

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) VALUES ($1, $2, $3, $4::FLOAT, $5::FLOAT, $6::VARCHAR, $7::VARCHAR, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::TIMESTAMP WITH TIME ZONE)


-- entities.history.get: get one of the optimization runs (query)

SELECT agentomatic_optimization_runs.id, agentomatic_optimization_runs.experiment_id, agentomatic_optimization_runs.agent_name, agentomatic_optimization_runs.baseline_score, agentomatic_optimization_runs.best_score, agentomatic_optimization_runs.prompt_versions, agentomatic_optimization_runs.score_history, agentomatic_optimization_runs.learnings, agentomatic_optimization_runs.artefacts, agentomatic_optimization_runs.metadata, agentomatic_optimization_runs.created_at 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id = $1


-- entities.history.page: list the optimization runs (query)

SELECT agentomatic_optimization_runs.id, agentomatic_optimization_runs.experiment_id, agentomatic_optimization_runs.agent_name, agentomatic_optimization_runs.baseline_score, agentomatic_optimization_runs.best_score, agentomatic_optimization_runs.prompt_versions, agentomatic_optimization_runs.score_history, agentomatic_optimization_runs.learnings, agentomatic_optimization_runs.artefacts, agentomatic_optimization_runs.metadata, agentomatic_optimization_runs.created_at 
FROM agentomatic_optimization_runs ORDER BY agentomatic_optimization_runs.created_at DESC, agentomatic_optimization_runs.id DESC 
 LIMIT $1::INTEGER


-- entities.history.page: list the optimization runs of an agent from an offset (query)

SELECT agentomatic_optimization_runs.id, agentomatic_optimization_runs.experiment_id, agentomatic_optimization_runs.agent_name, agentomatic_optimization_runs.baseline_score, agentomatic_optimization_runs.best_score, agentomatic_optimization_runs.prompt_versions, agentomatic_optimization_runs.score_history, agentomatic_optimization_runs.learnings, agentomatic_optimization_runs.artefacts, agentomatic_optimization_runs.metadata, agentomatic_optimization_runs.created_at 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.agent_name = $1 ORDER BY agentomatic_optimization_runs.created_at DESC, agentomatic_optimization_runs.id DESC 
 LIMIT $2::INTEGER OFFSET $3::INTEGER


-- entities.history.count: count the optimization runs of an agent (query)

SELECT count(*) AS count_1 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.agent_name = $1

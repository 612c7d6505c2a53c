-- The SQL of agentomatic_sql/entities/history.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.history.add: add to the invocation logs (once)

INSERT INTO agent_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)


-- entities.history.get: get one of the invocation logs (query)

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.agent_name, agent_invocation_logs.resource_type, agent_invocation_logs.thread_id, agent_invocation_logs.run_id, agent_invocation_logs.endpoint, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata, agent_invocation_logs.error, agent_invocation_logs.duration_ms, agent_invocation_logs.status, agent_invocation_logs.created_at 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.id = %s


-- entities.history.page: list the invocation logs (query)

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.agent_name, agent_invocation_logs.resource_type, agent_invocation_logs.thread_id, agent_invocation_logs.run_id, agent_invocation_logs.endpoint, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata, agent_invocation_logs.error, agent_invocation_logs.duration_ms, agent_invocation_logs.status, agent_invocation_logs.created_at 
FROM agent_invocation_logs ORDER BY agent_invocation_logs.sequence DESC 
 LIMIT %s


-- entities.history.page: list the invocation logs of an agent from an offset (query)

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.agent_name, agent_invocation_logs.resource_type, agent_invocation_logs.thread_id, agent_invocation_logs.run_id, agent_invocation_logs.endpoint, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata, agent_invocation_logs.error, agent_invocation_logs.duration_ms, agent_invocation_logs.status, agent_invocation_logs.created_at 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.agent_name = %s ORDER BY agent_invocation_logs.sequence DESC 
 LIMIT %s, %s


-- entities.history.count: count the invocation logs of an agent (query)

SELECT count(*) AS count_1 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.agent_name = %s


-- entities.history.add: add to the log analyses (once)

INSERT INTO log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)


-- entities.history.get: get one of the log analyses (query)

SELECT log_analyses.sequence, log_analyses.id, log_analyses.agent_name, log_analyses.resource_type, log_analyses.score, log_analyses.summary, log_analyses.status, log_analyses.recommendations, log_analyses.metadata, log_analyses.created_at 
FROM log_analyses 
WHERE log_analyses.id = %s


-- entities.history.page: list the log analyses (query)

SELECT log_analyses.sequence, log_analyses.id, log_analyses.agent_name, log_analyses.resource_type, log_analyses.score, log_analyses.summary, log_analyses.status, log_analyses.recommendations, log_analyses.metadata, log_analyses.created_at 
FROM log_analyses ORDER BY log_analyses.sequence DESC 
 LIMIT %s


-- entities.history.page: list the log analyses of an agent from an offset (query)

SELECT log_analyses.sequence, log_analyses.id, log_analyses.agent_name, log_analyses.resource_type, log_analyses.score, log_analyses.summary, log_analyses.status, log_analyses.recommendations, log_analyses.metadata, log_analyses.created_at 
FROM log_analyses 
WHERE log_analyses.agent_name = %s ORDER BY log_analyses.sequence DESC 
 LIMIT %s, %s


-- entities.history.count: count the log analyses of an agent (query)

SELECT count(*) AS count_1 
FROM log_analyses 
WHERE log_analyses.agent_name = %s


-- entities.history.add: add to the optimization runs (once)

INSERT INTO optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)


-- entities.history.get: get one of the optimization runs (query)

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.experiment_id, optimization_runs.agent_name, optimization_runs.baseline_score, optimization_runs.best_score, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata, optimization_runs.created_at 
FROM optimization_runs 
WHERE optimization_runs.id = %s


-- entities.history.page: list the optimization runs (query)

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.experiment_id, optimization_runs.agent_name, optimization_runs.baseline_score, optimization_runs.best_score, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata, optimization_runs.created_at 
FROM optimization_runs ORDER BY optimization_runs.sequence DESC 
 LIMIT %s


-- entities.history.page: list the optimization runs of an agent from an offset (query)

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.experiment_id, optimization_runs.agent_name, optimization_runs.baseline_score, optimization_runs.best_score, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata, optimization_runs.created_at 
FROM optimization_runs 
WHERE optimization_runs.agent_name = %s ORDER BY optimization_runs.sequence DESC 
 LIMIT %s, %s


-- entities.history.count: count the optimization runs of an agent (query)

SELECT count(*) AS count_1 
FROM optimization_runs 
WHERE optimization_runs.agent_name = %s

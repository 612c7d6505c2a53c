-- The SQL of agentomatic_sql/moving/databases.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.databases._is_empty: look whether there are rows (query)

SELECT agentomatic_threads.id 
FROM agentomatic_threads
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position 
FROM agentomatic_messages
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_idempotency_keys.thread_id, agentomatic_idempotency_keys.operation, agentomatic_idempotency_keys."key" 
FROM agentomatic_idempotency_keys
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id 
FROM agentomatic_feedback
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_graph_namespaces.thread_digest, agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values
 LIMIT ? OFFSET ?

-- then:

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
FROM agentomatic_graph_writes
 LIMIT ? OFFSET ?


-- moving.databases._register: register the keys of what is stored (once)

INSERT INTO agentomatic_encryption_keys (id, check_value, created_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING

-- The SQL of agentomatic_sql/migrations.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- migrations.switch_row_security: switch row-level security on (once)

SELECT pg_catalog.pg_extension.extname 
FROM pg_catalog.pg_extension 
WHERE pg_catalog.pg_extension.extname = $1::VARCHAR

-- then:

ALTER TABLE agentomatic_checkpoints ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_encryption_keys ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_feedback ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_checkpoints ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_namespaces ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_values ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_writes ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_idempotency_keys ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_invocation_logs ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_log_analyses ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_optimization_runs ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_suspended_states ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_threads ENABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_messages ENABLE ROW LEVEL SECURITY


-- migrations.switch_row_security: switch row-level security off (once)

ALTER TABLE agentomatic_checkpoints DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_encryption_keys DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_feedback DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_checkpoints DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_namespaces DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_values DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_graph_writes DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_idempotency_keys DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_invocation_logs DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_log_analyses DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_optimization_runs DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_suspended_states DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_threads DISABLE ROW LEVEL SECURITY

-- then:

ALTER TABLE agentomatic_messages DISABLE ROW LEVEL SECURITY

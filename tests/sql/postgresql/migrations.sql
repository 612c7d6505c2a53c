-- The SQL of agentomatic_sql/migrations.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- migrations.find_schema: find the version of the schema (query)

SELECT pg_catalog.pg_class.relname, CAST(pg_catalog.pg_class.relkind AS VARCHAR) AS relkind 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_class.relname IN ($2::VARCHAR) UNION ALL SELECT pg_catalog.pg_type.typname, 'type' 
FROM pg_catalog.pg_type 
WHERE pg_catalog.pg_type_is_visible(pg_catalog.pg_type.oid) AND pg_catalog.pg_type.typname IN ($3::VARCHAR) AND NOT (EXISTS (SELECT * 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = pg_catalog.pg_type.typrelid AND pg_catalog.pg_class.relkind != $1::VARCHAR))

-- then:

SELECT * 
FROM agentomatic_sql_version


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

-- The SQL of agentomatic_sql/migrating/state.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- migrating.state.find_schema: find the version of the schema (query)

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

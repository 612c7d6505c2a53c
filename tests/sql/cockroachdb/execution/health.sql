-- The SQL of agentomatic_sql/execution/health.py on CockroachDB 25.4, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- execution.health.ping: get the version of the server, and its role (query)

SELECT version(), false, pg_catalog.current_setting('transaction_read_only')


-- execution.health.warnings: compare the clocks (query)

SELECT statement_timestamp() AS statement_timestamp_1, EXISTS (SELECT 1 
FROM agentomatic_threads) AS anon_1


-- execution.health.warnings: compare the clocks, and look for tables of the platform beside empty ones (query)

SELECT statement_timestamp() AS statement_timestamp_1, EXISTS (SELECT 1 
FROM agentomatic_threads) AS anon_1

-- then:

SELECT pg_catalog.pg_attribute.attname 
FROM pg_catalog.pg_attribute 
WHERE pg_catalog.pg_attribute.attrelid = pg_catalog.to_regclass($1::VARCHAR) AND pg_catalog.pg_attribute.attnum > $2::INTEGER AND NOT pg_catalog.pg_attribute.attisdropped


-- execution.health.warnings: compare the clocks without the tables (query)

SELECT statement_timestamp() AS statement_timestamp_1, 1

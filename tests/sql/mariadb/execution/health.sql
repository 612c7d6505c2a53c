-- The SQL of agentomatic_sql/execution/health.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- execution.health.ping: get the version of the server, and its role (query)

SELECT version(), @@global.read_only, @@global.innodb_read_only


-- execution.health.warnings: compare the clocks (query)

SELECT utc_timestamp(6) AS utc_timestamp_1, EXISTS (SELECT 1 
FROM agentomatic_threads) AS anon_1


-- execution.health.warnings: compare the clocks, and look for tables of the platform beside empty ones (query)

SELECT utc_timestamp(6) AS utc_timestamp_1, EXISTS (SELECT 1 
FROM agentomatic_threads) AS anon_1

-- then:

SELECT information_schema.columns.column_name 
FROM information_schema.columns 
WHERE information_schema.columns.table_schema = database() AND information_schema.columns.table_name = %s


-- execution.health.warnings: compare the clocks without the tables (query)

SELECT utc_timestamp(6) AS utc_timestamp_1, 1

-- The SQL of agentomatic_sql/execution/health.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- execution.health.ping: get the version of the server, and its role (query)

SELECT pg_catalog.current_setting('server_version'), pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')


-- execution.health.warnings: compare the clocks (query)

SELECT statement_timestamp() AS statement_timestamp_1

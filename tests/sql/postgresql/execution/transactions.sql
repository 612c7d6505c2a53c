-- The SQL of agentomatic_sql/execution/transactions.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- execution.transactions._session: look whether the server still has a session (query)

SELECT pg_catalog.pg_stat_activity.pid 
FROM pg_catalog.pg_stat_activity 
WHERE pg_catalog.pg_stat_activity.pid = $1::INTEGER

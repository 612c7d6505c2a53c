-- The SQL of agentomatic_sql/checks.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- checks._settings: look at the settings of the server (query)

SHOW SESSION VARIABLES WHERE variable_name IN ('log_bin', 'binlog_format', 'sql_mode', 'sql_select_limit', 'wsrep_on', 'wsrep_sync_wait')

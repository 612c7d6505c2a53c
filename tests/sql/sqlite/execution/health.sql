-- The SQL of agentomatic_sql/execution/health.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- execution.health.ping: get the version of the server, and its role (query)

SELECT sqlite_version()


-- execution.health.warnings: compare the clocks, and look at the settings of a connection (query)

PRAGMA journal_mode

-- then:

PRAGMA foreign_keys

-- then:

SELECT ? AS anon_1, EXISTS (SELECT 1 
FROM agentomatic_threads) AS anon_2


-- execution.health.warnings: look for tables of the platform beside empty ones, and at the settings (query)

PRAGMA journal_mode

-- then:

PRAGMA foreign_keys

-- then:

SELECT ? AS anon_1, EXISTS (SELECT 1 
FROM agentomatic_threads) AS anon_2

-- then:

SELECT anon_1.name 
FROM pragma_table_info(?) AS anon_1

-- The SQL of agentomatic_sql/migrating/state.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- migrating.state.find_schema: find the version of the schema (query)

SELECT sqlite_master.name, sqlite_master.type 
FROM sqlite_master 
WHERE lower(sqlite_master.name) IN (?) AND sqlite_master.type != ?

-- then:

SELECT * 
FROM agentomatic_sql_version

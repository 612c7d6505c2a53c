-- The SQL of agentomatic_sql/checks.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- checks._row_security_active: look whether row-level security binds the role (query)

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1


-- checks.rows_are_hidden: look whether row-level security hides rows from the role (query)

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- then:

SELECT row_security_active($1::VARCHAR) AS row_security_active_1

-- The SQL of agentomatic_sql/migrating/state.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- migrating.state.find_schema: find the version of the schema (query)

SELECT information_schema.tables.table_name, information_schema.tables.table_type 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name IN (%s) AND (CAST(information_schema.tables.table_name AS BINARY) = CAST(lower(information_schema.tables.table_name) AS BINARY) OR @@lower_case_table_names > %s) UNION ALL SELECT information_schema.referential_constraints.constraint_name, 'FOREIGN KEY' 
FROM information_schema.referential_constraints 
WHERE information_schema.referential_constraints.constraint_schema = database() AND information_schema.referential_constraints.constraint_name IN (NULL) AND (1 != 1)

-- then:

SELECT * 
FROM agentomatic_sql_version

-- then:

SELECT information_schema.tables.table_name, information_schema.tables.table_type 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name IN (%s) AND (CAST(information_schema.tables.table_name AS BINARY) = CAST(lower(information_schema.tables.table_name) AS BINARY) OR @@lower_case_table_names > %s) UNION ALL SELECT information_schema.referential_constraints.constraint_name, 'FOREIGN KEY' 
FROM information_schema.referential_constraints 
WHERE information_schema.referential_constraints.constraint_schema = database() AND information_schema.referential_constraints.constraint_name IN (NULL) AND (1 != 1)

-- then:

SELECT information_schema.tables.table_name 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_type = %s AND information_schema.tables.engine != %s

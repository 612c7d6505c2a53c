-- The SQL of agentomatic_sql/sealing/keys.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- sealing.keys.known: get the keys that the database knows (query)

SELECT agentomatic_encryption_keys.id, agentomatic_encryption_keys.check_value 
FROM agentomatic_encryption_keys ORDER BY agentomatic_encryption_keys.created_at, agentomatic_encryption_keys.id

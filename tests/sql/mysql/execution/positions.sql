-- The SQL of agentomatic_sql/execution/positions.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- execution.positions.current: get the position of a primary (query)

SELECT /*!50708 IF(@@GLOBAL.gtid_mode = 'ON', @@GLOBAL.gtid_executed, NULL) *//*M!100100 @@GLOBAL.gtid_current_pos */


-- execution.positions.reached: look whether a replica has reached a position (query)

SELECT /*!50708 GTID_SUBSET(%s, @@GLOBAL.gtid_executed) *//*M!100100 IF(@@GLOBAL.gtid_slave_pos = '', NULL, NOT EXISTS (SELECT * FROM JSON_TABLE(CONCAT('["', REPLACE(%s, ',', '","'), '"]'), '$[*]' COLUMNS (gtid text PATH '$')) AS needed WHERE CONCAT(',', @@GLOBAL.gtid_slave_pos) NOT LIKE CONCAT('%%,', SUBSTRING_INDEX(gtid, '-', 2), '-%%')) AND 0 = MASTER_GTID_WAIT(%s, 0)) */

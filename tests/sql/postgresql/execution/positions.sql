-- The SQL of agentomatic_sql/execution/positions.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- execution.positions.current: get the position of a primary (query)

SELECT pg_catalog.concat_ws(' ', (SELECT system_identifier FROM pg_catalog.pg_control_system()), pg_catalog.substr(pg_catalog.pg_walfile_name(here), 1, 8), here) FROM pg_catalog.pg_current_wal_insert_lsn() AS here


-- execution.positions.reached: look whether a replica has reached a position (query)

SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.split_part($1::VARCHAR, ' ', 1) = (SELECT CAST(system_identifier AS text) FROM pg_catalog.pg_control_system()) AND pg_catalog.split_part($1::VARCHAR, ' ', 2) = (SELECT pg_catalog.lpad(pg_catalog.upper(pg_catalog.to_hex(greatest(kept.timeline_id, recovered.min_recovery_end_timeline, (SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver)))), 8, '0') FROM pg_catalog.pg_control_checkpoint() AS kept, pg_catalog.pg_control_recovery() AS recovered) AND pg_catalog.pg_last_wal_replay_lsn() >= CAST(pg_catalog.split_part($1::VARCHAR, ' ', 3) AS pg_catalog.pg_lsn) END

-- The SQL of agentomatic_sql/entities/counts.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.counts.stats: count everything (query)

SELECT (SELECT count(*) AS count_1 
FROM (SELECT 1 AS one 
FROM threads 
 LIMIT $1::BIGINT) AS some_threads) AS threads, (SELECT coalesce(sum(some_messages.message_count), $2::INTEGER) AS coalesce_1 
FROM (SELECT threads.message_count AS message_count 
FROM threads 
 LIMIT $1::BIGINT) AS some_messages) AS messages, (SELECT count(*) AS count_2 
FROM (SELECT 1 AS one 
FROM feedback 
 LIMIT $1::BIGINT) AS some_feedback) AS feedback, (SELECT count(*) AS count_3 
FROM (SELECT 1 AS one 
FROM suspended_states 
WHERE suspended_states.expires_at > $3::TIMESTAMP WITH TIME ZONE 
 LIMIT $1::BIGINT) AS some_suspended_states) AS suspended_states, (SELECT count(*) AS count_4 
FROM (SELECT 1 AS one 
FROM checkpoints 
 LIMIT $1::BIGINT) AS some_checkpoints) AS checkpoints, (SELECT count(*) AS count_5 
FROM (SELECT 1 AS one 
FROM graph_checkpoints 
 LIMIT $1::BIGINT) AS some_graph_checkpoints) AS graph_checkpoints, (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_1 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($4::VARCHAR)) AS threads_about, (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_2 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($5::VARCHAR)) AS messages_about, (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_3 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($6::VARCHAR)) AS feedback_about, (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_4 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($7::VARCHAR)) AS suspended_states_about, (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_5 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($8::VARCHAR)) AS checkpoints_about, (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_6 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($9::VARCHAR)) AS graph_checkpoints_about


-- entities.counts.of_user: count everything, in a user's view (query)

SELECT (SELECT count(*) AS count_1 
FROM (SELECT threads.id AS id 
FROM threads 
WHERE threads.user_id = $1) AS own) AS threads, (SELECT coalesce(sum(threads.message_count), $2::INTEGER) AS coalesce_1 
FROM threads 
WHERE threads.user_id = $1) AS messages, (SELECT count(*) AS count_2 
FROM feedback 
WHERE feedback.thread_id IN (SELECT threads.id 
FROM threads 
WHERE threads.user_id = $1)) AS feedback, (SELECT count(*) AS count_3 
FROM suspended_states 
WHERE suspended_states.thread_id IN (SELECT threads.id 
FROM threads 
WHERE threads.user_id = $1) AND suspended_states.expires_at > $3::TIMESTAMP WITH TIME ZONE) AS suspended_states, (SELECT count(*) AS count_4 
FROM checkpoints 
WHERE checkpoints.thread_id IN (SELECT threads.id 
FROM threads 
WHERE threads.user_id = $1)) AS checkpoints

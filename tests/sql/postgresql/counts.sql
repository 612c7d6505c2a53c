-- The SQL of agentomatic_sql/entities/counts.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.counts.stats: count everything (query)

SELECT counted_threads.threads, counted_threads.messages, counted_feedback.feedback, counted_suspended_states.suspended_states, counted_checkpoints.checkpoints, counted_graph_checkpoints.graph_checkpoints, CASE WHEN (counted_threads.threads >= $1::BIGINT) THEN (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_1 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($2::VARCHAR)) END AS agentomatic_threads_about, CASE WHEN (counted_threads.threads >= $1::BIGINT) THEN (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_2 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($3::VARCHAR)) END AS agentomatic_messages_about, CASE WHEN (counted_feedback.feedback >= $1::BIGINT) THEN (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_3 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($4::VARCHAR)) END AS agentomatic_feedback_about, CASE WHEN (counted_suspended_states.suspended_states >= $1::BIGINT) THEN (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_4 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($5::VARCHAR)) END AS agentomatic_suspended_states_about, CASE WHEN (counted_checkpoints.checkpoints >= $1::BIGINT) THEN (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_5 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($6::VARCHAR)) END AS agentomatic_checkpoints_about, CASE WHEN (counted_graph_checkpoints.graph_checkpoints >= $1::BIGINT) THEN (SELECT greatest(pg_catalog.pg_class.reltuples, pg_stat_get_live_tuples(pg_catalog.pg_class.oid)) AS greatest_6 
FROM pg_catalog.pg_class 
WHERE pg_catalog.pg_class.oid = to_regclass($7::VARCHAR)) END AS agentomatic_graph_checkpoints_about 
FROM (SELECT count(*) AS threads, coalesce(sum(some_threads.message_count), $8::INTEGER) AS messages 
FROM (SELECT agentomatic_threads.message_count AS message_count 
FROM agentomatic_threads 
 LIMIT $1::BIGINT) AS some_threads) AS counted_threads, (SELECT count(*) AS feedback 
FROM (SELECT 1 AS one 
FROM agentomatic_feedback 
 LIMIT $1::BIGINT) AS some_feedback) AS counted_feedback, (SELECT count(*) AS suspended_states 
FROM (SELECT 1 AS one 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.expires_at > statement_timestamp() 
 LIMIT $1::BIGINT) AS some_suspended_states) AS counted_suspended_states, (SELECT count(*) AS checkpoints 
FROM (SELECT 1 AS one 
FROM agentomatic_checkpoints 
 LIMIT $1::BIGINT) AS some_checkpoints) AS counted_checkpoints, (SELECT count(*) AS graph_checkpoints 
FROM (SELECT 1 AS one 
FROM agentomatic_graph_checkpoints 
 LIMIT $1::BIGINT) AS some_graph_checkpoints) AS counted_graph_checkpoints


-- entities.counts.of_user: count everything, in a user's view (query)

SELECT (SELECT count(*) AS count_1 
FROM (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1) AS own) AS threads, (SELECT coalesce(sum(agentomatic_threads.message_count), $2::INTEGER) AS coalesce_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1) AS messages, (SELECT count(*) AS count_2 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id IN (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1)) AS feedback, (SELECT count(*) AS count_3 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.thread_id IN (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1) AND agentomatic_suspended_states.expires_at > statement_timestamp()) AS suspended_states, (SELECT count(*) AS count_4 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id IN (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = $1)) AS checkpoints

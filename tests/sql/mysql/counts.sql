-- The SQL of agentomatic_sql/entities/counts.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.counts.stats: count everything (query)

-- sent together:

SET @fresh = 1 /*!80000 , SESSION information_schema_stats_expiry = 0 */

SELECT counted_threads.threads, counted_threads.messages, counted_feedback.feedback, counted_suspended_states.suspended_states, counted_checkpoints.checkpoints, counted_graph_checkpoints.graph_checkpoints, CASE WHEN (counted_threads.threads >= %s) THEN (SELECT information_schema.tables.table_rows 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name = %s) END AS agentomatic_threads_about, CASE WHEN (counted_threads.threads >= %s) THEN (SELECT information_schema.tables.table_rows 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name = %s) END AS agentomatic_messages_about, CASE WHEN (counted_feedback.feedback >= %s) THEN (SELECT information_schema.tables.table_rows 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name = %s) END AS agentomatic_feedback_about, CASE WHEN (counted_suspended_states.suspended_states >= %s) THEN (SELECT information_schema.tables.table_rows 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name = %s) END AS agentomatic_suspended_states_about, CASE WHEN (counted_checkpoints.checkpoints >= %s) THEN (SELECT information_schema.tables.table_rows 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name = %s) END AS agentomatic_checkpoints_about, CASE WHEN (counted_graph_checkpoints.graph_checkpoints >= %s) THEN (SELECT information_schema.tables.table_rows 
FROM information_schema.tables 
WHERE information_schema.tables.table_schema = database() AND information_schema.tables.table_name = %s) END AS agentomatic_graph_checkpoints_about 
FROM (SELECT count(*) AS threads, coalesce(sum(some_threads.message_count), %s) AS messages 
FROM (SELECT agentomatic_threads.message_count AS message_count 
FROM agentomatic_threads 
 LIMIT %s) AS some_threads) AS counted_threads, (SELECT count(*) AS feedback 
FROM (SELECT 1 AS one 
FROM agentomatic_feedback 
 LIMIT %s) AS some_feedback) AS counted_feedback, (SELECT count(*) AS suspended_states 
FROM (SELECT 1 AS one 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.expires_at > utc_timestamp(6) 
 LIMIT %s) AS some_suspended_states) AS counted_suspended_states, (SELECT count(*) AS checkpoints 
FROM (SELECT 1 AS one 
FROM agentomatic_checkpoints 
 LIMIT %s) AS some_checkpoints) AS counted_checkpoints, (SELECT count(*) AS graph_checkpoints 
FROM (SELECT 1 AS one 
FROM agentomatic_graph_checkpoints 
 LIMIT %s) AS some_graph_checkpoints) AS counted_graph_checkpoints


-- entities.counts.of_user: count everything, in a user's view (query)

SELECT (SELECT count(*) AS count_1 
FROM (SELECT agentomatic_threads.id AS id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s) AS own) AS threads, (SELECT coalesce(sum(agentomatic_threads.message_count), %s) AS coalesce_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s) AS messages, (SELECT count(*) AS count_2 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id IN (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s)) AS feedback, (SELECT count(*) AS count_3 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.thread_id IN (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s) AND agentomatic_suspended_states.expires_at > utc_timestamp(6)) AS suspended_states, (SELECT count(*) AS count_4 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id IN (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.user_id = %s)) AS checkpoints

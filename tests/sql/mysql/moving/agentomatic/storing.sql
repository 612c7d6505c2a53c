-- The SQL of agentomatic_sql/moving/agentomatic/storing.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.agentomatic.storing._next: find the first threads of the platform (query)

SELECT min(anon_1.`lead`) AS min_1 
FROM (SELECT max(anon_2.`lead`) AS `lead` 
FROM (SELECT theirs.threads.id AS `lead` 
FROM theirs.threads ORDER BY theirs.threads.id 
 LIMIT %s) AS anon_2 UNION ALL SELECT max(anon_3.`lead`) AS `lead` 
FROM (SELECT theirs.messages.thread_id AS `lead` 
FROM theirs.messages ORDER BY theirs.messages.thread_id 
 LIMIT %s) AS anon_3) AS anon_1


-- moving.agentomatic.storing._next: find the next threads of the platform (query)

SELECT min(anon_1.`lead`) AS min_1 
FROM (SELECT max(anon_2.`lead`) AS `lead` 
FROM (SELECT theirs.threads.id AS `lead` 
FROM theirs.threads 
WHERE theirs.threads.id > %s ORDER BY theirs.threads.id 
 LIMIT %s) AS anon_2 UNION ALL SELECT max(anon_3.`lead`) AS `lead` 
FROM (SELECT theirs.messages.thread_id AS `lead` 
FROM theirs.messages 
WHERE theirs.messages.thread_id > %s ORDER BY theirs.messages.thread_id 
 LIMIT %s) AS anon_3) AS anon_1


-- moving.agentomatic.storing._take_numbers: look whether the numbers of the platform's rows of message are free (once)

SELECT max(theirs.messages.id) AS max_1 
FROM theirs.messages

-- then:

SELECT theirs.messages.id 
FROM theirs.messages INNER JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id INNER JOIN agentomatic_messages ON agentomatic_messages.id = theirs.messages.id 
WHERE agentomatic_messages.thread_id != coalesce(theirs.threads.id, theirs.messages.thread_id) 
 LIMIT %s


-- moving.agentomatic.storing._take_numbers: look whether the numbers of the platform's rows of feedback are free (once)

SELECT max(theirs.feedback.id) AS max_1 
FROM theirs.feedback

-- then:

SELECT theirs.feedback.id 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id INNER JOIN agentomatic_feedback ON agentomatic_feedback.id = theirs.feedback.id 
WHERE agentomatic_feedback.thread_id != coalesce(theirs.threads.id, theirs.feedback.thread_id) 
 LIMIT %s


-- moving.agentomatic.storing._store: store the platform's rows of thread and message (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, %s, %s), %s, %s) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.threads.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.threads.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.threads.metadata_json AS CHAR)), %s) END AS metadata, (SELECT count(*) AS count_2 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, %s AS epoch, %s AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > %s AND theirs.threads.id <= %s) AS made INNER JOIN agentomatic_threads ON agentomatic_threads.id = made.id

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.message_count, made.parent_thread_id, made.fork_message_index, made.created_at, made.updated_at, made.epoch, made.version, made.attached 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, %s, %s), %s, %s) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.threads.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.threads.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.threads.metadata_json AS CHAR)), %s) END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, %s AS epoch, %s AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > %s AND theirs.threads.id <= %s) AS made

-- then:

INSERT INTO agentomatic_messages (thread_id, position, id, `role`, content, metadata, created_at, token) SELECT made.thread_id, made.position, made.id, made.`role`, made.content, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.`role` AS `role`, coalesce(replace(replace(theirs.messages.content, %s, %s), %s, %s), %s) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.messages.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.messages.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.messages.metadata_json AS CHAR)), %s) END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS SIGNED INTEGER) AS token 
FROM theirs.messages INNER JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > %s AND theirs.messages.thread_id <= %s) AS made


-- moving.agentomatic.storing._store: store the platform's rows of thread and message beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, %s, %s), %s, %s) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.threads.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.threads.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.threads.metadata_json AS CHAR)), %s) END AS metadata, (SELECT count(*) AS count_2 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, %s AS epoch, %s AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > %s AND theirs.threads.id <= %s) AS made INNER JOIN agentomatic_threads ON agentomatic_threads.id = made.id

-- then:

SELECT made.id 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, %s, %s), %s, %s) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.threads.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.threads.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.threads.metadata_json AS CHAR)), %s) END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, %s AS epoch, %s AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > %s AND theirs.threads.id <= %s) AS made INNER JOIN agentomatic_threads ON agentomatic_threads.id = made.id 
WHERE agentomatic_threads.user_id != made.user_id OR agentomatic_threads.agent_name != made.agent_name OR agentomatic_threads.created_at != made.created_at 
 LIMIT %s

-- then:

SELECT made.id, agentomatic_threads.message_count 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, %s, %s), %s, %s) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.threads.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.threads.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.threads.metadata_json AS CHAR)), %s) END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, %s AS epoch, %s AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > %s AND theirs.threads.id <= %s) AS made INNER JOIN agentomatic_threads ON agentomatic_threads.id = made.id 
WHERE agentomatic_threads.message_count < made.message_count 
 LIMIT %s

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.message_count, made.parent_thread_id, made.fork_message_index, made.created_at, made.updated_at, made.epoch, made.version, made.attached 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, %s, %s), %s, %s) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.threads.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.threads.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.threads.metadata_json AS CHAR)), %s) END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, %s AS epoch, %s AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > %s AND theirs.threads.id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = made.id))

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.`role` AS `role`, coalesce(replace(replace(theirs.messages.content, %s, %s), %s, %s), %s) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.messages.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.messages.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.messages.metadata_json AS CHAR)), %s) END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS SIGNED INTEGER) AS token 
FROM theirs.messages INNER JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > %s AND theirs.messages.thread_id <= %s) AS made INNER JOIN agentomatic_messages ON agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position

-- then:

SELECT made.thread_id, made.position 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.`role` AS `role`, coalesce(replace(replace(theirs.messages.content, %s, %s), %s, %s), %s) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.messages.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.messages.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.messages.metadata_json AS CHAR)), %s) END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS SIGNED INTEGER) AS token 
FROM theirs.messages INNER JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > %s AND theirs.messages.thread_id <= %s) AS made INNER JOIN agentomatic_messages ON agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position 
WHERE agentomatic_messages.id != made.id OR agentomatic_messages.created_at != made.created_at 
 LIMIT %s

-- then:

INSERT INTO agentomatic_messages (thread_id, position, id, `role`, content, metadata, created_at, token) SELECT made.thread_id, made.position, made.id, made.`role`, made.content, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.`role` AS `role`, coalesce(replace(replace(theirs.messages.content, %s, %s), %s, %s), %s) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.messages.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.messages.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.messages.metadata_json AS CHAR)), %s) END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS SIGNED INTEGER) AS token 
FROM theirs.messages INNER JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > %s AND theirs.messages.thread_id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_messages.thread_id 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position))


-- moving.agentomatic.storing._store: store the platform's rows of feedback (once)

SELECT count(*) AS count_1 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, %s, %s), %s, %s) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, %s, %s), %s, %s), %s) AS query, coalesce(replace(replace(theirs.feedback.response, %s, %s), %s, %s), %s) AS response, replace(replace(theirs.feedback.correction, %s, %s), %s, %s) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > %s AND theirs.feedback.id <= %s) AS made INNER JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT made.thread_id, made.id, made.message_id, made.user_id, made.agent_name, made.rating, made.comment, made.feedback_type, made.query, made.response, made.correction, made.created_at 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, %s, %s), %s, %s) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, %s, %s), %s, %s), %s) AS query, coalesce(replace(replace(theirs.feedback.response, %s, %s), %s, %s), %s) AS response, replace(replace(theirs.feedback.correction, %s, %s), %s, %s) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > %s AND theirs.feedback.id <= %s) AS made


-- moving.agentomatic.storing._store: store the platform's rows of feedback beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, %s, %s), %s, %s) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, %s, %s), %s, %s), %s) AS query, coalesce(replace(replace(theirs.feedback.response, %s, %s), %s, %s), %s) AS response, replace(replace(theirs.feedback.correction, %s, %s), %s, %s) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > %s AND theirs.feedback.id <= %s) AS made INNER JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id

-- then:

SELECT made.thread_id, made.id 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, %s, %s), %s, %s) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, %s, %s), %s, %s), %s) AS query, coalesce(replace(replace(theirs.feedback.response, %s, %s), %s, %s), %s) AS response, replace(replace(theirs.feedback.correction, %s, %s), %s, %s) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > %s AND theirs.feedback.id <= %s) AS made INNER JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id 
WHERE agentomatic_feedback.user_id != made.user_id OR agentomatic_feedback.created_at != made.created_at 
 LIMIT %s

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT made.thread_id, made.id, made.message_id, made.user_id, made.agent_name, made.rating, made.comment, made.feedback_type, made.query, made.response, made.correction, made.created_at 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, %s, %s), %s, %s) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, %s, %s), %s, %s), %s) AS query, coalesce(replace(replace(theirs.feedback.response, %s, %s), %s, %s), %s) AS response, replace(replace(theirs.feedback.correction, %s, %s), %s, %s) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > %s AND theirs.feedback.id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_feedback.thread_id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of suspended_state (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.suspended_states.state_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s) END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST(%s AS DATETIME(6))) AS expires_at, %s AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > %s AND theirs.suspended_states.id <= %s) AS made INNER JOIN agentomatic_suspended_states ON agentomatic_suspended_states.id = made.id

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) SELECT made.id, made.thread_id, made.agent_name, made.node_name, made.state_snapshot, made.created_at, made.expires_at, made.token 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.suspended_states.state_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s) END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST(%s AS DATETIME(6))) AS expires_at, %s AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > %s AND theirs.suspended_states.id <= %s) AS made


-- moving.agentomatic.storing._store: store the platform's rows of suspended_state beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.suspended_states.state_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s) END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST(%s AS DATETIME(6))) AS expires_at, %s AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > %s AND theirs.suspended_states.id <= %s) AS made INNER JOIN agentomatic_suspended_states ON agentomatic_suspended_states.id = made.id

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) SELECT made.id, made.thread_id, made.agent_name, made.node_name, made.state_snapshot, made.created_at, made.expires_at, made.token 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.suspended_states.state_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.suspended_states.state_json AS CHAR)), %s) END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST(%s AS DATETIME(6))) AS expires_at, %s AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > %s AND theirs.suspended_states.id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of checkpoint (once)

SELECT theirs.checkpoints.checkpoint_ns 
FROM theirs.checkpoints 
WHERE theirs.checkpoints.thread_id > %s AND theirs.checkpoints.thread_id <= %s

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, %s, %s), %s, %s), %s) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s) END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s) END AS metadata, theirs.checkpoints.created_at AS created_at, %s AS token 
FROM theirs.checkpoints INNER JOIN (SELECT given_each.checkpoint_ns AS checkpoint_ns, given_each.digest AS digest 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`checkpoint_ns` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[0]', `digest` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[1]')) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > %s AND theirs.checkpoints.thread_id <= %s) AS made INNER JOIN agentomatic_checkpoints ON agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT made.thread_id, made.namespace_digest, made.checkpoint_id, made.checkpoint_ns, made.sequence, made.parent_checkpoint_id, made.checkpoint, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, %s, %s), %s, %s), %s) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s) END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s) END AS metadata, theirs.checkpoints.created_at AS created_at, %s AS token 
FROM theirs.checkpoints INNER JOIN (SELECT given_each.checkpoint_ns AS checkpoint_ns, given_each.digest AS digest 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`checkpoint_ns` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[0]', `digest` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[1]')) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > %s AND theirs.checkpoints.thread_id <= %s) AS made


-- moving.agentomatic.storing._store: store the platform's rows of checkpoint beside some that are there (once)

SELECT theirs.checkpoints.checkpoint_ns 
FROM theirs.checkpoints 
WHERE theirs.checkpoints.thread_id > %s AND theirs.checkpoints.thread_id <= %s

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, %s, %s), %s, %s), %s) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s) END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s) END AS metadata, theirs.checkpoints.created_at AS created_at, %s AS token 
FROM theirs.checkpoints INNER JOIN (SELECT given_each.checkpoint_ns AS checkpoint_ns, given_each.digest AS digest 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`checkpoint_ns` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[0]', `digest` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[1]')) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > %s AND theirs.checkpoints.thread_id <= %s) AS made INNER JOIN agentomatic_checkpoints ON agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT made.thread_id, made.namespace_digest, made.checkpoint_id, made.checkpoint_ns, made.sequence, made.parent_checkpoint_id, made.checkpoint, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, %s, %s), %s, %s), %s) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.checkpoint_json AS CHAR)), %s) END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.checkpoints.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.checkpoints.metadata_json AS CHAR)), %s) END AS metadata, theirs.checkpoints.created_at AS created_at, %s AS token 
FROM theirs.checkpoints INNER JOIN (SELECT given_each.checkpoint_ns AS checkpoint_ns, given_each.digest AS digest 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`checkpoint_ns` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[0]', `digest` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin PATH '$[1]')) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > %s AND theirs.checkpoints.thread_id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_checkpoints.thread_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id))


-- moving.agentomatic.storing._store: store the platform's rows of invocation_log (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, %s) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s) END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s) END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s) END AS metadata, replace(replace(theirs.agent_invocation_logs.error, %s, %s), %s, %s) AS error, concat(theirs.agent_invocation_logs.duration_ms) + 0e0 AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > %s AND theirs.agent_invocation_logs.id <= %s) AS made INNER JOIN agentomatic_invocation_logs ON agentomatic_invocation_logs.id = made.id

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) SELECT made.id, made.agent_name, made.resource_type, made.thread_id, made.run_id, made.endpoint, made.input, made.output, made.metadata, made.error, made.duration_ms, made.status, made.created_at 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, %s) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s) END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s) END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s) END AS metadata, replace(replace(theirs.agent_invocation_logs.error, %s, %s), %s, %s) AS error, concat(theirs.agent_invocation_logs.duration_ms) + 0e0 AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > %s AND theirs.agent_invocation_logs.id <= %s) AS made


-- moving.agentomatic.storing._store: store the platform's rows of invocation_log beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, %s) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s) END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s) END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s) END AS metadata, replace(replace(theirs.agent_invocation_logs.error, %s, %s), %s, %s) AS error, concat(theirs.agent_invocation_logs.duration_ms) + 0e0 AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > %s AND theirs.agent_invocation_logs.id <= %s) AS made INNER JOIN agentomatic_invocation_logs ON agentomatic_invocation_logs.id = made.id

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) SELECT made.id, made.agent_name, made.resource_type, made.thread_id, made.run_id, made.endpoint, made.input, made.output, made.metadata, made.error, made.duration_ms, made.status, made.created_at 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, %s) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.input_json AS CHAR)), %s) END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.output_json AS CHAR)), %s) END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.agent_invocation_logs.metadata_json AS CHAR)), %s) END AS metadata, replace(replace(theirs.agent_invocation_logs.error, %s, %s), %s, %s) AS error, concat(theirs.agent_invocation_logs.duration_ms) + 0e0 AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > %s AND theirs.agent_invocation_logs.id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of log_analysis (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, %s) AS resource_type, concat(theirs.log_analyses.score) + 0e0 AS score, coalesce(replace(replace(theirs.log_analyses.summary, %s, %s), %s, %s), %s) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.recommendations AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s) END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s) END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > %s AND theirs.log_analyses.id <= %s) AS made INNER JOIN agentomatic_log_analyses ON agentomatic_log_analyses.id = made.id

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) SELECT made.id, made.agent_name, made.resource_type, made.score, made.summary, made.status, made.recommendations, made.metadata, made.created_at 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, %s) AS resource_type, concat(theirs.log_analyses.score) + 0e0 AS score, coalesce(replace(replace(theirs.log_analyses.summary, %s, %s), %s, %s), %s) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.recommendations AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s) END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s) END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > %s AND theirs.log_analyses.id <= %s) AS made


-- moving.agentomatic.storing._store: store the platform's rows of log_analysis beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, %s) AS resource_type, concat(theirs.log_analyses.score) + 0e0 AS score, coalesce(replace(replace(theirs.log_analyses.summary, %s, %s), %s, %s), %s) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.recommendations AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s) END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s) END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > %s AND theirs.log_analyses.id <= %s) AS made INNER JOIN agentomatic_log_analyses ON agentomatic_log_analyses.id = made.id

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) SELECT made.id, made.agent_name, made.resource_type, made.score, made.summary, made.status, made.recommendations, made.metadata, made.created_at 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, %s) AS resource_type, concat(theirs.log_analyses.score) + 0e0 AS score, coalesce(replace(replace(theirs.log_analyses.summary, %s, %s), %s, %s), %s) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.recommendations AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.recommendations AS CHAR)), %s) END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.log_analyses.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.log_analyses.metadata_json AS CHAR)), %s) END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > %s AND theirs.log_analyses.id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of optimization_run (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, concat(theirs.optimization_runs.baseline_score) + 0e0 AS baseline_score, concat(theirs.optimization_runs.best_score) + 0e0 AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s) END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.score_history AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s) END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.learnings AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s) END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s) END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s) END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > %s AND theirs.optimization_runs.id <= %s) AS made INNER JOIN agentomatic_optimization_runs ON agentomatic_optimization_runs.id = made.id

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) SELECT made.id, made.experiment_id, made.agent_name, made.baseline_score, made.best_score, made.prompt_versions, made.score_history, made.learnings, made.artefacts, made.metadata, made.created_at 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, concat(theirs.optimization_runs.baseline_score) + 0e0 AS baseline_score, concat(theirs.optimization_runs.best_score) + 0e0 AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s) END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.score_history AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s) END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.learnings AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s) END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s) END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s) END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > %s AND theirs.optimization_runs.id <= %s) AS made


-- moving.agentomatic.storing._store: store the platform's rows of optimization_run beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, concat(theirs.optimization_runs.baseline_score) + 0e0 AS baseline_score, concat(theirs.optimization_runs.best_score) + 0e0 AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s) END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.score_history AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s) END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.learnings AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s) END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s) END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s) END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > %s AND theirs.optimization_runs.id <= %s) AS made INNER JOIN agentomatic_optimization_runs ON agentomatic_optimization_runs.id = made.id

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) SELECT made.id, made.experiment_id, made.agent_name, made.baseline_score, made.best_score, made.prompt_versions, made.score_history, made.learnings, made.artefacts, made.metadata, made.created_at 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, concat(theirs.optimization_runs.baseline_score) + 0e0 AS baseline_score, concat(theirs.optimization_runs.best_score) + 0e0 AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.prompt_versions AS CHAR)), %s) END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.score_history AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.score_history AS CHAR)), %s) END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.learnings AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.learnings AS CHAR)), %s) END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.artefacts AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.artefacts AS CHAR)), %s) END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) IN (%s, %s, %s, %s, %s, %s, %s)) THEN %s WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s, %s) = %s) THEN trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)) ELSE concat(%s, trim(CAST(theirs.optimization_runs.metadata_json AS CHAR)), %s) END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > %s AND theirs.optimization_runs.id <= %s) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id = made.id))

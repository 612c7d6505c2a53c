-- The SQL of agentomatic_sql/moving/agentomatic/storing.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- moving.agentomatic.storing._next: find the first threads of the platform (query)

SELECT min(anon_1.lead) AS min_1 
FROM (SELECT max(anon_2.lead) AS lead 
FROM (SELECT theirs.threads.id AS lead 
FROM theirs.threads ORDER BY theirs.threads.id
 LIMIT ? OFFSET ?) AS anon_2 UNION ALL SELECT max(anon_3.lead) AS lead 
FROM (SELECT theirs.messages.thread_id AS lead 
FROM theirs.messages ORDER BY theirs.messages.thread_id
 LIMIT ? OFFSET ?) AS anon_3) AS anon_1


-- moving.agentomatic.storing._next: find the next threads of the platform (query)

SELECT min(anon_1.lead) AS min_1 
FROM (SELECT max(anon_2.lead) AS lead 
FROM (SELECT theirs.threads.id AS lead 
FROM theirs.threads 
WHERE theirs.threads.id > ? ORDER BY theirs.threads.id
 LIMIT ? OFFSET ?) AS anon_2 UNION ALL SELECT max(anon_3.lead) AS lead 
FROM (SELECT theirs.messages.thread_id AS lead 
FROM theirs.messages 
WHERE theirs.messages.thread_id > ? ORDER BY theirs.messages.thread_id
 LIMIT ? OFFSET ?) AS anon_3) AS anon_1


-- moving.agentomatic.storing._take_numbers: look whether the numbers of the platform's rows of message are free (once)

SELECT max(theirs.messages.id) AS max_1 
FROM theirs.messages

-- then:

SELECT theirs.messages.id 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id JOIN agentomatic_messages ON agentomatic_messages.id = theirs.messages.id 
WHERE agentomatic_messages.thread_id != coalesce(theirs.threads.id, theirs.messages.thread_id)
 LIMIT ? OFFSET ?


-- moving.agentomatic.storing._take_numbers: look whether the numbers of the platform's rows of feedback are free (once)

SELECT max(theirs.feedback.id) AS max_1 
FROM theirs.feedback

-- then:

SELECT theirs.feedback.id 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id JOIN agentomatic_feedback ON agentomatic_feedback.id = theirs.feedback.id 
WHERE agentomatic_feedback.thread_id != coalesce(theirs.threads.id, theirs.feedback.thread_id)
 LIMIT ? OFFSET ?


-- moving.agentomatic.storing._store: store the platform's rows of thread and message (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, ?, ?), ?, ?) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.threads.metadata_json AS TEXT)) || ? END AS metadata, (SELECT count(*) AS count_2 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, substr(theirs.threads.created_at || ?, ?, ?) AS created_at, substr(theirs.threads.updated_at || ?, ?, ?) AS updated_at, ? AS epoch, ? AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > ? AND theirs.threads.id <= ?) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.message_count, made.parent_thread_id, made.fork_message_index, made.created_at, made.updated_at, made.epoch, made.version, made.attached 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, ?, ?), ?, ?) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.threads.metadata_json AS TEXT)) || ? END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, substr(theirs.threads.created_at || ?, ?, ?) AS created_at, substr(theirs.threads.updated_at || ?, ?, ?) AS updated_at, ? AS epoch, ? AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > ? AND theirs.threads.id <= ?) AS made

-- then:

INSERT INTO agentomatic_messages (thread_id, position, id, role, content, metadata, created_at, token) SELECT made.thread_id, made.position, made.id, made.role, made.content, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.role AS role, coalesce(replace(replace(theirs.messages.content, ?, ?), ?, ?), ?) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.messages.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.messages.created_at || ?, ?, ?) AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > ? AND theirs.messages.thread_id <= ?) AS made


-- moving.agentomatic.storing._store: store the platform's rows of thread and message beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, ?, ?), ?, ?) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.threads.metadata_json AS TEXT)) || ? END AS metadata, (SELECT count(*) AS count_2 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, substr(theirs.threads.created_at || ?, ?, ?) AS created_at, substr(theirs.threads.updated_at || ?, ?, ?) AS updated_at, ? AS epoch, ? AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > ? AND theirs.threads.id <= ?) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id

-- then:

SELECT made.id 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, ?, ?), ?, ?) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.threads.metadata_json AS TEXT)) || ? END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, substr(theirs.threads.created_at || ?, ?, ?) AS created_at, substr(theirs.threads.updated_at || ?, ?, ?) AS updated_at, ? AS epoch, ? AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > ? AND theirs.threads.id <= ?) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id 
WHERE agentomatic_threads.user_id != made.user_id OR agentomatic_threads.agent_name != made.agent_name OR agentomatic_threads.created_at != made.created_at
 LIMIT ? OFFSET ?

-- then:

SELECT made.id, agentomatic_threads.message_count 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, ?, ?), ?, ?) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.threads.metadata_json AS TEXT)) || ? END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, substr(theirs.threads.created_at || ?, ?, ?) AS created_at, substr(theirs.threads.updated_at || ?, ?, ?) AS updated_at, ? AS epoch, ? AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > ? AND theirs.threads.id <= ?) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id 
WHERE agentomatic_threads.message_count < made.message_count
 LIMIT ? OFFSET ?

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.message_count, made.parent_thread_id, made.fork_message_index, made.created_at, made.updated_at, made.epoch, made.version, made.attached 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, ?, ?), ?, ?) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.threads.metadata_json AS TEXT)) || ? END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, substr(theirs.threads.created_at || ?, ?, ?) AS created_at, substr(theirs.threads.updated_at || ?, ?, ?) AS updated_at, ? AS epoch, ? AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > ? AND theirs.threads.id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = made.id))

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.role AS role, coalesce(replace(replace(theirs.messages.content, ?, ?), ?, ?), ?) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.messages.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.messages.created_at || ?, ?, ?) AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > ? AND theirs.messages.thread_id <= ?) AS made JOIN agentomatic_messages ON agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position

-- then:

SELECT made.thread_id, made.position 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.role AS role, coalesce(replace(replace(theirs.messages.content, ?, ?), ?, ?), ?) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.messages.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.messages.created_at || ?, ?, ?) AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > ? AND theirs.messages.thread_id <= ?) AS made JOIN agentomatic_messages ON agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position 
WHERE agentomatic_messages.id != made.id OR agentomatic_messages.created_at != made.created_at
 LIMIT ? OFFSET ?

-- then:

INSERT INTO agentomatic_messages (thread_id, position, id, role, content, metadata, created_at, token) SELECT made.thread_id, made.position, made.id, made.role, made.content, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages.role AS role, coalesce(replace(replace(theirs.messages.content, ?, ?), ?, ?), ?) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.messages.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.messages.created_at || ?, ?, ?) AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > ? AND theirs.messages.thread_id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_messages.thread_id 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position))


-- moving.agentomatic.storing._store: store the platform's rows of feedback (once)

SELECT count(*) AS count_1 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, ?, ?), ?, ?) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback."query", ?, ?), ?, ?), ?) AS "query", coalesce(replace(replace(theirs.feedback.response, ?, ?), ?, ?), ?) AS response, replace(replace(theirs.feedback.correction, ?, ?), ?, ?) AS correction, substr(theirs.feedback.created_at || ?, ?, ?) AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > ? AND theirs.feedback.id <= ?) AS made JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT made.thread_id, made.id, made.message_id, made.user_id, made.agent_name, made.rating, made.comment, made.feedback_type, made."query", made.response, made.correction, made.created_at 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, ?, ?), ?, ?) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback."query", ?, ?), ?, ?), ?) AS "query", coalesce(replace(replace(theirs.feedback.response, ?, ?), ?, ?), ?) AS response, replace(replace(theirs.feedback.correction, ?, ?), ?, ?) AS correction, substr(theirs.feedback.created_at || ?, ?, ?) AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > ? AND theirs.feedback.id <= ?) AS made


-- moving.agentomatic.storing._store: store the platform's rows of feedback beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, ?, ?), ?, ?) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback."query", ?, ?), ?, ?), ?) AS "query", coalesce(replace(replace(theirs.feedback.response, ?, ?), ?, ?), ?) AS response, replace(replace(theirs.feedback.correction, ?, ?), ?, ?) AS correction, substr(theirs.feedback.created_at || ?, ?, ?) AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > ? AND theirs.feedback.id <= ?) AS made JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id

-- then:

SELECT made.thread_id, made.id 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, ?, ?), ?, ?) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback."query", ?, ?), ?, ?), ?) AS "query", coalesce(replace(replace(theirs.feedback.response, ?, ?), ?, ?), ?) AS response, replace(replace(theirs.feedback.correction, ?, ?), ?, ?) AS correction, substr(theirs.feedback.created_at || ?, ?, ?) AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > ? AND theirs.feedback.id <= ?) AS made JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id 
WHERE agentomatic_feedback.user_id != made.user_id OR agentomatic_feedback.created_at != made.created_at
 LIMIT ? OFFSET ?

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT made.thread_id, made.id, made.message_id, made.user_id, made.agent_name, made.rating, made.comment, made.feedback_type, made."query", made.response, made.correction, made.created_at 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, ?, ?), ?, ?) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback."query", ?, ?), ?, ?), ?) AS "query", coalesce(replace(replace(theirs.feedback.response, ?, ?), ?, ?), ?) AS response, replace(replace(theirs.feedback.correction, ?, ?), ?, ?) AS correction, substr(theirs.feedback.created_at || ?, ?, ?) AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > ? AND theirs.feedback.id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_feedback.thread_id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of suspended_state (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE ? || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || ? END AS state_snapshot, substr(theirs.suspended_states.created_at || ?, ?, ?) AS created_at, substr(coalesce(theirs.suspended_states.expires_at, ?) || ?, ?, ?) AS expires_at, ? AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > ? AND theirs.suspended_states.id <= ?) AS made JOIN agentomatic_suspended_states ON agentomatic_suspended_states.id = made.id

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) SELECT made.id, made.thread_id, made.agent_name, made.node_name, made.state_snapshot, made.created_at, made.expires_at, made.token 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE ? || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || ? END AS state_snapshot, substr(theirs.suspended_states.created_at || ?, ?, ?) AS created_at, substr(coalesce(theirs.suspended_states.expires_at, ?) || ?, ?, ?) AS expires_at, ? AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > ? AND theirs.suspended_states.id <= ?) AS made


-- moving.agentomatic.storing._store: store the platform's rows of suspended_state beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE ? || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || ? END AS state_snapshot, substr(theirs.suspended_states.created_at || ?, ?, ?) AS created_at, substr(coalesce(theirs.suspended_states.expires_at, ?) || ?, ?, ?) AS expires_at, ? AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > ? AND theirs.suspended_states.id <= ?) AS made JOIN agentomatic_suspended_states ON agentomatic_suspended_states.id = made.id

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) SELECT made.id, made.thread_id, made.agent_name, made.node_name, made.state_snapshot, made.created_at, made.expires_at, made.token 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE ? || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || ? END AS state_snapshot, substr(theirs.suspended_states.created_at || ?, ?, ?) AS created_at, substr(coalesce(theirs.suspended_states.expires_at, ?) || ?, ?, ?) AS expires_at, ? AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > ? AND theirs.suspended_states.id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of checkpoint (once)

SELECT theirs.checkpoints.checkpoint_ns 
FROM theirs.checkpoints 
WHERE theirs.checkpoints.thread_id > ? AND theirs.checkpoints.thread_id <= ?

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, ?, ?), ?, ?), ?) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || ? END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.checkpoints.created_at || ?, ?, ?) AS created_at, ? AS token 
FROM theirs.checkpoints JOIN (SELECT json_extract(given_each.value, ?) AS checkpoint_ns, json_extract(given_each.value, ?) AS digest 
FROM json_each(?) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > ? AND theirs.checkpoints.thread_id <= ?) AS made JOIN agentomatic_checkpoints ON agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT made.thread_id, made.namespace_digest, made.checkpoint_id, made.checkpoint_ns, made.sequence, made.parent_checkpoint_id, made.checkpoint, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, ?, ?), ?, ?), ?) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || ? END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.checkpoints.created_at || ?, ?, ?) AS created_at, ? AS token 
FROM theirs.checkpoints JOIN (SELECT json_extract(given_each.value, ?) AS checkpoint_ns, json_extract(given_each.value, ?) AS digest 
FROM json_each(?) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > ? AND theirs.checkpoints.thread_id <= ?) AS made


-- moving.agentomatic.storing._store: store the platform's rows of checkpoint beside some that are there (once)

SELECT theirs.checkpoints.checkpoint_ns 
FROM theirs.checkpoints 
WHERE theirs.checkpoints.thread_id > ? AND theirs.checkpoints.thread_id <= ?

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, ?, ?), ?, ?), ?) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || ? END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.checkpoints.created_at || ?, ?, ?) AS created_at, ? AS token 
FROM theirs.checkpoints JOIN (SELECT json_extract(given_each.value, ?) AS checkpoint_ns, json_extract(given_each.value, ?) AS digest 
FROM json_each(?) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > ? AND theirs.checkpoints.thread_id <= ?) AS made JOIN agentomatic_checkpoints ON agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT made.thread_id, made.namespace_digest, made.checkpoint_id, made.checkpoint_ns, made.sequence, made.parent_checkpoint_id, made.checkpoint, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, ?, ?), ?, ?), ?) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || ? END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.checkpoints.created_at || ?, ?, ?) AS created_at, ? AS token 
FROM theirs.checkpoints JOIN (SELECT json_extract(given_each.value, ?) AS checkpoint_ns, json_extract(given_each.value, ?) AS digest 
FROM json_each(?) AS given_each) AS given ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > ? AND theirs.checkpoints.thread_id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_checkpoints.thread_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id))


-- moving.agentomatic.storing._store: store the platform's rows of invocation_log (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, ?) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || ? END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || ? END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || ? END AS metadata, replace(replace(theirs.agent_invocation_logs.error, ?, ?), ?, ?) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, substr(theirs.agent_invocation_logs.timestamp || ?, ?, ?) AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > ? AND theirs.agent_invocation_logs.id <= ?) AS made JOIN agentomatic_invocation_logs ON agentomatic_invocation_logs.id = made.id

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) SELECT made.id, made.agent_name, made.resource_type, made.thread_id, made.run_id, made.endpoint, made.input, made.output, made.metadata, made.error, made.duration_ms, made.status, made.created_at 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, ?) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || ? END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || ? END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || ? END AS metadata, replace(replace(theirs.agent_invocation_logs.error, ?, ?), ?, ?) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, substr(theirs.agent_invocation_logs.timestamp || ?, ?, ?) AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > ? AND theirs.agent_invocation_logs.id <= ?) AS made


-- moving.agentomatic.storing._store: store the platform's rows of invocation_log beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, ?) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || ? END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || ? END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || ? END AS metadata, replace(replace(theirs.agent_invocation_logs.error, ?, ?), ?, ?) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, substr(theirs.agent_invocation_logs.timestamp || ?, ?, ?) AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > ? AND theirs.agent_invocation_logs.id <= ?) AS made JOIN agentomatic_invocation_logs ON agentomatic_invocation_logs.id = made.id

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) SELECT made.id, made.agent_name, made.resource_type, made.thread_id, made.run_id, made.endpoint, made.input, made.output, made.metadata, made.error, made.duration_ms, made.status, made.created_at 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, ?) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || ? END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || ? END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || ? END AS metadata, replace(replace(theirs.agent_invocation_logs.error, ?, ?), ?, ?) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, substr(theirs.agent_invocation_logs.timestamp || ?, ?, ?) AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > ? AND theirs.agent_invocation_logs.id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of log_analysis (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, ?) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, ?, ?), ?, ?), ?) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || ? END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.log_analyses.created_at || ?, ?, ?) AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > ? AND theirs.log_analyses.id <= ?) AS made JOIN agentomatic_log_analyses ON agentomatic_log_analyses.id = made.id

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) SELECT made.id, made.agent_name, made.resource_type, made.score, made.summary, made.status, made.recommendations, made.metadata, made.created_at 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, ?) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, ?, ?), ?, ?), ?) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || ? END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.log_analyses.created_at || ?, ?, ?) AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > ? AND theirs.log_analyses.id <= ?) AS made


-- moving.agentomatic.storing._store: store the platform's rows of log_analysis beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, ?) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, ?, ?), ?, ?), ?) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || ? END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.log_analyses.created_at || ?, ?, ?) AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > ? AND theirs.log_analyses.id <= ?) AS made JOIN agentomatic_log_analyses ON agentomatic_log_analyses.id = made.id

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) SELECT made.id, made.agent_name, made.resource_type, made.score, made.summary, made.status, made.recommendations, made.metadata, made.created_at 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, ?) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, ?, ?), ?, ?), ?) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || ? END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.log_analyses.created_at || ?, ?, ?) AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > ? AND theirs.log_analyses.id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of optimization_run (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || ? END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || ? END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || ? END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || ? END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.optimization_runs.created_at || ?, ?, ?) AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > ? AND theirs.optimization_runs.id <= ?) AS made JOIN agentomatic_optimization_runs ON agentomatic_optimization_runs.id = made.id

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) SELECT made.id, made.experiment_id, made.agent_name, made.baseline_score, made.best_score, made.prompt_versions, made.score_history, made.learnings, made.artefacts, made.metadata, made.created_at 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || ? END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || ? END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || ? END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || ? END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.optimization_runs.created_at || ?, ?, ?) AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > ? AND theirs.optimization_runs.id <= ?) AS made


-- moving.agentomatic.storing._store: store the platform's rows of optimization_run beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || ? END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || ? END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || ? END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || ? END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.optimization_runs.created_at || ?, ?, ?) AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > ? AND theirs.optimization_runs.id <= ?) AS made JOIN agentomatic_optimization_runs ON agentomatic_optimization_runs.id = made.id

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) SELECT made.id, made.experiment_id, made.agent_name, made.baseline_score, made.best_score, made.prompt_versions, made.score_history, made.learnings, made.artefacts, made.metadata, made.created_at 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || ? END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || ? END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || ? END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || ? END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN (?, ?, ?, ?, ?, ?, ?)) THEN ? WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), ?, ?) = ?) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE ? || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || ? END AS metadata, substr(theirs.optimization_runs.created_at || ?, ?, ?) AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > ? AND theirs.optimization_runs.id <= ?) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id = made.id))

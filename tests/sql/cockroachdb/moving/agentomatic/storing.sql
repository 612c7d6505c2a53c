-- The SQL of agentomatic_sql/moving/agentomatic/storing.py on CockroachDB 25.4, exactly as the driver gets it.
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
 LIMIT $1::INTEGER) AS anon_2 UNION ALL SELECT max(anon_3.lead) AS lead 
FROM (SELECT theirs.messages.thread_id AS lead 
FROM theirs.messages ORDER BY theirs.messages.thread_id 
 LIMIT $2::INTEGER) AS anon_3) AS anon_1


-- moving.agentomatic.storing._next: find the next threads of the platform (query)

SELECT min(anon_1.lead) AS min_1 
FROM (SELECT max(anon_2.lead) AS lead 
FROM (SELECT theirs.threads.id AS lead 
FROM theirs.threads 
WHERE theirs.threads.id > $1::VARCHAR ORDER BY theirs.threads.id 
 LIMIT $2::INTEGER) AS anon_2 UNION ALL SELECT max(anon_3.lead) AS lead 
FROM (SELECT theirs.messages.thread_id AS lead 
FROM theirs.messages 
WHERE theirs.messages.thread_id > $3::VARCHAR ORDER BY theirs.messages.thread_id 
 LIMIT $4::INTEGER) AS anon_3) AS anon_1


-- moving.agentomatic.storing._take_numbers: look whether the numbers of the platform's rows of message are free (once)

SELECT max(theirs.messages.id) AS max_1 
FROM theirs.messages

-- then:

SELECT theirs.messages.id 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id JOIN agentomatic_messages ON agentomatic_messages.id = theirs.messages.id 
WHERE agentomatic_messages.thread_id != coalesce(theirs.threads.id, theirs.messages.thread_id) 
 LIMIT $1::INTEGER

-- then:

SELECT CASE WHEN (nextval(pg_get_serial_sequence($1, $2::VARCHAR)) < $3::BIGINT) THEN setval(pg_get_serial_sequence($1, $2::VARCHAR), $3::BIGINT + 1000) END AS anon_1


-- moving.agentomatic.storing._take_numbers: look whether the numbers of the platform's rows of feedback are free (once)

SELECT max(theirs.feedback.id) AS max_1 
FROM theirs.feedback

-- then:

SELECT theirs.feedback.id 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id JOIN agentomatic_feedback ON agentomatic_feedback.id = theirs.feedback.id 
WHERE agentomatic_feedback.thread_id != coalesce(theirs.threads.id, theirs.feedback.thread_id) 
 LIMIT $1::INTEGER

-- then:

SELECT CASE WHEN (nextval(pg_get_serial_sequence($1, $2::VARCHAR)) < $3::BIGINT) THEN setval(pg_get_serial_sequence($1, $2::VARCHAR), $3::BIGINT + 1000) END AS anon_1


-- moving.agentomatic.storing._store: store the platform's rows of thread and message (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN ($15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR)) THEN $5::VARCHAR WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), $6::INTEGER, $7::INTEGER) = $8::VARCHAR) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE $9::VARCHAR || trim(CAST(theirs.threads.metadata_json AS TEXT)) || $10::VARCHAR END AS metadata, (SELECT count(*) AS count_2 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, $11::BIGINT AS epoch, $12::BIGINT AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > $13::VARCHAR AND theirs.threads.id <= $14::VARCHAR) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.message_count, made.parent_thread_id, made.fork_message_index, made.created_at, made.updated_at, made.epoch, made.version, made.attached 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN ($15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR)) THEN $5::VARCHAR WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), $6::INTEGER, $7::INTEGER) = $8::VARCHAR) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE $9::VARCHAR || trim(CAST(theirs.threads.metadata_json AS TEXT)) || $10::VARCHAR END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, $11::BIGINT AS epoch, $12::BIGINT AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > $13::VARCHAR AND theirs.threads.id <= $14::VARCHAR) AS made

-- then:

INSERT INTO agentomatic_messages (thread_id, position, id, "role", content, metadata, created_at, token) SELECT made.thread_id, made.position, made.id, made."role", made.content, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages."role" AS "role", coalesce(replace(replace(theirs.messages.content, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN ($14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.messages.metadata_json AS TEXT)) || $11::VARCHAR END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > $12::VARCHAR AND theirs.messages.thread_id <= $13::VARCHAR) AS made


-- moving.agentomatic.storing._store: store the platform's rows of thread and message beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN ($15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR)) THEN $5::VARCHAR WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), $6::INTEGER, $7::INTEGER) = $8::VARCHAR) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE $9::VARCHAR || trim(CAST(theirs.threads.metadata_json AS TEXT)) || $10::VARCHAR END AS metadata, (SELECT count(*) AS count_2 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, $11::BIGINT AS epoch, $12::BIGINT AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > $13::VARCHAR AND theirs.threads.id <= $14::VARCHAR) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id

-- then:

SELECT made.id 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN ($16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR)) THEN $5::VARCHAR WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), $6::INTEGER, $7::INTEGER) = $8::VARCHAR) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE $9::VARCHAR || trim(CAST(theirs.threads.metadata_json AS TEXT)) || $10::VARCHAR END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, $11::BIGINT AS epoch, $12::BIGINT AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > $13::VARCHAR AND theirs.threads.id <= $14::VARCHAR) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id 
WHERE agentomatic_threads.user_id != made.user_id OR agentomatic_threads.agent_name != made.agent_name OR agentomatic_threads.created_at != made.created_at 
 LIMIT $15::INTEGER

-- then:

SELECT made.id, agentomatic_threads.message_count 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN ($16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR, $22::VARCHAR)) THEN $5::VARCHAR WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), $6::INTEGER, $7::INTEGER) = $8::VARCHAR) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE $9::VARCHAR || trim(CAST(theirs.threads.metadata_json AS TEXT)) || $10::VARCHAR END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, $11::BIGINT AS epoch, $12::BIGINT AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > $13::VARCHAR AND theirs.threads.id <= $14::VARCHAR) AS made JOIN agentomatic_threads ON agentomatic_threads.id = made.id 
WHERE agentomatic_threads.message_count < made.message_count 
 LIMIT $15::INTEGER

-- then:

INSERT INTO agentomatic_threads (id, user_id, agent_name, title, metadata, message_count, parent_thread_id, fork_message_index, created_at, updated_at, epoch, version, attached) SELECT made.id, made.user_id, made.agent_name, made.title, made.metadata, made.message_count, made.parent_thread_id, made.fork_message_index, made.created_at, made.updated_at, made.epoch, made.version, made.attached 
FROM (SELECT theirs.threads.id AS id, theirs.threads.user_id AS user_id, theirs.threads.agent_name AS agent_name, replace(replace(theirs.threads.title, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS title, CASE WHEN (theirs.threads.metadata_json IS NULL OR trim(CAST(theirs.threads.metadata_json AS TEXT)) IN ($15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR)) THEN $5::VARCHAR WHEN (substr(trim(CAST(theirs.threads.metadata_json AS TEXT)), $6::INTEGER, $7::INTEGER) = $8::VARCHAR) THEN trim(CAST(theirs.threads.metadata_json AS TEXT)) ELSE $9::VARCHAR || trim(CAST(theirs.threads.metadata_json AS TEXT)) || $10::VARCHAR END AS metadata, (SELECT count(*) AS count_1 
FROM theirs.messages 
WHERE theirs.messages.thread_id = theirs.threads.id) AS message_count, parent.id AS parent_thread_id, theirs.threads.fork_message_index AS fork_message_index, theirs.threads.created_at AS created_at, theirs.threads.updated_at AS updated_at, $11::BIGINT AS epoch, $12::BIGINT AS version, 0 AS attached 
FROM theirs.threads LEFT OUTER JOIN theirs.threads AS parent ON parent.id = theirs.threads.parent_thread_id 
WHERE theirs.threads.id > $13::VARCHAR AND theirs.threads.id <= $14::VARCHAR) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = made.id))

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages."role" AS "role", coalesce(replace(replace(theirs.messages.content, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN ($14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.messages.metadata_json AS TEXT)) || $11::VARCHAR END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > $12::VARCHAR AND theirs.messages.thread_id <= $13::VARCHAR) AS made JOIN agentomatic_messages ON agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position

-- then:

SELECT made.thread_id, made.position 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages."role" AS "role", coalesce(replace(replace(theirs.messages.content, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN ($15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR, $21::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.messages.metadata_json AS TEXT)) || $11::VARCHAR END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > $12::VARCHAR AND theirs.messages.thread_id <= $13::VARCHAR) AS made JOIN agentomatic_messages ON agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position 
WHERE agentomatic_messages.id != made.id OR agentomatic_messages.created_at != made.created_at 
 LIMIT $14::INTEGER

-- then:

INSERT INTO agentomatic_messages (thread_id, position, id, "role", content, metadata, created_at, token) SELECT made.thread_id, made.position, made.id, made."role", made.content, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.threads.id AS thread_id, row_number() OVER (PARTITION BY theirs.messages.thread_id ORDER BY theirs.messages.created_at, theirs.messages.id) - 1 AS position, theirs.messages.id AS id, theirs.messages."role" AS "role", coalesce(replace(replace(theirs.messages.content, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS content, CASE WHEN (theirs.messages.metadata_json IS NULL OR trim(CAST(theirs.messages.metadata_json AS TEXT)) IN ($14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR, $18::VARCHAR, $19::VARCHAR, $20::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.messages.metadata_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.messages.metadata_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.messages.metadata_json AS TEXT)) || $11::VARCHAR END AS metadata, theirs.messages.created_at AS created_at, CAST(NULL AS BIGINT) AS token 
FROM theirs.messages JOIN theirs.threads ON theirs.threads.id = theirs.messages.thread_id 
WHERE theirs.messages.thread_id > $12::VARCHAR AND theirs.messages.thread_id <= $13::VARCHAR) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_messages.thread_id 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = made.thread_id AND agentomatic_messages.position = made.position))


-- moving.agentomatic.storing._store: store the platform's rows of feedback (once)

SELECT count(*) AS count_1 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, $5::VARCHAR, $6::VARCHAR), $7::VARCHAR, $8::VARCHAR), $9::VARCHAR) AS query, coalesce(replace(replace(theirs.feedback.response, $10::VARCHAR, $11::VARCHAR), $12::VARCHAR, $13::VARCHAR), $14::VARCHAR) AS response, replace(replace(theirs.feedback.correction, $15::VARCHAR, $16::VARCHAR), $17::VARCHAR, $18::VARCHAR) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > $19::BIGINT AND theirs.feedback.id <= $20::BIGINT) AS made JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT made.thread_id, made.id, made.message_id, made.user_id, made.agent_name, made.rating, made.comment, made.feedback_type, made.query, made.response, made.correction, made.created_at 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, $5::VARCHAR, $6::VARCHAR), $7::VARCHAR, $8::VARCHAR), $9::VARCHAR) AS query, coalesce(replace(replace(theirs.feedback.response, $10::VARCHAR, $11::VARCHAR), $12::VARCHAR, $13::VARCHAR), $14::VARCHAR) AS response, replace(replace(theirs.feedback.correction, $15::VARCHAR, $16::VARCHAR), $17::VARCHAR, $18::VARCHAR) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > $19::BIGINT AND theirs.feedback.id <= $20::BIGINT) AS made


-- moving.agentomatic.storing._store: store the platform's rows of feedback beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, $5::VARCHAR, $6::VARCHAR), $7::VARCHAR, $8::VARCHAR), $9::VARCHAR) AS query, coalesce(replace(replace(theirs.feedback.response, $10::VARCHAR, $11::VARCHAR), $12::VARCHAR, $13::VARCHAR), $14::VARCHAR) AS response, replace(replace(theirs.feedback.correction, $15::VARCHAR, $16::VARCHAR), $17::VARCHAR, $18::VARCHAR) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > $19::BIGINT AND theirs.feedback.id <= $20::BIGINT) AS made JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id

-- then:

SELECT made.thread_id, made.id 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, $5::VARCHAR, $6::VARCHAR), $7::VARCHAR, $8::VARCHAR), $9::VARCHAR) AS query, coalesce(replace(replace(theirs.feedback.response, $10::VARCHAR, $11::VARCHAR), $12::VARCHAR, $13::VARCHAR), $14::VARCHAR) AS response, replace(replace(theirs.feedback.correction, $15::VARCHAR, $16::VARCHAR), $17::VARCHAR, $18::VARCHAR) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > $19::BIGINT AND theirs.feedback.id <= $20::BIGINT) AS made JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id 
WHERE agentomatic_feedback.user_id != made.user_id OR agentomatic_feedback.created_at != made.created_at 
 LIMIT $21::INTEGER

-- then:

INSERT INTO agentomatic_feedback (thread_id, id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT made.thread_id, made.id, made.message_id, made.user_id, made.agent_name, made.rating, made.comment, made.feedback_type, made.query, made.response, made.correction, made.created_at 
FROM (SELECT coalesce(theirs.threads.id, theirs.feedback.thread_id) AS thread_id, theirs.feedback.id AS id, theirs.feedback.message_id AS message_id, theirs.feedback.user_id AS user_id, theirs.feedback.agent_name AS agent_name, theirs.feedback.rating AS rating, replace(replace(theirs.feedback.comment, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR) AS comment, theirs.feedback.feedback_type AS feedback_type, coalesce(replace(replace(theirs.feedback.query, $5::VARCHAR, $6::VARCHAR), $7::VARCHAR, $8::VARCHAR), $9::VARCHAR) AS query, coalesce(replace(replace(theirs.feedback.response, $10::VARCHAR, $11::VARCHAR), $12::VARCHAR, $13::VARCHAR), $14::VARCHAR) AS response, replace(replace(theirs.feedback.correction, $15::VARCHAR, $16::VARCHAR), $17::VARCHAR, $18::VARCHAR) AS correction, theirs.feedback.created_at AS created_at 
FROM theirs.feedback LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.feedback.thread_id 
WHERE theirs.feedback.id > $19::BIGINT AND theirs.feedback.id <= $20::BIGINT) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_feedback.thread_id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = made.thread_id AND agentomatic_feedback.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of suspended_state (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN ($11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || $6::VARCHAR END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST($7::TIMESTAMP WITH TIME ZONE AS TIMESTAMP WITH TIME ZONE)) AS expires_at, $8::BIGINT AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > $9::VARCHAR AND theirs.suspended_states.id <= $10::VARCHAR) AS made JOIN agentomatic_suspended_states ON agentomatic_suspended_states.id = made.id

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) SELECT made.id, made.thread_id, made.agent_name, made.node_name, made.state_snapshot, made.created_at, made.expires_at, made.token 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN ($11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || $6::VARCHAR END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST($7::TIMESTAMP WITH TIME ZONE AS TIMESTAMP WITH TIME ZONE)) AS expires_at, $8::BIGINT AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > $9::VARCHAR AND theirs.suspended_states.id <= $10::VARCHAR) AS made


-- moving.agentomatic.storing._store: store the platform's rows of suspended_state beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN ($11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || $6::VARCHAR END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST($7::TIMESTAMP WITH TIME ZONE AS TIMESTAMP WITH TIME ZONE)) AS expires_at, $8::BIGINT AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > $9::VARCHAR AND theirs.suspended_states.id <= $10::VARCHAR) AS made JOIN agentomatic_suspended_states ON agentomatic_suspended_states.id = made.id

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) SELECT made.id, made.thread_id, made.agent_name, made.node_name, made.state_snapshot, made.created_at, made.expires_at, made.token 
FROM (SELECT theirs.suspended_states.id AS id, coalesce(theirs.threads.id, theirs.suspended_states.thread_id) AS thread_id, theirs.suspended_states.agent_name AS agent_name, theirs.suspended_states.node_name AS node_name, CASE WHEN (theirs.suspended_states.state_json IS NULL OR trim(CAST(theirs.suspended_states.state_json AS TEXT)) IN ($11::VARCHAR, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::VARCHAR, $16::VARCHAR, $17::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.suspended_states.state_json AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.suspended_states.state_json AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.suspended_states.state_json AS TEXT)) || $6::VARCHAR END AS state_snapshot, theirs.suspended_states.created_at AS created_at, coalesce(theirs.suspended_states.expires_at, CAST($7::TIMESTAMP WITH TIME ZONE AS TIMESTAMP WITH TIME ZONE)) AS expires_at, $8::BIGINT AS token 
FROM theirs.suspended_states LEFT OUTER JOIN theirs.threads ON theirs.threads.id = theirs.suspended_states.thread_id 
WHERE theirs.suspended_states.id > $9::VARCHAR AND theirs.suspended_states.id <= $10::VARCHAR) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of checkpoint (once)

SELECT theirs.checkpoints.checkpoint_ns 
FROM theirs.checkpoints 
WHERE theirs.checkpoints.thread_id > $1::VARCHAR AND theirs.checkpoints.thread_id <= $2::VARCHAR

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN ($23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || $11::VARCHAR END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN ($30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR)) THEN $12::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), $13::INTEGER, $14::INTEGER) = $15::VARCHAR) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE $16::VARCHAR || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || $17::VARCHAR END AS metadata, theirs.checkpoints.created_at AS created_at, $18::BIGINT AS token 
FROM theirs.checkpoints JOIN unnest($19::VARCHAR[], $20::VARCHAR[]) AS given(checkpoint_ns, digest) ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > $21::VARCHAR AND theirs.checkpoints.thread_id <= $22::VARCHAR) AS made JOIN agentomatic_checkpoints ON agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT made.thread_id, made.namespace_digest, made.checkpoint_id, made.checkpoint_ns, made.sequence, made.parent_checkpoint_id, made.checkpoint, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN ($23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || $11::VARCHAR END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN ($30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR)) THEN $12::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), $13::INTEGER, $14::INTEGER) = $15::VARCHAR) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE $16::VARCHAR || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || $17::VARCHAR END AS metadata, theirs.checkpoints.created_at AS created_at, $18::BIGINT AS token 
FROM theirs.checkpoints JOIN unnest($19::VARCHAR[], $20::VARCHAR[]) AS given(checkpoint_ns, digest) ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > $21::VARCHAR AND theirs.checkpoints.thread_id <= $22::VARCHAR) AS made


-- moving.agentomatic.storing._store: store the platform's rows of checkpoint beside some that are there (once)

SELECT theirs.checkpoints.checkpoint_ns 
FROM theirs.checkpoints 
WHERE theirs.checkpoints.thread_id > $1::VARCHAR AND theirs.checkpoints.thread_id <= $2::VARCHAR

-- then:

SELECT count(*) AS count_1 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN ($23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || $11::VARCHAR END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN ($30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR)) THEN $12::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), $13::INTEGER, $14::INTEGER) = $15::VARCHAR) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE $16::VARCHAR || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || $17::VARCHAR END AS metadata, theirs.checkpoints.created_at AS created_at, $18::BIGINT AS token 
FROM theirs.checkpoints JOIN unnest($19::VARCHAR[], $20::VARCHAR[]) AS given(checkpoint_ns, digest) ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > $21::VARCHAR AND theirs.checkpoints.thread_id <= $22::VARCHAR) AS made JOIN agentomatic_checkpoints ON agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id

-- then:

INSERT INTO agentomatic_checkpoints (thread_id, namespace_digest, checkpoint_id, checkpoint_ns, sequence, parent_checkpoint_id, checkpoint, metadata, created_at, token) SELECT made.thread_id, made.namespace_digest, made.checkpoint_id, made.checkpoint_ns, made.sequence, made.parent_checkpoint_id, made.checkpoint, made.metadata, made.created_at, made.token 
FROM (SELECT theirs.checkpoints.thread_id AS thread_id, given.digest AS namespace_digest, theirs.checkpoints.checkpoint_id AS checkpoint_id, coalesce(replace(replace(theirs.checkpoints.checkpoint_ns, $1::VARCHAR, $2::VARCHAR), $3::VARCHAR, $4::VARCHAR), $5::VARCHAR) AS checkpoint_ns, row_number() OVER (PARTITION BY theirs.checkpoints.thread_id, theirs.checkpoints.checkpoint_ns ORDER BY theirs.checkpoints.created_at, theirs.checkpoints.checkpoint_id) - 1 AS sequence, theirs.checkpoints.parent_checkpoint_id AS parent_checkpoint_id, CASE WHEN (theirs.checkpoints.checkpoint_json IS NULL OR trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) IN ($23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR)) THEN $6::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)), $7::INTEGER, $8::INTEGER) = $9::VARCHAR) THEN trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) ELSE $10::VARCHAR || trim(CAST(theirs.checkpoints.checkpoint_json AS TEXT)) || $11::VARCHAR END AS checkpoint, CASE WHEN (theirs.checkpoints.metadata_json IS NULL OR trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) IN ($30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR)) THEN $12::VARCHAR WHEN (substr(trim(CAST(theirs.checkpoints.metadata_json AS TEXT)), $13::INTEGER, $14::INTEGER) = $15::VARCHAR) THEN trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) ELSE $16::VARCHAR || trim(CAST(theirs.checkpoints.metadata_json AS TEXT)) || $17::VARCHAR END AS metadata, theirs.checkpoints.created_at AS created_at, $18::BIGINT AS token 
FROM theirs.checkpoints JOIN unnest($19::VARCHAR[], $20::VARCHAR[]) AS given(checkpoint_ns, digest) ON given.checkpoint_ns = theirs.checkpoints.checkpoint_ns 
WHERE theirs.checkpoints.thread_id > $21::VARCHAR AND theirs.checkpoints.thread_id <= $22::VARCHAR) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_checkpoints.thread_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = made.thread_id AND agentomatic_checkpoints.namespace_digest = made.namespace_digest AND agentomatic_checkpoints.checkpoint_id = made.checkpoint_id))


-- moving.agentomatic.storing._store: store the platform's rows of invocation_log (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, $1::VARCHAR) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN ($26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR)) THEN $2::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), $3::INTEGER, $4::INTEGER) = $5::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE $6::VARCHAR || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || $7::VARCHAR END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $8::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), $9::INTEGER, $10::INTEGER) = $11::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE $12::VARCHAR || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || $13::VARCHAR END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $14::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), $15::INTEGER, $16::INTEGER) = $17::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE $18::VARCHAR || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || $19::VARCHAR END AS metadata, replace(replace(theirs.agent_invocation_logs.error, $20::VARCHAR, $21::VARCHAR), $22::VARCHAR, $23::VARCHAR) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > $24::VARCHAR AND theirs.agent_invocation_logs.id <= $25::VARCHAR) AS made JOIN agentomatic_invocation_logs ON agentomatic_invocation_logs.id = made.id

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) SELECT made.id, made.agent_name, made.resource_type, made.thread_id, made.run_id, made.endpoint, made.input, made.output, made.metadata, made.error, made.duration_ms, made.status, made.created_at 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, $1::VARCHAR) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN ($26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR)) THEN $2::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), $3::INTEGER, $4::INTEGER) = $5::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE $6::VARCHAR || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || $7::VARCHAR END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $8::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), $9::INTEGER, $10::INTEGER) = $11::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE $12::VARCHAR || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || $13::VARCHAR END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $14::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), $15::INTEGER, $16::INTEGER) = $17::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE $18::VARCHAR || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || $19::VARCHAR END AS metadata, replace(replace(theirs.agent_invocation_logs.error, $20::VARCHAR, $21::VARCHAR), $22::VARCHAR, $23::VARCHAR) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > $24::VARCHAR AND theirs.agent_invocation_logs.id <= $25::VARCHAR) AS made


-- moving.agentomatic.storing._store: store the platform's rows of invocation_log beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, $1::VARCHAR) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN ($26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR)) THEN $2::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), $3::INTEGER, $4::INTEGER) = $5::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE $6::VARCHAR || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || $7::VARCHAR END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $8::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), $9::INTEGER, $10::INTEGER) = $11::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE $12::VARCHAR || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || $13::VARCHAR END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $14::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), $15::INTEGER, $16::INTEGER) = $17::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE $18::VARCHAR || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || $19::VARCHAR END AS metadata, replace(replace(theirs.agent_invocation_logs.error, $20::VARCHAR, $21::VARCHAR), $22::VARCHAR, $23::VARCHAR) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > $24::VARCHAR AND theirs.agent_invocation_logs.id <= $25::VARCHAR) AS made JOIN agentomatic_invocation_logs ON agentomatic_invocation_logs.id = made.id

-- then:

INSERT INTO agentomatic_invocation_logs (id, agent_name, resource_type, thread_id, run_id, endpoint, input, output, metadata, error, duration_ms, status, created_at) SELECT made.id, made.agent_name, made.resource_type, made.thread_id, made.run_id, made.endpoint, made.input, made.output, made.metadata, made.error, made.duration_ms, made.status, made.created_at 
FROM (SELECT theirs.agent_invocation_logs.id AS id, theirs.agent_invocation_logs.agent_name AS agent_name, coalesce(theirs.agent_invocation_logs.resource_type, $1::VARCHAR) AS resource_type, theirs.agent_invocation_logs.thread_id AS thread_id, theirs.agent_invocation_logs.run_id AS run_id, theirs.agent_invocation_logs.endpoint AS endpoint, CASE WHEN (theirs.agent_invocation_logs.input_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) IN ($26::VARCHAR, $27::VARCHAR, $28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR)) THEN $2::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)), $3::INTEGER, $4::INTEGER) = $5::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) ELSE $6::VARCHAR || trim(CAST(theirs.agent_invocation_logs.input_json AS TEXT)) || $7::VARCHAR END AS input, CASE WHEN (theirs.agent_invocation_logs.output_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $8::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)), $9::INTEGER, $10::INTEGER) = $11::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) ELSE $12::VARCHAR || trim(CAST(theirs.agent_invocation_logs.output_json AS TEXT)) || $13::VARCHAR END AS output, CASE WHEN (theirs.agent_invocation_logs.metadata_json IS NULL OR trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $14::VARCHAR WHEN (substr(trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)), $15::INTEGER, $16::INTEGER) = $17::VARCHAR) THEN trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) ELSE $18::VARCHAR || trim(CAST(theirs.agent_invocation_logs.metadata_json AS TEXT)) || $19::VARCHAR END AS metadata, replace(replace(theirs.agent_invocation_logs.error, $20::VARCHAR, $21::VARCHAR), $22::VARCHAR, $23::VARCHAR) AS error, theirs.agent_invocation_logs.duration_ms AS duration_ms, theirs.agent_invocation_logs.status AS status, theirs.agent_invocation_logs.timestamp AS created_at 
FROM theirs.agent_invocation_logs 
WHERE theirs.agent_invocation_logs.id > $24::VARCHAR AND theirs.agent_invocation_logs.id <= $25::VARCHAR) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of log_analysis (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, $1::VARCHAR) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, $2::VARCHAR, $3::VARCHAR), $4::VARCHAR, $5::VARCHAR), $6::VARCHAR) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN ($21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || $12::VARCHAR END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN ($28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || $18::VARCHAR END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > $19::VARCHAR AND theirs.log_analyses.id <= $20::VARCHAR) AS made JOIN agentomatic_log_analyses ON agentomatic_log_analyses.id = made.id

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) SELECT made.id, made.agent_name, made.resource_type, made.score, made.summary, made.status, made.recommendations, made.metadata, made.created_at 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, $1::VARCHAR) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, $2::VARCHAR, $3::VARCHAR), $4::VARCHAR, $5::VARCHAR), $6::VARCHAR) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN ($21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || $12::VARCHAR END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN ($28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || $18::VARCHAR END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > $19::VARCHAR AND theirs.log_analyses.id <= $20::VARCHAR) AS made


-- moving.agentomatic.storing._store: store the platform's rows of log_analysis beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, $1::VARCHAR) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, $2::VARCHAR, $3::VARCHAR), $4::VARCHAR, $5::VARCHAR), $6::VARCHAR) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN ($21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || $12::VARCHAR END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN ($28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || $18::VARCHAR END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > $19::VARCHAR AND theirs.log_analyses.id <= $20::VARCHAR) AS made JOIN agentomatic_log_analyses ON agentomatic_log_analyses.id = made.id

-- then:

INSERT INTO agentomatic_log_analyses (id, agent_name, resource_type, score, summary, status, recommendations, metadata, created_at) SELECT made.id, made.agent_name, made.resource_type, made.score, made.summary, made.status, made.recommendations, made.metadata, made.created_at 
FROM (SELECT theirs.log_analyses.id AS id, theirs.log_analyses.agent_name AS agent_name, coalesce(theirs.log_analyses.resource_type, $1::VARCHAR) AS resource_type, theirs.log_analyses.score AS score, coalesce(replace(replace(theirs.log_analyses.summary, $2::VARCHAR, $3::VARCHAR), $4::VARCHAR, $5::VARCHAR), $6::VARCHAR) AS summary, theirs.log_analyses.status AS status, CASE WHEN (theirs.log_analyses.recommendations IS NULL OR trim(CAST(theirs.log_analyses.recommendations AS TEXT)) IN ($21::VARCHAR, $22::VARCHAR, $23::VARCHAR, $24::VARCHAR, $25::VARCHAR, $26::VARCHAR, $27::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.recommendations AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.log_analyses.recommendations AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.log_analyses.recommendations AS TEXT)) || $12::VARCHAR END AS recommendations, CASE WHEN (theirs.log_analyses.metadata_json IS NULL OR trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) IN ($28::VARCHAR, $29::VARCHAR, $30::VARCHAR, $31::VARCHAR, $32::VARCHAR, $33::VARCHAR, $34::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.log_analyses.metadata_json AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.log_analyses.metadata_json AS TEXT)) || $18::VARCHAR END AS metadata, theirs.log_analyses.created_at AS created_at 
FROM theirs.log_analyses 
WHERE theirs.log_analyses.id > $19::VARCHAR AND theirs.log_analyses.id <= $20::VARCHAR) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id = made.id))


-- moving.agentomatic.storing._store: store the platform's rows of optimization_run (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || $6::VARCHAR END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || $12::VARCHAR END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN ($47::VARCHAR, $48::VARCHAR, $49::VARCHAR, $50::VARCHAR, $51::VARCHAR, $52::VARCHAR, $53::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || $18::VARCHAR END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN ($54::VARCHAR, $55::VARCHAR, $56::VARCHAR, $57::VARCHAR, $58::VARCHAR, $59::VARCHAR, $60::VARCHAR)) THEN $19::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), $20::INTEGER, $21::INTEGER) = $22::VARCHAR) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE $23::VARCHAR || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || $24::VARCHAR END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN ($61::VARCHAR, $62::VARCHAR, $63::VARCHAR, $64::VARCHAR, $65::VARCHAR, $66::VARCHAR, $67::VARCHAR)) THEN $25::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), $26::INTEGER, $27::INTEGER) = $28::VARCHAR) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE $29::VARCHAR || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || $30::VARCHAR END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > $31::VARCHAR AND theirs.optimization_runs.id <= $32::VARCHAR) AS made JOIN agentomatic_optimization_runs ON agentomatic_optimization_runs.id = made.id

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) SELECT made.id, made.experiment_id, made.agent_name, made.baseline_score, made.best_score, made.prompt_versions, made.score_history, made.learnings, made.artefacts, made.metadata, made.created_at 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || $6::VARCHAR END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || $12::VARCHAR END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN ($47::VARCHAR, $48::VARCHAR, $49::VARCHAR, $50::VARCHAR, $51::VARCHAR, $52::VARCHAR, $53::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || $18::VARCHAR END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN ($54::VARCHAR, $55::VARCHAR, $56::VARCHAR, $57::VARCHAR, $58::VARCHAR, $59::VARCHAR, $60::VARCHAR)) THEN $19::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), $20::INTEGER, $21::INTEGER) = $22::VARCHAR) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE $23::VARCHAR || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || $24::VARCHAR END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN ($61::VARCHAR, $62::VARCHAR, $63::VARCHAR, $64::VARCHAR, $65::VARCHAR, $66::VARCHAR, $67::VARCHAR)) THEN $25::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), $26::INTEGER, $27::INTEGER) = $28::VARCHAR) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE $29::VARCHAR || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || $30::VARCHAR END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > $31::VARCHAR AND theirs.optimization_runs.id <= $32::VARCHAR) AS made


-- moving.agentomatic.storing._store: store the platform's rows of optimization_run beside some that are there (once)

SELECT count(*) AS count_1 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || $6::VARCHAR END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || $12::VARCHAR END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN ($47::VARCHAR, $48::VARCHAR, $49::VARCHAR, $50::VARCHAR, $51::VARCHAR, $52::VARCHAR, $53::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || $18::VARCHAR END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN ($54::VARCHAR, $55::VARCHAR, $56::VARCHAR, $57::VARCHAR, $58::VARCHAR, $59::VARCHAR, $60::VARCHAR)) THEN $19::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), $20::INTEGER, $21::INTEGER) = $22::VARCHAR) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE $23::VARCHAR || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || $24::VARCHAR END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN ($61::VARCHAR, $62::VARCHAR, $63::VARCHAR, $64::VARCHAR, $65::VARCHAR, $66::VARCHAR, $67::VARCHAR)) THEN $25::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), $26::INTEGER, $27::INTEGER) = $28::VARCHAR) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE $29::VARCHAR || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || $30::VARCHAR END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > $31::VARCHAR AND theirs.optimization_runs.id <= $32::VARCHAR) AS made JOIN agentomatic_optimization_runs ON agentomatic_optimization_runs.id = made.id

-- then:

INSERT INTO agentomatic_optimization_runs (id, experiment_id, agent_name, baseline_score, best_score, prompt_versions, score_history, learnings, artefacts, metadata, created_at) SELECT made.id, made.experiment_id, made.agent_name, made.baseline_score, made.best_score, made.prompt_versions, made.score_history, made.learnings, made.artefacts, made.metadata, made.created_at 
FROM (SELECT theirs.optimization_runs.id AS id, theirs.optimization_runs.experiment_id AS experiment_id, theirs.optimization_runs.agent_name AS agent_name, theirs.optimization_runs.baseline_score AS baseline_score, theirs.optimization_runs.best_score AS best_score, CASE WHEN (theirs.optimization_runs.prompt_versions IS NULL OR trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) IN ($33::VARCHAR, $34::VARCHAR, $35::VARCHAR, $36::VARCHAR, $37::VARCHAR, $38::VARCHAR, $39::VARCHAR)) THEN $1::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)), $2::INTEGER, $3::INTEGER) = $4::VARCHAR) THEN trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) ELSE $5::VARCHAR || trim(CAST(theirs.optimization_runs.prompt_versions AS TEXT)) || $6::VARCHAR END AS prompt_versions, CASE WHEN (theirs.optimization_runs.score_history IS NULL OR trim(CAST(theirs.optimization_runs.score_history AS TEXT)) IN ($40::VARCHAR, $41::VARCHAR, $42::VARCHAR, $43::VARCHAR, $44::VARCHAR, $45::VARCHAR, $46::VARCHAR)) THEN $7::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.score_history AS TEXT)), $8::INTEGER, $9::INTEGER) = $10::VARCHAR) THEN trim(CAST(theirs.optimization_runs.score_history AS TEXT)) ELSE $11::VARCHAR || trim(CAST(theirs.optimization_runs.score_history AS TEXT)) || $12::VARCHAR END AS score_history, CASE WHEN (theirs.optimization_runs.learnings IS NULL OR trim(CAST(theirs.optimization_runs.learnings AS TEXT)) IN ($47::VARCHAR, $48::VARCHAR, $49::VARCHAR, $50::VARCHAR, $51::VARCHAR, $52::VARCHAR, $53::VARCHAR)) THEN $13::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.learnings AS TEXT)), $14::INTEGER, $15::INTEGER) = $16::VARCHAR) THEN trim(CAST(theirs.optimization_runs.learnings AS TEXT)) ELSE $17::VARCHAR || trim(CAST(theirs.optimization_runs.learnings AS TEXT)) || $18::VARCHAR END AS learnings, CASE WHEN (theirs.optimization_runs.artefacts IS NULL OR trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) IN ($54::VARCHAR, $55::VARCHAR, $56::VARCHAR, $57::VARCHAR, $58::VARCHAR, $59::VARCHAR, $60::VARCHAR)) THEN $19::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.artefacts AS TEXT)), $20::INTEGER, $21::INTEGER) = $22::VARCHAR) THEN trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) ELSE $23::VARCHAR || trim(CAST(theirs.optimization_runs.artefacts AS TEXT)) || $24::VARCHAR END AS artefacts, CASE WHEN (theirs.optimization_runs.metadata_json IS NULL OR trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) IN ($61::VARCHAR, $62::VARCHAR, $63::VARCHAR, $64::VARCHAR, $65::VARCHAR, $66::VARCHAR, $67::VARCHAR)) THEN $25::VARCHAR WHEN (substr(trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)), $26::INTEGER, $27::INTEGER) = $28::VARCHAR) THEN trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) ELSE $29::VARCHAR || trim(CAST(theirs.optimization_runs.metadata_json AS TEXT)) || $30::VARCHAR END AS metadata, theirs.optimization_runs.created_at AS created_at 
FROM theirs.optimization_runs 
WHERE theirs.optimization_runs.id > $31::VARCHAR AND theirs.optimization_runs.id <= $32::VARCHAR) AS made 
WHERE NOT (EXISTS (SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id = made.id))

-- The SQL of agentomatic_sql/entities/feedback.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.feedback.add: store feedback (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s

SELECT last_insert_id() AS last_insert_id_1


-- entities.feedback.add: store feedback, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s

SELECT last_insert_id() AS last_insert_id_1


-- entities.feedback.find: store feedback (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = %s AND agentomatic_feedback.message_id IS NULL AND agentomatic_feedback.user_id = %s AND agentomatic_feedback.agent_name = %s AND agentomatic_feedback.rating = %s AND agentomatic_feedback.comment IS NULL AND agentomatic_feedback.feedback_type = %s AND agentomatic_feedback.query = %s AND agentomatic_feedback.response = %s AND agentomatic_feedback.correction IS NULL AND agentomatic_feedback.created_at = %s 
 LIMIT %s

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s


-- entities.feedback.find: store feedback, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = %s AND agentomatic_feedback.message_id IS NULL AND agentomatic_feedback.user_id = %s AND agentomatic_feedback.agent_name = %s AND agentomatic_feedback.rating = %s AND agentomatic_feedback.comment IS NULL AND agentomatic_feedback.feedback_type = %s AND agentomatic_feedback.query = %s AND agentomatic_feedback.response = %s AND agentomatic_feedback.correction IS NULL AND agentomatic_feedback.created_at = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_feedback.thread_id AND owned.user_id = %s)) 
 LIMIT %s

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.feedback.add: store feedback with an idempotency key (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s

SELECT last_insert_id() AS last_insert_id_1

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT owned.id AS thread_id, %s AS operation, %s AS `key`, %s AS content_digest, (SELECT last_insert_id() AS last_insert_id_1) AS first, %s AS count, utc_timestamp(6) AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s


-- entities.feedback.add: store feedback with an idempotency key, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s AND agentomatic_threads.epoch = %s

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s

SELECT last_insert_id() AS last_insert_id_1

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT owned.id AS thread_id, %s AS operation, %s AS `key`, %s AS content_digest, (SELECT last_insert_id() AS last_insert_id_1) AS first, %s AS count, utc_timestamp(6) AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s


-- entities.feedback.add: store feedback without a thread (once)

-- sent together:

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

SELECT last_insert_id() AS last_insert_id_1


-- entities.feedback.add: store feedback without a thread, with an idempotency key (once)

-- sent together:

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

SELECT last_insert_id() AS last_insert_id_1

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT %s AS anon_1, %s AS anon_2, %s AS anon_3, %s AS anon_4, (SELECT last_insert_id() AS last_insert_id_1) AS anon_5, %s AS anon_6, utc_timestamp(6) AS utc_timestamp_1


-- entities.feedback.page: list feedback (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT %s


-- entities.feedback.page: list feedback, in a user's view (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_feedback.thread_id AND owned.user_id = %s) ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT %s


-- entities.feedback.page: list feedback of a user on an agent (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.user_id = %s AND agentomatic_feedback.agent_name = %s ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT %s


-- entities.feedback.page: list feedback of a user on an agent, in a user's view (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.user_id = %s AND agentomatic_feedback.agent_name = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_feedback.thread_id AND owned.user_id = %s)) ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT %s

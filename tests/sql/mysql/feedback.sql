-- The SQL of agentomatic_sql/entities/feedback.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.feedback.add: store feedback (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s FOR SHARE

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s

SELECT last_insert_id() AS last_insert_id_1


-- entities.feedback.add: store feedback, in a user's view (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s AND threads.epoch = %s FOR SHARE

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s

SELECT last_insert_id() AS last_insert_id_1


-- entities.feedback.find: store feedback (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s FOR UPDATE

-- then:

SELECT feedback.id 
FROM feedback 
WHERE feedback.thread_id = %s AND feedback.message_id IS NULL AND feedback.user_id = %s AND feedback.agent_name = %s AND feedback.rating = %s AND feedback.comment IS NULL AND feedback.feedback_type = %s AND feedback.query = %s AND feedback.response = %s AND feedback.correction IS NULL AND feedback.created_at = %s 
 LIMIT %s

-- then:

UPDATE threads SET epoch=%s WHERE threads.id = %s


-- entities.feedback.find: store feedback, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s FOR UPDATE

-- then:

SELECT feedback.id 
FROM feedback 
WHERE feedback.thread_id = %s AND feedback.message_id IS NULL AND feedback.user_id = %s AND feedback.agent_name = %s AND feedback.rating = %s AND feedback.comment IS NULL AND feedback.feedback_type = %s AND feedback.query = %s AND feedback.response = %s AND feedback.correction IS NULL AND feedback.created_at = %s AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = feedback.thread_id AND owned.user_id = %s)) 
 LIMIT %s

-- then:

UPDATE threads SET epoch=%s WHERE threads.id = %s AND threads.user_id = %s


-- entities.feedback.add: store feedback with an idempotency key (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s FOR SHARE

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s

SELECT last_insert_id() AS last_insert_id_1

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT owned.id AS thread_id, %s AS operation, %s AS `key`, %s AS content_digest, (SELECT last_insert_id() AS last_insert_id_1) AS first, %s AS count, %s AS created_at 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s


-- entities.feedback.add: store feedback with an idempotency key, in a user's view (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s AND threads.epoch = %s FOR SHARE

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT owned.id AS thread_id, %s AS message_id, %s AS user_id, %s AS agent_name, %s AS rating, %s AS comment, %s AS feedback_type, %s AS query, %s AS response, %s AS correction, %s AS created_at 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s

SELECT last_insert_id() AS last_insert_id_1

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT owned.id AS thread_id, %s AS operation, %s AS `key`, %s AS content_digest, (SELECT last_insert_id() AS last_insert_id_1) AS first, %s AS count, %s AS created_at 
FROM threads AS owned 
WHERE owned.id = %s AND owned.epoch = %s AND owned.user_id = %s


-- entities.feedback.add: store feedback without a thread (once)

-- sent together:

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

SELECT last_insert_id() AS last_insert_id_1


-- entities.feedback.add: store feedback without a thread, with an idempotency key (once)

-- sent together:

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

SELECT last_insert_id() AS last_insert_id_1

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT %s AS anon_1, %s AS anon_2, %s AS anon_3, %s AS anon_4, (SELECT last_insert_id() AS last_insert_id_1) AS anon_5, %s AS anon_6, %s AS anon_7


-- entities.feedback.page: list feedback (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback.query, feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback ORDER BY feedback.id DESC 
 LIMIT %s


-- entities.feedback.page: list feedback, in a user's view (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback.query, feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback 
WHERE EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = feedback.thread_id AND owned.user_id = %s) ORDER BY feedback.id DESC 
 LIMIT %s


-- entities.feedback.page: list feedback of a user on an agent (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback.query, feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback 
WHERE feedback.user_id = %s AND feedback.agent_name = %s ORDER BY feedback.id DESC 
 LIMIT %s


-- entities.feedback.page: list feedback of a user on an agent, in a user's view (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback.query, feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback 
WHERE feedback.user_id = %s AND feedback.agent_name = %s AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = feedback.thread_id AND owned.user_id = %s)) ORDER BY feedback.id DESC 
 LIMIT %s

-- The SQL of agentomatic_sql/entities/feedback.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.feedback.add: store feedback (once)

WITH thread AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $11 AND agentomatic_threads.epoch = $12::BIGINT RETURNING agentomatic_threads.id)
 INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT thread.id AS thread_id, $1::BIGINT AS message_id, $2 AS user_id, $3 AS agent_name, $4::INTEGER AS rating, $5::VARCHAR AS comment, $6 AS feedback_type, $7::VARCHAR AS query, $8::VARCHAR AS response, $9::VARCHAR AS correction, $10::TIMESTAMP WITH TIME ZONE AS created_at 
FROM thread RETURNING agentomatic_feedback.id


-- entities.feedback.add: store feedback, in a user's view (once)

WITH thread AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $11 AND agentomatic_threads.user_id = $12 AND agentomatic_threads.epoch = $13::BIGINT RETURNING agentomatic_threads.id)
 INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT thread.id AS thread_id, $1::BIGINT AS message_id, $2 AS user_id, $3 AS agent_name, $4::INTEGER AS rating, $5::VARCHAR AS comment, $6 AS feedback_type, $7::VARCHAR AS query, $8::VARCHAR AS response, $9::VARCHAR AS correction, $10::TIMESTAMP WITH TIME ZONE AS created_at 
FROM thread RETURNING agentomatic_feedback.id


-- entities.feedback.find: store feedback (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = $1 AND agentomatic_feedback.message_id IS NULL AND agentomatic_feedback.user_id = $2 AND agentomatic_feedback.agent_name = $3 AND agentomatic_feedback.rating = $4::INTEGER AND agentomatic_feedback.comment IS NULL AND agentomatic_feedback.feedback_type = $5 AND agentomatic_feedback.query = $6::VARCHAR AND agentomatic_feedback.response = $7::VARCHAR AND agentomatic_feedback.correction IS NULL AND agentomatic_feedback.created_at = $8::TIMESTAMP WITH TIME ZONE 
 LIMIT $9::INTEGER

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2


-- entities.feedback.find: store feedback, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2 FOR UPDATE

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = $1 AND agentomatic_feedback.message_id IS NULL AND agentomatic_feedback.user_id = $2 AND agentomatic_feedback.agent_name = $3 AND agentomatic_feedback.rating = $4::INTEGER AND agentomatic_feedback.comment IS NULL AND agentomatic_feedback.feedback_type = $5 AND agentomatic_feedback.query = $6::VARCHAR AND agentomatic_feedback.response = $7::VARCHAR AND agentomatic_feedback.correction IS NULL AND agentomatic_feedback.created_at = $8::TIMESTAMP WITH TIME ZONE AND agentomatic_feedback.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $9) 
 LIMIT $10::INTEGER

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2 AND agentomatic_threads.user_id = $3


-- entities.feedback.add: store feedback with an idempotency key (once)

WITH thread AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.epoch = $16::BIGINT RETURNING agentomatic_threads.id), 
added AS 
(INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT thread.id AS thread_id, $6::BIGINT AS message_id, $7 AS user_id, $8 AS agent_name, $9::INTEGER AS rating, $10::VARCHAR AS comment, $11 AS feedback_type, $12::VARCHAR AS query, $13::VARCHAR AS response, $14::VARCHAR AS correction, $15::TIMESTAMP WITH TIME ZONE AS created_at 
FROM thread RETURNING agentomatic_feedback.id), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT $1 AS anon_1, $2 AS anon_2, $3 AS anon_3, $4::VARCHAR AS anon_4, added.id AS id, $5::BIGINT AS anon_5, statement_timestamp() AS statement_timestamp_1 
FROM added)
 SELECT added.id 
FROM added


-- entities.feedback.add: store feedback with an idempotency key, in a user's view (once)

WITH thread AS 
(UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $16 AND agentomatic_threads.epoch = $17::BIGINT RETURNING agentomatic_threads.id), 
added AS 
(INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) SELECT thread.id AS thread_id, $6::BIGINT AS message_id, $7 AS user_id, $8 AS agent_name, $9::INTEGER AS rating, $10::VARCHAR AS comment, $11 AS feedback_type, $12::VARCHAR AS query, $13::VARCHAR AS response, $14::VARCHAR AS correction, $15::TIMESTAMP WITH TIME ZONE AS created_at 
FROM thread RETURNING agentomatic_feedback.id), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT $1 AS anon_1, $2 AS anon_2, $3 AS anon_3, $4::VARCHAR AS anon_4, added.id AS id, $5::BIGINT AS anon_5, statement_timestamp() AS statement_timestamp_1 
FROM added)
 SELECT added.id 
FROM added


-- entities.feedback.add: store feedback without a thread (once)

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES ($1, $2::BIGINT, $3, $4, $5::INTEGER, $6::VARCHAR, $7, $8::VARCHAR, $9::VARCHAR, $10::VARCHAR, $11::TIMESTAMP WITH TIME ZONE) RETURNING agentomatic_feedback.id


-- entities.feedback.add: store feedback without a thread, with an idempotency key (once)

WITH added AS 
(INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, query, response, correction, created_at) VALUES ($1, $6::BIGINT, $7, $8, $9::INTEGER, $10::VARCHAR, $11, $12::VARCHAR, $13::VARCHAR, $14::VARCHAR, $15::TIMESTAMP WITH TIME ZONE) RETURNING agentomatic_feedback.id), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT $1 AS anon_1, $2 AS anon_2, $3 AS anon_3, $4::VARCHAR AS anon_4, added.id AS id, $5::BIGINT AS anon_5, statement_timestamp() AS statement_timestamp_1 
FROM added)
 SELECT added.id 
FROM added


-- entities.feedback.page: list feedback (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT $1::BIGINT


-- entities.feedback.page: list feedback, in a user's view (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $1) ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT $2::BIGINT


-- entities.feedback.page: list feedback of a user on an agent (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.user_id = $1 AND agentomatic_feedback.agent_name = $2 ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT $3::BIGINT


-- entities.feedback.page: list feedback of a user on an agent, in a user's view (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.user_id = $1 AND agentomatic_feedback.agent_name = $2 AND agentomatic_feedback.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $3) ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC 
 LIMIT $4::BIGINT

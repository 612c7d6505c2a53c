-- The SQL of agentomatic_sql/entities/feedback.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.feedback.add: store feedback (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ?

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ?

SELECT last_insert_rowid() AS last_insert_rowid_1


-- entities.feedback.add: store feedback, in a user's view (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ? AND threads.epoch = ?

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ?

SELECT last_insert_rowid() AS last_insert_rowid_1


-- entities.feedback.find: store feedback (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

-- then:

SELECT feedback.id 
FROM feedback 
WHERE feedback.thread_id = ? AND feedback.message_id IS NULL AND feedback.user_id = ? AND feedback.agent_name = ? AND feedback.rating = ? AND feedback.comment IS NULL AND feedback.feedback_type = ? AND feedback."query" = ? AND feedback.response = ? AND feedback.correction IS NULL AND feedback.created_at = ?
 LIMIT ? OFFSET ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ?


-- entities.feedback.find: store feedback, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

-- then:

SELECT feedback.id 
FROM feedback 
WHERE feedback.thread_id = ? AND feedback.message_id IS NULL AND feedback.user_id = ? AND feedback.agent_name = ? AND feedback.rating = ? AND feedback.comment IS NULL AND feedback.feedback_type = ? AND feedback."query" = ? AND feedback.response = ? AND feedback.correction IS NULL AND feedback.created_at = ? AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = feedback.thread_id AND owned.user_id = ?))
 LIMIT ? OFFSET ?

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ? AND threads.user_id = ?


-- entities.feedback.add: store feedback with an idempotency key (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ?

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ?

SELECT last_insert_rowid() AS last_insert_rowid_1

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT owned.id AS thread_id, ? AS operation, ? AS "key", ? AS content_digest, (SELECT last_insert_rowid() AS last_insert_rowid_1) AS first, ? AS count, ? AS created_at 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ?


-- entities.feedback.add: store feedback with an idempotency key, in a user's view (once)

-- sent together:

SELECT threads.id 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ? AND threads.epoch = ?

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ?

SELECT last_insert_rowid() AS last_insert_rowid_1

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT owned.id AS thread_id, ? AS operation, ? AS "key", ? AS content_digest, (SELECT last_insert_rowid() AS last_insert_rowid_1) AS first, ? AS count, ? AS created_at 
FROM threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ?


-- entities.feedback.add: store feedback without a thread (once)

-- sent together:

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

SELECT last_insert_rowid() AS last_insert_rowid_1


-- entities.feedback.add: store feedback without a thread, with an idempotency key (once)

-- sent together:

INSERT INTO feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

SELECT last_insert_rowid() AS last_insert_rowid_1

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, (SELECT last_insert_rowid() AS last_insert_rowid_1) AS anon_5, ? AS anon_6, ? AS anon_7


-- entities.feedback.page: list feedback (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback."query", feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback ORDER BY feedback.id DESC
 LIMIT ? OFFSET ?


-- entities.feedback.page: list feedback, in a user's view (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback."query", feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback 
WHERE EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = feedback.thread_id AND owned.user_id = ?) ORDER BY feedback.id DESC
 LIMIT ? OFFSET ?


-- entities.feedback.page: list feedback of a user on an agent (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback."query", feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback 
WHERE feedback.user_id = ? AND feedback.agent_name = ? ORDER BY feedback.id DESC
 LIMIT ? OFFSET ?


-- entities.feedback.page: list feedback of a user on an agent, in a user's view (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback."query", feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM feedback 
WHERE feedback.user_id = ? AND feedback.agent_name = ? AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = feedback.thread_id AND owned.user_id = ?)) ORDER BY feedback.id DESC
 LIMIT ? OFFSET ?

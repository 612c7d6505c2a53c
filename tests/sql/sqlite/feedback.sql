-- The SQL of agentomatic_sql/entities/feedback.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.feedback.add: store feedback (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ?

SELECT last_insert_rowid() AS last_insert_rowid_1


-- entities.feedback.add: store feedback, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ?

SELECT last_insert_rowid() AS last_insert_rowid_1


-- entities.feedback.find: store feedback (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = ? AND agentomatic_feedback.message_id IS NULL AND agentomatic_feedback.user_id = ? AND agentomatic_feedback.agent_name = ? AND agentomatic_feedback.rating = ? AND agentomatic_feedback.comment IS NULL AND agentomatic_feedback.feedback_type = ? AND agentomatic_feedback."query" = ? AND agentomatic_feedback.response = ? AND agentomatic_feedback.correction IS NULL AND agentomatic_feedback.created_at = ?
 LIMIT ? OFFSET ?

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ?


-- entities.feedback.find: store feedback, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?

-- then:

SELECT agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = ? AND agentomatic_feedback.message_id IS NULL AND agentomatic_feedback.user_id = ? AND agentomatic_feedback.agent_name = ? AND agentomatic_feedback.rating = ? AND agentomatic_feedback.comment IS NULL AND agentomatic_feedback.feedback_type = ? AND agentomatic_feedback."query" = ? AND agentomatic_feedback.response = ? AND agentomatic_feedback.correction IS NULL AND agentomatic_feedback.created_at = ? AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_feedback.thread_id AND owned.user_id = ?))
 LIMIT ? OFFSET ?

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?


-- entities.feedback.add: store feedback with an idempotency key (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ?

SELECT last_insert_rowid() AS last_insert_rowid_1

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT owned.id AS thread_id, ? AS operation, ? AS "key", ? AS content_digest, (SELECT last_insert_rowid() AS last_insert_rowid_1) AS first, ? AS count, ? AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ?


-- entities.feedback.add: store feedback with an idempotency key, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) SELECT owned.id AS thread_id, ? AS message_id, ? AS user_id, ? AS agent_name, ? AS rating, ? AS comment, ? AS feedback_type, ? AS "query", ? AS response, ? AS correction, ? AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ?

SELECT last_insert_rowid() AS last_insert_rowid_1

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT owned.id AS thread_id, ? AS operation, ? AS "key", ? AS content_digest, (SELECT last_insert_rowid() AS last_insert_rowid_1) AS first, ? AS count, ? AS created_at 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.epoch = ? AND owned.user_id = ?


-- entities.feedback.add: store feedback without a thread (once)

-- sent together:

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id

SELECT last_insert_rowid() AS last_insert_rowid_1


-- entities.feedback.add: store feedback without a thread, with an idempotency key (once)

-- sent together:

INSERT INTO agentomatic_feedback (thread_id, message_id, user_id, agent_name, rating, comment, feedback_type, "query", response, correction, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id

SELECT last_insert_rowid() AS last_insert_rowid_1

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, (SELECT last_insert_rowid() AS last_insert_rowid_1) AS anon_5, ? AS anon_6, ? AS anon_7


-- entities.feedback.page: list feedback (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback."query", agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC
 LIMIT ? OFFSET ?


-- entities.feedback.page: list feedback, in a user's view (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback."query", agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_feedback.thread_id AND owned.user_id = ?) ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC
 LIMIT ? OFFSET ?


-- entities.feedback.page: list feedback of a user on an agent (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback."query", agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.user_id = ? AND agentomatic_feedback.agent_name = ? ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC
 LIMIT ? OFFSET ?


-- entities.feedback.page: list feedback of a user on an agent, in a user's view (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback."query", agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.user_id = ? AND agentomatic_feedback.agent_name = ? AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_feedback.thread_id AND owned.user_id = ?)) ORDER BY agentomatic_feedback.created_at DESC, agentomatic_feedback.id DESC
 LIMIT ? OFFSET ?

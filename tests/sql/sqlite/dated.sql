-- The SQL of agentomatic_sql/entities/dated.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.dated.add: append messages that have times of their own (once)

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - ?) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

-- then, sent together:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT ? AS anon_1, given.position, given.role, given.content, given.metadata, given.token, given.created_at 
FROM (SELECT json_extract(given_each.value, ?) AS position, json_extract(given_each.value, ?) AS role, json_extract(given_each.value, ?) AS content, json_extract(given_each.value, ?) AS metadata, json_extract(given_each.value, ?) AS token, json_extract(given_each.value, ?) AS created_at 
FROM json_each(?) AS given_each) AS given

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = ? AND agentomatic_messages.token BETWEEN ? AND ? ORDER BY agentomatic_messages.position


-- entities.dated.add: append messages that have times of their own, in a user's view (once)

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - ?) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

-- then, sent together:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT ? AS anon_1, given.position, given.role, given.content, given.metadata, given.token, given.created_at 
FROM (SELECT json_extract(given_each.value, ?) AS position, json_extract(given_each.value, ?) AS role, json_extract(given_each.value, ?) AS content, json_extract(given_each.value, ?) AS metadata, json_extract(given_each.value, ?) AS token, json_extract(given_each.value, ?) AS created_at 
FROM json_each(?) AS given_each) AS given

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_messages.token BETWEEN ? AND ? ORDER BY agentomatic_messages.position


-- entities.dated.find: append messages that have times of their own (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = ? AND agentomatic_messages.token BETWEEN ? AND ? ORDER BY agentomatic_messages.position

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ?


-- entities.dated.find: append messages that have times of their own, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND agentomatic_messages.token BETWEEN ? AND ? ORDER BY agentomatic_messages.position

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ? AND agentomatic_threads.user_id = ?


-- entities.dated.add: append such messages with an idempotency key (once)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT agentomatic_threads.id, ? AS anon_1, keys."key", keys.content_digest, agentomatic_threads.message_count - keys.place AS anon_2, keys.count, agentomatic_threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN agentomatic_threads ON agentomatic_threads.id = keys.thread_id 
WHERE agentomatic_threads.epoch = keys.epoch

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - ?) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?


-- entities.dated.add: append such messages with an idempotency key, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT agentomatic_threads.id, ? AS anon_1, keys."key", keys.content_digest, agentomatic_threads.message_count - keys.place AS anon_2, keys.count, agentomatic_threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN agentomatic_threads ON agentomatic_threads.id = keys.thread_id 
WHERE agentomatic_threads.epoch = keys.epoch AND agentomatic_threads.user_id = ?

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - ?) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

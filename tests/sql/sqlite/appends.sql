-- The SQL of agentomatic_sql/entities/appends.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.appends.add: append one message (once; batched)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT agentomatic_threads.id, agentomatic_threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, agentomatic_threads.updated_at 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? RETURNING id, position, created_at AS created_at


-- entities.appends.add: append one message, in a user's view (once; batched)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT agentomatic_threads.id, agentomatic_threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, agentomatic_threads.updated_at 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ? RETURNING id, position, created_at AS created_at


-- entities.appends.find: append one message (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ?

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = ? AND agentomatic_messages.token BETWEEN ? AND ? ORDER BY agentomatic_messages.position

-- then:

UPDATE agentomatic_threads SET epoch=? WHERE agentomatic_threads.id = ?


-- entities.appends.find: append one message, in a user's view (asked when the answer was lost)

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


-- entities.appends.add: append one message with an idempotency key (once; batched)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT agentomatic_threads.id, ? AS anon_1, ? AS anon_2, ? AS anon_3, agentomatic_threads.message_count - ? AS anon_4, ? AS anon_5, agentomatic_threads.updated_at 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT agentomatic_threads.id, agentomatic_threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, agentomatic_threads.updated_at 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? RETURNING id, position, created_at AS created_at


-- entities.appends.add: append one message with an idempotency key, in a user's view (once; batched)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT agentomatic_threads.id, ? AS anon_1, ? AS anon_2, ? AS anon_3, agentomatic_threads.message_count - ? AS anon_4, ? AS anon_5, agentomatic_threads.updated_at 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT agentomatic_threads.id, agentomatic_threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, agentomatic_threads.updated_at 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ? RETURNING id, position, created_at AS created_at


-- entities.appends.add: append several messages to one thread (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages


-- entities.appends.add: append several messages to one thread, in a user's view (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch AND agentomatic_threads.user_id = ?

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages


-- entities.appends.add: append several messages with an idempotency key (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages


-- entities.appends.add: append several messages with an idempotency key, in a user's view (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch AND agentomatic_threads.user_id = ?

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages


-- entities.appends.add: append messages to several threads (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages


-- entities.appends.add: append messages to several threads, in a user's view (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch AND agentomatic_threads.user_id = ?

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages


-- entities.appends.add: append messages to several threads with an idempotency key (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages


-- entities.appends.add: append messages to several threads with an idempotency key, in a user's view (once; batched)

-- sent together:

-- once for each row:
UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + ?), updated_at=CASE WHEN (agentomatic_threads.updated_at > ?) THEN ? ELSE max(agentomatic_threads.updated_at, ?) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = ? AND agentomatic_threads.epoch = ? AND agentomatic_threads.user_id = ?

SELECT agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at AS updated_at, agentomatic_threads.updated_at AS stored_at 
FROM (SELECT json_extract(wanted_each.value, ?) AS id, json_extract(wanted_each.value, ?) AS count, json_extract(wanted_each.value, ?) AS epoch 
FROM json_each(?) AS wanted_each) AS wanted JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id AND agentomatic_threads.epoch = wanted.epoch AND agentomatic_threads.user_id = ?

-- then, sent together:

-- once for each row:
INSERT INTO agentomatic_idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)

-- once for each row:
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at, token) VALUES (?, ?, ?, ?, ?, ?, ?)

SELECT max(agentomatic_messages.id) AS max_1 
FROM agentomatic_messages

-- The SQL of agentomatic_sql/entities/appends.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.appends.add: append one message (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ?

INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? RETURNING thread_id, id, position, created_at AS created_at


-- entities.appends.add: append one message, in a user's view (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ? RETURNING thread_id, id, position, created_at AS created_at


-- entities.appends.find: append one message (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ?

-- then:

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = ? AND messages.token BETWEEN ? AND ? AND messages.created_at >= ? ORDER BY messages.position

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ?


-- entities.appends.find: append one message, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = ? AND threads.user_id = ?

-- then:

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = ? AND owned.user_id = ?) AND messages.token BETWEEN ? AND ? AND messages.created_at >= ? ORDER BY messages.position

-- then:

UPDATE threads SET epoch=? WHERE threads.id = ? AND threads.user_id = ?


-- entities.appends.add: append one message with an idempotency key (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ?

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT threads.id, ? AS anon_1, keys."key", keys.content_digest, threads.message_count - keys.place AS anon_2, keys.count, threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN threads ON threads.id = keys.thread_id 
WHERE threads.epoch = keys.epoch

INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? RETURNING thread_id, id, position, created_at AS created_at


-- entities.appends.add: append one message with an idempotency key, in a user's view (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT threads.id, ? AS anon_1, keys."key", keys.content_digest, threads.message_count - keys.place AS anon_2, keys.count, threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN threads ON threads.id = keys.thread_id 
WHERE threads.epoch = keys.epoch AND threads.user_id = ?

INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ? RETURNING thread_id, id, position, created_at AS created_at


-- entities.appends.add: append several messages to one thread (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ?

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?


-- entities.appends.add: append several messages to one thread, in a user's view (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?


-- entities.appends.add: append several messages with an idempotency key (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ?

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT threads.id, ? AS anon_1, keys."key", keys.content_digest, threads.message_count - keys.place AS anon_2, keys.count, threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN threads ON threads.id = keys.thread_id 
WHERE threads.epoch = keys.epoch

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?


-- entities.appends.add: append several messages with an idempotency key, in a user's view (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT threads.id, ? AS anon_1, keys."key", keys.content_digest, threads.message_count - keys.place AS anon_2, keys.count, threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN threads ON threads.id = keys.thread_id 
WHERE threads.epoch = keys.epoch AND threads.user_id = ?

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?


-- entities.appends.add: append messages to several threads (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ?

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?


-- entities.appends.add: append messages to several threads, in a user's view (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?


-- entities.appends.add: append messages to several threads with an idempotency key (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ?

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT threads.id, ? AS anon_1, keys."key", keys.content_digest, threads.message_count - keys.place AS anon_2, keys.count, threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN threads ON threads.id = keys.thread_id 
WHERE threads.epoch = keys.epoch

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?


-- entities.appends.add: append messages to several threads with an idempotency key, in a user's view (once; batched)

SELECT max(messages.id) AS max_1 
FROM messages

-- then, sent together:

-- once for each row:
UPDATE threads SET message_count=(threads.message_count + ?), updated_at=max(threads.updated_at, ?) WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

INSERT INTO idempotency_keys (thread_id, operation, "key", content_digest, first, count, created_at) SELECT threads.id, ? AS anon_1, keys."key", keys.content_digest, threads.message_count - keys.place AS anon_2, keys.count, threads.updated_at 
FROM (SELECT json_extract(keys_each.value, ?) AS thread_id, json_extract(keys_each.value, ?) AS "key", json_extract(keys_each.value, ?) AS content_digest, json_extract(keys_each.value, ?) AS place, json_extract(keys_each.value, ?) AS count, json_extract(keys_each.value, ?) AS epoch 
FROM json_each(?) AS keys_each) AS keys JOIN threads ON threads.id = keys.thread_id 
WHERE threads.epoch = keys.epoch AND threads.user_id = ?

-- once for each row:
INSERT INTO messages (thread_id, position, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - ? AS anon_1, ? AS anon_2, ? AS anon_3, ? AS anon_4, ? AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = ? AND threads.epoch = ? AND threads.user_id = ?

SELECT messages.thread_id, messages.id, messages.position, messages.created_at AS created_at 
FROM messages 
WHERE messages.id > ?

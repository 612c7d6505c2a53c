-- The SQL of agentomatic_sql/entities/appends.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.appends.add: append one message (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - %s AS anon_1, %s AS anon_2, %s AS anon_3, %s AS anon_4, %s AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s) - %s ORDER BY messages.`position`


-- entities.appends.add: append one message, in a user's view (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - %s AS anon_1, %s AS anon_2, %s AS anon_3, %s AS anon_4, %s AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s) - %s ORDER BY messages.`position`


-- entities.appends.find: append one message (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s FOR UPDATE

-- then:

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.token BETWEEN %s AND %s AND messages.created_at >= %s ORDER BY messages.`position`

-- then:

UPDATE threads SET epoch=%s WHERE threads.id = %s


-- entities.appends.find: append one message, in a user's view (asked when the answer was lost)

SELECT threads.epoch, threads.version 
FROM threads 
WHERE threads.id = %s AND threads.user_id = %s FOR UPDATE

-- then:

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND messages.token BETWEEN %s AND %s AND messages.created_at >= %s ORDER BY messages.`position`

-- then:

UPDATE threads SET epoch=%s WHERE threads.id = %s AND threads.user_id = %s


-- entities.appends.add: append one message with an idempotency key (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, threads.message_count - `keys`.place AS anon_2, `keys`.count, threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN threads ON threads.id = `keys`.thread_id 
WHERE threads.epoch = `keys`.epoch

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - %s AS anon_1, %s AS anon_2, %s AS anon_3, %s AS anon_4, %s AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s) - %s ORDER BY messages.`position`


-- entities.appends.add: append one message with an idempotency key, in a user's view (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, threads.message_count - `keys`.place AS anon_2, `keys`.count, threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN threads ON threads.id = `keys`.thread_id 
WHERE threads.epoch = `keys`.epoch AND threads.user_id = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - %s AS anon_1, %s AS anon_2, %s AS anon_3, %s AS anon_4, %s AS anon_5, threads.updated_at 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s) - %s ORDER BY messages.`position`


-- entities.appends.add: append several messages to one thread (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s) - %s ORDER BY messages.`position`


-- entities.appends.add: append several messages to one thread, in a user's view (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch AND threads.user_id = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s) - %s ORDER BY messages.`position`


-- entities.appends.add: append several messages with an idempotency key (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, threads.message_count - `keys`.place AS anon_2, `keys`.count, threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN threads ON threads.id = `keys`.thread_id 
WHERE threads.epoch = `keys`.epoch

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s) - %s ORDER BY messages.`position`


-- entities.appends.add: append several messages with an idempotency key, in a user's view (once; batched)

-- sent together:

UPDATE threads SET message_count=(threads.message_count + %s), updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, threads.message_count - `keys`.place AS anon_2, `keys`.count, threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN threads ON threads.id = `keys`.thread_id 
WHERE threads.epoch = `keys`.epoch AND threads.user_id = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch AND threads.user_id = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= (SELECT threads.message_count 
FROM threads 
WHERE threads.id = %s AND threads.epoch = %s AND threads.user_id = %s) - %s ORDER BY messages.`position`


-- entities.appends.add: append messages to several threads (once; batched)

-- sent together:

SELECT threads.message_count 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted LEFT OUTER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch FOR UPDATE

UPDATE threads, (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted SET threads.message_count=(threads.message_count + wanted.count), threads.updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = wanted.id AND threads.epoch = wanted.epoch

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted INNER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch INNER JOIN messages ON messages.thread_id = threads.id AND messages.`position` >= threads.message_count - wanted.count


-- entities.appends.add: append messages to several threads, in a user's view (once; batched)

-- sent together:

SELECT threads.message_count 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted LEFT OUTER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch AND threads.user_id = %s FOR UPDATE

UPDATE threads, (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted SET threads.message_count=(threads.message_count + wanted.count), threads.updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = wanted.id AND threads.epoch = wanted.epoch AND threads.user_id = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch AND threads.user_id = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted INNER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch AND threads.user_id = %s INNER JOIN messages ON messages.thread_id = threads.id AND messages.`position` >= threads.message_count - wanted.count


-- entities.appends.add: append messages to several threads with an idempotency key (once; batched)

-- sent together:

SELECT threads.message_count 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted LEFT OUTER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch FOR UPDATE

UPDATE threads, (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted SET threads.message_count=(threads.message_count + wanted.count), threads.updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = wanted.id AND threads.epoch = wanted.epoch

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, threads.message_count - `keys`.place AS anon_2, `keys`.count, threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN threads ON threads.id = `keys`.thread_id 
WHERE threads.epoch = `keys`.epoch

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted INNER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch INNER JOIN messages ON messages.thread_id = threads.id AND messages.`position` >= threads.message_count - wanted.count


-- entities.appends.add: append messages to several threads with an idempotency key, in a user's view (once; batched)

-- sent together:

SELECT threads.message_count 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted LEFT OUTER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch AND threads.user_id = %s FOR UPDATE

UPDATE threads, (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted SET threads.message_count=(threads.message_count + wanted.count), threads.updated_at=greatest(threads.updated_at, CAST(%s AS DATETIME(6))) WHERE threads.id = wanted.id AND threads.epoch = wanted.epoch AND threads.user_id = %s

INSERT INTO idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, threads.message_count - `keys`.place AS anon_2, `keys`.count, threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN threads ON threads.id = `keys`.thread_id 
WHERE threads.epoch = `keys`.epoch AND threads.user_id = %s

INSERT INTO messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT threads.id, threads.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, threads.updated_at 
FROM (SELECT given_each.thread_id AS thread_id, given_each.place AS place, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `place` BIGINT PATH '$[1]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', `token` BIGINT PATH '$[5]', `epoch` BIGINT PATH '$[6]')) AS given_each) AS given INNER JOIN threads ON threads.id = given.thread_id 
WHERE threads.epoch = given.epoch AND threads.user_id = %s

SELECT messages.thread_id, messages.id, messages.`position`, messages.created_at AS created_at 
FROM (SELECT wanted_each.id AS id, wanted_each.count AS count, wanted_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `count` BIGINT PATH '$[1]', `epoch` BIGINT PATH '$[2]')) AS wanted_each) AS wanted INNER JOIN threads ON threads.id = wanted.id AND threads.epoch = wanted.epoch AND threads.user_id = %s INNER JOIN messages ON messages.thread_id = threads.id AND messages.`position` >= threads.message_count - wanted.count

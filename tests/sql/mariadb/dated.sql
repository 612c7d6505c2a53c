-- The SQL of agentomatic_sql/entities/dated.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.dated.add: append messages that have times of their own (once)

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + %s), updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.`position` = (agentomatic_threads.message_count - %s) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

-- then, sent together:

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT %s AS anon_1, given.`position`, given.role, given.content, given.metadata, given.token, given.created_at 
FROM (SELECT given_each.`position` AS `position`, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.created_at AS created_at 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`position` BIGINT PATH '$[0]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `token` BIGINT PATH '$[4]', `created_at` DATETIME(6) PATH '$[5]')) AS given_each) AS given

SELECT agentomatic_messages.id, agentomatic_messages.`position`, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.token BETWEEN %s AND %s ORDER BY agentomatic_messages.`position`


-- entities.dated.add: append messages that have times of their own, in a user's view (once)

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + %s), updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.`position` = (agentomatic_threads.message_count - %s) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s

-- then, sent together:

INSERT INTO agentomatic_messages (thread_id, `position`, role, content, metadata, token, created_at) SELECT %s AS anon_1, given.`position`, given.role, given.content, given.metadata, given.token, given.created_at 
FROM (SELECT given_each.`position` AS `position`, given_each.role AS role, given_each.content AS content, given_each.metadata AS metadata, given_each.token AS token, given_each.created_at AS created_at 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`position` BIGINT PATH '$[0]', `role` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[2]', `metadata` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[3]', `token` BIGINT PATH '$[4]', `created_at` DATETIME(6) PATH '$[5]')) AS given_each) AS given

SELECT agentomatic_messages.id, agentomatic_messages.`position`, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_messages.token BETWEEN %s AND %s ORDER BY agentomatic_messages.`position`


-- entities.dated.find: append messages that have times of their own (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.`position`, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.token BETWEEN %s AND %s ORDER BY agentomatic_messages.`position`

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s


-- entities.dated.find: append messages that have times of their own, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.`position`, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_messages.token BETWEEN %s AND %s ORDER BY agentomatic_messages.`position`

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.dated.add: append such messages with an idempotency key (once)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + %s), updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT agentomatic_threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, agentomatic_threads.message_count - `keys`.place AS anon_2, `keys`.count, agentomatic_threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN agentomatic_threads ON agentomatic_threads.id = `keys`.thread_id 
WHERE agentomatic_threads.epoch = `keys`.epoch

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.`position` = (agentomatic_threads.message_count - %s) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s


-- entities.dated.add: append such messages with an idempotency key, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + %s), updated_at=CASE WHEN (agentomatic_threads.updated_at > timestampadd(MICROSECOND, 3600000000, utc_timestamp(6))) THEN utc_timestamp(6) ELSE greatest(agentomatic_threads.updated_at, CAST(utc_timestamp(6) AS DATETIME(6))) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, `key`, content_digest, first, count, created_at) SELECT agentomatic_threads.id, %s AS anon_1, `keys`.`key`, `keys`.content_digest, agentomatic_threads.message_count - `keys`.place AS anon_2, `keys`.count, agentomatic_threads.updated_at 
FROM (SELECT keys_each.thread_id AS thread_id, keys_each.`key` AS `key`, keys_each.content_digest AS content_digest, keys_each.place AS place, keys_each.count AS count, keys_each.epoch AS epoch 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`thread_id` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[0]', `key` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[1]', `content_digest` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin PATH '$[2]', `place` BIGINT PATH '$[3]', `count` BIGINT PATH '$[4]', `epoch` BIGINT PATH '$[5]')) AS keys_each) AS `keys` INNER JOIN agentomatic_threads ON agentomatic_threads.id = `keys`.thread_id 
WHERE agentomatic_threads.epoch = `keys`.epoch AND agentomatic_threads.user_id = %s

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.`position` = (agentomatic_threads.message_count - %s) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s

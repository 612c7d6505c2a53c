-- The SQL of agentomatic_sql/entities/dated.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.dated.add: append messages that have times of their own (once)

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $1::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - $1::BIGINT) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT

-- then, sent together:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT $1 AS anon_1, given.position, given.role, given.content, given.metadata, given.token, given.created_at 
FROM unnest($2::BIGINT[], $3::VARCHAR[] COLLATE "C", $4::VARCHAR[], $5::VARCHAR[], $6::BIGINT[], $7::TIMESTAMP WITH TIME ZONE[]) AS given(position, role, content, metadata, token, created_at)

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.token BETWEEN $2::BIGINT AND $3::BIGINT ORDER BY agentomatic_messages.position


-- entities.dated.add: append messages that have times of their own, in a user's view (once)

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $1::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT AND agentomatic_threads.user_id = $4 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - $1::BIGINT) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT AND agentomatic_threads.user_id = $4

-- then, sent together:

INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT $1 AS anon_1, given.position, given.role, given.content, given.metadata, given.token, given.created_at 
FROM unnest($2::BIGINT[], $3::VARCHAR[] COLLATE "C", $4::VARCHAR[], $5::VARCHAR[], $6::BIGINT[], $7::TIMESTAMP WITH TIME ZONE[]) AS given(position, role, content, metadata, token, created_at)

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_messages.token BETWEEN $3::BIGINT AND $4::BIGINT ORDER BY agentomatic_messages.position


-- entities.dated.find: append messages that have times of their own (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.token BETWEEN $2::BIGINT AND $3::BIGINT ORDER BY agentomatic_messages.position

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2


-- entities.dated.find: append messages that have times of their own, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2 FOR UPDATE

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_messages.token BETWEEN $3::BIGINT AND $4::BIGINT ORDER BY agentomatic_messages.position

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2 AND agentomatic_threads.user_id = $3


-- entities.dated.add: append such messages with an idempotency key (once)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $1::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT agentomatic_threads.id, $1 AS anon_1, keys.key, keys.content_digest, agentomatic_threads.message_count - keys.place AS anon_2, keys.count, agentomatic_threads.updated_at 
FROM unnest($2::VARCHAR[] COLLATE "C", $3::VARCHAR[] COLLATE "C", $4::VARCHAR(32)[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS keys(thread_id, key, content_digest, place, count, epoch) JOIN agentomatic_threads ON agentomatic_threads.id = keys.thread_id 
WHERE agentomatic_threads.epoch = keys.epoch

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - $1::BIGINT) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT


-- entities.dated.add: append such messages with an idempotency key, in a user's view (once)

-- sent together:

UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $1::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT AND agentomatic_threads.user_id = $4 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at

INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT agentomatic_threads.id, $1 AS anon_1, keys.key, keys.content_digest, agentomatic_threads.message_count - keys.place AS anon_2, keys.count, agentomatic_threads.updated_at 
FROM unnest($2::VARCHAR[] COLLATE "C", $3::VARCHAR[] COLLATE "C", $4::VARCHAR(32)[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS keys(thread_id, key, content_digest, place, count, epoch) JOIN agentomatic_threads ON agentomatic_threads.id = keys.thread_id 
WHERE agentomatic_threads.epoch = keys.epoch AND agentomatic_threads.user_id = $8

-- then:

SELECT agentomatic_threads.message_count, agentomatic_threads.updated_at, (SELECT agentomatic_messages.created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = agentomatic_threads.id AND agentomatic_messages.position = (agentomatic_threads.message_count - $1::BIGINT) - 1) AS anon_1 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $2 AND agentomatic_threads.epoch = $3::BIGINT AND agentomatic_threads.user_id = $4

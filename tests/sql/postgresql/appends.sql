-- The SQL of agentomatic_sql/entities/appends.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.appends.add: append one message (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $6::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END WHERE agentomatic_threads.id = $7 AND agentomatic_threads.epoch = $8::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - $1::BIGINT AS anon_1, $2 AS anon_2, $3::VARCHAR AS anon_3, $4::VARCHAR AS anon_4, $5::BIGINT AS anon_5, counted.updated_at 
FROM counted RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at


-- entities.appends.add: append one message, in a user's view (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $6::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END WHERE agentomatic_threads.id = $7 AND agentomatic_threads.epoch = $8::BIGINT AND agentomatic_threads.user_id = $9 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - $1::BIGINT AS anon_1, $2 AS anon_2, $3::VARCHAR AS anon_3, $4::VARCHAR AS anon_4, $5::BIGINT AS anon_5, counted.updated_at 
FROM counted RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at


-- entities.appends.find: append one message (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.token BETWEEN $2::BIGINT AND $3::BIGINT ORDER BY agentomatic_messages.position

-- then:

UPDATE agentomatic_threads SET epoch=$1::BIGINT WHERE agentomatic_threads.id = $2


-- entities.appends.find: append one message, in a user's view (asked when the answer was lost)

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


-- entities.appends.add: append one message with an idempotency key (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $5::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $6 AND agentomatic_threads.epoch = $7::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT counted.id AS id, $1 AS anon_1, $2 AS anon_2, $3::VARCHAR AS anon_3, counted.message_count - $4::BIGINT AS anon_4, $5::BIGINT AS anon_5, counted.updated_at AS updated_at 
FROM counted)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - $4::BIGINT AS anon_6, $8 AS anon_7, $9::VARCHAR AS anon_8, $10::VARCHAR AS anon_9, $11::BIGINT AS anon_10, counted.updated_at 
FROM counted RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at


-- entities.appends.add: append one message with an idempotency key, in a user's view (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $5::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $6 AND agentomatic_threads.epoch = $7::BIGINT AND agentomatic_threads.user_id = $8 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT counted.id AS id, $1 AS anon_1, $2 AS anon_2, $3::VARCHAR AS anon_3, counted.message_count - $4::BIGINT AS anon_4, $5::BIGINT AS anon_5, counted.updated_at AS updated_at 
FROM counted)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - $4::BIGINT AS anon_6, $9 AS anon_7, $10::VARCHAR AS anon_8, $11::VARCHAR AS anon_9, $12::BIGINT AS anon_10, counted.updated_at 
FROM counted RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at


-- entities.appends.add: append several messages to one thread (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $6::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END WHERE agentomatic_threads.id = $7 AND agentomatic_threads.epoch = $8::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
added AS 
(INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id AS id, counted.message_count - given.place AS anon_1, given.role AS role, given.content AS content, given.metadata AS metadata, given.token AS token, counted.updated_at AS updated_at 
FROM unnest($1::BIGINT[], $2::VARCHAR[] COLLATE "C", $3::VARCHAR[], $4::VARCHAR[], $5::BIGINT[]) AS given(place, role, content, metadata, token) JOIN counted ON true RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at)
 SELECT ids.id, ids.position, ids.created_at 
FROM (SELECT added.id AS id, added.position AS position, added.created_at AS created_at, lag(added.id) OVER (ORDER BY added.position) AS before 
FROM added) AS ids 
WHERE ids.before IS NULL OR ids.id != ids.before + 1


-- entities.appends.add: append several messages to one thread, in a user's view (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $6::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END WHERE agentomatic_threads.id = $7 AND agentomatic_threads.epoch = $8::BIGINT AND agentomatic_threads.user_id = $9 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
added AS 
(INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id AS id, counted.message_count - given.place AS anon_1, given.role AS role, given.content AS content, given.metadata AS metadata, given.token AS token, counted.updated_at AS updated_at 
FROM unnest($1::BIGINT[], $2::VARCHAR[] COLLATE "C", $3::VARCHAR[], $4::VARCHAR[], $5::BIGINT[]) AS given(place, role, content, metadata, token) JOIN counted ON true RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at)
 SELECT ids.id, ids.position, ids.created_at 
FROM (SELECT added.id AS id, added.position AS position, added.created_at AS created_at, lag(added.id) OVER (ORDER BY added.position) AS before 
FROM added) AS ids 
WHERE ids.before IS NULL OR ids.id != ids.before + 1


-- entities.appends.add: append several messages with an idempotency key (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $8::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $9 AND agentomatic_threads.epoch = $10::BIGINT RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT counted.id AS id, $1 AS anon_1, keys.key AS key, keys.content_digest AS content_digest, counted.message_count - keys.place AS anon_2, keys.count AS count, counted.updated_at AS updated_at 
FROM unnest($2::VARCHAR[] COLLATE "C", $3::VARCHAR[] COLLATE "C", $4::VARCHAR(32)[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS keys(thread_id, key, content_digest, place, count, epoch) JOIN counted ON counted.id = keys.thread_id), 
added AS 
(INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id AS id, counted.message_count - given.place AS anon_3, given.role AS role, given.content AS content, given.metadata AS metadata, given.token AS token, counted.updated_at AS updated_at 
FROM unnest($11::BIGINT[], $12::VARCHAR[] COLLATE "C", $13::VARCHAR[], $14::VARCHAR[], $15::BIGINT[]) AS given(place, role, content, metadata, token) JOIN counted ON true RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at)
 SELECT ids.id, ids.position, ids.created_at 
FROM (SELECT added.id AS id, added.position AS position, added.created_at AS created_at, lag(added.id) OVER (ORDER BY added.position) AS before 
FROM added) AS ids 
WHERE ids.before IS NULL OR ids.id != ids.before + 1


-- entities.appends.add: append several messages with an idempotency key, in a user's view (once; batched)

WITH counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + $8::BIGINT), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $9 AND agentomatic_threads.epoch = $10::BIGINT AND agentomatic_threads.user_id = $11 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT counted.id AS id, $1 AS anon_1, keys.key AS key, keys.content_digest AS content_digest, counted.message_count - keys.place AS anon_2, keys.count AS count, counted.updated_at AS updated_at 
FROM unnest($2::VARCHAR[] COLLATE "C", $3::VARCHAR[] COLLATE "C", $4::VARCHAR(32)[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS keys(thread_id, key, content_digest, place, count, epoch) JOIN counted ON counted.id = keys.thread_id), 
added AS 
(INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id AS id, counted.message_count - given.place AS anon_3, given.role AS role, given.content AS content, given.metadata AS metadata, given.token AS token, counted.updated_at AS updated_at 
FROM unnest($12::BIGINT[], $13::VARCHAR[] COLLATE "C", $14::VARCHAR[], $15::VARCHAR[], $16::BIGINT[]) AS given(place, role, content, metadata, token) JOIN counted ON true RETURNING agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at)
 SELECT ids.id, ids.position, ids.created_at 
FROM (SELECT added.id AS id, added.position AS position, added.created_at AS created_at, lag(added.id) OVER (ORDER BY added.position) AS before 
FROM added) AS ids 
WHERE ids.before IS NULL OR ids.id != ids.before + 1


-- entities.appends.add: append messages to several threads (once; batched)

WITH held AS 
(SELECT wanted.id AS id, wanted.count AS count, wanted.epoch AS epoch 
FROM unnest($7::VARCHAR[] COLLATE "C", $8::BIGINT[], $9::BIGINT[]) AS wanted(id, count, epoch) JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id 
WHERE agentomatic_threads.epoch = wanted.epoch ORDER BY agentomatic_threads.id FOR NO KEY UPDATE OF agentomatic_threads), 
counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + held.count), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END FROM held WHERE agentomatic_threads.id = held.id AND agentomatic_threads.epoch = held.epoch RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, counted.updated_at 
FROM unnest($1::VARCHAR[] COLLATE "C", $2::BIGINT[], $3::VARCHAR[] COLLATE "C", $4::VARCHAR[], $5::VARCHAR[], $6::BIGINT[]) AS given(thread_id, place, role, content, metadata, token) JOIN counted ON counted.id = given.thread_id RETURNING agentomatic_messages.thread_id, agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at


-- entities.appends.add: append messages to several threads, in a user's view (once; batched)

WITH held AS 
(SELECT wanted.id AS id, wanted.count AS count, wanted.epoch AS epoch 
FROM unnest($7::VARCHAR[] COLLATE "C", $8::BIGINT[], $9::BIGINT[]) AS wanted(id, count, epoch) JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id 
WHERE agentomatic_threads.epoch = wanted.epoch AND agentomatic_threads.user_id = $10 ORDER BY agentomatic_threads.id FOR NO KEY UPDATE OF agentomatic_threads), 
counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + held.count), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END FROM held WHERE agentomatic_threads.id = held.id AND agentomatic_threads.epoch = held.epoch AND agentomatic_threads.user_id = $10 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - given.place AS anon_1, given.role, given.content, given.metadata, given.token, counted.updated_at 
FROM unnest($1::VARCHAR[] COLLATE "C", $2::BIGINT[], $3::VARCHAR[] COLLATE "C", $4::VARCHAR[], $5::VARCHAR[], $6::BIGINT[]) AS given(thread_id, place, role, content, metadata, token) JOIN counted ON counted.id = given.thread_id RETURNING agentomatic_messages.thread_id, agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at


-- entities.appends.add: append messages to several threads with an idempotency key (once; batched)

WITH held AS 
(SELECT wanted.id AS id, wanted.count AS count, wanted.epoch AS epoch 
FROM unnest($8::VARCHAR[] COLLATE "C", $9::BIGINT[], $10::BIGINT[]) AS wanted(id, count, epoch) JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id 
WHERE agentomatic_threads.epoch = wanted.epoch ORDER BY agentomatic_threads.id FOR NO KEY UPDATE OF agentomatic_threads), 
counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + held.count), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) FROM held WHERE agentomatic_threads.id = held.id AND agentomatic_threads.epoch = held.epoch RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT counted.id AS id, $1 AS anon_1, keys.key AS key, keys.content_digest AS content_digest, counted.message_count - keys.place AS anon_2, keys.count AS count, counted.updated_at AS updated_at 
FROM unnest($2::VARCHAR[] COLLATE "C", $3::VARCHAR[] COLLATE "C", $4::VARCHAR(32)[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS keys(thread_id, key, content_digest, place, count, epoch) JOIN counted ON counted.id = keys.thread_id)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - given.place AS anon_3, given.role, given.content, given.metadata, given.token, counted.updated_at 
FROM unnest($11::VARCHAR[] COLLATE "C", $12::BIGINT[], $13::VARCHAR[] COLLATE "C", $14::VARCHAR[], $15::VARCHAR[], $16::BIGINT[]) AS given(thread_id, place, role, content, metadata, token) JOIN counted ON counted.id = given.thread_id RETURNING agentomatic_messages.thread_id, agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at


-- entities.appends.add: append messages to several threads with an idempotency key, in a user's view (once; batched)

WITH held AS 
(SELECT wanted.id AS id, wanted.count AS count, wanted.epoch AS epoch 
FROM unnest($8::VARCHAR[] COLLATE "C", $9::BIGINT[], $10::BIGINT[]) AS wanted(id, count, epoch) JOIN agentomatic_threads ON agentomatic_threads.id = wanted.id 
WHERE agentomatic_threads.epoch = wanted.epoch AND agentomatic_threads.user_id = $11 ORDER BY agentomatic_threads.id FOR NO KEY UPDATE OF agentomatic_threads), 
counted AS 
(UPDATE agentomatic_threads SET message_count=(agentomatic_threads.message_count + held.count), updated_at=CASE WHEN (agentomatic_threads.updated_at > (statement_timestamp() + (3600000000 * INTERVAL '1 microsecond'))) THEN statement_timestamp() ELSE greatest(agentomatic_threads.updated_at, statement_timestamp()) END, attached=(agentomatic_threads.attached + 1) FROM held WHERE agentomatic_threads.id = held.id AND agentomatic_threads.epoch = held.epoch AND agentomatic_threads.user_id = $11 RETURNING agentomatic_threads.id, agentomatic_threads.message_count, agentomatic_threads.updated_at), 
keyed AS 
(INSERT INTO agentomatic_idempotency_keys (thread_id, operation, key, content_digest, first, count, created_at) SELECT counted.id AS id, $1 AS anon_1, keys.key AS key, keys.content_digest AS content_digest, counted.message_count - keys.place AS anon_2, keys.count AS count, counted.updated_at AS updated_at 
FROM unnest($2::VARCHAR[] COLLATE "C", $3::VARCHAR[] COLLATE "C", $4::VARCHAR(32)[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[]) AS keys(thread_id, key, content_digest, place, count, epoch) JOIN counted ON counted.id = keys.thread_id)
 INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, token, created_at) SELECT counted.id, counted.message_count - given.place AS anon_3, given.role, given.content, given.metadata, given.token, counted.updated_at 
FROM unnest($12::VARCHAR[] COLLATE "C", $13::BIGINT[], $14::VARCHAR[] COLLATE "C", $15::VARCHAR[], $16::VARCHAR[], $17::BIGINT[]) AS given(thread_id, place, role, content, metadata, token) JOIN counted ON counted.id = given.thread_id RETURNING agentomatic_messages.thread_id, agentomatic_messages.id, agentomatic_messages.position, agentomatic_messages.created_at AS created_at

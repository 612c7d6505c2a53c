-- The SQL of agentomatic_sql/entities/idempotency.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.idempotency.find_messages: find the messages of an idempotency key (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_idempotency_keys JOIN agentomatic_messages ON agentomatic_messages.thread_id = agentomatic_idempotency_keys.thread_id AND agentomatic_messages.position >= agentomatic_idempotency_keys.first AND agentomatic_messages.position < agentomatic_idempotency_keys.first + agentomatic_idempotency_keys.count 
WHERE agentomatic_idempotency_keys.thread_id = $1 AND agentomatic_idempotency_keys.operation = $2 AND agentomatic_idempotency_keys.key = $3 ORDER BY agentomatic_messages.position


-- entities.idempotency.find_messages: find the messages of an idempotency key, in a user's view (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_idempotency_keys JOIN agentomatic_messages ON agentomatic_messages.thread_id = agentomatic_idempotency_keys.thread_id AND agentomatic_messages.position >= agentomatic_idempotency_keys.first AND agentomatic_messages.position < agentomatic_idempotency_keys.first + agentomatic_idempotency_keys.count 
WHERE agentomatic_idempotency_keys.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_idempotency_keys.operation = $3 AND agentomatic_idempotency_keys.key = $4 ORDER BY agentomatic_messages.position


-- entities.idempotency.find_messages: find the encrypted messages of an idempotency key (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at, agentomatic_messages.token, (SELECT named.user_id 
FROM agentomatic_threads AS named 
WHERE named.id = agentomatic_messages.thread_id) AS user_id 
FROM agentomatic_idempotency_keys JOIN agentomatic_messages ON agentomatic_messages.thread_id = agentomatic_idempotency_keys.thread_id AND agentomatic_messages.position >= agentomatic_idempotency_keys.first AND agentomatic_messages.position < agentomatic_idempotency_keys.first + agentomatic_idempotency_keys.count 
WHERE agentomatic_idempotency_keys.thread_id = $1 AND agentomatic_idempotency_keys.operation = $2 AND agentomatic_idempotency_keys.key = $3 ORDER BY agentomatic_messages.position


-- entities.idempotency.find_messages: find the encrypted messages of an idempotency key, in a user's view (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.position, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at, agentomatic_messages.token, (SELECT named.user_id 
FROM agentomatic_threads AS named 
WHERE named.id = agentomatic_messages.thread_id) AS user_id 
FROM agentomatic_idempotency_keys JOIN agentomatic_messages ON agentomatic_messages.thread_id = agentomatic_idempotency_keys.thread_id AND agentomatic_messages.position >= agentomatic_idempotency_keys.first AND agentomatic_messages.position < agentomatic_idempotency_keys.first + agentomatic_idempotency_keys.count 
WHERE agentomatic_idempotency_keys.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_idempotency_keys.operation = $3 AND agentomatic_idempotency_keys.key = $4 ORDER BY agentomatic_messages.position


-- entities.idempotency.find_feedback: find the feedback of an idempotency key (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_idempotency_keys JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = agentomatic_idempotency_keys.thread_id AND agentomatic_feedback.id = agentomatic_idempotency_keys.first 
WHERE agentomatic_idempotency_keys.thread_id = $1 AND agentomatic_idempotency_keys.operation = $2 AND agentomatic_idempotency_keys.key = $3


-- entities.idempotency.find_feedback: find the feedback of an idempotency key, in a user's view (query)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.message_id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.rating, agentomatic_feedback.comment, agentomatic_feedback.feedback_type, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction, agentomatic_feedback.created_at AS created_at 
FROM agentomatic_idempotency_keys JOIN agentomatic_feedback ON agentomatic_feedback.thread_id = agentomatic_idempotency_keys.thread_id AND agentomatic_feedback.id = agentomatic_idempotency_keys.first 
WHERE agentomatic_idempotency_keys.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = $1 AND owned.user_id = $2) AND agentomatic_idempotency_keys.operation = $3 AND agentomatic_idempotency_keys.key = $4


-- entities.idempotency.forget: delete old idempotency keys (once)

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.created_at < (statement_timestamp() + ($1::BIGINT * INTERVAL '1 microsecond'))


-- entities.idempotency.forget: delete old idempotency keys, in a user's view (once)

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.created_at < (statement_timestamp() + ($1::BIGINT * INTERVAL '1 microsecond')) AND agentomatic_idempotency_keys.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $2)

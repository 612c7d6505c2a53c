-- The SQL of agentomatic_sql/entities/idempotency.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.idempotency.find_messages: find the messages of an idempotency key (query)

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at AS created_at 
FROM idempotency_keys INNER JOIN messages ON messages.thread_id = idempotency_keys.thread_id AND messages.position >= idempotency_keys.first AND messages.position < idempotency_keys.first + idempotency_keys.count 
WHERE idempotency_keys.thread_id = %s AND idempotency_keys.operation = %s AND idempotency_keys.`key` = %s ORDER BY messages.position


-- entities.idempotency.find_messages: find the messages of an idempotency key, in a user's view (query)

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at AS created_at 
FROM idempotency_keys INNER JOIN messages ON messages.thread_id = idempotency_keys.thread_id AND messages.position >= idempotency_keys.first AND messages.position < idempotency_keys.first + idempotency_keys.count 
WHERE idempotency_keys.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND idempotency_keys.operation = %s AND idempotency_keys.`key` = %s ORDER BY messages.position


-- entities.idempotency.find_messages: find the encrypted messages of an idempotency key (query)

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at AS created_at, messages.token 
FROM idempotency_keys INNER JOIN messages ON messages.thread_id = idempotency_keys.thread_id AND messages.position >= idempotency_keys.first AND messages.position < idempotency_keys.first + idempotency_keys.count 
WHERE idempotency_keys.thread_id = %s AND idempotency_keys.operation = %s AND idempotency_keys.`key` = %s ORDER BY messages.position


-- entities.idempotency.find_messages: find the encrypted messages of an idempotency key, in a user's view (query)

SELECT messages.id, messages.thread_id, messages.position, messages.`role`, messages.content, messages.metadata, messages.created_at AS created_at, messages.token 
FROM idempotency_keys INNER JOIN messages ON messages.thread_id = idempotency_keys.thread_id AND messages.position >= idempotency_keys.first AND messages.position < idempotency_keys.first + idempotency_keys.count 
WHERE idempotency_keys.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND idempotency_keys.operation = %s AND idempotency_keys.`key` = %s ORDER BY messages.position


-- entities.idempotency.find_feedback: find the feedback of an idempotency key (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback.query, feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM idempotency_keys INNER JOIN feedback ON feedback.id = idempotency_keys.first 
WHERE idempotency_keys.thread_id = %s AND idempotency_keys.operation = %s AND idempotency_keys.`key` = %s


-- entities.idempotency.find_feedback: find the feedback of an idempotency key, in a user's view (query)

SELECT feedback.id, feedback.thread_id, feedback.message_id, feedback.user_id, feedback.agent_name, feedback.rating, feedback.comment, feedback.feedback_type, feedback.query, feedback.response, feedback.correction, feedback.created_at AS created_at 
FROM idempotency_keys INNER JOIN feedback ON feedback.id = idempotency_keys.first 
WHERE idempotency_keys.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND idempotency_keys.operation = %s AND idempotency_keys.`key` = %s


-- entities.idempotency.forget: delete old idempotency keys (once)

DELETE FROM idempotency_keys WHERE idempotency_keys.created_at < %s


-- entities.idempotency.forget: delete old idempotency keys, in a user's view (once)

DELETE FROM idempotency_keys WHERE idempotency_keys.created_at < %s AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = idempotency_keys.thread_id AND owned.user_id = %s))

-- The SQL of agentomatic_sql/entities/messages.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.messages.page: read messages from an offset (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` >= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s


-- entities.messages.page: read messages from an offset, in a user's view (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_messages.`position` >= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s


-- entities.messages.page: read the last messages (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s ORDER BY agentomatic_messages.`position` DESC 
 LIMIT %s


-- entities.messages.page: read the last messages, in a user's view (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) ORDER BY agentomatic_messages.`position` DESC 
 LIMIT %s


-- entities.messages.page: read encrypted messages, with what they are bound to (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at, agentomatic_messages.token, (SELECT named.user_id 
FROM agentomatic_threads AS named 
WHERE named.id = %s) AS user_id 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` >= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s


-- entities.messages.page: read encrypted messages, with what they are bound to, in a user's view (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at, agentomatic_messages.token, (SELECT named.user_id 
FROM agentomatic_threads AS named 
WHERE named.id = %s) AS user_id 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_messages.`position` >= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: the first page (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages ORDER BY agentomatic_messages.thread_id, agentomatic_messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: the first page, in a user's view (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_messages.thread_id AND owned.user_id = %s) ORDER BY agentomatic_messages.thread_id, agentomatic_messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: a later page (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.`position` >= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id > %s ORDER BY agentomatic_messages.thread_id, agentomatic_messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: a later page, in a user's view (query)

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND agentomatic_messages.`position` >= %s ORDER BY agentomatic_messages.`position` 
 LIMIT %s

-- then:

SELECT agentomatic_messages.id, agentomatic_messages.thread_id, agentomatic_messages.`position`, agentomatic_messages.role, agentomatic_messages.content, agentomatic_messages.metadata, agentomatic_messages.created_at AS created_at 
FROM agentomatic_messages 
WHERE (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_messages.thread_id AND owned.user_id = %s)) AND agentomatic_messages.thread_id > %s ORDER BY agentomatic_messages.thread_id, agentomatic_messages.`position` 
 LIMIT %s

-- The SQL of agentomatic_sql/entities/messages.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.messages.page: read messages from an offset (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= %s ORDER BY messages.`position` 
 LIMIT %s


-- entities.messages.page: read messages from an offset, in a user's view (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND messages.`position` >= %s ORDER BY messages.`position` 
 LIMIT %s


-- entities.messages.page: read the last messages (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s ORDER BY messages.`position` DESC 
 LIMIT %s


-- entities.messages.page: read the last messages, in a user's view (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) ORDER BY messages.`position` DESC 
 LIMIT %s


-- entities.messages.page: read encrypted messages, with their tokens (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at, messages.token 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= %s ORDER BY messages.`position` 
 LIMIT %s


-- entities.messages.page: read encrypted messages, with their tokens, in a user's view (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at, messages.token 
FROM messages 
WHERE messages.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND messages.`position` >= %s ORDER BY messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: the first page (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages ORDER BY messages.thread_id, messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: the first page, in a user's view (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = messages.thread_id AND owned.user_id = %s) ORDER BY messages.thread_id, messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: a later page (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = %s AND messages.`position` >= %s ORDER BY messages.`position` 
 LIMIT %s

-- then:

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id > %s ORDER BY messages.thread_id, messages.`position` 
 LIMIT %s


-- entities.messages.page_of_all: read the messages of all threads: a later page, in a user's view (query)

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE messages.thread_id = (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s) AND messages.`position` >= %s ORDER BY messages.`position` 
 LIMIT %s

-- then:

SELECT messages.id, messages.thread_id, messages.`position`, messages.role, messages.content, messages.metadata, messages.created_at AS created_at 
FROM messages 
WHERE (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = messages.thread_id AND owned.user_id = %s)) AND messages.thread_id > %s ORDER BY messages.thread_id, messages.`position` 
 LIMIT %s

-- The SQL of agentomatic_sql/graphs/listing.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.listing.page: list the checkpoints of a namespace (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints INNER JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a namespace before an id: a later page (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints INNER JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s) AND agentomatic_graph_checkpoints.checkpoint_id < %s AND agentomatic_graph_checkpoints.checkpoint_id <= %s AND (agentomatic_graph_checkpoints.checkpoint_id < %s OR agentomatic_graph_checkpoints.checkpoint_id = %s AND agentomatic_graph_checkpoints.namespace_id < %s) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints INNER JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s) AND NOT (EXISTS (SELECT agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.checkpoint_id = agentomatic_graph_checkpoints.checkpoint_id AND agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s)) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods, in a user's view (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints INNER JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.digest = %s) AND NOT (EXISTS (SELECT agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.checkpoint_id = agentomatic_graph_checkpoints.checkpoint_id AND agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s)) AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s)) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a thread (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints INNER JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id IN (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC, agentomatic_graph_checkpoints.namespace_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a thread with an id (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints INNER JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id IN (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s) AND agentomatic_graph_checkpoints.checkpoint_id = %s ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC, agentomatic_graph_checkpoints.namespace_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of all threads: a later page (query)

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.parent_checkpoint_id, agentomatic_graph_checkpoints.body, agentomatic_graph_checkpoints.created_at 
FROM agentomatic_graph_checkpoints INNER JOIN agentomatic_graph_namespaces ON agentomatic_graph_checkpoints.thread_digest = agentomatic_graph_namespaces.thread_digest AND agentomatic_graph_checkpoints.namespace_id = agentomatic_graph_namespaces.id 
WHERE agentomatic_graph_checkpoints.checkpoint_id <= %s AND (agentomatic_graph_checkpoints.checkpoint_id < %s OR agentomatic_graph_checkpoints.checkpoint_id = %s AND agentomatic_graph_checkpoints.namespace_id < %s) ORDER BY agentomatic_graph_checkpoints.checkpoint_id DESC, agentomatic_graph_checkpoints.namespace_id DESC 
 LIMIT %s


-- graphs.listing.belonging: get the values and writes of a page of checkpoints (query)

SELECT 0 AS kind, agentomatic_graph_namespaces.generation AS a, agentomatic_graph_namespaces.epoch AS b, NULL AS id, NULL AS body 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id = %s UNION ALL SELECT 1 AS kind, agentomatic_graph_values.segment, agentomatic_graph_values.position, NULL AS anon_1, agentomatic_graph_values.body 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS `read` LEFT OUTER JOIN agentomatic_graph_values ON agentomatic_graph_values.thread_digest = %s AND agentomatic_graph_values.namespace_id = %s AND agentomatic_graph_values.segment = `read`.a AND agentomatic_graph_values.position <= `read`.b AND agentomatic_graph_values.position > coalesce((SELECT known.b 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS known 
WHERE known.a = `read`.a), -1) UNION ALL SELECT 2 AS kind, agentomatic_graph_writes.sequence, agentomatic_graph_writes.token, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = %s AND agentomatic_graph_writes.checkpoint_id BETWEEN %s AND %s

-- The SQL of agentomatic_sql/graphs/listing.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.listing.page: list the checkpoints of a namespace (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_checkpoints INNER JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a namespace before an id: a later page (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_checkpoints INNER JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) AND graph_checkpoints.checkpoint_id < %s AND graph_checkpoints.checkpoint_id <= %s AND (graph_checkpoints.checkpoint_id < %s OR graph_checkpoints.checkpoint_id = %s AND graph_checkpoints.namespace_id < %s) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_checkpoints INNER JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) AND NOT (EXISTS (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = graph_checkpoints.checkpoint_id)) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a namespace for a store's methods, in a user's view (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_checkpoints INNER JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id = (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.digest = %s) AND NOT (EXISTS (SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.thread_id = %s AND checkpoints.checkpoint_ns = %s AND checkpoints.checkpoint_id = graph_checkpoints.checkpoint_id)) AND (EXISTS (SELECT owned.id 
FROM threads AS owned 
WHERE owned.id = %s AND owned.user_id = %s)) ORDER BY graph_checkpoints.checkpoint_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a thread (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_checkpoints INNER JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id IN (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s) ORDER BY graph_checkpoints.checkpoint_id DESC, graph_checkpoints.namespace_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of a thread with an id (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_checkpoints INNER JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.namespace_id IN (SELECT graph_namespaces.id 
FROM graph_namespaces 
WHERE graph_namespaces.thread_digest = %s) AND graph_checkpoints.checkpoint_id = %s ORDER BY graph_checkpoints.checkpoint_id DESC, graph_checkpoints.namespace_id DESC 
 LIMIT %s


-- graphs.listing.page: list the checkpoints of all threads: a later page (query)

SELECT graph_namespaces.id, graph_namespaces.thread_id, graph_namespaces.checkpoint_ns, graph_namespaces.generation, graph_checkpoints.checkpoint_id, graph_checkpoints.parent_checkpoint_id, graph_checkpoints.`body`, graph_checkpoints.created_at 
FROM graph_checkpoints INNER JOIN graph_namespaces ON graph_checkpoints.namespace_id = graph_namespaces.id 
WHERE graph_checkpoints.checkpoint_id <= %s AND (graph_checkpoints.checkpoint_id < %s OR graph_checkpoints.checkpoint_id = %s AND graph_checkpoints.namespace_id < %s) ORDER BY graph_checkpoints.checkpoint_id DESC, graph_checkpoints.namespace_id DESC 
 LIMIT %s


-- graphs.listing.belonging: get the values and writes of a page of checkpoints (query)

SELECT 0 AS kind, graph_namespaces.generation AS a, 0 AS b, NULL AS id, NULL AS `body` 
FROM graph_namespaces 
WHERE graph_namespaces.id = %s UNION ALL SELECT 1 AS kind, graph_values.segment, graph_values.`position`, NULL AS anon_1, graph_values.`body` 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS `read` LEFT OUTER JOIN graph_values ON graph_values.namespace_id = %s AND graph_values.segment = `read`.a AND graph_values.`position` <= `read`.b AND graph_values.`position` > coalesce((SELECT known.b 
FROM JSON_TABLE(%s, '$[*]' COLUMNS (`a` BIGINT PATH '$[0]', `b` BIGINT PATH '$[1]')) AS known 
WHERE known.a = `read`.a), -1) UNION ALL SELECT 2 AS kind, graph_writes.sequence, 0 AS b, graph_writes.checkpoint_id, graph_writes.`body` 
FROM graph_writes 
WHERE graph_writes.namespace_id = %s AND graph_writes.checkpoint_id BETWEEN %s AND %s

-- The SQL of agentomatic_sql/graphs/rekeying.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rekeying.left: count the rows of agentomatic_graph_checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_checkpoints 
WHERE substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_checkpoints.`body`, %s, %s) != unhex(%s)


-- graphs.rekeying.left: count the rows of agentomatic_graph_checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_checkpoints 
WHERE substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s))


-- graphs.rekeying.batch: encrypt the first rows of agentomatic_graph_checkpoints (once)

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.`body`, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_2 
FROM agentomatic_graph_checkpoints 
WHERE substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_checkpoints.`body`, %s, %s) != unhex(%s) ORDER BY agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT %s FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_graph_checkpoints SET `body`=unhex(%s) WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id = %s AND agentomatic_graph_checkpoints.checkpoint_id = %s


-- graphs.rekeying.batch: encrypt the next rows of agentomatic_graph_checkpoints (once)

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.`body`, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_2 
FROM agentomatic_graph_checkpoints 
WHERE (substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_checkpoints.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_checkpoints.`body`, %s, %s) != unhex(%s)) AND agentomatic_graph_checkpoints.thread_digest >= %s AND (agentomatic_graph_checkpoints.thread_digest > %s OR agentomatic_graph_checkpoints.namespace_id >= %s AND (agentomatic_graph_checkpoints.namespace_id > %s OR agentomatic_graph_checkpoints.checkpoint_id > %s)) ORDER BY agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT %s FOR UPDATE


-- graphs.rekeying.left: count the rows of agentomatic_graph_values to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_values 
WHERE substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_values.`body`, %s, %s) != unhex(%s)


-- graphs.rekeying.left: count the rows of agentomatic_graph_values to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_values 
WHERE substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s))


-- graphs.rekeying.batch: encrypt the first rows of agentomatic_graph_values (once)

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.`position`, agentomatic_graph_values.`body`, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_2 
FROM agentomatic_graph_values 
WHERE substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_values.`body`, %s, %s) != unhex(%s) ORDER BY agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.`position` 
 LIMIT %s FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_graph_values SET `body`=unhex(%s) WHERE agentomatic_graph_values.thread_digest = %s AND agentomatic_graph_values.namespace_id = %s AND agentomatic_graph_values.segment = %s AND agentomatic_graph_values.`position` = %s


-- graphs.rekeying.batch: encrypt the next rows of agentomatic_graph_values (once)

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.`position`, agentomatic_graph_values.`body`, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_2 
FROM agentomatic_graph_values 
WHERE (substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_values.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_values.`body`, %s, %s) != unhex(%s)) AND agentomatic_graph_values.thread_digest >= %s AND (agentomatic_graph_values.thread_digest > %s OR agentomatic_graph_values.namespace_id >= %s AND (agentomatic_graph_values.namespace_id > %s OR agentomatic_graph_values.segment >= %s AND (agentomatic_graph_values.segment > %s OR agentomatic_graph_values.`position` > %s))) ORDER BY agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.`position` 
 LIMIT %s FOR UPDATE


-- graphs.rekeying.left: count the rows of agentomatic_graph_writes to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s))


-- graphs.rekeying.left: count the rows of agentomatic_graph_writes to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s))


-- graphs.rekeying.batch: encrypt the first rows of agentomatic_graph_writes (once)

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.`body`, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s)) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT %s FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_graph_writes SET `body`=unhex(%s) WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = %s AND agentomatic_graph_writes.checkpoint_id = %s AND agentomatic_graph_writes.sequence = %s


-- graphs.rekeying.batch: encrypt the next rows of agentomatic_graph_writes (once)

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.`body`, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s))) AND agentomatic_graph_writes.thread_digest >= %s AND (agentomatic_graph_writes.thread_digest > %s OR agentomatic_graph_writes.namespace_id >= %s AND (agentomatic_graph_writes.namespace_id > %s OR agentomatic_graph_writes.checkpoint_id >= %s AND (agentomatic_graph_writes.checkpoint_id > %s OR agentomatic_graph_writes.sequence > %s))) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT %s FOR UPDATE


-- graphs.rekeying.batch: encrypt a row of graph_writes that is in parts (once)

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.`body`, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) AND (substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) OR substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s)) AND substr(agentomatic_graph_writes.`body`, %s, %s) != unhex(%s)) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT %s FOR UPDATE

-- then:

SELECT agentomatic_graph_writes.sequence, agentomatic_graph_writes.`body` 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = %s AND agentomatic_graph_writes.checkpoint_id = %s AND substr(agentomatic_graph_writes.`body`, %s, %s) = unhex(%s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_graph_writes SET `body`=unhex(%s) WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id = %s AND agentomatic_graph_writes.checkpoint_id = %s AND agentomatic_graph_writes.sequence = %s

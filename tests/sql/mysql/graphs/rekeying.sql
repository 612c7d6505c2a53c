-- The SQL of agentomatic_sql/graphs/rekeying.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rekeying.left: count the rows of graph_checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s) AND (substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s)) AND substr(graph_checkpoints.body, %s, %s) != unhex(%s)


-- graphs.rekeying.left: count the rows of graph_checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, %s, %s) = unhex(%s) AND (substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s))


-- graphs.rekeying.batch: encrypt the first rows of graph_checkpoints (once)

SELECT graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s) AND (substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s)) AND substr(graph_checkpoints.body, %s, %s) != unhex(%s) ORDER BY graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id 
 LIMIT %s FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_checkpoints SET body=unhex(%s) WHERE graph_checkpoints.namespace_id = %s AND graph_checkpoints.checkpoint_id = %s


-- graphs.rekeying.batch: encrypt the next rows of graph_checkpoints (once)

SELECT graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE (substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s) AND (substr(graph_checkpoints.body, %s, %s) = unhex(%s) OR substr(graph_checkpoints.body, %s, %s) = unhex(%s)) AND substr(graph_checkpoints.body, %s, %s) != unhex(%s)) AND (graph_checkpoints.namespace_id > %s OR graph_checkpoints.namespace_id = %s AND graph_checkpoints.checkpoint_id > %s) ORDER BY graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id 
 LIMIT %s FOR UPDATE


-- graphs.rekeying.left: count the rows of graph_values to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_values 
WHERE substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s) AND (substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s)) AND substr(graph_values.body, %s, %s) != unhex(%s)


-- graphs.rekeying.left: count the rows of graph_values to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_values 
WHERE substr(graph_values.body, %s, %s) = unhex(%s) AND (substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s))


-- graphs.rekeying.batch: encrypt the first rows of graph_values (once)

SELECT graph_values.namespace_id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_values 
WHERE substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s) AND (substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s)) AND substr(graph_values.body, %s, %s) != unhex(%s) ORDER BY graph_values.namespace_id, graph_values.segment, graph_values.position 
 LIMIT %s FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_values SET body=unhex(%s) WHERE graph_values.namespace_id = %s AND graph_values.segment = %s AND graph_values.position = %s


-- graphs.rekeying.batch: encrypt the next rows of graph_values (once)

SELECT graph_values.namespace_id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_values 
WHERE (substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s) AND (substr(graph_values.body, %s, %s) = unhex(%s) OR substr(graph_values.body, %s, %s) = unhex(%s)) AND substr(graph_values.body, %s, %s) != unhex(%s)) AND (graph_values.namespace_id > %s OR graph_values.namespace_id = %s AND (graph_values.segment > %s OR graph_values.segment = %s AND graph_values.position > %s)) ORDER BY graph_values.namespace_id, graph_values.segment, graph_values.position 
 LIMIT %s FOR UPDATE


-- graphs.rekeying.left: count the rows of graph_writes to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_writes 
WHERE substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s))


-- graphs.rekeying.left: count the rows of graph_writes to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_writes 
WHERE substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND substr(graph_writes.body, %s, %s) = unhex(%s) AND substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s))


-- graphs.rekeying.batch: encrypt the first rows of graph_writes (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s)) ORDER BY graph_writes.sequence 
 LIMIT %s FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_writes SET body=unhex(%s) WHERE graph_writes.sequence = %s


-- graphs.rekeying.batch: encrypt the next rows of graph_writes (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s))) AND graph_writes.sequence > %s ORDER BY graph_writes.sequence 
 LIMIT %s FOR UPDATE


-- graphs.rekeying.batch: encrypt a row of graph_writes that is in parts (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s) AND (substr(graph_writes.body, %s, %s) = unhex(%s) OR substr(graph_writes.body, %s, %s) = unhex(%s)) AND substr(graph_writes.body, %s, %s) != unhex(%s)) ORDER BY graph_writes.sequence 
 LIMIT %s FOR UPDATE

-- then:

SELECT graph_writes.namespace_id, graph_writes.checkpoint_id 
FROM graph_writes 
WHERE graph_writes.sequence = %s

-- then:

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = %s AND graph_writes.checkpoint_id = %s AND substr(graph_writes.body, %s, %s) = unhex(%s) FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_writes SET body=unhex(%s) WHERE graph_writes.sequence = %s

-- The SQL of agentomatic_sql/graphs/rekeying.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rekeying.left: count the rows of agentomatic_graph_checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_checkpoints 
WHERE substr(agentomatic_graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_checkpoints.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_checkpoints.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_checkpoints.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA


-- graphs.rekeying.left: count the rows of agentomatic_graph_checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_checkpoints 
WHERE substr(agentomatic_graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA AND (substr(agentomatic_graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA)


-- graphs.rekeying.batch: encrypt the first row of agentomatic_graph_checkpoints (once)

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_2 
FROM agentomatic_graph_checkpoints 
WHERE substr(agentomatic_graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_checkpoints.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_checkpoints.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_checkpoints.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA ORDER BY agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT $19::INTEGER

-- then:

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
FROM agentomatic_graph_checkpoints 
WHERE agentomatic_graph_checkpoints.thread_digest = $1::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $2::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id = $3 FOR UPDATE

-- then:

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_2 
FROM agentomatic_graph_checkpoints 
WHERE (substr(agentomatic_graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_checkpoints.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_checkpoints.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_checkpoints.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA) AND agentomatic_graph_checkpoints.thread_digest = $19::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $20::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id = $21 ORDER BY agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT $22::INTEGER

-- then:

UPDATE agentomatic_graph_checkpoints SET body=$1::BYTEA WHERE agentomatic_graph_checkpoints.thread_digest = $2::BIGINT AND agentomatic_graph_checkpoints.namespace_id = $3::BIGINT AND agentomatic_graph_checkpoints.checkpoint_id = $4


-- graphs.rekeying.batch: encrypt the next rows of agentomatic_graph_checkpoints (once)

SELECT agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id, agentomatic_graph_checkpoints.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_checkpoints.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_checkpoints.namespace_id) AS anon_2 
FROM agentomatic_graph_checkpoints 
WHERE (substr(agentomatic_graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_checkpoints.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_checkpoints.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_checkpoints.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA) AND (agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id) > ($19::BIGINT, $20::BIGINT, $21) ORDER BY agentomatic_graph_checkpoints.thread_digest, agentomatic_graph_checkpoints.namespace_id, agentomatic_graph_checkpoints.checkpoint_id 
 LIMIT $22::INTEGER


-- graphs.rekeying.left: count the rows of agentomatic_graph_values to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_values 
WHERE substr(agentomatic_graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_values.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_values.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_values.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA


-- graphs.rekeying.left: count the rows of agentomatic_graph_values to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_values 
WHERE substr(agentomatic_graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA AND (substr(agentomatic_graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA)


-- graphs.rekeying.batch: encrypt the first row of agentomatic_graph_values (once)

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position, agentomatic_graph_values.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_2 
FROM agentomatic_graph_values 
WHERE substr(agentomatic_graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_values.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_values.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_values.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA ORDER BY agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position 
 LIMIT $19::INTEGER

-- then:

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position 
FROM agentomatic_graph_values 
WHERE agentomatic_graph_values.thread_digest = $1::BIGINT AND agentomatic_graph_values.namespace_id = $2::BIGINT AND agentomatic_graph_values.segment = $3::BIGINT AND agentomatic_graph_values.position = $4::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position, agentomatic_graph_values.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_2 
FROM agentomatic_graph_values 
WHERE (substr(agentomatic_graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_values.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_values.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_values.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA) AND agentomatic_graph_values.thread_digest = $19::BIGINT AND agentomatic_graph_values.namespace_id = $20::BIGINT AND agentomatic_graph_values.segment = $21::BIGINT AND agentomatic_graph_values.position = $22::BIGINT ORDER BY agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position 
 LIMIT $23::INTEGER

-- then:

UPDATE agentomatic_graph_values SET body=$1::BYTEA WHERE agentomatic_graph_values.thread_digest = $2::BIGINT AND agentomatic_graph_values.namespace_id = $3::BIGINT AND agentomatic_graph_values.segment = $4::BIGINT AND agentomatic_graph_values.position = $5::BIGINT


-- graphs.rekeying.batch: encrypt the next rows of agentomatic_graph_values (once)

SELECT agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position, agentomatic_graph_values.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_values.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_values.namespace_id) AS anon_2 
FROM agentomatic_graph_values 
WHERE (substr(agentomatic_graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_values.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_values.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_values.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA) AND (agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position) > ($19::BIGINT, $20::BIGINT, $21::BIGINT, $22::BIGINT) ORDER BY agentomatic_graph_values.thread_digest, agentomatic_graph_values.namespace_id, agentomatic_graph_values.segment, agentomatic_graph_values.position 
 LIMIT $23::INTEGER


-- graphs.rekeying.left: count the rows of agentomatic_graph_writes to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(agentomatic_graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(agentomatic_graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(agentomatic_graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(agentomatic_graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(agentomatic_graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(agentomatic_graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(agentomatic_graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(agentomatic_graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA)


-- graphs.rekeying.left: count the rows of agentomatic_graph_writes to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA AND (substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA) OR substr(agentomatic_graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA AND substr(agentomatic_graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA AND substr(agentomatic_graph_writes.body, $16::INTEGER, $17::INTEGER) = $18::BYTEA AND (substr(agentomatic_graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA OR substr(agentomatic_graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA)


-- graphs.rekeying.batch: encrypt the first row of agentomatic_graph_writes (once)

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(agentomatic_graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(agentomatic_graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(agentomatic_graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(agentomatic_graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(agentomatic_graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(agentomatic_graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(agentomatic_graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(agentomatic_graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT $43::INTEGER

-- then:

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id = $3 AND agentomatic_graph_writes.sequence = $4::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE (substr(agentomatic_graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(agentomatic_graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(agentomatic_graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(agentomatic_graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(agentomatic_graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(agentomatic_graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(agentomatic_graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(agentomatic_graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(agentomatic_graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA)) AND agentomatic_graph_writes.thread_digest = $43::BIGINT AND agentomatic_graph_writes.namespace_id = $44::BIGINT AND agentomatic_graph_writes.checkpoint_id = $45 AND agentomatic_graph_writes.sequence = $46::BIGINT ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT $47::INTEGER

-- then:

UPDATE agentomatic_graph_writes SET body=$1::BYTEA WHERE agentomatic_graph_writes.thread_digest = $2::BIGINT AND agentomatic_graph_writes.namespace_id = $3::BIGINT AND agentomatic_graph_writes.checkpoint_id = $4 AND agentomatic_graph_writes.sequence = $5::BIGINT


-- graphs.rekeying.batch: encrypt the next rows of agentomatic_graph_writes (once)

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE (substr(agentomatic_graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(agentomatic_graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(agentomatic_graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(agentomatic_graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(agentomatic_graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(agentomatic_graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(agentomatic_graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(agentomatic_graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(agentomatic_graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA)) AND (agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence) > ($43::BIGINT, $44::BIGINT, $45, $46::BIGINT) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT $47::INTEGER


-- graphs.rekeying.batch: encrypt a locked row of graph_writes that is in parts (once)

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE substr(agentomatic_graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(agentomatic_graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(agentomatic_graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(agentomatic_graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(agentomatic_graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(agentomatic_graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(agentomatic_graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(agentomatic_graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(agentomatic_graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA) ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT $43::INTEGER

-- then:

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id = $3 AND agentomatic_graph_writes.sequence = $4::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence, agentomatic_graph_writes.body, (SELECT agentomatic_graph_namespaces.thread_id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_1, (SELECT agentomatic_graph_namespaces.checkpoint_ns 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = agentomatic_graph_writes.thread_digest AND agentomatic_graph_namespaces.id = agentomatic_graph_writes.namespace_id) AS anon_2 
FROM agentomatic_graph_writes 
WHERE (substr(agentomatic_graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(agentomatic_graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(agentomatic_graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(agentomatic_graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(agentomatic_graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(agentomatic_graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(agentomatic_graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(agentomatic_graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(agentomatic_graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(agentomatic_graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(agentomatic_graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(agentomatic_graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(agentomatic_graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA)) AND agentomatic_graph_writes.thread_digest = $43::BIGINT AND agentomatic_graph_writes.namespace_id = $44::BIGINT AND agentomatic_graph_writes.checkpoint_id = $45 AND agentomatic_graph_writes.sequence = $46::BIGINT ORDER BY agentomatic_graph_writes.thread_digest, agentomatic_graph_writes.namespace_id, agentomatic_graph_writes.checkpoint_id, agentomatic_graph_writes.sequence 
 LIMIT $47::INTEGER

-- then:

SELECT agentomatic_graph_writes.sequence, agentomatic_graph_writes.body 
FROM agentomatic_graph_writes 
WHERE agentomatic_graph_writes.thread_digest = $1::BIGINT AND agentomatic_graph_writes.namespace_id = $2::BIGINT AND agentomatic_graph_writes.checkpoint_id = $3 AND substr(agentomatic_graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_graph_writes SET body=$1::BYTEA WHERE agentomatic_graph_writes.thread_digest = $2::BIGINT AND agentomatic_graph_writes.namespace_id = $3::BIGINT AND agentomatic_graph_writes.checkpoint_id = $4 AND agentomatic_graph_writes.sequence = $5::BIGINT

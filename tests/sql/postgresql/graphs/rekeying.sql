-- The SQL of agentomatic_sql/graphs/rekeying.py on PostgreSQL 18, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- graphs.rekeying.left: count the rows of graph_checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_checkpoints.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_checkpoints.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_checkpoints.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA


-- graphs.rekeying.left: count the rows of graph_checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA AND (substr(graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA)


-- graphs.rekeying.batch: encrypt the first rows of graph_checkpoints (once)

SELECT graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE substr(graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_checkpoints.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_checkpoints.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_checkpoints.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA ORDER BY graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id 
 LIMIT $19::INTEGER FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_checkpoints SET body=$1::BYTEA WHERE graph_checkpoints.namespace_id = $2::BIGINT AND graph_checkpoints.checkpoint_id = $3


-- graphs.rekeying.batch: encrypt the next rows of graph_checkpoints (once)

SELECT graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id, graph_checkpoints.body 
FROM graph_checkpoints 
WHERE (substr(graph_checkpoints.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_checkpoints.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_checkpoints.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_checkpoints.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_checkpoints.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_checkpoints.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA) AND (graph_checkpoints.namespace_id > $19::BIGINT OR graph_checkpoints.namespace_id = $20::BIGINT AND graph_checkpoints.checkpoint_id > $21) ORDER BY graph_checkpoints.namespace_id, graph_checkpoints.checkpoint_id 
 LIMIT $22::INTEGER FOR UPDATE


-- graphs.rekeying.left: count the rows of graph_values to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_values 
WHERE substr(graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_values.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_values.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_values.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA


-- graphs.rekeying.left: count the rows of graph_values to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_values 
WHERE substr(graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA AND (substr(graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA)


-- graphs.rekeying.batch: encrypt the first rows of graph_values (once)

SELECT graph_values.namespace_id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_values 
WHERE substr(graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_values.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_values.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_values.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA ORDER BY graph_values.namespace_id, graph_values.segment, graph_values.position 
 LIMIT $19::INTEGER FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_values SET body=$1::BYTEA WHERE graph_values.namespace_id = $2::BIGINT AND graph_values.segment = $3::BIGINT AND graph_values.position = $4::BIGINT


-- graphs.rekeying.batch: encrypt the next rows of graph_values (once)

SELECT graph_values.namespace_id, graph_values.segment, graph_values.position, graph_values.body 
FROM graph_values 
WHERE (substr(graph_values.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_values.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_values.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_values.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_values.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_values.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA) AND (graph_values.namespace_id > $19::BIGINT OR graph_values.namespace_id = $20::BIGINT AND (graph_values.segment > $21::BIGINT OR graph_values.segment = $22::BIGINT AND graph_values.position > $23::BIGINT)) ORDER BY graph_values.namespace_id, graph_values.segment, graph_values.position 
 LIMIT $24::INTEGER FOR UPDATE


-- graphs.rekeying.left: count the rows of graph_writes to encrypt (query)

SELECT count(*) AS count_1 
FROM graph_writes 
WHERE substr(graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA)


-- graphs.rekeying.left: count the rows of graph_writes to decrypt (query)

SELECT count(*) AS count_1 
FROM graph_writes 
WHERE substr(graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA AND (substr(graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA) OR substr(graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA AND substr(graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA AND substr(graph_writes.body, $16::INTEGER, $17::INTEGER) = $18::BYTEA AND (substr(graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA OR substr(graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA)


-- graphs.rekeying.batch: encrypt the first rows of graph_writes (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE substr(graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA) ORDER BY graph_writes.sequence 
 LIMIT $43::INTEGER FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_writes SET body=$1::BYTEA WHERE graph_writes.sequence = $2::BIGINT


-- graphs.rekeying.batch: encrypt the next rows of graph_writes (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE (substr(graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA)) AND graph_writes.sequence > $43::BIGINT ORDER BY graph_writes.sequence 
 LIMIT $44::INTEGER FOR UPDATE


-- graphs.rekeying.batch: encrypt a row of graph_writes that is in parts (once)

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE substr(graph_writes.body, $1::INTEGER, $2::INTEGER) = $3::BYTEA OR substr(graph_writes.body, $4::INTEGER, $5::INTEGER) = $6::BYTEA OR substr(graph_writes.body, $7::INTEGER, $8::INTEGER) = $9::BYTEA AND (substr(graph_writes.body, $10::INTEGER, $11::INTEGER) = $12::BYTEA OR substr(graph_writes.body, $13::INTEGER, $14::INTEGER) = $15::BYTEA) AND substr(graph_writes.body, $16::INTEGER, $17::INTEGER) != $18::BYTEA OR substr(graph_writes.body, $19::INTEGER, $20::INTEGER) = $21::BYTEA AND substr(graph_writes.body, $22::INTEGER, $23::INTEGER) = $24::BYTEA AND (substr(graph_writes.body, $25::INTEGER, $26::INTEGER) = $27::BYTEA OR substr(graph_writes.body, $28::INTEGER, $29::INTEGER) = $30::BYTEA OR substr(graph_writes.body, $31::INTEGER, $32::INTEGER) = $33::BYTEA AND (substr(graph_writes.body, $34::INTEGER, $35::INTEGER) = $36::BYTEA OR substr(graph_writes.body, $37::INTEGER, $38::INTEGER) = $39::BYTEA) AND substr(graph_writes.body, $40::INTEGER, $41::INTEGER) != $42::BYTEA) ORDER BY graph_writes.sequence 
 LIMIT $43::INTEGER FOR UPDATE

-- then:

SELECT graph_writes.namespace_id, graph_writes.checkpoint_id 
FROM graph_writes 
WHERE graph_writes.sequence = $1::BIGINT

-- then:

SELECT graph_writes.sequence, graph_writes.body 
FROM graph_writes 
WHERE graph_writes.namespace_id = $1::BIGINT AND graph_writes.checkpoint_id = $2 AND substr(graph_writes.body, $3::INTEGER, $4::INTEGER) = $5::BYTEA FOR UPDATE

-- then:

-- once for each row:
UPDATE graph_writes SET body=$1::BYTEA WHERE graph_writes.sequence = $2::BIGINT

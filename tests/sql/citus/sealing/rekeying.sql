-- The SQL of agentomatic_sql/sealing/rekeying.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- sealing.rekeying.left: count the rows of agentomatic_threads to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_threads 
WHERE substr(agentomatic_threads.title, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agentomatic_threads.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_threads to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_threads 
WHERE substr(agentomatic_threads.title, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agentomatic_threads.metadata, $4::INTEGER, $5::INTEGER) = $6::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_threads (once)

SELECT agentomatic_threads.id 
FROM agentomatic_threads ORDER BY agentomatic_threads.id 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata 
FROM agentomatic_threads 
WHERE (agentomatic_threads.id) <= ($1) AND (substr(agentomatic_threads.title, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_threads.metadata, $5::INTEGER, $6::INTEGER) != $7::VARCHAR)

-- then:

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata 
FROM agentomatic_threads 
WHERE (agentomatic_threads.id) <= ($1) AND (substr(agentomatic_threads.title, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_threads.metadata, $5::INTEGER, $6::INTEGER) != $7::VARCHAR) AND agentomatic_threads.id = $8

-- then:

UPDATE agentomatic_threads SET title=$1::VARCHAR, metadata=$2::VARCHAR WHERE agentomatic_threads.id = $3


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_threads (once)

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE (agentomatic_threads.id) > ($1) ORDER BY agentomatic_threads.id 
 LIMIT $2::INTEGER


-- sealing.rekeying.left: count the rows of agentomatic_messages to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_messages 
WHERE substr(agentomatic_messages.content, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agentomatic_messages.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_messages to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_messages 
WHERE substr(agentomatic_messages.content, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agentomatic_messages.metadata, $4::INTEGER, $5::INTEGER) = $6::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_messages (once)

SELECT agentomatic_messages.thread_id, agentomatic_messages.position 
FROM agentomatic_messages ORDER BY agentomatic_messages.thread_id, agentomatic_messages.position 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, (SELECT named.user_id 
FROM agentomatic_threads AS named 
WHERE named.id = agentomatic_messages.thread_id) AS user_id, agentomatic_messages.role, agentomatic_messages.token, agentomatic_messages.content, agentomatic_messages.metadata 
FROM agentomatic_messages 
WHERE (agentomatic_messages.thread_id, agentomatic_messages.position) <= ($1, $2::BIGINT) AND (substr(agentomatic_messages.content, $3::INTEGER, $4::INTEGER) != $5::VARCHAR OR substr(agentomatic_messages.metadata, $6::INTEGER, $7::INTEGER) != $8::VARCHAR)

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id = $1 AND agentomatic_messages.position = $2::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, (SELECT named.user_id 
FROM agentomatic_threads AS named 
WHERE named.id = agentomatic_messages.thread_id) AS user_id, agentomatic_messages.role, agentomatic_messages.token, agentomatic_messages.content, agentomatic_messages.metadata 
FROM agentomatic_messages 
WHERE (agentomatic_messages.thread_id, agentomatic_messages.position) <= ($1, $2::BIGINT) AND (substr(agentomatic_messages.content, $3::INTEGER, $4::INTEGER) != $5::VARCHAR OR substr(agentomatic_messages.metadata, $6::INTEGER, $7::INTEGER) != $8::VARCHAR) AND agentomatic_messages.thread_id = $9 AND agentomatic_messages.position = $10::BIGINT

-- then:

UPDATE agentomatic_messages SET content=$1::VARCHAR, metadata=$2::VARCHAR, token=$3::BIGINT WHERE agentomatic_messages.thread_id = $4 AND agentomatic_messages.position = $5::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_messages (once)

SELECT agentomatic_messages.thread_id, agentomatic_messages.position 
FROM agentomatic_messages 
WHERE (agentomatic_messages.thread_id, agentomatic_messages.position) > ($1, $2::BIGINT) ORDER BY agentomatic_messages.thread_id, agentomatic_messages.position 
 LIMIT $3::INTEGER


-- sealing.rekeying.left: count the rows of agentomatic_feedback to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_feedback 
WHERE substr(agentomatic_feedback.comment, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agentomatic_feedback.query, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agentomatic_feedback.response, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(agentomatic_feedback.correction, $10::INTEGER, $11::INTEGER) != $12::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_feedback to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_feedback 
WHERE substr(agentomatic_feedback.comment, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agentomatic_feedback.query, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(agentomatic_feedback.response, $7::INTEGER, $8::INTEGER) = $9::VARCHAR OR substr(agentomatic_feedback.correction, $10::INTEGER, $11::INTEGER) = $12::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_feedback (once)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id 
FROM agentomatic_feedback ORDER BY agentomatic_feedback.thread_id, agentomatic_feedback.id 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.message_id, agentomatic_feedback.feedback_type, agentomatic_feedback.rating, agentomatic_feedback.created_at, agentomatic_feedback.comment, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction 
FROM agentomatic_feedback 
WHERE (agentomatic_feedback.thread_id, agentomatic_feedback.id) <= ($1, $2::BIGINT) AND (substr(agentomatic_feedback.comment, $3::INTEGER, $4::INTEGER) != $5::VARCHAR OR substr(agentomatic_feedback.query, $6::INTEGER, $7::INTEGER) != $8::VARCHAR OR substr(agentomatic_feedback.response, $9::INTEGER, $10::INTEGER) != $11::VARCHAR OR substr(agentomatic_feedback.correction, $12::INTEGER, $13::INTEGER) != $14::VARCHAR)

-- then:

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id = $1 AND agentomatic_feedback.id = $2::BIGINT FOR UPDATE

-- then:

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.message_id, agentomatic_feedback.feedback_type, agentomatic_feedback.rating, agentomatic_feedback.created_at, agentomatic_feedback.comment, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction 
FROM agentomatic_feedback 
WHERE (agentomatic_feedback.thread_id, agentomatic_feedback.id) <= ($1, $2::BIGINT) AND (substr(agentomatic_feedback.comment, $3::INTEGER, $4::INTEGER) != $5::VARCHAR OR substr(agentomatic_feedback.query, $6::INTEGER, $7::INTEGER) != $8::VARCHAR OR substr(agentomatic_feedback.response, $9::INTEGER, $10::INTEGER) != $11::VARCHAR OR substr(agentomatic_feedback.correction, $12::INTEGER, $13::INTEGER) != $14::VARCHAR) AND agentomatic_feedback.thread_id = $15 AND agentomatic_feedback.id = $16::BIGINT

-- then:

UPDATE agentomatic_feedback SET comment=$1::VARCHAR, query=$2::VARCHAR, response=$3::VARCHAR, correction=$4::VARCHAR WHERE agentomatic_feedback.thread_id = $5 AND agentomatic_feedback.id = $6::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_feedback (once)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE (agentomatic_feedback.thread_id, agentomatic_feedback.id) > ($1, $2::BIGINT) ORDER BY agentomatic_feedback.thread_id, agentomatic_feedback.id 
 LIMIT $3::INTEGER


-- sealing.rekeying.left: count the rows of agentomatic_suspended_states to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_suspended_states 
WHERE substr(agentomatic_suspended_states.state_snapshot, $1::INTEGER, $2::INTEGER) != $3::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_suspended_states to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_suspended_states 
WHERE substr(agentomatic_suspended_states.state_snapshot, $1::INTEGER, $2::INTEGER) = $3::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_suspended_states (once)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states ORDER BY agentomatic_suspended_states.id 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot 
FROM agentomatic_suspended_states 
WHERE (agentomatic_suspended_states.id) <= ($1) AND substr(agentomatic_suspended_states.state_snapshot, $2::INTEGER, $3::INTEGER) != $4::VARCHAR

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot 
FROM agentomatic_suspended_states 
WHERE (agentomatic_suspended_states.id) <= ($1) AND substr(agentomatic_suspended_states.state_snapshot, $2::INTEGER, $3::INTEGER) != $4::VARCHAR AND agentomatic_suspended_states.id = $5

-- then:

UPDATE agentomatic_suspended_states SET state_snapshot=$1::VARCHAR WHERE agentomatic_suspended_states.id = $2


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_suspended_states (once)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE (agentomatic_suspended_states.id) > ($1) ORDER BY agentomatic_suspended_states.id 
 LIMIT $2::INTEGER


-- sealing.rekeying.left: count the rows of agentomatic_checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_checkpoints 
WHERE substr(agentomatic_checkpoints.checkpoint, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agentomatic_checkpoints.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_checkpoints 
WHERE substr(agentomatic_checkpoints.checkpoint, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agentomatic_checkpoints.metadata, $4::INTEGER, $5::INTEGER) = $6::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_checkpoints (once)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints ORDER BY agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata 
FROM agentomatic_checkpoints 
WHERE (agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id) <= ($1, $2::VARCHAR, $3) AND (substr(agentomatic_checkpoints.checkpoint, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agentomatic_checkpoints.metadata, $7::INTEGER, $8::INTEGER) != $9::VARCHAR)

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id = $1 AND agentomatic_checkpoints.namespace_digest = $2::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $3 FOR UPDATE

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata 
FROM agentomatic_checkpoints 
WHERE (agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id) <= ($1, $2::VARCHAR, $3) AND (substr(agentomatic_checkpoints.checkpoint, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agentomatic_checkpoints.metadata, $7::INTEGER, $8::INTEGER) != $9::VARCHAR) AND agentomatic_checkpoints.thread_id = $10 AND agentomatic_checkpoints.namespace_digest = $11::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $12

-- then:

UPDATE agentomatic_checkpoints SET checkpoint=$1::VARCHAR, metadata=$2::VARCHAR WHERE agentomatic_checkpoints.thread_id = $3 AND agentomatic_checkpoints.namespace_digest = $4::VARCHAR AND agentomatic_checkpoints.checkpoint_id = $5


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_checkpoints (once)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints 
WHERE (agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id) > ($1, $2::VARCHAR, $3) ORDER BY agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT $4::INTEGER


-- sealing.rekeying.left: count the rows of agentomatic_invocation_logs to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_invocation_logs 
WHERE substr(agentomatic_invocation_logs.error, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agentomatic_invocation_logs.input, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agentomatic_invocation_logs.output, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(agentomatic_invocation_logs.metadata, $10::INTEGER, $11::INTEGER) != $12::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_invocation_logs to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_invocation_logs 
WHERE substr(agentomatic_invocation_logs.error, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agentomatic_invocation_logs.input, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(agentomatic_invocation_logs.output, $7::INTEGER, $8::INTEGER) = $9::VARCHAR OR substr(agentomatic_invocation_logs.metadata, $10::INTEGER, $11::INTEGER) = $12::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_invocation_logs (once)

SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs ORDER BY agentomatic_invocation_logs.id 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_invocation_logs.id, agentomatic_invocation_logs.resource_type, agentomatic_invocation_logs.agent_name, agentomatic_invocation_logs.thread_id, agentomatic_invocation_logs.error, agentomatic_invocation_logs.input, agentomatic_invocation_logs.output, agentomatic_invocation_logs.metadata 
FROM agentomatic_invocation_logs 
WHERE (agentomatic_invocation_logs.id) <= ($1) AND (substr(agentomatic_invocation_logs.error, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_invocation_logs.input, $5::INTEGER, $6::INTEGER) != $7::VARCHAR OR substr(agentomatic_invocation_logs.output, $8::INTEGER, $9::INTEGER) != $10::VARCHAR OR substr(agentomatic_invocation_logs.metadata, $11::INTEGER, $12::INTEGER) != $13::VARCHAR)

-- then:

SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_invocation_logs.id, agentomatic_invocation_logs.resource_type, agentomatic_invocation_logs.agent_name, agentomatic_invocation_logs.thread_id, agentomatic_invocation_logs.error, agentomatic_invocation_logs.input, agentomatic_invocation_logs.output, agentomatic_invocation_logs.metadata 
FROM agentomatic_invocation_logs 
WHERE (agentomatic_invocation_logs.id) <= ($1) AND (substr(agentomatic_invocation_logs.error, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_invocation_logs.input, $5::INTEGER, $6::INTEGER) != $7::VARCHAR OR substr(agentomatic_invocation_logs.output, $8::INTEGER, $9::INTEGER) != $10::VARCHAR OR substr(agentomatic_invocation_logs.metadata, $11::INTEGER, $12::INTEGER) != $13::VARCHAR) AND agentomatic_invocation_logs.id = $14

-- then:

UPDATE agentomatic_invocation_logs SET input=$1::VARCHAR, output=$2::VARCHAR, metadata=$3::VARCHAR, error=$4::VARCHAR WHERE agentomatic_invocation_logs.id = $5


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_invocation_logs (once)

SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs 
WHERE (agentomatic_invocation_logs.id) > ($1) ORDER BY agentomatic_invocation_logs.id 
 LIMIT $2::INTEGER


-- sealing.rekeying.left: count the rows of agentomatic_log_analyses to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_log_analyses 
WHERE substr(agentomatic_log_analyses.summary, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agentomatic_log_analyses.recommendations, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agentomatic_log_analyses.metadata, $7::INTEGER, $8::INTEGER) != $9::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_log_analyses to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_log_analyses 
WHERE substr(agentomatic_log_analyses.summary, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agentomatic_log_analyses.recommendations, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(agentomatic_log_analyses.metadata, $7::INTEGER, $8::INTEGER) = $9::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_log_analyses (once)

SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses ORDER BY agentomatic_log_analyses.id 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_log_analyses.id, agentomatic_log_analyses.resource_type, agentomatic_log_analyses.agent_name, agentomatic_log_analyses.summary, agentomatic_log_analyses.recommendations, agentomatic_log_analyses.metadata 
FROM agentomatic_log_analyses 
WHERE (agentomatic_log_analyses.id) <= ($1) AND (substr(agentomatic_log_analyses.summary, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_log_analyses.recommendations, $5::INTEGER, $6::INTEGER) != $7::VARCHAR OR substr(agentomatic_log_analyses.metadata, $8::INTEGER, $9::INTEGER) != $10::VARCHAR)

-- then:

SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_log_analyses.id, agentomatic_log_analyses.resource_type, agentomatic_log_analyses.agent_name, agentomatic_log_analyses.summary, agentomatic_log_analyses.recommendations, agentomatic_log_analyses.metadata 
FROM agentomatic_log_analyses 
WHERE (agentomatic_log_analyses.id) <= ($1) AND (substr(agentomatic_log_analyses.summary, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_log_analyses.recommendations, $5::INTEGER, $6::INTEGER) != $7::VARCHAR OR substr(agentomatic_log_analyses.metadata, $8::INTEGER, $9::INTEGER) != $10::VARCHAR) AND agentomatic_log_analyses.id = $11

-- then:

UPDATE agentomatic_log_analyses SET summary=$1::VARCHAR, recommendations=$2::VARCHAR, metadata=$3::VARCHAR WHERE agentomatic_log_analyses.id = $4


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_log_analyses (once)

SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses 
WHERE (agentomatic_log_analyses.id) > ($1) ORDER BY agentomatic_log_analyses.id 
 LIMIT $2::INTEGER


-- sealing.rekeying.left: count the rows of agentomatic_optimization_runs to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_optimization_runs 
WHERE substr(agentomatic_optimization_runs.prompt_versions, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agentomatic_optimization_runs.score_history, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agentomatic_optimization_runs.learnings, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(agentomatic_optimization_runs.artefacts, $10::INTEGER, $11::INTEGER) != $12::VARCHAR OR substr(agentomatic_optimization_runs.metadata, $13::INTEGER, $14::INTEGER) != $15::VARCHAR


-- sealing.rekeying.left: count the rows of agentomatic_optimization_runs to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_optimization_runs 
WHERE substr(agentomatic_optimization_runs.prompt_versions, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agentomatic_optimization_runs.score_history, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(agentomatic_optimization_runs.learnings, $7::INTEGER, $8::INTEGER) = $9::VARCHAR OR substr(agentomatic_optimization_runs.artefacts, $10::INTEGER, $11::INTEGER) = $12::VARCHAR OR substr(agentomatic_optimization_runs.metadata, $13::INTEGER, $14::INTEGER) = $15::VARCHAR


-- sealing.rekeying.batch: encrypt the first row of agentomatic_optimization_runs (once)

SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs ORDER BY agentomatic_optimization_runs.id 
 LIMIT $1::INTEGER

-- then:

SELECT agentomatic_optimization_runs.id, agentomatic_optimization_runs.agent_name, agentomatic_optimization_runs.experiment_id, agentomatic_optimization_runs.prompt_versions, agentomatic_optimization_runs.score_history, agentomatic_optimization_runs.learnings, agentomatic_optimization_runs.artefacts, agentomatic_optimization_runs.metadata 
FROM agentomatic_optimization_runs 
WHERE (agentomatic_optimization_runs.id) <= ($1) AND (substr(agentomatic_optimization_runs.prompt_versions, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_optimization_runs.score_history, $5::INTEGER, $6::INTEGER) != $7::VARCHAR OR substr(agentomatic_optimization_runs.learnings, $8::INTEGER, $9::INTEGER) != $10::VARCHAR OR substr(agentomatic_optimization_runs.artefacts, $11::INTEGER, $12::INTEGER) != $13::VARCHAR OR substr(agentomatic_optimization_runs.metadata, $14::INTEGER, $15::INTEGER) != $16::VARCHAR)

-- then:

SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id = $1 FOR UPDATE

-- then:

SELECT agentomatic_optimization_runs.id, agentomatic_optimization_runs.agent_name, agentomatic_optimization_runs.experiment_id, agentomatic_optimization_runs.prompt_versions, agentomatic_optimization_runs.score_history, agentomatic_optimization_runs.learnings, agentomatic_optimization_runs.artefacts, agentomatic_optimization_runs.metadata 
FROM agentomatic_optimization_runs 
WHERE (agentomatic_optimization_runs.id) <= ($1) AND (substr(agentomatic_optimization_runs.prompt_versions, $2::INTEGER, $3::INTEGER) != $4::VARCHAR OR substr(agentomatic_optimization_runs.score_history, $5::INTEGER, $6::INTEGER) != $7::VARCHAR OR substr(agentomatic_optimization_runs.learnings, $8::INTEGER, $9::INTEGER) != $10::VARCHAR OR substr(agentomatic_optimization_runs.artefacts, $11::INTEGER, $12::INTEGER) != $13::VARCHAR OR substr(agentomatic_optimization_runs.metadata, $14::INTEGER, $15::INTEGER) != $16::VARCHAR) AND agentomatic_optimization_runs.id = $17

-- then:

UPDATE agentomatic_optimization_runs SET prompt_versions=$1::VARCHAR, score_history=$2::VARCHAR, learnings=$3::VARCHAR, artefacts=$4::VARCHAR, metadata=$5::VARCHAR WHERE agentomatic_optimization_runs.id = $6


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_optimization_runs (once)

SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs 
WHERE (agentomatic_optimization_runs.id) > ($1) ORDER BY agentomatic_optimization_runs.id 
 LIMIT $2::INTEGER


-- sealing.rekeying.forget: forget keys when everything is encrypted (once)

DELETE FROM agentomatic_encryption_keys WHERE agentomatic_encryption_keys.id IN ($1, $2)

-- then:

UPDATE agentomatic_idempotency_keys SET content_digest=$1::VARCHAR WHERE agentomatic_idempotency_keys.content_digest != $2::VARCHAR


-- sealing.rekeying.forget: forget keys when everything is decrypted (once)

DELETE FROM agentomatic_encryption_keys WHERE agentomatic_encryption_keys.id IN ($1, $2, $3)

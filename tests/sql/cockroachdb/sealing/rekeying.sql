-- The SQL of agentomatic_sql/sealing/rekeying.py on CockroachDB 25.4, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- sealing.rekeying.left: count the rows of threads to encrypt (query)

SELECT count(*) AS count_1 
FROM threads 
WHERE substr(threads.title, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(threads.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR


-- sealing.rekeying.left: count the rows of threads to decrypt (query)

SELECT count(*) AS count_1 
FROM threads 
WHERE substr(threads.title, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(threads.metadata, $4::INTEGER, $5::INTEGER) = $6::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of threads (once)

SELECT threads.id 
FROM threads ORDER BY threads.id 
 LIMIT $1::INTEGER

-- then:

SELECT threads.id, threads.title, threads.metadata 
FROM threads 
WHERE threads.id IN ($7, $8) AND (substr(threads.title, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(threads.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR) FOR UPDATE

-- then:

-- once for each row:
UPDATE threads SET title=$1::VARCHAR, metadata=$2::VARCHAR WHERE threads.id = $3


-- sealing.rekeying.batch: encrypt the next rows of threads (once)

SELECT threads.id 
FROM threads 
WHERE threads.id > $1 ORDER BY threads.id 
 LIMIT $2::INTEGER

-- then:

SELECT threads.id, threads.title, threads.metadata 
FROM threads 
WHERE threads.id IN (NULL) AND (1 != 1) AND (substr(threads.title, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(threads.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR) FOR UPDATE


-- sealing.rekeying.left: count the rows of messages to encrypt (query)

SELECT count(*) AS count_1 
FROM messages 
WHERE substr(messages.content, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(messages.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR


-- sealing.rekeying.left: count the rows of messages to decrypt (query)

SELECT count(*) AS count_1 
FROM messages 
WHERE substr(messages.content, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(messages.metadata, $4::INTEGER, $5::INTEGER) = $6::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of messages (once)

SELECT messages.id 
FROM messages ORDER BY messages.id 
 LIMIT $1::INTEGER

-- then:

SELECT messages.id, messages.thread_id, messages.token, messages.content, messages.metadata 
FROM messages 
WHERE messages.id IN ($7::BIGINT, $8::BIGINT) AND (substr(messages.content, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(messages.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR) FOR UPDATE

-- then:

-- once for each row:
UPDATE messages SET thread_id=$1, content=$2::VARCHAR, metadata=$3::VARCHAR, token=$4::BIGINT WHERE messages.id = $5::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of messages (once)

SELECT messages.id 
FROM messages 
WHERE messages.id > $1::BIGINT ORDER BY messages.id 
 LIMIT $2::INTEGER

-- then:

SELECT messages.id, messages.thread_id, messages.token, messages.content, messages.metadata 
FROM messages 
WHERE messages.id IN (NULL) AND (1 != 1) AND (substr(messages.content, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(messages.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR) FOR UPDATE


-- sealing.rekeying.left: count the rows of feedback to encrypt (query)

SELECT count(*) AS count_1 
FROM feedback 
WHERE substr(feedback.comment, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(feedback.query, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(feedback.response, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(feedback.correction, $10::INTEGER, $11::INTEGER) != $12::VARCHAR


-- sealing.rekeying.left: count the rows of feedback to decrypt (query)

SELECT count(*) AS count_1 
FROM feedback 
WHERE substr(feedback.comment, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(feedback.query, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(feedback.response, $7::INTEGER, $8::INTEGER) = $9::VARCHAR OR substr(feedback.correction, $10::INTEGER, $11::INTEGER) = $12::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of feedback (once)

SELECT feedback.id 
FROM feedback ORDER BY feedback.id 
 LIMIT $1::INTEGER

-- then:

SELECT feedback.id, feedback.thread_id, feedback.user_id, feedback.agent_name, feedback.message_id, feedback.created_at, feedback.comment, feedback.query, feedback.response, feedback.correction 
FROM feedback 
WHERE feedback.id IN ($13::BIGINT, $14::BIGINT) AND (substr(feedback.comment, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(feedback.query, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(feedback.response, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(feedback.correction, $10::INTEGER, $11::INTEGER) != $12::VARCHAR) FOR UPDATE

-- then:

-- once for each row:
UPDATE feedback SET thread_id=$1, message_id=$2::BIGINT, user_id=$3, agent_name=$4, comment=$5::VARCHAR, query=$6::VARCHAR, response=$7::VARCHAR, correction=$8::VARCHAR, created_at=$9::TIMESTAMP WITH TIME ZONE WHERE feedback.id = $10::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of feedback (once)

SELECT feedback.id 
FROM feedback 
WHERE feedback.id > $1::BIGINT ORDER BY feedback.id 
 LIMIT $2::INTEGER

-- then:

SELECT feedback.id, feedback.thread_id, feedback.user_id, feedback.agent_name, feedback.message_id, feedback.created_at, feedback.comment, feedback.query, feedback.response, feedback.correction 
FROM feedback 
WHERE feedback.id IN (NULL) AND (1 != 1) AND (substr(feedback.comment, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(feedback.query, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(feedback.response, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(feedback.correction, $10::INTEGER, $11::INTEGER) != $12::VARCHAR) FOR UPDATE


-- sealing.rekeying.left: count the rows of suspended_states to encrypt (query)

SELECT count(*) AS count_1 
FROM suspended_states 
WHERE substr(suspended_states.state_snapshot, $1::INTEGER, $2::INTEGER) != $3::VARCHAR


-- sealing.rekeying.left: count the rows of suspended_states to decrypt (query)

SELECT count(*) AS count_1 
FROM suspended_states 
WHERE substr(suspended_states.state_snapshot, $1::INTEGER, $2::INTEGER) = $3::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of suspended_states (once)

SELECT suspended_states.id 
FROM suspended_states ORDER BY suspended_states.id 
 LIMIT $1::INTEGER

-- then:

SELECT suspended_states.id, suspended_states.thread_id, suspended_states.state_snapshot 
FROM suspended_states 
WHERE suspended_states.id IN ($4, $5) AND substr(suspended_states.state_snapshot, $1::INTEGER, $2::INTEGER) != $3::VARCHAR FOR UPDATE

-- then:

-- once for each row:
UPDATE suspended_states SET thread_id=$1, state_snapshot=$2::VARCHAR WHERE suspended_states.id = $3


-- sealing.rekeying.batch: encrypt the next rows of suspended_states (once)

SELECT suspended_states.id 
FROM suspended_states 
WHERE suspended_states.id > $1 ORDER BY suspended_states.id 
 LIMIT $2::INTEGER

-- then:

SELECT suspended_states.id, suspended_states.thread_id, suspended_states.state_snapshot 
FROM suspended_states 
WHERE suspended_states.id IN (NULL) AND (1 != 1) AND substr(suspended_states.state_snapshot, $1::INTEGER, $2::INTEGER) != $3::VARCHAR FOR UPDATE


-- sealing.rekeying.left: count the rows of checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM checkpoints 
WHERE substr(checkpoints.checkpoint, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(checkpoints.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR


-- sealing.rekeying.left: count the rows of checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM checkpoints 
WHERE substr(checkpoints.checkpoint, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(checkpoints.metadata, $4::INTEGER, $5::INTEGER) = $6::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of checkpoints (once)

SELECT checkpoints.sequence 
FROM checkpoints ORDER BY checkpoints.sequence 
 LIMIT $1::INTEGER

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.checkpoint, checkpoints.metadata 
FROM checkpoints 
WHERE checkpoints.sequence IN ($7::BIGINT, $8::BIGINT) AND (substr(checkpoints.checkpoint, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(checkpoints.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR) FOR UPDATE

-- then:

-- once for each row:
UPDATE checkpoints SET thread_id=$1, checkpoint_ns=$2, checkpoint_id=$3, checkpoint=$4::VARCHAR, metadata=$5::VARCHAR WHERE checkpoints.sequence = $6::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of checkpoints (once)

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.sequence > $1::BIGINT ORDER BY checkpoints.sequence 
 LIMIT $2::INTEGER

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.checkpoint, checkpoints.metadata 
FROM checkpoints 
WHERE checkpoints.sequence IN (NULL) AND (1 != 1) AND (substr(checkpoints.checkpoint, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(checkpoints.metadata, $4::INTEGER, $5::INTEGER) != $6::VARCHAR) FOR UPDATE


-- sealing.rekeying.left: count the rows of agent_invocation_logs to encrypt (query)

SELECT count(*) AS count_1 
FROM agent_invocation_logs 
WHERE substr(agent_invocation_logs.error, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agent_invocation_logs.input, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agent_invocation_logs.output, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(agent_invocation_logs.metadata, $10::INTEGER, $11::INTEGER) != $12::VARCHAR


-- sealing.rekeying.left: count the rows of agent_invocation_logs to decrypt (query)

SELECT count(*) AS count_1 
FROM agent_invocation_logs 
WHERE substr(agent_invocation_logs.error, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(agent_invocation_logs.input, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(agent_invocation_logs.output, $7::INTEGER, $8::INTEGER) = $9::VARCHAR OR substr(agent_invocation_logs.metadata, $10::INTEGER, $11::INTEGER) = $12::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of agent_invocation_logs (once)

SELECT agent_invocation_logs.sequence 
FROM agent_invocation_logs ORDER BY agent_invocation_logs.sequence 
 LIMIT $1::INTEGER

-- then:

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.error, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence IN ($13::BIGINT, $14::BIGINT) AND (substr(agent_invocation_logs.error, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agent_invocation_logs.input, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agent_invocation_logs.output, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(agent_invocation_logs.metadata, $10::INTEGER, $11::INTEGER) != $12::VARCHAR) FOR UPDATE

-- then:

-- once for each row:
UPDATE agent_invocation_logs SET id=$1, input=$2::VARCHAR, output=$3::VARCHAR, metadata=$4::VARCHAR, error=$5::VARCHAR WHERE agent_invocation_logs.sequence = $6::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of agent_invocation_logs (once)

SELECT agent_invocation_logs.sequence 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence > $1::BIGINT ORDER BY agent_invocation_logs.sequence 
 LIMIT $2::INTEGER

-- then:

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.error, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence IN (NULL) AND (1 != 1) AND (substr(agent_invocation_logs.error, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(agent_invocation_logs.input, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(agent_invocation_logs.output, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(agent_invocation_logs.metadata, $10::INTEGER, $11::INTEGER) != $12::VARCHAR) FOR UPDATE


-- sealing.rekeying.left: count the rows of log_analyses to encrypt (query)

SELECT count(*) AS count_1 
FROM log_analyses 
WHERE substr(log_analyses.summary, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(log_analyses.recommendations, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(log_analyses.metadata, $7::INTEGER, $8::INTEGER) != $9::VARCHAR


-- sealing.rekeying.left: count the rows of log_analyses to decrypt (query)

SELECT count(*) AS count_1 
FROM log_analyses 
WHERE substr(log_analyses.summary, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(log_analyses.recommendations, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(log_analyses.metadata, $7::INTEGER, $8::INTEGER) = $9::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of log_analyses (once)

SELECT log_analyses.sequence 
FROM log_analyses ORDER BY log_analyses.sequence 
 LIMIT $1::INTEGER

-- then:

SELECT log_analyses.sequence, log_analyses.id, log_analyses.summary, log_analyses.recommendations, log_analyses.metadata 
FROM log_analyses 
WHERE log_analyses.sequence IN ($10::BIGINT, $11::BIGINT) AND (substr(log_analyses.summary, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(log_analyses.recommendations, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(log_analyses.metadata, $7::INTEGER, $8::INTEGER) != $9::VARCHAR) FOR UPDATE

-- then:

-- once for each row:
UPDATE log_analyses SET id=$1, summary=$2::VARCHAR, recommendations=$3::VARCHAR, metadata=$4::VARCHAR WHERE log_analyses.sequence = $5::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of log_analyses (once)

SELECT log_analyses.sequence 
FROM log_analyses 
WHERE log_analyses.sequence > $1::BIGINT ORDER BY log_analyses.sequence 
 LIMIT $2::INTEGER

-- then:

SELECT log_analyses.sequence, log_analyses.id, log_analyses.summary, log_analyses.recommendations, log_analyses.metadata 
FROM log_analyses 
WHERE log_analyses.sequence IN (NULL) AND (1 != 1) AND (substr(log_analyses.summary, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(log_analyses.recommendations, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(log_analyses.metadata, $7::INTEGER, $8::INTEGER) != $9::VARCHAR) FOR UPDATE


-- sealing.rekeying.left: count the rows of optimization_runs to encrypt (query)

SELECT count(*) AS count_1 
FROM optimization_runs 
WHERE substr(optimization_runs.prompt_versions, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(optimization_runs.score_history, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(optimization_runs.learnings, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(optimization_runs.artefacts, $10::INTEGER, $11::INTEGER) != $12::VARCHAR OR substr(optimization_runs.metadata, $13::INTEGER, $14::INTEGER) != $15::VARCHAR


-- sealing.rekeying.left: count the rows of optimization_runs to decrypt (query)

SELECT count(*) AS count_1 
FROM optimization_runs 
WHERE substr(optimization_runs.prompt_versions, $1::INTEGER, $2::INTEGER) = $3::VARCHAR OR substr(optimization_runs.score_history, $4::INTEGER, $5::INTEGER) = $6::VARCHAR OR substr(optimization_runs.learnings, $7::INTEGER, $8::INTEGER) = $9::VARCHAR OR substr(optimization_runs.artefacts, $10::INTEGER, $11::INTEGER) = $12::VARCHAR OR substr(optimization_runs.metadata, $13::INTEGER, $14::INTEGER) = $15::VARCHAR


-- sealing.rekeying.batch: encrypt the first rows of optimization_runs (once)

SELECT optimization_runs.sequence 
FROM optimization_runs ORDER BY optimization_runs.sequence 
 LIMIT $1::INTEGER

-- then:

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata 
FROM optimization_runs 
WHERE optimization_runs.sequence IN ($16::BIGINT, $17::BIGINT) AND (substr(optimization_runs.prompt_versions, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(optimization_runs.score_history, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(optimization_runs.learnings, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(optimization_runs.artefacts, $10::INTEGER, $11::INTEGER) != $12::VARCHAR OR substr(optimization_runs.metadata, $13::INTEGER, $14::INTEGER) != $15::VARCHAR) FOR UPDATE

-- then:

-- once for each row:
UPDATE optimization_runs SET id=$1, prompt_versions=$2::VARCHAR, score_history=$3::VARCHAR, learnings=$4::VARCHAR, artefacts=$5::VARCHAR, metadata=$6::VARCHAR WHERE optimization_runs.sequence = $7::BIGINT


-- sealing.rekeying.batch: encrypt the next rows of optimization_runs (once)

SELECT optimization_runs.sequence 
FROM optimization_runs 
WHERE optimization_runs.sequence > $1::BIGINT ORDER BY optimization_runs.sequence 
 LIMIT $2::INTEGER

-- then:

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata 
FROM optimization_runs 
WHERE optimization_runs.sequence IN (NULL) AND (1 != 1) AND (substr(optimization_runs.prompt_versions, $1::INTEGER, $2::INTEGER) != $3::VARCHAR OR substr(optimization_runs.score_history, $4::INTEGER, $5::INTEGER) != $6::VARCHAR OR substr(optimization_runs.learnings, $7::INTEGER, $8::INTEGER) != $9::VARCHAR OR substr(optimization_runs.artefacts, $10::INTEGER, $11::INTEGER) != $12::VARCHAR OR substr(optimization_runs.metadata, $13::INTEGER, $14::INTEGER) != $15::VARCHAR) FOR UPDATE


-- sealing.rekeying.forget: forget keys when everything is encrypted (once)

DELETE FROM encryption_keys WHERE encryption_keys.id IN ($1, $2)

-- then:

UPDATE idempotency_keys SET content_digest=$1::VARCHAR WHERE idempotency_keys.content_digest != $2::VARCHAR


-- sealing.rekeying.forget: forget keys when everything is decrypted (once)

DELETE FROM encryption_keys WHERE encryption_keys.id IN ($1, $2, $3)

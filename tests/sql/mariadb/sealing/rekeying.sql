-- The SQL of agentomatic_sql/sealing/rekeying.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- sealing.rekeying.left: count the rows of threads to encrypt (query)

SELECT count(*) AS count_1 
FROM threads 
WHERE substr(threads.title, %s, %s) != %s OR substr(threads.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of threads to decrypt (query)

SELECT count(*) AS count_1 
FROM threads 
WHERE substr(threads.title, %s, %s) = %s OR substr(threads.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of threads (once)

SELECT threads.id 
FROM threads ORDER BY threads.id 
 LIMIT %s

-- then:

SELECT threads.id, threads.title, threads.metadata 
FROM threads 
WHERE threads.id IN (%s, %s) AND (substr(threads.title, %s, %s) != %s OR substr(threads.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE threads SET title=%s, metadata=%s WHERE threads.id = %s


-- sealing.rekeying.batch: encrypt the next rows of threads (once)

SELECT threads.id 
FROM threads 
WHERE threads.id > %s ORDER BY threads.id 
 LIMIT %s

-- then:

SELECT threads.id, threads.title, threads.metadata 
FROM threads 
WHERE threads.id IN (NULL) AND (1 != 1) AND (substr(threads.title, %s, %s) != %s OR substr(threads.metadata, %s, %s) != %s) FOR UPDATE


-- sealing.rekeying.left: count the rows of messages to encrypt (query)

SELECT count(*) AS count_1 
FROM messages 
WHERE substr(messages.content, %s, %s) != %s OR substr(messages.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of messages to decrypt (query)

SELECT count(*) AS count_1 
FROM messages 
WHERE substr(messages.content, %s, %s) = %s OR substr(messages.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of messages (once)

SELECT messages.id 
FROM messages ORDER BY messages.id 
 LIMIT %s

-- then:

SELECT messages.id, messages.thread_id, messages.token, messages.content, messages.metadata 
FROM messages 
WHERE messages.id IN (%s, %s) AND (substr(messages.content, %s, %s) != %s OR substr(messages.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE messages SET thread_id=%s, content=%s, metadata=%s, token=%s WHERE messages.id = %s


-- sealing.rekeying.batch: encrypt the next rows of messages (once)

SELECT messages.id 
FROM messages 
WHERE messages.id > %s ORDER BY messages.id 
 LIMIT %s

-- then:

SELECT messages.id, messages.thread_id, messages.token, messages.content, messages.metadata 
FROM messages 
WHERE messages.id IN (NULL) AND (1 != 1) AND (substr(messages.content, %s, %s) != %s OR substr(messages.metadata, %s, %s) != %s) FOR UPDATE


-- sealing.rekeying.left: count the rows of feedback to encrypt (query)

SELECT count(*) AS count_1 
FROM feedback 
WHERE substr(feedback.comment, %s, %s) != %s OR substr(feedback.query, %s, %s) != %s OR substr(feedback.response, %s, %s) != %s OR substr(feedback.correction, %s, %s) != %s


-- sealing.rekeying.left: count the rows of feedback to decrypt (query)

SELECT count(*) AS count_1 
FROM feedback 
WHERE substr(feedback.comment, %s, %s) = %s OR substr(feedback.query, %s, %s) = %s OR substr(feedback.response, %s, %s) = %s OR substr(feedback.correction, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of feedback (once)

SELECT feedback.id 
FROM feedback ORDER BY feedback.id 
 LIMIT %s

-- then:

SELECT feedback.id, feedback.thread_id, feedback.user_id, feedback.agent_name, feedback.message_id, feedback.created_at, feedback.comment, feedback.query, feedback.response, feedback.correction 
FROM feedback 
WHERE feedback.id IN (%s, %s) AND (substr(feedback.comment, %s, %s) != %s OR substr(feedback.query, %s, %s) != %s OR substr(feedback.response, %s, %s) != %s OR substr(feedback.correction, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE feedback SET thread_id=%s, message_id=%s, user_id=%s, agent_name=%s, comment=%s, query=%s, response=%s, correction=%s, created_at=%s WHERE feedback.id = %s


-- sealing.rekeying.batch: encrypt the next rows of feedback (once)

SELECT feedback.id 
FROM feedback 
WHERE feedback.id > %s ORDER BY feedback.id 
 LIMIT %s

-- then:

SELECT feedback.id, feedback.thread_id, feedback.user_id, feedback.agent_name, feedback.message_id, feedback.created_at, feedback.comment, feedback.query, feedback.response, feedback.correction 
FROM feedback 
WHERE feedback.id IN (NULL) AND (1 != 1) AND (substr(feedback.comment, %s, %s) != %s OR substr(feedback.query, %s, %s) != %s OR substr(feedback.response, %s, %s) != %s OR substr(feedback.correction, %s, %s) != %s) FOR UPDATE


-- sealing.rekeying.left: count the rows of suspended_states to encrypt (query)

SELECT count(*) AS count_1 
FROM suspended_states 
WHERE substr(suspended_states.state_snapshot, %s, %s) != %s


-- sealing.rekeying.left: count the rows of suspended_states to decrypt (query)

SELECT count(*) AS count_1 
FROM suspended_states 
WHERE substr(suspended_states.state_snapshot, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of suspended_states (once)

SELECT suspended_states.id 
FROM suspended_states ORDER BY suspended_states.id 
 LIMIT %s

-- then:

SELECT suspended_states.id, suspended_states.thread_id, suspended_states.state_snapshot 
FROM suspended_states 
WHERE suspended_states.id IN (%s, %s) AND substr(suspended_states.state_snapshot, %s, %s) != %s FOR UPDATE

-- then:

-- once for each row:
UPDATE suspended_states SET thread_id=%s, state_snapshot=%s WHERE suspended_states.id = %s


-- sealing.rekeying.batch: encrypt the next rows of suspended_states (once)

SELECT suspended_states.id 
FROM suspended_states 
WHERE suspended_states.id > %s ORDER BY suspended_states.id 
 LIMIT %s

-- then:

SELECT suspended_states.id, suspended_states.thread_id, suspended_states.state_snapshot 
FROM suspended_states 
WHERE suspended_states.id IN (NULL) AND (1 != 1) AND substr(suspended_states.state_snapshot, %s, %s) != %s FOR UPDATE


-- sealing.rekeying.left: count the rows of checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM checkpoints 
WHERE substr(checkpoints.checkpoint, %s, %s) != %s OR substr(checkpoints.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM checkpoints 
WHERE substr(checkpoints.checkpoint, %s, %s) = %s OR substr(checkpoints.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of checkpoints (once)

SELECT checkpoints.sequence 
FROM checkpoints ORDER BY checkpoints.sequence 
 LIMIT %s

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.checkpoint, checkpoints.metadata 
FROM checkpoints 
WHERE checkpoints.sequence IN (%s, %s) AND (substr(checkpoints.checkpoint, %s, %s) != %s OR substr(checkpoints.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE checkpoints SET thread_id=%s, checkpoint_ns=%s, checkpoint_id=%s, checkpoint=%s, metadata=%s WHERE checkpoints.sequence = %s


-- sealing.rekeying.batch: encrypt the next rows of checkpoints (once)

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.sequence > %s ORDER BY checkpoints.sequence 
 LIMIT %s

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.checkpoint, checkpoints.metadata 
FROM checkpoints 
WHERE checkpoints.sequence IN (NULL) AND (1 != 1) AND (substr(checkpoints.checkpoint, %s, %s) != %s OR substr(checkpoints.metadata, %s, %s) != %s) FOR UPDATE


-- sealing.rekeying.left: count the rows of agent_invocation_logs to encrypt (query)

SELECT count(*) AS count_1 
FROM agent_invocation_logs 
WHERE substr(agent_invocation_logs.error, %s, %s) != %s OR substr(agent_invocation_logs.input, %s, %s) != %s OR substr(agent_invocation_logs.output, %s, %s) != %s OR substr(agent_invocation_logs.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agent_invocation_logs to decrypt (query)

SELECT count(*) AS count_1 
FROM agent_invocation_logs 
WHERE substr(agent_invocation_logs.error, %s, %s) = %s OR substr(agent_invocation_logs.input, %s, %s) = %s OR substr(agent_invocation_logs.output, %s, %s) = %s OR substr(agent_invocation_logs.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agent_invocation_logs (once)

SELECT agent_invocation_logs.sequence 
FROM agent_invocation_logs ORDER BY agent_invocation_logs.sequence 
 LIMIT %s

-- then:

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.error, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence IN (%s, %s) AND (substr(agent_invocation_logs.error, %s, %s) != %s OR substr(agent_invocation_logs.input, %s, %s) != %s OR substr(agent_invocation_logs.output, %s, %s) != %s OR substr(agent_invocation_logs.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agent_invocation_logs SET id=%s, input=%s, output=%s, metadata=%s, error=%s WHERE agent_invocation_logs.sequence = %s


-- sealing.rekeying.batch: encrypt the next rows of agent_invocation_logs (once)

SELECT agent_invocation_logs.sequence 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence > %s ORDER BY agent_invocation_logs.sequence 
 LIMIT %s

-- then:

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.error, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence IN (NULL) AND (1 != 1) AND (substr(agent_invocation_logs.error, %s, %s) != %s OR substr(agent_invocation_logs.input, %s, %s) != %s OR substr(agent_invocation_logs.output, %s, %s) != %s OR substr(agent_invocation_logs.metadata, %s, %s) != %s) FOR UPDATE


-- sealing.rekeying.left: count the rows of log_analyses to encrypt (query)

SELECT count(*) AS count_1 
FROM log_analyses 
WHERE substr(log_analyses.summary, %s, %s) != %s OR substr(log_analyses.recommendations, %s, %s) != %s OR substr(log_analyses.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of log_analyses to decrypt (query)

SELECT count(*) AS count_1 
FROM log_analyses 
WHERE substr(log_analyses.summary, %s, %s) = %s OR substr(log_analyses.recommendations, %s, %s) = %s OR substr(log_analyses.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of log_analyses (once)

SELECT log_analyses.sequence 
FROM log_analyses ORDER BY log_analyses.sequence 
 LIMIT %s

-- then:

SELECT log_analyses.sequence, log_analyses.id, log_analyses.summary, log_analyses.recommendations, log_analyses.metadata 
FROM log_analyses 
WHERE log_analyses.sequence IN (%s, %s) AND (substr(log_analyses.summary, %s, %s) != %s OR substr(log_analyses.recommendations, %s, %s) != %s OR substr(log_analyses.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE log_analyses SET id=%s, summary=%s, recommendations=%s, metadata=%s WHERE log_analyses.sequence = %s


-- sealing.rekeying.batch: encrypt the next rows of log_analyses (once)

SELECT log_analyses.sequence 
FROM log_analyses 
WHERE log_analyses.sequence > %s ORDER BY log_analyses.sequence 
 LIMIT %s

-- then:

SELECT log_analyses.sequence, log_analyses.id, log_analyses.summary, log_analyses.recommendations, log_analyses.metadata 
FROM log_analyses 
WHERE log_analyses.sequence IN (NULL) AND (1 != 1) AND (substr(log_analyses.summary, %s, %s) != %s OR substr(log_analyses.recommendations, %s, %s) != %s OR substr(log_analyses.metadata, %s, %s) != %s) FOR UPDATE


-- sealing.rekeying.left: count the rows of optimization_runs to encrypt (query)

SELECT count(*) AS count_1 
FROM optimization_runs 
WHERE substr(optimization_runs.prompt_versions, %s, %s) != %s OR substr(optimization_runs.score_history, %s, %s) != %s OR substr(optimization_runs.learnings, %s, %s) != %s OR substr(optimization_runs.artefacts, %s, %s) != %s OR substr(optimization_runs.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of optimization_runs to decrypt (query)

SELECT count(*) AS count_1 
FROM optimization_runs 
WHERE substr(optimization_runs.prompt_versions, %s, %s) = %s OR substr(optimization_runs.score_history, %s, %s) = %s OR substr(optimization_runs.learnings, %s, %s) = %s OR substr(optimization_runs.artefacts, %s, %s) = %s OR substr(optimization_runs.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of optimization_runs (once)

SELECT optimization_runs.sequence 
FROM optimization_runs ORDER BY optimization_runs.sequence 
 LIMIT %s

-- then:

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata 
FROM optimization_runs 
WHERE optimization_runs.sequence IN (%s, %s) AND (substr(optimization_runs.prompt_versions, %s, %s) != %s OR substr(optimization_runs.score_history, %s, %s) != %s OR substr(optimization_runs.learnings, %s, %s) != %s OR substr(optimization_runs.artefacts, %s, %s) != %s OR substr(optimization_runs.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE optimization_runs SET id=%s, prompt_versions=%s, score_history=%s, learnings=%s, artefacts=%s, metadata=%s WHERE optimization_runs.sequence = %s


-- sealing.rekeying.batch: encrypt the next rows of optimization_runs (once)

SELECT optimization_runs.sequence 
FROM optimization_runs 
WHERE optimization_runs.sequence > %s ORDER BY optimization_runs.sequence 
 LIMIT %s

-- then:

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata 
FROM optimization_runs 
WHERE optimization_runs.sequence IN (NULL) AND (1 != 1) AND (substr(optimization_runs.prompt_versions, %s, %s) != %s OR substr(optimization_runs.score_history, %s, %s) != %s OR substr(optimization_runs.learnings, %s, %s) != %s OR substr(optimization_runs.artefacts, %s, %s) != %s OR substr(optimization_runs.metadata, %s, %s) != %s) FOR UPDATE


-- sealing.rekeying.forget: forget keys when everything is encrypted (once)

DELETE FROM encryption_keys WHERE encryption_keys.id IN (%s, %s)

-- then:

UPDATE idempotency_keys SET content_digest=%s WHERE idempotency_keys.content_digest != %s


-- sealing.rekeying.forget: forget keys when everything is decrypted (once)

DELETE FROM encryption_keys WHERE encryption_keys.id IN (%s, %s, %s)

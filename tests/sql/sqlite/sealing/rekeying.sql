-- The SQL of agentomatic_sql/sealing/rekeying.py on SQLite, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- sealing.rekeying.left: count the rows of threads to encrypt (query)

SELECT count(*) AS count_1 
FROM threads 
WHERE substr(threads.title, ?, ?) != ? OR substr(threads.metadata, ?, ?) != ?


-- sealing.rekeying.left: count the rows of threads to decrypt (query)

SELECT count(*) AS count_1 
FROM threads 
WHERE substr(threads.title, ?, ?) = ? OR substr(threads.metadata, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of threads (once)

SELECT threads.id 
FROM threads ORDER BY threads.id
 LIMIT ? OFFSET ?

-- then:

SELECT threads.id, threads.title, threads.metadata 
FROM threads 
WHERE threads.id IN (?, ?) AND (substr(threads.title, ?, ?) != ? OR substr(threads.metadata, ?, ?) != ?)

-- then:

-- once for each row:
UPDATE threads SET title=?, metadata=? WHERE threads.id = ?


-- sealing.rekeying.batch: encrypt the next rows of threads (once)

SELECT threads.id 
FROM threads 
WHERE threads.id > ? ORDER BY threads.id
 LIMIT ? OFFSET ?

-- then:

SELECT threads.id, threads.title, threads.metadata 
FROM threads 
WHERE threads.id IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND (substr(threads.title, ?, ?) != ? OR substr(threads.metadata, ?, ?) != ?)


-- sealing.rekeying.left: count the rows of messages to encrypt (query)

SELECT count(*) AS count_1 
FROM messages 
WHERE substr(messages.content, ?, ?) != ? OR substr(messages.metadata, ?, ?) != ?


-- sealing.rekeying.left: count the rows of messages to decrypt (query)

SELECT count(*) AS count_1 
FROM messages 
WHERE substr(messages.content, ?, ?) = ? OR substr(messages.metadata, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of messages (once)

SELECT messages.id 
FROM messages ORDER BY messages.id
 LIMIT ? OFFSET ?

-- then:

SELECT messages.id, messages.thread_id, messages.token, messages.content, messages.metadata 
FROM messages 
WHERE messages.id IN (?, ?) AND (substr(messages.content, ?, ?) != ? OR substr(messages.metadata, ?, ?) != ?)

-- then:

-- once for each row:
UPDATE messages SET thread_id=?, content=?, metadata=?, token=? WHERE messages.id = ?


-- sealing.rekeying.batch: encrypt the next rows of messages (once)

SELECT messages.id 
FROM messages 
WHERE messages.id > ? ORDER BY messages.id
 LIMIT ? OFFSET ?

-- then:

SELECT messages.id, messages.thread_id, messages.token, messages.content, messages.metadata 
FROM messages 
WHERE messages.id IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND (substr(messages.content, ?, ?) != ? OR substr(messages.metadata, ?, ?) != ?)


-- sealing.rekeying.left: count the rows of feedback to encrypt (query)

SELECT count(*) AS count_1 
FROM feedback 
WHERE substr(feedback.comment, ?, ?) != ? OR substr(feedback."query", ?, ?) != ? OR substr(feedback.response, ?, ?) != ? OR substr(feedback.correction, ?, ?) != ?


-- sealing.rekeying.left: count the rows of feedback to decrypt (query)

SELECT count(*) AS count_1 
FROM feedback 
WHERE substr(feedback.comment, ?, ?) = ? OR substr(feedback."query", ?, ?) = ? OR substr(feedback.response, ?, ?) = ? OR substr(feedback.correction, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of feedback (once)

SELECT feedback.id 
FROM feedback ORDER BY feedback.id
 LIMIT ? OFFSET ?

-- then:

SELECT feedback.id, feedback.thread_id, feedback.user_id, feedback.agent_name, feedback.message_id, feedback.created_at, feedback.comment, feedback."query", feedback.response, feedback.correction 
FROM feedback 
WHERE feedback.id IN (?, ?) AND (substr(feedback.comment, ?, ?) != ? OR substr(feedback."query", ?, ?) != ? OR substr(feedback.response, ?, ?) != ? OR substr(feedback.correction, ?, ?) != ?)

-- then:

-- once for each row:
UPDATE feedback SET thread_id=?, message_id=?, user_id=?, agent_name=?, comment=?, "query"=?, response=?, correction=?, created_at=? WHERE feedback.id = ?


-- sealing.rekeying.batch: encrypt the next rows of feedback (once)

SELECT feedback.id 
FROM feedback 
WHERE feedback.id > ? ORDER BY feedback.id
 LIMIT ? OFFSET ?

-- then:

SELECT feedback.id, feedback.thread_id, feedback.user_id, feedback.agent_name, feedback.message_id, feedback.created_at, feedback.comment, feedback."query", feedback.response, feedback.correction 
FROM feedback 
WHERE feedback.id IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND (substr(feedback.comment, ?, ?) != ? OR substr(feedback."query", ?, ?) != ? OR substr(feedback.response, ?, ?) != ? OR substr(feedback.correction, ?, ?) != ?)


-- sealing.rekeying.left: count the rows of suspended_states to encrypt (query)

SELECT count(*) AS count_1 
FROM suspended_states 
WHERE substr(suspended_states.state_snapshot, ?, ?) != ?


-- sealing.rekeying.left: count the rows of suspended_states to decrypt (query)

SELECT count(*) AS count_1 
FROM suspended_states 
WHERE substr(suspended_states.state_snapshot, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of suspended_states (once)

SELECT suspended_states.id 
FROM suspended_states ORDER BY suspended_states.id
 LIMIT ? OFFSET ?

-- then:

SELECT suspended_states.id, suspended_states.thread_id, suspended_states.state_snapshot 
FROM suspended_states 
WHERE suspended_states.id IN (?, ?) AND substr(suspended_states.state_snapshot, ?, ?) != ?

-- then:

-- once for each row:
UPDATE suspended_states SET thread_id=?, state_snapshot=? WHERE suspended_states.id = ?


-- sealing.rekeying.batch: encrypt the next rows of suspended_states (once)

SELECT suspended_states.id 
FROM suspended_states 
WHERE suspended_states.id > ? ORDER BY suspended_states.id
 LIMIT ? OFFSET ?

-- then:

SELECT suspended_states.id, suspended_states.thread_id, suspended_states.state_snapshot 
FROM suspended_states 
WHERE suspended_states.id IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND substr(suspended_states.state_snapshot, ?, ?) != ?


-- sealing.rekeying.left: count the rows of checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM checkpoints 
WHERE substr(checkpoints.checkpoint, ?, ?) != ? OR substr(checkpoints.metadata, ?, ?) != ?


-- sealing.rekeying.left: count the rows of checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM checkpoints 
WHERE substr(checkpoints.checkpoint, ?, ?) = ? OR substr(checkpoints.metadata, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of checkpoints (once)

SELECT checkpoints.sequence 
FROM checkpoints ORDER BY checkpoints.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.checkpoint, checkpoints.metadata 
FROM checkpoints 
WHERE checkpoints.sequence IN (?, ?) AND (substr(checkpoints.checkpoint, ?, ?) != ? OR substr(checkpoints.metadata, ?, ?) != ?)

-- then:

-- once for each row:
UPDATE checkpoints SET thread_id=?, checkpoint_ns=?, checkpoint_id=?, checkpoint=?, metadata=? WHERE checkpoints.sequence = ?


-- sealing.rekeying.batch: encrypt the next rows of checkpoints (once)

SELECT checkpoints.sequence 
FROM checkpoints 
WHERE checkpoints.sequence > ? ORDER BY checkpoints.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT checkpoints.sequence, checkpoints.thread_id, checkpoints.checkpoint_ns, checkpoints.checkpoint_id, checkpoints.checkpoint, checkpoints.metadata 
FROM checkpoints 
WHERE checkpoints.sequence IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND (substr(checkpoints.checkpoint, ?, ?) != ? OR substr(checkpoints.metadata, ?, ?) != ?)


-- sealing.rekeying.left: count the rows of agent_invocation_logs to encrypt (query)

SELECT count(*) AS count_1 
FROM agent_invocation_logs 
WHERE substr(agent_invocation_logs.error, ?, ?) != ? OR substr(agent_invocation_logs.input, ?, ?) != ? OR substr(agent_invocation_logs.output, ?, ?) != ? OR substr(agent_invocation_logs.metadata, ?, ?) != ?


-- sealing.rekeying.left: count the rows of agent_invocation_logs to decrypt (query)

SELECT count(*) AS count_1 
FROM agent_invocation_logs 
WHERE substr(agent_invocation_logs.error, ?, ?) = ? OR substr(agent_invocation_logs.input, ?, ?) = ? OR substr(agent_invocation_logs.output, ?, ?) = ? OR substr(agent_invocation_logs.metadata, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of agent_invocation_logs (once)

SELECT agent_invocation_logs.sequence 
FROM agent_invocation_logs ORDER BY agent_invocation_logs.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.error, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence IN (?, ?) AND (substr(agent_invocation_logs.error, ?, ?) != ? OR substr(agent_invocation_logs.input, ?, ?) != ? OR substr(agent_invocation_logs.output, ?, ?) != ? OR substr(agent_invocation_logs.metadata, ?, ?) != ?)

-- then:

-- once for each row:
UPDATE agent_invocation_logs SET id=?, input=?, output=?, metadata=?, error=? WHERE agent_invocation_logs.sequence = ?


-- sealing.rekeying.batch: encrypt the next rows of agent_invocation_logs (once)

SELECT agent_invocation_logs.sequence 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence > ? ORDER BY agent_invocation_logs.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT agent_invocation_logs.sequence, agent_invocation_logs.id, agent_invocation_logs.error, agent_invocation_logs.input, agent_invocation_logs.output, agent_invocation_logs.metadata 
FROM agent_invocation_logs 
WHERE agent_invocation_logs.sequence IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND (substr(agent_invocation_logs.error, ?, ?) != ? OR substr(agent_invocation_logs.input, ?, ?) != ? OR substr(agent_invocation_logs.output, ?, ?) != ? OR substr(agent_invocation_logs.metadata, ?, ?) != ?)


-- sealing.rekeying.left: count the rows of log_analyses to encrypt (query)

SELECT count(*) AS count_1 
FROM log_analyses 
WHERE substr(log_analyses.summary, ?, ?) != ? OR substr(log_analyses.recommendations, ?, ?) != ? OR substr(log_analyses.metadata, ?, ?) != ?


-- sealing.rekeying.left: count the rows of log_analyses to decrypt (query)

SELECT count(*) AS count_1 
FROM log_analyses 
WHERE substr(log_analyses.summary, ?, ?) = ? OR substr(log_analyses.recommendations, ?, ?) = ? OR substr(log_analyses.metadata, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of log_analyses (once)

SELECT log_analyses.sequence 
FROM log_analyses ORDER BY log_analyses.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT log_analyses.sequence, log_analyses.id, log_analyses.summary, log_analyses.recommendations, log_analyses.metadata 
FROM log_analyses 
WHERE log_analyses.sequence IN (?, ?) AND (substr(log_analyses.summary, ?, ?) != ? OR substr(log_analyses.recommendations, ?, ?) != ? OR substr(log_analyses.metadata, ?, ?) != ?)

-- then:

-- once for each row:
UPDATE log_analyses SET id=?, summary=?, recommendations=?, metadata=? WHERE log_analyses.sequence = ?


-- sealing.rekeying.batch: encrypt the next rows of log_analyses (once)

SELECT log_analyses.sequence 
FROM log_analyses 
WHERE log_analyses.sequence > ? ORDER BY log_analyses.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT log_analyses.sequence, log_analyses.id, log_analyses.summary, log_analyses.recommendations, log_analyses.metadata 
FROM log_analyses 
WHERE log_analyses.sequence IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND (substr(log_analyses.summary, ?, ?) != ? OR substr(log_analyses.recommendations, ?, ?) != ? OR substr(log_analyses.metadata, ?, ?) != ?)


-- sealing.rekeying.left: count the rows of optimization_runs to encrypt (query)

SELECT count(*) AS count_1 
FROM optimization_runs 
WHERE substr(optimization_runs.prompt_versions, ?, ?) != ? OR substr(optimization_runs.score_history, ?, ?) != ? OR substr(optimization_runs.learnings, ?, ?) != ? OR substr(optimization_runs.artefacts, ?, ?) != ? OR substr(optimization_runs.metadata, ?, ?) != ?


-- sealing.rekeying.left: count the rows of optimization_runs to decrypt (query)

SELECT count(*) AS count_1 
FROM optimization_runs 
WHERE substr(optimization_runs.prompt_versions, ?, ?) = ? OR substr(optimization_runs.score_history, ?, ?) = ? OR substr(optimization_runs.learnings, ?, ?) = ? OR substr(optimization_runs.artefacts, ?, ?) = ? OR substr(optimization_runs.metadata, ?, ?) = ?


-- sealing.rekeying.batch: encrypt the first rows of optimization_runs (once)

SELECT optimization_runs.sequence 
FROM optimization_runs ORDER BY optimization_runs.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata 
FROM optimization_runs 
WHERE optimization_runs.sequence IN (?, ?) AND (substr(optimization_runs.prompt_versions, ?, ?) != ? OR substr(optimization_runs.score_history, ?, ?) != ? OR substr(optimization_runs.learnings, ?, ?) != ? OR substr(optimization_runs.artefacts, ?, ?) != ? OR substr(optimization_runs.metadata, ?, ?) != ?)

-- then:

-- once for each row:
UPDATE optimization_runs SET id=?, prompt_versions=?, score_history=?, learnings=?, artefacts=?, metadata=? WHERE optimization_runs.sequence = ?


-- sealing.rekeying.batch: encrypt the next rows of optimization_runs (once)

SELECT optimization_runs.sequence 
FROM optimization_runs 
WHERE optimization_runs.sequence > ? ORDER BY optimization_runs.sequence
 LIMIT ? OFFSET ?

-- then:

SELECT optimization_runs.sequence, optimization_runs.id, optimization_runs.prompt_versions, optimization_runs.score_history, optimization_runs.learnings, optimization_runs.artefacts, optimization_runs.metadata 
FROM optimization_runs 
WHERE optimization_runs.sequence IN (SELECT 1 FROM (SELECT 1) WHERE 1!=1) AND (substr(optimization_runs.prompt_versions, ?, ?) != ? OR substr(optimization_runs.score_history, ?, ?) != ? OR substr(optimization_runs.learnings, ?, ?) != ? OR substr(optimization_runs.artefacts, ?, ?) != ? OR substr(optimization_runs.metadata, ?, ?) != ?)


-- sealing.rekeying.forget: forget keys when everything is encrypted (once)

DELETE FROM encryption_keys WHERE encryption_keys.id IN (?, ?)

-- then:

UPDATE idempotency_keys SET content_digest=? WHERE idempotency_keys.content_digest != ?


-- sealing.rekeying.forget: forget keys when everything is decrypted (once)

DELETE FROM encryption_keys WHERE encryption_keys.id IN (?, ?, ?)

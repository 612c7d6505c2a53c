-- The SQL of agentomatic_sql/sealing/rekeying.py on MySQL 9, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- sealing.rekeying.left: count the rows of agentomatic_threads to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_threads 
WHERE substr(agentomatic_threads.title, %s, %s) != %s OR substr(agentomatic_threads.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_threads to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_threads 
WHERE substr(agentomatic_threads.title, %s, %s) = %s OR substr(agentomatic_threads.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_threads (once)

SELECT agentomatic_threads.id 
FROM agentomatic_threads ORDER BY agentomatic_threads.id 
 LIMIT %s

-- then:

SELECT agentomatic_threads.id, agentomatic_threads.user_id, agentomatic_threads.agent_name, agentomatic_threads.title, agentomatic_threads.metadata 
FROM agentomatic_threads 
WHERE agentomatic_threads.id <= %s AND (substr(agentomatic_threads.title, %s, %s) != %s OR substr(agentomatic_threads.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_threads SET title=%s, metadata=%s WHERE agentomatic_threads.id = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_threads (once)

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id > %s ORDER BY agentomatic_threads.id 
 LIMIT %s


-- sealing.rekeying.left: count the rows of agentomatic_messages to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_messages 
WHERE substr(agentomatic_messages.content, %s, %s) != %s OR substr(agentomatic_messages.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_messages to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_messages 
WHERE substr(agentomatic_messages.content, %s, %s) = %s OR substr(agentomatic_messages.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_messages (once)

SELECT agentomatic_messages.thread_id, agentomatic_messages.position 
FROM agentomatic_messages ORDER BY agentomatic_messages.thread_id, agentomatic_messages.position 
 LIMIT %s

-- then:

SELECT agentomatic_messages.thread_id, agentomatic_messages.position, (SELECT named.user_id 
FROM agentomatic_threads AS named 
WHERE named.id = agentomatic_messages.thread_id) AS user_id, agentomatic_messages.`role`, agentomatic_messages.token, agentomatic_messages.content, agentomatic_messages.metadata 
FROM agentomatic_messages 
WHERE NOT (agentomatic_messages.thread_id >= %s AND (agentomatic_messages.thread_id > %s OR agentomatic_messages.position > %s)) AND (substr(agentomatic_messages.content, %s, %s) != %s OR substr(agentomatic_messages.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_messages SET content=%s, metadata=%s, token=%s WHERE agentomatic_messages.thread_id = %s AND agentomatic_messages.position = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_messages (once)

SELECT agentomatic_messages.thread_id, agentomatic_messages.position 
FROM agentomatic_messages 
WHERE agentomatic_messages.thread_id >= %s AND (agentomatic_messages.thread_id > %s OR agentomatic_messages.position > %s) ORDER BY agentomatic_messages.thread_id, agentomatic_messages.position 
 LIMIT %s


-- sealing.rekeying.left: count the rows of agentomatic_feedback to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_feedback 
WHERE substr(agentomatic_feedback.comment, %s, %s) != %s OR substr(agentomatic_feedback.query, %s, %s) != %s OR substr(agentomatic_feedback.response, %s, %s) != %s OR substr(agentomatic_feedback.correction, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_feedback to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_feedback 
WHERE substr(agentomatic_feedback.comment, %s, %s) = %s OR substr(agentomatic_feedback.query, %s, %s) = %s OR substr(agentomatic_feedback.response, %s, %s) = %s OR substr(agentomatic_feedback.correction, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_feedback (once)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id 
FROM agentomatic_feedback ORDER BY agentomatic_feedback.thread_id, agentomatic_feedback.id 
 LIMIT %s

-- then:

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id, agentomatic_feedback.user_id, agentomatic_feedback.agent_name, agentomatic_feedback.message_id, agentomatic_feedback.feedback_type, agentomatic_feedback.rating, agentomatic_feedback.created_at, agentomatic_feedback.comment, agentomatic_feedback.query, agentomatic_feedback.response, agentomatic_feedback.correction 
FROM agentomatic_feedback 
WHERE NOT (agentomatic_feedback.thread_id >= %s AND (agentomatic_feedback.thread_id > %s OR agentomatic_feedback.id > %s)) AND (substr(agentomatic_feedback.comment, %s, %s) != %s OR substr(agentomatic_feedback.query, %s, %s) != %s OR substr(agentomatic_feedback.response, %s, %s) != %s OR substr(agentomatic_feedback.correction, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_feedback SET comment=%s, query=%s, response=%s, correction=%s WHERE agentomatic_feedback.thread_id = %s AND agentomatic_feedback.id = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_feedback (once)

SELECT agentomatic_feedback.thread_id, agentomatic_feedback.id 
FROM agentomatic_feedback 
WHERE agentomatic_feedback.thread_id >= %s AND (agentomatic_feedback.thread_id > %s OR agentomatic_feedback.id > %s) ORDER BY agentomatic_feedback.thread_id, agentomatic_feedback.id 
 LIMIT %s


-- sealing.rekeying.left: count the rows of agentomatic_suspended_states to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_suspended_states 
WHERE substr(agentomatic_suspended_states.state_snapshot, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_suspended_states to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_suspended_states 
WHERE substr(agentomatic_suspended_states.state_snapshot, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_suspended_states (once)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states ORDER BY agentomatic_suspended_states.id 
 LIMIT %s

-- then:

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id <= %s AND substr(agentomatic_suspended_states.state_snapshot, %s, %s) != %s FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_suspended_states SET state_snapshot=%s WHERE agentomatic_suspended_states.id = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_suspended_states (once)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id > %s ORDER BY agentomatic_suspended_states.id 
 LIMIT %s


-- sealing.rekeying.left: count the rows of agentomatic_checkpoints to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_checkpoints 
WHERE substr(agentomatic_checkpoints.checkpoint, %s, %s) != %s OR substr(agentomatic_checkpoints.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_checkpoints to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_checkpoints 
WHERE substr(agentomatic_checkpoints.checkpoint, %s, %s) = %s OR substr(agentomatic_checkpoints.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_checkpoints (once)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints ORDER BY agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT %s

-- then:

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id, agentomatic_checkpoints.checkpoint_ns, agentomatic_checkpoints.parent_checkpoint_id, agentomatic_checkpoints.checkpoint, agentomatic_checkpoints.metadata 
FROM agentomatic_checkpoints 
WHERE NOT (agentomatic_checkpoints.thread_id >= %s AND (agentomatic_checkpoints.thread_id > %s OR agentomatic_checkpoints.namespace_digest >= %s AND (agentomatic_checkpoints.namespace_digest > %s OR agentomatic_checkpoints.checkpoint_id > %s))) AND (substr(agentomatic_checkpoints.checkpoint, %s, %s) != %s OR substr(agentomatic_checkpoints.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_checkpoints SET checkpoint=%s, metadata=%s WHERE agentomatic_checkpoints.thread_id = %s AND agentomatic_checkpoints.namespace_digest = %s AND agentomatic_checkpoints.checkpoint_id = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_checkpoints (once)

SELECT agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
FROM agentomatic_checkpoints 
WHERE agentomatic_checkpoints.thread_id >= %s AND (agentomatic_checkpoints.thread_id > %s OR agentomatic_checkpoints.namespace_digest >= %s AND (agentomatic_checkpoints.namespace_digest > %s OR agentomatic_checkpoints.checkpoint_id > %s)) ORDER BY agentomatic_checkpoints.thread_id, agentomatic_checkpoints.namespace_digest, agentomatic_checkpoints.checkpoint_id 
 LIMIT %s


-- sealing.rekeying.left: count the rows of agentomatic_invocation_logs to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_invocation_logs 
WHERE substr(agentomatic_invocation_logs.error, %s, %s) != %s OR substr(agentomatic_invocation_logs.input, %s, %s) != %s OR substr(agentomatic_invocation_logs.output, %s, %s) != %s OR substr(agentomatic_invocation_logs.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_invocation_logs to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_invocation_logs 
WHERE substr(agentomatic_invocation_logs.error, %s, %s) = %s OR substr(agentomatic_invocation_logs.input, %s, %s) = %s OR substr(agentomatic_invocation_logs.output, %s, %s) = %s OR substr(agentomatic_invocation_logs.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_invocation_logs (once)

SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs ORDER BY agentomatic_invocation_logs.id 
 LIMIT %s

-- then:

SELECT agentomatic_invocation_logs.id, agentomatic_invocation_logs.resource_type, agentomatic_invocation_logs.agent_name, agentomatic_invocation_logs.thread_id, agentomatic_invocation_logs.error, agentomatic_invocation_logs.input, agentomatic_invocation_logs.output, agentomatic_invocation_logs.metadata 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id <= %s AND (substr(agentomatic_invocation_logs.error, %s, %s) != %s OR substr(agentomatic_invocation_logs.input, %s, %s) != %s OR substr(agentomatic_invocation_logs.output, %s, %s) != %s OR substr(agentomatic_invocation_logs.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_invocation_logs SET input=%s, output=%s, metadata=%s, error=%s WHERE agentomatic_invocation_logs.id = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_invocation_logs (once)

SELECT agentomatic_invocation_logs.id 
FROM agentomatic_invocation_logs 
WHERE agentomatic_invocation_logs.id > %s ORDER BY agentomatic_invocation_logs.id 
 LIMIT %s


-- sealing.rekeying.left: count the rows of agentomatic_log_analyses to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_log_analyses 
WHERE substr(agentomatic_log_analyses.summary, %s, %s) != %s OR substr(agentomatic_log_analyses.recommendations, %s, %s) != %s OR substr(agentomatic_log_analyses.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_log_analyses to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_log_analyses 
WHERE substr(agentomatic_log_analyses.summary, %s, %s) = %s OR substr(agentomatic_log_analyses.recommendations, %s, %s) = %s OR substr(agentomatic_log_analyses.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_log_analyses (once)

SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses ORDER BY agentomatic_log_analyses.id 
 LIMIT %s

-- then:

SELECT agentomatic_log_analyses.id, agentomatic_log_analyses.resource_type, agentomatic_log_analyses.agent_name, agentomatic_log_analyses.summary, agentomatic_log_analyses.recommendations, agentomatic_log_analyses.metadata 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id <= %s AND (substr(agentomatic_log_analyses.summary, %s, %s) != %s OR substr(agentomatic_log_analyses.recommendations, %s, %s) != %s OR substr(agentomatic_log_analyses.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_log_analyses SET summary=%s, recommendations=%s, metadata=%s WHERE agentomatic_log_analyses.id = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_log_analyses (once)

SELECT agentomatic_log_analyses.id 
FROM agentomatic_log_analyses 
WHERE agentomatic_log_analyses.id > %s ORDER BY agentomatic_log_analyses.id 
 LIMIT %s


-- sealing.rekeying.left: count the rows of agentomatic_optimization_runs to encrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_optimization_runs 
WHERE substr(agentomatic_optimization_runs.prompt_versions, %s, %s) != %s OR substr(agentomatic_optimization_runs.score_history, %s, %s) != %s OR substr(agentomatic_optimization_runs.learnings, %s, %s) != %s OR substr(agentomatic_optimization_runs.artefacts, %s, %s) != %s OR substr(agentomatic_optimization_runs.metadata, %s, %s) != %s


-- sealing.rekeying.left: count the rows of agentomatic_optimization_runs to decrypt (query)

SELECT count(*) AS count_1 
FROM agentomatic_optimization_runs 
WHERE substr(agentomatic_optimization_runs.prompt_versions, %s, %s) = %s OR substr(agentomatic_optimization_runs.score_history, %s, %s) = %s OR substr(agentomatic_optimization_runs.learnings, %s, %s) = %s OR substr(agentomatic_optimization_runs.artefacts, %s, %s) = %s OR substr(agentomatic_optimization_runs.metadata, %s, %s) = %s


-- sealing.rekeying.batch: encrypt the first rows of agentomatic_optimization_runs (once)

SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs ORDER BY agentomatic_optimization_runs.id 
 LIMIT %s

-- then:

SELECT agentomatic_optimization_runs.id, agentomatic_optimization_runs.agent_name, agentomatic_optimization_runs.experiment_id, agentomatic_optimization_runs.prompt_versions, agentomatic_optimization_runs.score_history, agentomatic_optimization_runs.learnings, agentomatic_optimization_runs.artefacts, agentomatic_optimization_runs.metadata 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id <= %s AND (substr(agentomatic_optimization_runs.prompt_versions, %s, %s) != %s OR substr(agentomatic_optimization_runs.score_history, %s, %s) != %s OR substr(agentomatic_optimization_runs.learnings, %s, %s) != %s OR substr(agentomatic_optimization_runs.artefacts, %s, %s) != %s OR substr(agentomatic_optimization_runs.metadata, %s, %s) != %s) FOR UPDATE

-- then:

-- once for each row:
UPDATE agentomatic_optimization_runs SET prompt_versions=%s, score_history=%s, learnings=%s, artefacts=%s, metadata=%s WHERE agentomatic_optimization_runs.id = %s


-- sealing.rekeying.batch: encrypt the next rows of agentomatic_optimization_runs (once)

SELECT agentomatic_optimization_runs.id 
FROM agentomatic_optimization_runs 
WHERE agentomatic_optimization_runs.id > %s ORDER BY agentomatic_optimization_runs.id 
 LIMIT %s


-- sealing.rekeying.forget: forget keys when everything is encrypted (once)

DELETE FROM agentomatic_encryption_keys WHERE agentomatic_encryption_keys.id IN (%s, %s)

-- then:

UPDATE agentomatic_idempotency_keys SET content_digest=%s WHERE agentomatic_idempotency_keys.content_digest != %s


-- sealing.rekeying.forget: forget keys when everything is decrypted (once)

DELETE FROM agentomatic_encryption_keys WHERE agentomatic_encryption_keys.id IN (%s, %s, %s)

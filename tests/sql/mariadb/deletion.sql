-- The SQL of agentomatic_sql/entities/deletion.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.deletion.remove: delete a thread (once)

-- sent together:

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1

UPDATE agentomatic_threads SET epoch=-1 WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND NOT (EXISTS (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1))

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1

DELETE FROM agentomatic_feedback WHERE agentomatic_feedback.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_checkpoints WHERE agentomatic_checkpoints.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

UPDATE agentomatic_threads, agentomatic_threads AS gone SET agentomatic_threads.parent_thread_id=%s WHERE agentomatic_threads.parent_thread_id = %s AND gone.id = agentomatic_threads.parent_thread_id AND gone.epoch = -1

DELETE FROM agentomatic_threads WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1


-- entities.deletion.remove: delete a thread, in a user's view (once)

-- sent together:

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1

UPDATE agentomatic_threads SET epoch=-1 WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s AND NOT (EXISTS (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1))

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1

DELETE FROM agentomatic_feedback WHERE agentomatic_feedback.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_checkpoints WHERE agentomatic_checkpoints.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

UPDATE agentomatic_threads, agentomatic_threads AS gone SET agentomatic_threads.parent_thread_id=%s WHERE agentomatic_threads.parent_thread_id = %s AND gone.id = agentomatic_threads.parent_thread_id AND gone.epoch = -1

DELETE FROM agentomatic_threads WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1


-- entities.deletion.find: delete a thread (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s


-- entities.deletion.find: delete a thread, in a user's view (asked when the answer was lost)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

-- then:

UPDATE agentomatic_threads SET epoch=%s WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s


-- entities.deletion.remove: do not delete a thread in which graphs have stored something (once)

-- sent together:

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1

UPDATE agentomatic_threads SET epoch=-1 WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND NOT (EXISTS (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1))

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1

DELETE FROM agentomatic_feedback WHERE agentomatic_feedback.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_checkpoints WHERE agentomatic_checkpoints.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

UPDATE agentomatic_threads, agentomatic_threads AS gone SET agentomatic_threads.parent_thread_id=%s WHERE agentomatic_threads.parent_thread_id = %s AND gone.id = agentomatic_threads.parent_thread_id AND gone.epoch = -1

DELETE FROM agentomatic_threads WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1


-- entities.deletion.remove: do not delete a thread in which graphs have stored something, in a user's view (once)

-- sent together:

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1

UPDATE agentomatic_threads SET epoch=-1 WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = %s AND agentomatic_threads.user_id = %s AND NOT (EXISTS (SELECT agentomatic_graph_namespaces.id 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s 
 LIMIT 1))

SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1

DELETE FROM agentomatic_feedback WHERE agentomatic_feedback.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

DELETE FROM agentomatic_checkpoints WHERE agentomatic_checkpoints.thread_id = %s AND (EXISTS (SELECT agentomatic_threads.id 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1))

UPDATE agentomatic_threads, agentomatic_threads AS gone SET agentomatic_threads.parent_thread_id=%s WHERE agentomatic_threads.parent_thread_id = %s AND gone.id = agentomatic_threads.parent_thread_id AND gone.epoch = -1

DELETE FROM agentomatic_threads WHERE agentomatic_threads.id = %s AND agentomatic_threads.epoch = -1


-- entities.deletion.remove_with_graphs: delete a thread and what graphs have stored in it (once)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s FOR UPDATE

-- then:

UPDATE agentomatic_threads SET parent_thread_id=%s WHERE agentomatic_threads.parent_thread_id = %s

-- then:

DELETE FROM agentomatic_messages WHERE agentomatic_messages.thread_id = %s

-- then:

DELETE FROM agentomatic_feedback WHERE agentomatic_feedback.thread_id = %s

-- then:

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.thread_id = %s

-- then:

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.thread_id = %s

-- then:

DELETE FROM agentomatic_checkpoints WHERE agentomatic_checkpoints.thread_id = %s

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=%s, generation=(agentomatic_graph_namespaces.generation + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

DELETE FROM agentomatic_graph_checkpoints WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.thread_digest = %s AND agentomatic_graph_values.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_namespaces WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id IN (%s, %s)

-- then:

DELETE FROM agentomatic_threads WHERE agentomatic_threads.id = %s


-- entities.deletion.remove_with_graphs: delete a thread and what graphs have stored in it, in a user's view (once)

SELECT agentomatic_threads.epoch, agentomatic_threads.version, agentomatic_threads.attached 
FROM agentomatic_threads 
WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s FOR UPDATE

-- then:

UPDATE agentomatic_threads SET parent_thread_id=%s WHERE agentomatic_threads.parent_thread_id = %s

-- then:

DELETE FROM agentomatic_messages WHERE agentomatic_messages.thread_id = %s

-- then:

DELETE FROM agentomatic_feedback WHERE agentomatic_feedback.thread_id = %s

-- then:

DELETE FROM agentomatic_idempotency_keys WHERE agentomatic_idempotency_keys.thread_id = %s

-- then:

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.thread_id = %s

-- then:

DELETE FROM agentomatic_checkpoints WHERE agentomatic_checkpoints.thread_id = %s

-- then:

UPDATE agentomatic_graph_namespaces SET epoch=%s, generation=(agentomatic_graph_namespaces.generation + %s) WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s

-- then:

SELECT agentomatic_graph_namespaces.thread_id, agentomatic_graph_namespaces.checkpoint_ns, agentomatic_graph_namespaces.id, agentomatic_graph_namespaces.generation, agentomatic_graph_namespaces.epoch 
FROM agentomatic_graph_namespaces 
WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.thread_id = %s FOR UPDATE

-- then:

DELETE FROM agentomatic_graph_checkpoints WHERE agentomatic_graph_checkpoints.thread_digest = %s AND agentomatic_graph_checkpoints.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_writes WHERE agentomatic_graph_writes.thread_digest = %s AND agentomatic_graph_writes.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_values WHERE agentomatic_graph_values.thread_digest = %s AND agentomatic_graph_values.namespace_id IN (%s, %s)

-- then:

DELETE FROM agentomatic_graph_namespaces WHERE agentomatic_graph_namespaces.thread_digest = %s AND agentomatic_graph_namespaces.id IN (%s, %s)

-- then:

DELETE FROM agentomatic_threads WHERE agentomatic_threads.id = %s

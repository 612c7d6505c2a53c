-- The SQL of agentomatic_sql/entities/suspended.py on MariaDB 11, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.suspended.save: save a suspended state (once)

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES (%s, %s, %s, %s, %s, utc_timestamp(6), timestampadd(MICROSECOND, least(%s, timestampdiff(MICROSECOND, utc_timestamp(6), '9999-12-31 23:59:59.999999')), utc_timestamp(6)), %s) ON DUPLICATE KEY UPDATE thread_id = VALUES(thread_id), agent_name = VALUES(agent_name), node_name = VALUES(node_name), state_snapshot = VALUES(state_snapshot), created_at = VALUES(created_at), expires_at = VALUES(expires_at), token = VALUES(token) RETURNING agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at


-- entities.suspended.find_saved: save a suspended state (asked when the answer was lost)

SELECT agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s


-- entities.suspended.find_saved: save a suspended state, in a user's view (asked when the answer was lost)

SELECT agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s))


-- entities.suspended.save_for_owner: save a suspended state, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES (%s, %s, %s, %s, %s, utc_timestamp(6), timestampadd(MICROSECOND, least(%s, timestampdiff(MICROSECOND, utc_timestamp(6), '9999-12-31 23:59:59.999999')), utc_timestamp(6)), %s) ON DUPLICATE KEY UPDATE id = agentomatic_suspended_states.id

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s)) FOR UPDATE

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES (%s, %s, %s, %s, %s, utc_timestamp(6), timestampadd(MICROSECOND, least(%s, timestampdiff(MICROSECOND, utc_timestamp(6), '9999-12-31 23:59:59.999999')), utc_timestamp(6)), %s) ON DUPLICATE KEY UPDATE thread_id = VALUES(thread_id), agent_name = VALUES(agent_name), node_name = VALUES(node_name), state_snapshot = VALUES(state_snapshot), created_at = VALUES(created_at), expires_at = VALUES(expires_at), token = VALUES(token) RETURNING agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at

-- then:

SELECT agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s))


-- entities.suspended.save_for_owner: do not save a suspended state under the id of another user's, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = %s AND agentomatic_threads.user_id = %s

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES (%s, %s, %s, %s, %s, utc_timestamp(6), timestampadd(MICROSECOND, least(%s, timestampdiff(MICROSECOND, utc_timestamp(6), '9999-12-31 23:59:59.999999')), utc_timestamp(6)), %s) ON DUPLICATE KEY UPDATE id = agentomatic_suspended_states.id

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s)) FOR UPDATE

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s


-- entities.suspended.get: get a suspended state (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.expires_at > utc_timestamp(6)


-- entities.suspended.get: get a suspended state, in a user's view (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.expires_at > utc_timestamp(6) AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s))


-- entities.suspended.waiting: list suspended states (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.expires_at > utc_timestamp(6) ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.waiting: list suspended states, in a user's view (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.expires_at > utc_timestamp(6) AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s)) ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.waiting: list suspended states of a thread (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.thread_id = %s AND agentomatic_suspended_states.expires_at > utc_timestamp(6) ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.waiting: list suspended states of a thread, in a user's view (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.thread_id = %s AND agentomatic_suspended_states.expires_at > utc_timestamp(6) AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s)) ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.claim: claim a suspended state (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s AND agentomatic_suspended_states.expires_at > utc_timestamp(6) RETURNING agentomatic_suspended_states.id


-- entities.suspended.claim: claim a suspended state, in a user's view (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s)) AND agentomatic_suspended_states.expires_at > utc_timestamp(6) RETURNING agentomatic_suspended_states.id


-- entities.suspended.find_claim: claim a suspended state (asked when the answer was lost)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s FOR UPDATE

-- then:

UPDATE agentomatic_suspended_states SET token=%s WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s


-- entities.suspended.find_claim: claim a suspended state, in a user's view (asked when the answer was lost)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s)) FOR UPDATE

-- then:

UPDATE agentomatic_suspended_states SET token=%s WHERE agentomatic_suspended_states.id = %s AND agentomatic_suspended_states.token = %s AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s))


-- entities.suspended.cleanup: delete expired suspended states (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.expires_at <= utc_timestamp(6)


-- entities.suspended.cleanup: delete expired suspended states, in a user's view (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.expires_at <= utc_timestamp(6) AND (EXISTS (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.id = agentomatic_suspended_states.thread_id AND owned.user_id = %s))

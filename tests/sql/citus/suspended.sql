-- The SQL of agentomatic_sql/entities/suspended.py on PostgreSQL 18 with Citus, exactly as the driver gets it.
-- Above each call: the operation, what it is called for, and how it may be run (agentomatic_sql/operations.py).
-- "Sent together" are statements that need none of each other's rows: one packet on MySQL and MariaDB, elsewhere
-- one call of the driver after the other. BEGIN and COMMIT, which the driver adds, are left out.
--
-- Written by scripts/golden-sql, compared by tests/dialects/test_golden_sql.py. Do not edit.


-- entities.suspended.save: save a suspended state (once)

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, statement_timestamp(), least(statement_timestamp() + ($6::BIGINT * INTERVAL '1 microsecond'), TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'), $7::BIGINT) ON CONFLICT (id) DO UPDATE SET thread_id = excluded.thread_id, agent_name = excluded.agent_name, node_name = excluded.node_name, state_snapshot = excluded.state_snapshot, created_at = excluded.created_at, expires_at = excluded.expires_at, token = excluded.token RETURNING agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at


-- entities.suspended.find_saved: save a suspended state (asked when the answer was lost)

SELECT agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.token = $2::BIGINT


-- entities.suspended.find_saved: save a suspended state, in a user's view (asked when the answer was lost)

SELECT agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.token = $2::BIGINT AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $3)


-- entities.suspended.save_for_owner: save a suspended state, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, statement_timestamp(), least(statement_timestamp() + ($6::BIGINT * INTERVAL '1 microsecond'), TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'), $7::BIGINT) ON CONFLICT (id) DO NOTHING

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $2) FOR UPDATE

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, statement_timestamp(), least(statement_timestamp() + ($6::BIGINT * INTERVAL '1 microsecond'), TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'), $7::BIGINT) ON CONFLICT (id) DO UPDATE SET thread_id = excluded.thread_id, agent_name = excluded.agent_name, node_name = excluded.node_name, state_snapshot = excluded.state_snapshot, created_at = excluded.created_at, expires_at = excluded.expires_at, token = excluded.token RETURNING agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at

-- then:

SELECT agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.token = $2::BIGINT AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $3)


-- entities.suspended.save_for_owner: do not save a suspended state under the id of another user's, in a user's view (once)

UPDATE agentomatic_threads SET attached=(agentomatic_threads.attached + 1) WHERE agentomatic_threads.id = $1 AND agentomatic_threads.user_id = $2

-- then:

INSERT INTO agentomatic_suspended_states (id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at, token) VALUES ($1, $2, $3, $4, $5::VARCHAR, statement_timestamp(), least(statement_timestamp() + ($6::BIGINT * INTERVAL '1 microsecond'), TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'), $7::BIGINT) ON CONFLICT (id) DO NOTHING

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $2) FOR UPDATE

-- then:

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1


-- entities.suspended.get: get a suspended state (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.expires_at > statement_timestamp()


-- entities.suspended.get: get a suspended state, in a user's view (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.expires_at > statement_timestamp() AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $2)


-- entities.suspended.waiting: list suspended states (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.expires_at > statement_timestamp() ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.waiting: list suspended states, in a user's view (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.expires_at > statement_timestamp() AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $1) ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.waiting: list suspended states of a thread (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.thread_id = $1 AND agentomatic_suspended_states.expires_at > statement_timestamp() ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.waiting: list suspended states of a thread, in a user's view (query)

SELECT agentomatic_suspended_states.id, agentomatic_suspended_states.thread_id, agentomatic_suspended_states.agent_name, agentomatic_suspended_states.node_name, agentomatic_suspended_states.state_snapshot, agentomatic_suspended_states.created_at AS created_at, agentomatic_suspended_states.expires_at AS expires_at, agentomatic_suspended_states.token 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.thread_id = $1 AND agentomatic_suspended_states.expires_at > statement_timestamp() AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $2) ORDER BY agentomatic_suspended_states.created_at DESC, agentomatic_suspended_states.id DESC


-- entities.suspended.claim: claim a suspended state (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.token = $2::BIGINT AND agentomatic_suspended_states.expires_at > statement_timestamp() RETURNING agentomatic_suspended_states.id


-- entities.suspended.claim: claim a suspended state, in a user's view (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.token = $2::BIGINT AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $3) AND agentomatic_suspended_states.expires_at > statement_timestamp() RETURNING agentomatic_suspended_states.id


-- entities.suspended.find_claim: claim a suspended state (asked when the answer was lost)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.token = $2::BIGINT FOR UPDATE

-- then:

UPDATE agentomatic_suspended_states SET token=$1::BIGINT WHERE agentomatic_suspended_states.id = $2 AND agentomatic_suspended_states.token = $3::BIGINT


-- entities.suspended.find_claim: claim a suspended state, in a user's view (asked when the answer was lost)

SELECT agentomatic_suspended_states.id 
FROM agentomatic_suspended_states 
WHERE agentomatic_suspended_states.id = $1 AND agentomatic_suspended_states.token = $2::BIGINT AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $3) FOR UPDATE

-- then:

UPDATE agentomatic_suspended_states SET token=$1::BIGINT WHERE agentomatic_suspended_states.id = $2 AND agentomatic_suspended_states.token = $3::BIGINT AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $4)


-- entities.suspended.cleanup: delete expired suspended states (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.expires_at <= statement_timestamp()


-- entities.suspended.cleanup: delete expired suspended states, in a user's view (once)

DELETE FROM agentomatic_suspended_states WHERE agentomatic_suspended_states.expires_at <= statement_timestamp() AND agentomatic_suspended_states.thread_id IN (SELECT owned.id 
FROM agentomatic_threads AS owned 
WHERE owned.user_id = $1)

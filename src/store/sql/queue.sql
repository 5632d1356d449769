-- Tasks.  States are the numbers of `enum task_state`: 0 scheduled, 1 blocked, 2 ready,
-- 3 leased, 4 succeeded, 5 failed, 6 cancelled.
--
-- No RETURNING where it is hot: SQLite makes a table in memory for it, each time anew, which
-- costs more (14 us) than to read the row first and then to change it (4 us and 9 us).

-- name: SQL_TASK_INSERT
INSERT INTO task (id, tenant, state, gate, kind, queue, priority, attempt, failures, attempts_max,
	lost, retry_base_ms, retry_cap_ms, timeout_ms, attempt_ms, run_at_ms, deadline_ms, dead,
	discarded, retry_of, run, step, item, key, key_max, callback_kind, callback_input, input, origin)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8, 0, ?9, ?10, ?11, 0, ?12, ?13, 0, 0, ?14, ?15, ?16,
	?17, ?18, ?19, ?20, ?21, ?22, ?23)

-- name: SQL_IDEMPOTENCY_CLAIM
INSERT INTO idempotency (tenant, space, key, request, result, expires_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (tenant, space, key) DO UPDATE SET
	request = excluded.request, result = excluded.result, expires_ms = excluded.expires_ms
WHERE expires_ms <= ?7

-- name: SQL_IDEMPOTENCY_GET
SELECT result, request FROM idempotency WHERE tenant = ?1 AND space = ?2 AND key = ?3

-- name: SQL_IDEMPOTENCY_EXPIRE
-- system: what has run out is dropped for every tenant, in slices
DELETE FROM idempotency WHERE (tenant, space, key) IN (
	SELECT tenant, space, key FROM idempotency WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT 500)

-- name: SQL_TASK_STATE
SELECT state FROM task WHERE tenant = ?1 AND id = ?2
UNION ALL SELECT state FROM task_history WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_TENANT
-- system: a worker for all tenants names a task, not whose it is
SELECT tenant FROM task WHERE id = ?1 UNION ALL SELECT tenant FROM task_history WHERE id = ?1

-- name: SQL_TASK_READY
SELECT id, priority, queue FROM task INDEXED BY task_ready
WHERE state = 2 AND tenant = ?1 AND kind = ?2 ORDER BY priority DESC, id LIMIT ?3

-- name: SQL_TASK_READY_OF_KEY
SELECT id, priority, queue FROM task INDEXED BY task_ready_of_key
WHERE state = 2 AND tenant = ?1 AND key = ?2 AND kind = ?3 ORDER BY priority DESC, id LIMIT ?4

-- name: SQL_TASK_KEY
SELECT key, kind FROM task WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_READY_TENANT
-- system: whose turn is next among those with work of a kind
SELECT tenant FROM task INDEXED BY task_ready
WHERE state = 2 AND kind = ?1 AND tenant > ?2 ORDER BY tenant LIMIT 1

-- name: SQL_TENANT_WEIGHT
SELECT weight FROM tenant WHERE id = ?1

-- name: SQL_TENANT_SET_WEIGHT
UPDATE tenant SET weight = ?2 WHERE id = ?1

-- name: SQL_TASK_GRANT
SELECT kind, queue, key, input, attempt, attempts_max, timeout_ms, run, deadline_ms,
	origin FROM task
WHERE tenant = ?1 AND id = ?2 AND state = 2

-- name: SQL_TASK_LEASE
UPDATE task SET state = 3, attempt = ?3, lease_began_ms = ?4, lease_ms = ?5, attempt_ms = ?6,
	lease_until_ms = ?7, token = ?8, worker = ?9, session = ?10, agent = ?11, progress = NULL,
	message = NULL
WHERE tenant = ?1 AND id = ?2

-- What was live when the server began (?5) lasts a full term from then.
-- name: SQL_TASK_OF_SESSION
SELECT id, tenant, kind, queue, key, input, attempt, attempts_max, attempt_ms,
	max(lease_until_ms, CASE WHEN lease_began_ms < ?5 THEN ?5 + lease_ms ELSE 0 END) - ?3,
	run, token, origin
FROM task INDEXED BY task_of_session
WHERE state = 3 AND session = ?1 AND (?2 = 0 OR tenant = ?2)
	AND (lease_until_ms > ?3 OR lease_began_ms < ?5 AND ?5 + lease_ms > ?3)
ORDER BY id LIMIT ?4

-- name: SQL_TASK_HOLDER
SELECT state, gate, attempt, token, kind, queue, key, run, step, item, failures, attempts_max,
	retry_base_ms, retry_cap_ms, lease_ms, lease_began_ms, attempt_ms, lost, run_at_ms, agent,
	callback_kind, callback_input
FROM task WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_HOLDER_HISTORY
SELECT state, gate, attempt, token, kind, queue, key, run, step, item, failures, attempts_max,
	retry_base_ms, retry_cap_ms, lease_ms, lease_began_ms, attempt_ms, lost, run_at_ms, agent,
	callback_kind, callback_input
FROM task_history WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_HEARTBEAT
UPDATE task SET lease_ms = ?5, lease_until_ms = ?6, progress = coalesce(?7, progress),
	message = coalesce(?8, message)
WHERE tenant = ?1 AND id = ?2 AND state = 3 AND attempt = ?3 AND token = ?4

-- name: SQL_TASK_COMPLETE
UPDATE task SET state = 4, finished_ms = ?3, output = ?4, progress = 1, lease_until_ms = NULL
WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_END
UPDATE task SET state = ?3, gate = 0, finished_ms = ?4, error = ?5, failures = ?6, lost = ?7,
	lease_until_ms = NULL, dead = (?3 = 5 AND run IS NULL)
WHERE tenant = ?1 AND id = ?2 AND state < 4

-- name: SQL_TASK_AGAIN
UPDATE task SET state = ?3, run_at_ms = ?4, error = ?5, failures = ?6, lost = ?7,
	lease_until_ms = NULL, token = CASE WHEN ?8 THEN token END
WHERE tenant = ?1 AND id = ?2 AND state = 3

-- name: SQL_TASK_PLACE
UPDATE task SET state = ?3, gate = ?4 WHERE tenant = ?1 AND id = ?2 AND state < 3

-- name: SQL_TASK_EXPIRED
-- system: leases run out for every tenant alike
SELECT id, tenant FROM task INDEXED BY task_leased
WHERE state = 3 AND lease_until_ms <= ?1 ORDER BY lease_until_ms, id LIMIT ?2

-- name: SQL_TASK_DUE
-- system: delays end for every tenant alike
SELECT id, tenant, kind, queue, key, key_max FROM task INDEXED BY task_scheduled
WHERE state = 0 AND run_at_ms <= ?1 ORDER BY run_at_ms, id LIMIT ?2

-- name: SQL_TASK_OVERDUE
-- system: deadlines pass for every tenant alike
SELECT id, tenant FROM task INDEXED BY task_deadline
WHERE state < 4 AND deadline_ms IS NOT NULL AND deadline_ms <= ?1 ORDER BY deadline_ms, id LIMIT ?2

-- name: SQL_TASK_NEXT_EXPIRY
-- system: the engine's timer
SELECT min(lease_until_ms) FROM task INDEXED BY task_leased WHERE state = 3

-- name: SQL_TASK_NEXT_DUE
-- system: the engine's timer
SELECT min(run_at_ms) FROM task INDEXED BY task_scheduled WHERE state = 0

-- name: SQL_TASK_NEXT_DEADLINE
-- system: the engine's timer
SELECT min(deadline_ms) FROM task INDEXED BY task_deadline
WHERE state < 4 AND deadline_ms IS NOT NULL

-- name: SQL_LEASE_EXTEND
UPDATE task SET lease_until_ms = ?3 WHERE tenant = ?1 AND id = ?2 AND state = 3

-- Gates: queues and concurrency keys, what is taken of them, who waits there.

-- name: SQL_GATE_LOAD
SELECT scheduled, blocked, ready, leased, waiting, held, max, credit, credit_ms FROM gate
WHERE tenant = ?1 AND space = ?2 AND name = ?3

-- name: SQL_GATE_SAVE
INSERT INTO gate (tenant, space, name, scheduled, blocked, ready, leased, waiting, held, max,
	credit, credit_ms, due_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (tenant, space, name) DO UPDATE SET scheduled = ?4, blocked = ?5, ready = ?6,
	leased = ?7, waiting = ?8, held = ?9, max = ?10, credit = ?11, credit_ms = ?12, due_ms = ?13

-- name: SQL_GATE_DELETE
DELETE FROM gate WHERE tenant = ?1 AND space = ?2 AND name = ?3

-- name: SQL_GATE_DUE
-- system: time makes room for every tenant alike
SELECT tenant, space, name FROM gate INDEXED BY gate_due
WHERE due_ms IS NOT NULL AND due_ms <= ?1 ORDER BY due_ms LIMIT ?2

-- name: SQL_GATE_NEXT_DUE
-- system: the engine's timer
SELECT min(due_ms) FROM gate INDEXED BY gate_due WHERE due_ms IS NOT NULL

-- name: SQL_BLOCKED_AT_KEY
SELECT id, kind, queue, key FROM task INDEXED BY task_blocked_key
WHERE state = 1 AND gate = 1 AND tenant = ?1 AND key = ?2 ORDER BY priority DESC, id LIMIT ?3

-- name: SQL_BLOCKED_AT_QUEUE
SELECT id, kind, queue, key FROM task INDEXED BY task_blocked_queue
WHERE state = 1 AND gate = 2 AND tenant = ?1 AND queue = ?2 ORDER BY priority DESC, id LIMIT ?3

-- Settings of queues, what their days came to.

-- name: SQL_QUEUE_GET
SELECT is_paused, depth_max, concurrency_max, rate_n, rate_period_ms, rate_burst, attempts_max,
	retry_base_ms, retry_cap_ms, timeout_ms, retention_ms FROM queue
WHERE tenant = ?1 AND name = ?2

-- name: SQL_QUEUE_PUT
INSERT OR REPLACE INTO queue (tenant, name, is_paused, depth_max, concurrency_max, rate_n,
	rate_period_ms, rate_burst, attempts_max, retry_base_ms, retry_cap_ms, timeout_ms,
	retention_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)

-- name: SQL_QUEUE_DELETE
DELETE FROM queue WHERE tenant = ?1 AND name = ?2

-- name: SQL_QUEUE_NAMES
SELECT name FROM (SELECT name FROM queue WHERE tenant = ?1 AND name > ?2 ORDER BY name LIMIT ?3)
UNION SELECT name FROM (SELECT name FROM gate WHERE tenant = ?1 AND space = 1 AND name > ?2
	ORDER BY name LIMIT ?3)
ORDER BY name LIMIT ?3

-- name: SQL_QUEUE_DAY_ADD
INSERT INTO queue_day (tenant, queue, day, succeeded, failed, cancelled, duration_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (tenant, queue, day) DO UPDATE SET succeeded = succeeded + ?4, failed = failed + ?5,
	cancelled = cancelled + ?6, duration_ms = duration_ms + ?7

-- name: SQL_QUEUE_DAYS
SELECT day, succeeded, failed, cancelled, duration_ms FROM queue_day
WHERE tenant = ?1 AND queue = ?2 ORDER BY day DESC LIMIT ?3

-- The oldest task of a kind that is ready: a seek for each priority there is.
-- name: SQL_QUEUE_OLDEST
WITH RECURSIVE present (priority) AS (
	SELECT max(priority) FROM task INDEXED BY task_ready
	WHERE state = 2 AND tenant = ?1 AND kind = ?2
	UNION ALL
	SELECT (SELECT max(priority) FROM task INDEXED BY task_ready
		WHERE state = 2 AND tenant = ?1 AND kind = ?2 AND priority < present.priority)
	FROM present WHERE present.priority IS NOT NULL LIMIT 202)
SELECT min((SELECT min(id) FROM task INDEXED BY task_ready
	WHERE state = 2 AND tenant = ?1 AND kind = ?2 AND priority = present.priority))
FROM present WHERE priority IS NOT NULL

-- For a queue that is named otherwise than its kinds: among the oldest tasks there are.
-- name: SQL_QUEUE_OLDEST_NAMED
SELECT id FROM (SELECT id, state, queue FROM task WHERE tenant = ?1 ORDER BY id LIMIT ?3)
WHERE state = 2 AND queue = ?2 LIMIT 1

-- Dead letters, and work on many of them.

-- name: SQL_TASK_DEAD_COUNT
SELECT count(*) FROM (SELECT 1 FROM task INDEXED BY task_dead
WHERE dead = 1 AND tenant = ?1 LIMIT ?2)

-- name: SQL_TASK_DEAD
SELECT id, queue, kind FROM task INDEXED BY task_dead
WHERE dead = 1 AND tenant = ?1 AND id > ?2 AND id <= ?3 ORDER BY id LIMIT ?4

-- name: SQL_TASK_RETRY_OF
SELECT state, dead, retried_as, run, kind, queue, key, key_max, priority, attempts_max,
	retry_base_ms, retry_cap_ms, timeout_ms, callback_kind, callback_input, input FROM task
WHERE tenant = ?1 AND id = ?2
UNION ALL
SELECT state, dead, retried_as, run, kind, queue, key, key_max, priority, attempts_max,
	retry_base_ms, retry_cap_ms, timeout_ms, callback_kind, callback_input, input
FROM task_history WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_RETRIED
UPDATE task SET dead = 0, retried_as = ?3 WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_RETRIED_HISTORY
UPDATE task_history SET retried_as = ?3 WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_DISCARD
UPDATE task SET dead = 0, discarded = 1 WHERE tenant = ?1 AND id = ?2 AND dead = 1

-- name: SQL_SWEEP_INSERT
INSERT INTO sweep (id, tenant, actor, what, queue, kind, after, upto, done)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, 0)

-- name: SQL_SWEEP_NEXT
-- system: one piece of work after the other, whose ever it is
SELECT id, tenant, actor, what, queue, kind, after, upto, done FROM sweep ORDER BY id LIMIT 1

-- name: SQL_SWEEP_ADVANCE
UPDATE sweep SET after = ?3, done = ?4 WHERE tenant = ?1 AND id = ?2

-- name: SQL_SWEEP_DELETE
DELETE FROM sweep WHERE tenant = ?1 AND id = ?2

-- History: what has ended moves over in slices, and is dropped in slices when its time is
-- up.  Both statements of a move choose the same rows.

-- name: SQL_HISTORY_COPY
-- system: tasks of every tenant alike
INSERT INTO task_history (
	id, tenant, state, gate, kind, queue, priority, attempt, failures, attempts_max, lost,
	retry_base_ms, retry_cap_ms, timeout_ms, attempt_ms, run_at_ms, deadline_ms, lease_until_ms,
	lease_ms, lease_began_ms, finished_ms, dead, discarded, retry_of, retried_as, run, step, item,
	key, key_max, token, worker, session, progress, message, callback_kind, callback_input, input,
	output, error, origin, agent, expires_ms)
SELECT
	id, tenant, state, gate, kind, queue, priority, attempt, failures, attempts_max, lost,
	retry_base_ms, retry_cap_ms, timeout_ms, attempt_ms, run_at_ms, deadline_ms, lease_until_ms,
	lease_ms, lease_began_ms, finished_ms, dead, discarded, retry_of, retried_as, run, step, item,
	key, key_max, token, worker, session, progress, message, callback_kind, callback_input, input,
	output, error, origin, agent,
	t.finished_ms + coalesce((SELECT nullif(retention_ms, 0)
	FROM queue AS q WHERE q.tenant = t.tenant AND q.name = t.queue), ?2)
FROM task AS t INDEXED BY task_ended
WHERE state >= 4 AND run IS NULL AND dead = 0 AND finished_ms <= ?1
ORDER BY finished_ms, id LIMIT ?3

-- name: SQL_HISTORY_CUT
-- system: tasks of every tenant alike
DELETE FROM task WHERE id IN (SELECT id FROM task INDEXED BY task_ended
	WHERE state >= 4 AND run IS NULL AND dead = 0 AND finished_ms <= ?1
	ORDER BY finished_ms, id LIMIT ?2)

-- name: SQL_HISTORY_EXPIRE
-- system: tasks of every tenant alike
DELETE FROM task_history WHERE id IN (SELECT id FROM task_history INDEXED BY task_history_expires
	WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)

-- name: SQL_DEAD_EXPIRE
-- system: tasks of every tenant alike
UPDATE task SET dead = 0 WHERE id IN (SELECT id FROM task INDEXED BY task_ended
	WHERE state >= 4 AND run IS NULL AND dead = 1 AND finished_ms <= ?1
	ORDER BY finished_ms LIMIT ?2)

-- name: SQL_HISTORY_NEXT
-- system: the engine's timer
SELECT min(finished_ms) FROM task INDEXED BY task_ended
WHERE state >= 4 AND run IS NULL AND dead = 0

-- name: SQL_EVENT_OLDEST
-- system: events of every tenant alike, one tenant after the other
SELECT id, tenant, at_ms FROM event WHERE id > ?1 ORDER BY id LIMIT 1

-- name: SQL_EVENT_CUT
-- system: the oldest events of one tenant, which the ids say
DELETE FROM event WHERE id >= ?1 AND id < ?2 AND at_ms <= ?3

-- Reading.

-- name: SQL_TASK_GET
SELECT id, run, step, item, state, kind, input, output, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_GET_HISTORY
SELECT id, run, step, item, state, kind, input, output, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task_history WHERE tenant = ?1 AND id = ?2

-- A page of a list looks at a bounded number of rows: down to a floor, which these find.

-- name: SQL_TASK_FLOOR
-- system: the rows that lie between a tenant's count, too
SELECT id FROM task WHERE id < ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2

-- name: SQL_TASK_FLOOR_DEAD
SELECT id FROM task INDEXED BY task_dead WHERE dead = 1 AND tenant = ?3 AND id < ?1
ORDER BY id DESC LIMIT 1 OFFSET ?2

-- name: SQL_HISTORY_FLOOR
SELECT id FROM task_history INDEXED BY task_history_of_tenant WHERE tenant = ?3 AND id < ?1
ORDER BY id DESC LIMIT 1 OFFSET ?2

-- name: SQL_HISTORY_FLOOR_OF_STATE
SELECT id FROM task_history INDEXED BY task_history_of_state
WHERE tenant = ?3 AND id < ?1 AND state = ?4 ORDER BY id DESC LIMIT 1 OFFSET ?2

-- name: SQL_HISTORY_FLOOR_OF_KIND
SELECT id FROM task_history INDEXED BY task_history_of_kind
WHERE tenant = ?3 AND id < ?1 AND kind = ?4 ORDER BY id DESC LIMIT 1 OFFSET ?2

-- name: SQL_TASK_LIST
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task
WHERE tenant = ?1 AND id < ?2 AND (?3 IS NULL OR kind = ?3) AND (?4 < 0 OR state = ?4) AND id >= ?6
ORDER BY id DESC LIMIT ?5

-- name: SQL_TASK_LIST_DEAD
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task INDEXED BY task_dead
WHERE dead = 1 AND tenant = ?1 AND id < ?2 AND (?3 IS NULL OR kind = ?3) AND (?4 < 0 OR state = ?4)
	AND id >= ?6
ORDER BY id DESC LIMIT ?5

-- name: SQL_TASK_LIST_OF_RUN
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task INDEXED BY task_of_run
WHERE tenant = ?1 AND id < ?2 AND (?3 IS NULL OR kind = ?3) AND (?4 < 0 OR state = ?4)
	AND run = ?6
ORDER BY id DESC LIMIT ?5

-- name: SQL_HISTORY_LIST
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task_history INDEXED BY task_history_of_tenant
WHERE tenant = ?1 AND id < ?2 AND (?3 IS NULL OR kind = ?3) AND (?4 < 0 OR state = ?4) AND id >= ?6
ORDER BY id DESC LIMIT ?5

-- name: SQL_HISTORY_LIST_OF_STATE
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task_history INDEXED BY task_history_of_state
WHERE tenant = ?1 AND id < ?2 AND (?3 IS NULL OR kind = ?3) AND state = ?4 AND id >= ?6
ORDER BY id DESC LIMIT ?5

-- name: SQL_HISTORY_LIST_OF_KIND
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures, queue,
	gate, key, key_max, deadline_ms, retry_of, retried_as, discarded
FROM task_history INDEXED BY task_history_of_kind
WHERE tenant = ?1 AND id < ?2 AND kind = ?3 AND (?4 < 0 OR state = ?4) AND id >= ?6
ORDER BY id DESC LIMIT ?5

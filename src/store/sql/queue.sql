-- Tasks.  States are the numbers of `enum task_state`: 0 scheduled, 1 blocked, 2 ready,
-- 3 leased, 4 succeeded, 5 failed, 6 cancelled.

-- name: SQL_TASK_INSERT
INSERT INTO task (id, tenant, state, kind, priority, attempt, failures, attempts_max, lost,
	retry_base_ms, retry_cap_ms, timeout_ms, run_at_ms, run, step, item, input)
VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)

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

-- name: SQL_TASK_READY
SELECT id, priority FROM task INDEXED BY task_ready
WHERE state = 2 AND tenant = ?1 AND kind = ?2 ORDER BY priority DESC, id LIMIT ?3

-- name: SQL_TASK_LEASE
UPDATE task SET state = 3, attempt = attempt + 1, lease_began_ms = ?3, lease_ms = ?4,
	lease_until_ms = CASE WHEN timeout_ms > 0 THEN min(?3 + ?4, ?3 + timeout_ms)
		ELSE ?3 + ?4 END,
	token = ?5, worker = ?6, progress = NULL, message = NULL
WHERE tenant = ?1 AND id = ?2 AND state = 2
RETURNING kind, input, attempt, attempts_max, timeout_ms, run

-- name: SQL_TASK_HOLDER
SELECT state, attempt, token, kind, run, step, item, failures, attempts_max, retry_base_ms,
	retry_cap_ms, lease_ms, lease_began_ms, timeout_ms, lost, run_at_ms
FROM task WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_HEARTBEAT
UPDATE task SET lease_ms = ?5, lease_until_ms = ?6, progress = coalesce(?7, progress),
	message = coalesce(?8, message)
WHERE tenant = ?1 AND id = ?2 AND state = 3 AND attempt = ?3 AND token = ?4

-- name: SQL_TASK_COMPLETE
UPDATE task SET state = 4, finished_ms = ?5, output = ?6, progress = 1, lease_until_ms = NULL
WHERE tenant = ?1 AND id = ?2 AND state = 3 AND attempt = ?3 AND token = ?4
RETURNING kind, run, step, item

-- name: SQL_TASK_END
UPDATE task SET state = ?3, finished_ms = ?4, error = ?5, failures = ?6, lost = ?7,
	lease_until_ms = NULL
WHERE tenant = ?1 AND id = ?2 AND state < 4

-- name: SQL_TASK_AGAIN
UPDATE task SET state = ?3, run_at_ms = ?4, error = ?5, failures = ?6, lost = ?7,
	lease_until_ms = NULL
WHERE tenant = ?1 AND id = ?2 AND state = 3

-- name: SQL_TASK_EXPIRED
-- system: leases run out for every tenant alike
SELECT id, tenant FROM task INDEXED BY task_leased
WHERE state = 3 AND lease_until_ms <= ?1 ORDER BY lease_until_ms, id LIMIT ?2

-- name: SQL_TASK_DUE
-- system: delays end for every tenant alike
SELECT id, tenant, kind FROM task INDEXED BY task_scheduled
WHERE state = 0 AND run_at_ms <= ?1 ORDER BY run_at_ms, id LIMIT ?2

-- name: SQL_TASK_PROMOTE
UPDATE task SET state = 2 WHERE tenant = ?1 AND id = ?2 AND state = 0

-- name: SQL_TASK_NEXT_EXPIRY
-- system: the engine's timer
SELECT min(lease_until_ms) FROM task INDEXED BY task_leased WHERE state = 3

-- name: SQL_TASK_NEXT_DUE
-- system: the engine's timer
SELECT min(run_at_ms) FROM task INDEXED BY task_scheduled WHERE state = 0

-- name: SQL_LEASES_EXTEND
-- system: after downtime every live lease lasts one full term more
UPDATE task SET lease_until_ms = ?1 + lease_ms, lease_began_ms = ?1 WHERE state = 3

-- name: SQL_TASK_GET
SELECT id, run, step, item, state, kind, input, output, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures
FROM task WHERE tenant = ?1 AND id = ?2

-- name: SQL_TASK_LIST
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures
FROM task
WHERE tenant = ?1 AND id < ?2 AND (?3 IS NULL OR kind = ?3) AND (?4 < 0 OR state = ?4)
ORDER BY id DESC LIMIT ?5

-- name: SQL_TASK_LIST_OF_RUN
SELECT id, run, step, item, state, kind, NULL, NULL, error, priority, attempt, attempts_max,
	lost, run_at_ms, lease_until_ms, finished_ms, worker, progress, message, failures
FROM task INDEXED BY task_of_run
WHERE tenant = ?1 AND id < ?2 AND (?3 IS NULL OR kind = ?3) AND (?4 < 0 OR state = ?4)
	AND run = ?6
ORDER BY id DESC LIMIT ?5

-- name: SQL_QUEUE_READY
SELECT kind, count(*), min(id) FROM task INDEXED BY task_ready
WHERE state = 2 AND tenant = ?1 GROUP BY kind

-- name: SQL_QUEUE_LEASED
SELECT kind, count(*), 0 FROM task INDEXED BY task_leased
WHERE state = 3 AND tenant = ?1 GROUP BY kind

-- name: SQL_QUEUE_SCHEDULED
SELECT kind, count(*), 0 FROM task INDEXED BY task_scheduled
WHERE state = 0 AND tenant = ?1 GROUP BY kind

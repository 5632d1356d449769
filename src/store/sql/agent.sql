-- Agents: who performs tasks.  state: 0 starting, 1 live, 2 silent, 3 gone.

-- name: SQL_AGENT_INSERT
INSERT INTO agent (id, tenant, name, state, is_draining, is_implicit, capacity, timeout_ms,
	silent_after_ms, startup_ms, registered_ms, since_ms, seen_ms, down_ms, recoveries, recovery_ms,
	changes, registration, created_by, version)
VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?10, 0, 0, 0, 0, ?11, ?12, ?13)

-- name: SQL_AGENT_WORK_INSERT
INSERT INTO agent_work (agent, tenant, held, succeeded, failed, timed_out, lost, returned, cancelled,
	duration_ms, failing_ppm, losing_ppm)
VALUES (?1, ?2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

-- name: SQL_AGENT_REGISTER
UPDATE agent SET is_implicit = 0, capacity = ?3, timeout_ms = ?4, silent_after_ms = ?5,
	startup_ms = ?6, registration = ?7, version = ?8
WHERE tenant = ?1 AND id = ?2

-- name: SQL_AGENT_REASON
UPDATE agent SET drain_reason = ?3 WHERE tenant = ?1 AND id = ?2

-- name: SQL_AGENT_SAVE
UPDATE agent SET state = ?3, is_draining = ?4, since_ms = ?5, seen_ms = ?6, down_ms = ?7,
	recoveries = ?8, recovery_ms = ?9, changes = ?10
WHERE tenant = ?1 AND id = ?2

-- name: SQL_AGENT_WORK_SAVE
UPDATE agent_work SET held = ?3, succeeded = ?4, failed = ?5, timed_out = ?6, lost = ?7,
	returned = ?8, cancelled = ?9, duration_ms = ?10, failing_ppm = ?11, losing_ppm = ?12,
	first_ms = ?13
WHERE agent = ?2 AND tenant = ?1

-- name: SQL_AGENT_CHANGE_INSERT
INSERT INTO agent_change (agent, n, tenant, at_ms, actor, what, detail)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: SQL_AGENT_CHANGE_CUT
DELETE FROM agent_change WHERE agent = ?2 AND (n <= ?3 OR at_ms < ?4) AND tenant = ?1

-- name: SQL_AGENT_CAPABILITY_ADD
INSERT OR IGNORE INTO agent_capability (tenant, what, name, value, agent)
VALUES (?1, ?2, ?3, ?4, ?5)

-- name: SQL_AGENT_CAPABILITY_CUT
DELETE FROM agent_capability WHERE agent = ?2 AND tenant = ?1

-- name: SQL_AGENT_CHANGES_DELETE
DELETE FROM agent_change WHERE agent = ?2 AND tenant = ?1

-- name: SQL_AGENT_WORK_DELETE
DELETE FROM agent_work WHERE agent = ?2 AND tenant = ?1

-- name: SQL_AGENT_DELETE
DELETE FROM agent WHERE tenant = ?1 AND id = ?2

-- name: SQL_AGENT_LOAD
-- system: the engine keeps those of every tenant in memory
SELECT id, agent.tenant, name, state, is_draining, is_implicit, capacity, timeout_ms,
	silent_after_ms, registered_ms, since_ms, down_ms, recoveries, recovery_ms, changes, registration, held,
	succeeded, failed, timed_out, lost, returned, cancelled, duration_ms, failing_ppm, losing_ppm,
	first_ms
FROM agent JOIN agent_work ON agent_work.agent = agent.id

-- Reading.

-- name: SQL_AGENT_LIST
SELECT a.id, a.name, a.state, is_draining, is_implicit, capacity, timeout_ms, silent_after_ms,
	registered_ms, since_ms, down_ms, recoveries, recovery_ms, startup_ms, version, drain_reason,
	held, succeeded, failed, timed_out, lost, returned, cancelled, duration_ms, failing_ppm,
	losing_ppm, first_ms, seen_ms
FROM agent AS a JOIN agent_work AS w ON w.agent = a.id
WHERE a.tenant = ?1 AND a.name > ?2
	AND (?3 < 0 OR ?3 = CASE WHEN state >= 2 THEN state + 3 WHEN is_draining THEN 3 + (held = 0)
		WHEN held > 0 THEN 2 ELSE state END)
	AND (?4 IS NULL OR EXISTS (SELECT 1 FROM agent_capability AS c WHERE c.tenant = ?1
		AND c.what = 1 AND c.name = ?4 AND c.value = '' AND c.agent = a.id))
	AND (?5 IS NULL OR EXISTS (SELECT 1 FROM agent_capability AS c WHERE c.tenant = ?1
		AND c.what = 2 AND c.name = ?5 AND (?6 IS NULL OR c.value = ?6) AND c.agent = a.id))
ORDER BY a.name LIMIT ?7

-- name: SQL_AGENT_GET
SELECT a.id, a.name, a.state, is_draining, is_implicit, capacity, timeout_ms, silent_after_ms,
	registered_ms, since_ms, down_ms, recoveries, recovery_ms, startup_ms, version, drain_reason,
	held, succeeded, failed, timed_out, lost, returned, cancelled, duration_ms, failing_ppm,
	losing_ppm, first_ms, seen_ms
FROM agent AS a JOIN agent_work AS w ON w.agent = a.id
WHERE a.tenant = ?1 AND a.name = ?2

-- name: SQL_AGENT_SUM
SELECT count(*), sum(succeeded), sum(failed), sum(timed_out), sum(lost), sum(recoveries),
	sum(recovery_ms), sum(a.state = 0), sum(a.state = 1), sum(a.state = 2), sum(a.state = 3),
	sum(is_draining AND a.state < 2), sum(held),
	sum(CASE WHEN a.state = 3 THEN since_ms ELSE ?2 END - registered_ms),
	sum(down_ms + CASE WHEN a.state = 2 AND NOT is_draining THEN ?2 - since_ms ELSE 0 END)
FROM agent AS a JOIN agent_work AS w ON w.agent = a.id WHERE a.tenant = ?1

-- name: SQL_AGENT_CAPABILITIES
SELECT what, name, value FROM agent_capability
WHERE agent = ?2 AND tenant = ?1 ORDER BY what, name

-- name: SQL_AGENT_HISTORY
SELECT n, at_ms, actor, what, detail FROM agent_change
WHERE agent = ?2 AND n < ?3 AND tenant = ?1 ORDER BY n DESC LIMIT ?4

-- name: SQL_AGENT_ID
SELECT id FROM agent WHERE tenant = ?1 AND name = ?2

-- name: SQL_AGENT_TASKS
SELECT id FROM task INDEXED BY task_leased WHERE state = 3 AND tenant = ?1 AND agent = ?2
ORDER BY lease_until_ms LIMIT ?3

-- Those who perform a kind and are not gone: all, those that are not silent, of these those
-- that are not draining, of these those with room.
-- name: SQL_AGENT_OF_KIND
SELECT count(*), sum(state < 2), sum(state < 2 AND NOT is_draining),
	sum(state < 2 AND NOT is_draining AND held < capacity)
FROM (SELECT a.state, is_draining, held, capacity FROM agent_capability AS c
	JOIN agent AS a ON a.id = c.agent JOIN agent_work AS w ON w.agent = c.agent
	WHERE c.tenant = ?1 AND c.what = 1 AND c.name = ?2 AND c.value = '' AND a.state < 3 LIMIT ?3)

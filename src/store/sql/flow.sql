-- Workflows, runs and steps.  States are the numbers of `enum run_state`, `enum step_state`
-- and `enum task_state`.

-- name: SQL_WORKFLOW_INSERT
INSERT INTO workflow (id, tenant, name, version, created_ms, description, document)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: SQL_WORKFLOW_GET
SELECT version, created_ms, description, document FROM workflow
WHERE tenant = ?1 AND name = ?2 AND version = ?3

-- name: SQL_WORKFLOW_NEWEST
SELECT version, created_ms, description, document FROM workflow
WHERE tenant = ?1 AND name = ?2 ORDER BY version DESC LIMIT 1

-- name: SQL_WORKFLOW_LIST
SELECT name, version, created_ms, description FROM workflow AS w
WHERE tenant = ?1 AND name > ?2 AND version =
	(SELECT max(version) FROM workflow WHERE tenant = ?1 AND name = w.name)
ORDER BY name LIMIT ?3

-- name: SQL_RUN_INSERT
INSERT INTO run (id, tenant, workflow, version, state, actor, created_ms, steps_done, steps_total,
	input)
VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, 0, ?7, ?8)

-- name: SQL_RUN_DUE
-- system: the engine advances the runs of all tenants
SELECT run, tenant FROM run_due WHERE run > ?1 AND run <= ?2 ORDER BY run LIMIT ?3

-- name: SQL_RUN_LOAD
SELECT state, workflow, version, actor, steps_done FROM run WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_MARK_DUE
INSERT OR IGNORE INTO run_due (tenant, run) VALUES (?1, ?2)

-- name: SQL_RUN_NOT_DUE
DELETE FROM run_due WHERE tenant = ?1 AND run = ?2

-- name: SQL_RUN_STEPS_DONE
UPDATE run SET steps_done = ?3 WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_END
UPDATE run SET state = ?3, finished_ms = ?4, output = ?5, error = ?6
WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_INPUT
SELECT input FROM run WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_GET
SELECT workflow, version, state, created_ms, finished_ms, steps_done, steps_total, input, output,
	error FROM run WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_LIST
SELECT id, workflow, version, state, created_ms, finished_ms, steps_done, steps_total
FROM run INDEXED BY run_of_tenant WHERE tenant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3

-- name: SQL_RUN_LIST_OF_STATE
SELECT id, workflow, version, state, created_ms, finished_ms, steps_done, steps_total
FROM run INDEXED BY run_of_state WHERE tenant = ?1 AND state = ?4 AND id < ?2
ORDER BY id DESC LIMIT ?3

-- name: SQL_RUN_LIST_OF_WORKFLOW
SELECT id, workflow, version, state, created_ms, finished_ms, steps_done, steps_total
FROM run INDEXED BY run_of_workflow
WHERE tenant = ?1 AND workflow = ?5 AND id < ?2 AND (?4 < 0 OR state = ?4)
ORDER BY id DESC LIMIT ?3

-- name: SQL_STEP_INSERT
INSERT INTO step (tenant, run, step, state, items, submitted, succeeded, failed, cancelled, swept,
	max_parallel, is_collect, started_ms, task)
VALUES (?1, ?2, ?3, 1, ?4, ?5, 0, 0, 0, 0, ?6, ?7, ?8, ?9)

-- name: SQL_STEP_SUBMITTED
UPDATE step SET submitted = ?4 WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_STEP_END
UPDATE step SET state = ?4, finished_ms = ?5, output = ?6, error = ?7
WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_STEP_ITEM_ENDED
UPDATE step SET succeeded = succeeded + ?4, failed = failed + ?5, cancelled = cancelled + ?6
WHERE tenant = ?1 AND run = ?2 AND step = ?3
RETURNING state, items, succeeded + failed + cancelled, max_parallel, is_collect

-- name: SQL_STEP_LOAD
SELECT step, state, items, submitted, succeeded, failed, cancelled, task FROM step
WHERE tenant = ?1 AND run = ?2

-- name: SQL_STEP_OUTPUT
SELECT output FROM step WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_STEP_CANCEL_RUNNING
UPDATE step SET state = 5, finished_ms = ?3 WHERE tenant = ?1 AND run = ?2 AND state = 1
RETURNING step

-- name: SQL_STEP_TO_SWEEP
SELECT step, swept FROM step WHERE tenant = ?1 AND run = ?2 AND swept < submitted
	AND succeeded + failed + cancelled < submitted ORDER BY step LIMIT 1

-- name: SQL_STEP_SWEPT
UPDATE step SET swept = ?4 WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_STEP_TASKS
SELECT id, item, state FROM task
WHERE tenant = ?1 AND run = ?2 AND step = ?3 AND item > ?4 ORDER BY item LIMIT ?5

-- name: SQL_STEP_TASK_OUTPUT
SELECT output FROM task WHERE tenant = ?1 AND id = ?2

-- name: SQL_STEP_TASK_OUTPUTS
SELECT state, output, error FROM task WHERE tenant = ?1 AND run = ?2 AND step = ?3 ORDER BY item

-- name: SQL_STEP_TASK_FAILED
SELECT item, state, error FROM task
WHERE tenant = ?1 AND run = ?2 AND step = ?3 AND state IN (5, 6) ORDER BY item LIMIT 1

-- name: SQL_STEP_LIST
SELECT s.step, s.state, s.items, s.succeeded, s.failed, s.cancelled, s.started_ms, s.finished_ms,
	s.task, coalesce(s.error, t.error), coalesce(s.output, t.output), t.state, t.attempt,
	t.progress, t.message, t.failures
FROM step AS s LEFT JOIN task AS t ON t.id = s.task AND t.tenant = s.tenant
WHERE s.tenant = ?1 AND s.run = ?2

-- name: SQL_STEP_ITEMS_STATE
SELECT max(state) FROM task WHERE tenant = ?1 AND run = ?2 AND step = ?3 AND state < 4

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
	input, parent, parent_step, parent_item, root, depth, forked_from, forked_step, origin)
VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)

-- name: SQL_RUN_DUE
-- system: the engine advances the runs of all tenants
SELECT run, tenant FROM run_due WHERE run > ?1 AND run <= ?2 ORDER BY run LIMIT ?3

-- name: SQL_RUN_LOAD
SELECT state, workflow, version, actor, steps_done, depth, root, outcome, origin FROM run
WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_MARK_DUE
INSERT OR IGNORE INTO run_due (tenant, run) VALUES (?1, ?2)

-- name: SQL_RUN_NOT_DUE
DELETE FROM run_due WHERE tenant = ?1 AND run = ?2

-- name: SQL_RUN_STEPS_DONE
UPDATE run SET steps_done = ?3 WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_END
UPDATE run SET state = ?3, finished_ms = ?4, output = ?5, error = ?6,
	outcome = CASE WHEN ?3 = 6 THEN outcome END, expires_ms = CASE WHEN parent IS NULL THEN ?7 END
WHERE tenant = ?1 AND id = ?2 RETURNING parent, parent_step, resumed, workflow, created_ms

-- name: SQL_RUN_SET_STATE
UPDATE run SET state = ?3 WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_COMPENSATING
UPDATE run SET state = 5, outcome = ?3, error = ?4 WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_RESUME
UPDATE run SET state = 5, outcome = ?3, error = ?4, finished_ms = NULL, expires_ms = NULL,
	resumed = resumed + 1
WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_ERROR
SELECT error FROM run WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_FORK_SOURCE
SELECT workflow, version, input FROM run WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_FAMILY_GROW
INSERT INTO run_family (root, tenant, runs) VALUES (?2, ?1, 1)
ON CONFLICT (root) DO UPDATE SET runs = runs + 1 WHERE tenant = ?1 RETURNING runs

-- name: SQL_RUN_FAMILY_END
DELETE FROM run_family WHERE tenant = ?1 AND root = ?2

-- name: SQL_RUN_CHILDREN
SELECT id, parent_item, state FROM run
WHERE tenant = ?1 AND parent = ?2 AND parent_step = ?3 AND parent_item > ?4
ORDER BY parent_item LIMIT ?5

-- name: SQL_RUN_HAS_LIVE_CHILD
SELECT 1 FROM run WHERE tenant = ?1 AND parent = ?2 AND state IN (0, 4, 5) LIMIT 1

-- name: SQL_STEP_CHILD_OUTPUTS
SELECT state, output, error FROM run WHERE tenant = ?1 AND parent = ?2 AND parent_step = ?3
ORDER BY parent_item

-- name: SQL_STEP_CHILD_FAILED
SELECT parent_item, state, error FROM run
WHERE tenant = ?1 AND parent = ?2 AND parent_step = ?3 AND state IN (2, 3, 6)
ORDER BY parent_item LIMIT 1

-- name: SQL_RUN_INPUT
SELECT input FROM run WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_GET
SELECT workflow, version, state, created_ms, finished_ms, steps_done, steps_total, input, output,
	error, parent, forked_from, forked_step FROM run WHERE tenant = ?1 AND id = ?2

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

-- name: SQL_RUN_COUNT
SELECT count(*) FROM (SELECT 1 FROM run INDEXED BY run_of_state
WHERE tenant = ?1 AND state = ?2 LIMIT ?3)

-- name: SQL_WORKFLOW_DAY_ADD
INSERT INTO workflow_day (tenant, workflow, day, succeeded, failed, cancelled, compensation_failed,
	duration_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (tenant, workflow, day) DO UPDATE SET succeeded = succeeded + ?4,
	failed = failed + ?5, cancelled = cancelled + ?6,
	compensation_failed = compensation_failed + ?7, duration_ms = duration_ms + ?8

-- name: SQL_WORKFLOW_DAYS
SELECT day, succeeded, failed, cancelled, compensation_failed, duration_ms FROM workflow_day
WHERE tenant = ?1 AND workflow = ?2 ORDER BY day DESC LIMIT ?3

-- name: SQL_RUN_EXPIRED
-- system: retention looks at the runs of all tenants
SELECT id, tenant FROM run WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT 1

-- name: SQL_RUN_NEXT_EXPIRY
-- system: retention looks at the runs of all tenants
SELECT min(expires_ms) FROM run WHERE expires_ms IS NOT NULL

-- name: SQL_RUN_EXPIRE_LATER
UPDATE run SET expires_ms = ?3 WHERE tenant = ?1 AND id = ?2

-- name: SQL_RUN_BELOW
SELECT id, state FROM run WHERE tenant = ?1 AND parent = ?2 LIMIT 1

-- name: SQL_RUN_IS_DUE
SELECT 1 FROM run_due WHERE tenant = ?1 AND run = ?2

-- name: SQL_RUN_TASKS_DROP
DELETE FROM task WHERE tenant = ?1 AND id IN
	(SELECT id FROM task INDEXED BY task_of_run WHERE tenant = ?1 AND run = ?2 LIMIT ?3)

-- name: SQL_STEP_DROP
DELETE FROM step WHERE tenant = ?1 AND run = ?2

-- name: SQL_VOTE_DROP
DELETE FROM approval_vote WHERE tenant = ?1 AND run = ?2

-- name: SQL_RUN_DROP
DELETE FROM run WHERE tenant = ?1 AND id = ?2

-- name: SQL_STEP_INSERT
INSERT INTO step (tenant, run, step, state, items, submitted, succeeded, failed, cancelled, swept,
	max_parallel, is_collect, started_ms, task, child, type)
VALUES (?1, ?2, ?3, 1, ?4, ?5, 0, 0, 0, 0, ?6, ?7, ?8, ?9, ?10, ?11)

-- name: SQL_STEP_SUBMITTED
UPDATE step SET submitted = ?4 WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_STEP_END
UPDATE step SET state = ?4, finished_ms = ?5, output = ?6, error = ?7, finished_no = ?8
WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_STEP_WAIT_SUCCEEDED
UPDATE step SET succeeded = 1 WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_STEP_COPY
INSERT INTO step (tenant, run, step, state, items, submitted, succeeded, failed, cancelled, swept,
	max_parallel, is_collect, started_ms, finished_ms, task, child, error, output, type,
	finished_no, is_copied)
SELECT s.tenant, ?3, ?5, s.state, s.items, s.submitted, s.succeeded, s.failed, s.cancelled,
	s.submitted, s.max_parallel, s.is_collect, s.started_ms, s.finished_ms, s.task, s.child,
	NULL, coalesce(s.output, t.output, r.output), s.type, s.finished_no, 1
FROM step AS s LEFT JOIN task AS t ON t.id = s.task AND t.tenant = s.tenant
	LEFT JOIN run AS r ON r.id = s.child AND r.tenant = s.tenant
WHERE s.tenant = ?1 AND s.run = ?2 AND s.step = ?4

-- name: SQL_STEP_ITEM_ENDED
UPDATE step SET succeeded = succeeded + ?4, failed = failed + ?5, cancelled = cancelled + ?6
WHERE tenant = ?1 AND run = ?2 AND step = ?3
RETURNING state, items, succeeded + failed + cancelled, max_parallel, is_collect

-- name: SQL_STEP_LOAD
SELECT step, state, items, submitted, succeeded, failed, cancelled, task, child, finished_no,
	is_copied FROM step WHERE tenant = ?1 AND run = ?2

-- name: SQL_STEP_OUTPUT
SELECT coalesce(s.output, r.output) FROM step AS s
	LEFT JOIN run AS r ON r.id = s.child AND r.tenant = s.tenant
WHERE s.tenant = ?1 AND s.run = ?2 AND s.step = ?3

-- name: SQL_STEP_CANCEL_RUNNING
UPDATE step SET state = 5, finished_ms = ?3 WHERE tenant = ?1 AND run = ?2 AND state = 1
RETURNING step

-- name: SQL_STEP_TO_SWEEP
SELECT step, swept, type FROM step WHERE tenant = ?1 AND run = ?2 AND swept < submitted
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
	s.task, coalesce(s.error, t.error, r.error), coalesce(s.output, t.output, r.output),
	t.state, t.attempt, t.progress, t.message, t.failures,
	s.child, s.is_copied, s.undo_state, s.undo_task, w.until_ms, w.hash, w.approvers,
	(SELECT count(*) FROM approval_vote AS v
		WHERE v.tenant = s.tenant AND v.run = s.run AND v.step = s.step AND v.is_approved),
	s.undo_skipped
FROM step AS s LEFT JOIN task AS t ON t.id = s.task AND t.tenant = s.tenant
	LEFT JOIN run AS r ON r.id = s.child AND r.tenant = s.tenant
	LEFT JOIN step_wait AS w ON w.run = s.run AND w.step = s.step AND w.tenant = s.tenant
WHERE s.tenant = ?1 AND s.run = ?2

-- name: SQL_STEP_ITEMS_STATE
SELECT max(state) FROM task WHERE tenant = ?1 AND run = ?2 AND step = ?3 AND state < 4

-- name: SQL_WAIT_INSERT
INSERT INTO step_wait (tenant, run, step, type, begun_ms, due_ms, is_over, seen, name, value, hash,
	prompt, approvers, until_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?8, ?9, ?10, ?11, ?6)

-- name: SQL_WAIT_GET
SELECT is_over, seen, value, hash, approvers FROM step_wait
WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_WAIT_SEEN
UPDATE step_wait SET seen = ?4 WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_WAIT_DELETE
DELETE FROM step_wait WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_WAIT_DELETE_ALL
DELETE FROM step_wait WHERE tenant = ?1 AND run = ?2

-- name: SQL_WAIT_NEXT
-- system: the engine wakes the runs of all tenants
SELECT min(due_ms) FROM step_wait WHERE due_ms IS NOT NULL

-- name: SQL_WAIT_DUE
-- system: the engine wakes the runs of all tenants
SELECT tenant, run, step FROM step_wait WHERE due_ms <= ?1 ORDER BY due_ms LIMIT ?2

-- name: SQL_WAIT_OVER
UPDATE step_wait SET is_over = 1, due_ms = NULL WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_WAIT_OF_EVENT
SELECT 1 FROM step_wait WHERE tenant = ?1 AND run = ?2 AND type = 3 AND name = ?3 LIMIT 1

-- name: SQL_INBOX_INSERT
INSERT INTO run_inbox (id, tenant, run, name, data) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: SQL_INBOX_COUNT
SELECT count(*) FROM run_inbox WHERE tenant = ?1 AND run = ?2

-- name: SQL_INBOX_LIST
SELECT id, data FROM run_inbox WHERE tenant = ?1 AND run = ?2 AND name = ?3 AND id > ?4
ORDER BY id LIMIT ?5

-- name: SQL_INBOX_TAKE
DELETE FROM run_inbox WHERE tenant = ?1 AND id = ?2

-- name: SQL_INBOX_CLEAR
DELETE FROM run_inbox WHERE tenant = ?1 AND run = ?2

-- name: SQL_VOTE_PUT
INSERT OR REPLACE INTO approval_vote (tenant, run, step, actor, is_approved, at_ms, comment)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: SQL_VOTE_GET
SELECT is_approved FROM approval_vote WHERE tenant = ?1 AND run = ?2 AND step = ?3 AND actor = ?4

-- name: SQL_VOTE_LIST
SELECT actor, is_approved, at_ms, comment FROM approval_vote
WHERE tenant = ?1 AND run = ?2 AND step = ?3 ORDER BY at_ms, actor

-- name: SQL_APPROVAL_LIST
SELECT w.run, w.step, w.begun_ms, w.until_ms, w.hash, w.prompt, w.approvers, w.name, r.workflow,
	r.version, (SELECT count(*) FROM approval_vote AS v
		WHERE v.tenant = w.tenant AND v.run = w.run AND v.step = w.step AND v.is_approved)
FROM step_wait AS w INDEXED BY step_wait_approval JOIN run AS r
	ON r.id = w.run AND r.tenant = w.tenant
WHERE w.tenant = ?1 AND w.type = 4 AND (w.run, w.step) > (?2, ?3) ORDER BY w.run, w.step LIMIT ?4

-- name: SQL_APPROVAL_GET
SELECT w.run, w.step, w.begun_ms, w.until_ms, w.hash, w.prompt, w.approvers, w.name, r.workflow,
	r.version, (SELECT count(*) FROM approval_vote AS v
		WHERE v.tenant = w.tenant AND v.run = w.run AND v.step = w.step AND v.is_approved),
	w.value
FROM step_wait AS w JOIN run AS r ON r.id = w.run AND r.tenant = w.tenant
WHERE w.tenant = ?1 AND w.run = ?2 AND w.type = 4 AND w.name = ?3

-- name: SQL_UNDO_LOAD
SELECT step, type, undo_state, undo_item, undo_task, succeeded, task, child FROM step
WHERE tenant = ?1 AND run = ?2 AND is_copied = 0 AND succeeded > 0 AND undo_state < 2
ORDER BY coalesce(finished_no, 1000000) DESC, step DESC

-- name: SQL_UNDO_OPEN
SELECT step FROM step WHERE tenant = ?1 AND run = ?2 AND is_copied = 0
	AND submitted > succeeded + failed + cancelled

-- name: SQL_UNDO_TASK_ITEM
SELECT item, input, output FROM task
WHERE tenant = ?1 AND run = ?2 AND step = ?3 AND item < ?4 AND state = 4
ORDER BY item DESC LIMIT 1

-- name: SQL_UNDO_CHILD_ITEM
SELECT parent_item, input, output FROM run
WHERE tenant = ?1 AND parent = ?2 AND parent_step = ?3 AND parent_item < ?4 AND state = 1
ORDER BY parent_item DESC LIMIT 1

-- name: SQL_UNDO_WAIT_OUTPUT
SELECT 1, NULL, output FROM step WHERE tenant = ?1 AND run = ?2 AND step = ?3 AND ?4 > 1

-- name: SQL_UNDO_SET
UPDATE step SET undo_state = ?4, undo_item = ?5, undo_task = ?6
WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_UNDO_FAILED
SELECT step FROM step WHERE tenant = ?1 AND run = ?2 AND undo_state = 3

-- name: SQL_UNDO_RESUME
UPDATE step SET undo_state = 0, undo_item = undo_item + ?4, undo_skipped = undo_skipped + ?5
WHERE tenant = ?1 AND run = ?2 AND step = ?3

-- name: SQL_UNDO_TASK_STATE
SELECT state, error FROM task WHERE tenant = ?1 AND id = ?2

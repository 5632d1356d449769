-- Tasks.  States are the numbers of `enum task_state`.

-- name: SQL_TASK_INSERT
INSERT INTO task (id, tenant, state, kind, priority, attempt, attempts_max, lost, retry_base_ms,
	retry_cap_ms, timeout_ms, run_at_ms, run, step, item, input)
VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)

-- What the older schema has no words for is lost: settings, keys, deadlines, history.
ALTER TABLE tenant DROP COLUMN weight;
DROP TABLE sweep;
DROP TABLE queue_day;
DROP TABLE gate;
DROP TABLE queue;
DROP TABLE task_history;
DROP INDEX task_ready;
DROP INDEX task_ready_of_key;
DROP INDEX task_scheduled;
DROP INDEX task_blocked_key;
DROP INDEX task_blocked_queue;
DROP INDEX task_leased;
DROP INDEX task_of_session;
DROP INDEX task_deadline;
DROP INDEX task_of_run;
DROP INDEX task_dead;
DROP INDEX task_ended;
ALTER TABLE task RENAME TO task_new;
CREATE TABLE task (
	id            INTEGER PRIMARY KEY,
	tenant        INTEGER NOT NULL,
	state         INTEGER NOT NULL,
	kind          TEXT NOT NULL,
	priority      INTEGER NOT NULL,
	attempt       INTEGER NOT NULL,
	failures      INTEGER NOT NULL,
	attempts_max  INTEGER NOT NULL,
	lost          INTEGER NOT NULL,
	retry_base_ms INTEGER NOT NULL,
	retry_cap_ms  INTEGER NOT NULL,
	timeout_ms    INTEGER NOT NULL,
	run_at_ms     INTEGER NOT NULL,
	lease_until_ms INTEGER,
	lease_ms      INTEGER,
	lease_began_ms INTEGER,
	finished_ms   INTEGER,
	run           INTEGER,
	step          INTEGER,
	item          INTEGER,
	token         BLOB,
	worker        TEXT,
	progress      REAL,
	message       TEXT,
	input         TEXT NOT NULL,
	output        TEXT,
	error         TEXT
);
INSERT INTO task SELECT id, tenant, CASE state WHEN 1 THEN 2 ELSE state END, kind, priority,
	attempt, failures, attempts_max, lost, retry_base_ms, retry_cap_ms, timeout_ms, run_at_ms,
	lease_until_ms, lease_ms, lease_began_ms, finished_ms, run, step, item, token, worker,
	progress, message, input, output, error FROM task_new;
DROP TABLE task_new;
CREATE INDEX task_ready ON task (tenant, kind, priority DESC, id) WHERE state = 2;
CREATE INDEX task_scheduled ON task (run_at_ms) WHERE state = 0;
CREATE INDEX task_leased ON task (lease_until_ms) WHERE state = 3;
CREATE INDEX task_of_run ON task (run, step, item) WHERE run IS NOT NULL;

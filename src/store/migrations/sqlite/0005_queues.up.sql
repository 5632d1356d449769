-- Queues with limits, concurrency keys, deadlines, callbacks, sessions, dead letters,
-- history.  The table of tasks is made anew so that its short columns stand before the
-- long ones: what is read often is never behind a megabyte of input.
DROP INDEX task_ready;
DROP INDEX task_scheduled;
DROP INDEX task_leased;
DROP INDEX task_of_run;
ALTER TABLE task RENAME TO task_old;

-- state: 0 scheduled, 1 blocked, 2 ready, 3 leased, 4 succeeded, 5 failed, 6 cancelled.
CREATE TABLE task (
	id             INTEGER PRIMARY KEY,
	tenant         INTEGER NOT NULL,
	state          INTEGER NOT NULL,
	gate           INTEGER NOT NULL, -- a blocked task waits for: 1 its key, 2 its queue; else 0
	kind           TEXT NOT NULL,
	queue          TEXT NOT NULL,
	priority       INTEGER NOT NULL,
	attempt        INTEGER NOT NULL, -- leases so far: the fencing number
	failures       INTEGER NOT NULL, -- attempts that failed; attempts_max bounds these
	attempts_max   INTEGER NOT NULL,
	lost           INTEGER NOT NULL, -- leases that ran out; bounded apart
	retry_base_ms  INTEGER NOT NULL,
	retry_cap_ms   INTEGER NOT NULL,
	timeout_ms     INTEGER NOT NULL, -- of every attempt; 0: none
	attempt_ms     INTEGER NOT NULL, -- of the present attempt; 0: none
	run_at_ms      INTEGER NOT NULL,
	deadline_ms    INTEGER, -- not ended by then: it has failed
	lease_until_ms INTEGER,
	lease_ms       INTEGER,
	lease_began_ms INTEGER,
	finished_ms    INTEGER,
	dead           INTEGER NOT NULL, -- 1: a dead letter, neither retried nor discarded
	discarded      INTEGER NOT NULL,
	retry_of       INTEGER,
	retried_as     INTEGER,
	run            INTEGER,
	step           INTEGER,
	item           INTEGER,
	key            TEXT, -- at most key_max tasks of a key are under way
	key_max        INTEGER,
	token          BLOB,
	worker         TEXT,
	session        TEXT,
	progress       REAL,
	message        TEXT,
	callback_kind  TEXT, -- a task of this kind is submitted when this one ends
	callback_input TEXT,
	input          TEXT NOT NULL,
	output         TEXT,
	error          TEXT
);
INSERT INTO task SELECT id, tenant, state, 0, kind, kind, priority, attempt, failures,
	attempts_max, lost, retry_base_ms, retry_cap_ms, timeout_ms, timeout_ms, run_at_ms, NULL,
	lease_until_ms, lease_ms, lease_began_ms, finished_ms, state = 5 AND run IS NULL, 0, NULL,
	NULL, run, step, item, NULL, NULL, token, worker, NULL, progress, message, NULL, NULL,
	input, output, error FROM task_old;
DROP TABLE task_old;

-- Only what moves is indexed, each state by what is asked of it.  The tenant stands behind
-- the kind so that one seek finds the next tenant with work of a kind.
CREATE INDEX task_ready ON task (kind, tenant, priority DESC, id, queue) WHERE state = 2;
CREATE INDEX task_ready_of_key ON task (tenant, key, priority DESC, id, kind)
	WHERE state = 2 AND key IS NOT NULL;
CREATE INDEX task_scheduled ON task (run_at_ms) WHERE state = 0;
CREATE INDEX task_blocked_key ON task (tenant, key, priority DESC, id)
	WHERE state = 1 AND gate = 1;
CREATE INDEX task_blocked_queue ON task (tenant, queue, priority DESC, id)
	WHERE state = 1 AND gate = 2;
CREATE INDEX task_leased ON task (lease_until_ms) WHERE state = 3;
CREATE INDEX task_of_session ON task (session) WHERE state = 3 AND session IS NOT NULL;
CREATE INDEX task_deadline ON task (deadline_ms) WHERE deadline_ms IS NOT NULL AND state < 4;
CREATE INDEX task_of_run ON task (run, step, item) WHERE run IS NOT NULL;
CREATE INDEX task_dead ON task (tenant, id) WHERE dead = 1;
CREATE INDEX task_ended ON task (dead, finished_ms) WHERE state >= 4 AND run IS NULL;

-- What has ended and belongs to no run, for reading.
CREATE TABLE task_history (
	id             INTEGER PRIMARY KEY,
	tenant         INTEGER NOT NULL,
	state          INTEGER NOT NULL,
	gate           INTEGER NOT NULL,
	kind           TEXT NOT NULL,
	queue          TEXT NOT NULL,
	priority       INTEGER NOT NULL,
	attempt        INTEGER NOT NULL,
	failures       INTEGER NOT NULL,
	attempts_max   INTEGER NOT NULL,
	lost           INTEGER NOT NULL,
	retry_base_ms  INTEGER NOT NULL,
	retry_cap_ms   INTEGER NOT NULL,
	timeout_ms     INTEGER NOT NULL,
	attempt_ms     INTEGER NOT NULL,
	run_at_ms      INTEGER NOT NULL,
	deadline_ms    INTEGER,
	lease_until_ms INTEGER,
	lease_ms       INTEGER,
	lease_began_ms INTEGER,
	finished_ms    INTEGER,
	dead           INTEGER NOT NULL,
	discarded      INTEGER NOT NULL,
	retry_of       INTEGER,
	retried_as     INTEGER,
	run            INTEGER,
	step           INTEGER,
	item           INTEGER,
	key            TEXT,
	key_max        INTEGER,
	token          BLOB,
	worker         TEXT,
	session        TEXT,
	progress       REAL,
	message        TEXT,
	callback_kind  TEXT,
	callback_input TEXT,
	input          TEXT NOT NULL,
	output         TEXT,
	error          TEXT,
	expires_ms     INTEGER NOT NULL
);
CREATE INDEX task_history_of_tenant ON task_history (tenant, id);
CREATE INDEX task_history_of_state ON task_history (tenant, state, id);
CREATE INDEX task_history_of_kind ON task_history (tenant, kind, id);
CREATE INDEX task_history_expires ON task_history (expires_ms);

-- Settings of a queue; one without a row has takt's own.  0: no limit, or the default.
CREATE TABLE queue (
	tenant          INTEGER NOT NULL,
	name            TEXT NOT NULL,
	is_paused       INTEGER NOT NULL,
	depth_max       INTEGER NOT NULL, -- tasks that wait
	concurrency_max INTEGER NOT NULL, -- tasks under way
	rate_n          INTEGER NOT NULL, -- starts in rate_period_ms
	rate_period_ms  INTEGER NOT NULL,
	rate_burst      INTEGER NOT NULL, -- starts at once, after a rest
	attempts_max    INTEGER NOT NULL,
	retry_base_ms   INTEGER NOT NULL,
	retry_cap_ms    INTEGER NOT NULL,
	timeout_ms      INTEGER NOT NULL,
	retention_ms    INTEGER NOT NULL, -- of what has ended
	PRIMARY KEY (tenant, name)
) WITHOUT ROWID;

-- What limits, and how much of it is taken: queues (space 1) and concurrency keys (space
-- 2).  Counted here, in the transaction that moves the task, so nothing is ever counted
-- by looking at tasks.
CREATE TABLE gate (
	tenant    INTEGER NOT NULL,
	space     INTEGER NOT NULL,
	name      TEXT NOT NULL,
	scheduled INTEGER NOT NULL, -- of a queue: its tasks by state
	blocked   INTEGER NOT NULL,
	ready     INTEGER NOT NULL,
	leased    INTEGER NOT NULL,
	waiting   INTEGER NOT NULL, -- blocked tasks that stand here
	held      INTEGER NOT NULL, -- of a key: tasks that have passed and not ended
	max       INTEGER NOT NULL, -- of a key
	credit    INTEGER NOT NULL, -- of a rate limit: rate_period_ms is one start
	credit_ms INTEGER NOT NULL,
	due_ms    INTEGER, -- when it lets the next one pass
	PRIMARY KEY (tenant, space, name)
) WITHOUT ROWID;
CREATE INDEX gate_due ON gate (due_ms) WHERE due_ms IS NOT NULL;
INSERT INTO gate SELECT tenant, 1, queue, sum(state = 0), 0, sum(state = 2), sum(state = 3),
	0, 0, 0, 0, 0, NULL FROM task WHERE state < 4 GROUP BY tenant, queue;

-- What a day came to; kept when the tasks are gone.
CREATE TABLE queue_day (
	tenant      INTEGER NOT NULL,
	queue       TEXT NOT NULL,
	day         INTEGER NOT NULL, -- days since 1970
	succeeded   INTEGER NOT NULL,
	failed      INTEGER NOT NULL,
	cancelled   INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL, -- of the last attempts, together
	PRIMARY KEY (tenant, queue, day)
) WITHOUT ROWID;

-- Work on many dead letters, done in slices; what: 1 retry, 2 discard.
CREATE TABLE sweep (
	id     INTEGER PRIMARY KEY,
	tenant INTEGER NOT NULL,
	actor  INTEGER NOT NULL,
	what   INTEGER NOT NULL,
	queue  TEXT,
	kind   TEXT,
	after  INTEGER NOT NULL, -- done up to this task ...
	upto   INTEGER NOT NULL, -- ... of these
	done   INTEGER NOT NULL  -- tasks retried or discarded so far
);

ALTER TABLE tenant ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;

-- Agents: who performs tasks, since when, how well.  A task names the agent of its lease, in a
-- column that stands before the long ones, so both tables of tasks are made anew.
CREATE TABLE task_new (
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
	agent          INTEGER, -- whose lease it is or was; NULL: nobody registered
	origin         TEXT, -- the request that caused it
	progress       REAL,
	message        TEXT,
	callback_kind  TEXT, -- a task of this kind is submitted when this one ends
	callback_input TEXT,
	input          TEXT NOT NULL,
	output         TEXT,
	error          TEXT
);
INSERT INTO task_new (
	id, tenant, state, gate, kind, queue, priority, attempt, failures, attempts_max, lost,
	retry_base_ms, retry_cap_ms, timeout_ms, attempt_ms, run_at_ms, deadline_ms,
	lease_until_ms, lease_ms, lease_began_ms, finished_ms, dead, discarded, retry_of,
	retried_as, run, step, item, key, key_max, token, worker, session, origin, progress, message,
	callback_kind, callback_input, input, output, error)
SELECT
	id, tenant, state, gate, kind, queue, priority, attempt, failures, attempts_max, lost,
	retry_base_ms, retry_cap_ms, timeout_ms, attempt_ms, run_at_ms, deadline_ms,
	lease_until_ms, lease_ms, lease_began_ms, finished_ms, dead, discarded, retry_of,
	retried_as, run, step, item, key, key_max, token, worker, session, origin, progress, message,
	callback_kind, callback_input, input, output, error
FROM task;
DROP TABLE task;
ALTER TABLE task_new RENAME TO task;

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

CREATE TABLE task_history_new (
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
	agent          INTEGER,
	origin         TEXT,
	progress       REAL,
	message        TEXT,
	callback_kind  TEXT,
	callback_input TEXT,
	input          TEXT NOT NULL,
	output         TEXT,
	error          TEXT,
	expires_ms     INTEGER NOT NULL
);
INSERT INTO task_history_new (
	id, tenant, state, gate, kind, queue, priority, attempt, failures, attempts_max, lost,
	retry_base_ms, retry_cap_ms, timeout_ms, attempt_ms, run_at_ms, deadline_ms,
	lease_until_ms, lease_ms, lease_began_ms, finished_ms, dead, discarded, retry_of,
	retried_as, run, step, item, key, key_max, token, worker, session, origin, progress, message,
	callback_kind, callback_input, input, output, error, expires_ms)
SELECT
	id, tenant, state, gate, kind, queue, priority, attempt, failures, attempts_max, lost,
	retry_base_ms, retry_cap_ms, timeout_ms, attempt_ms, run_at_ms, deadline_ms,
	lease_until_ms, lease_ms, lease_began_ms, finished_ms, dead, discarded, retry_of,
	retried_as, run, step, item, key, key_max, token, worker, session, origin, progress, message,
	callback_kind, callback_input, input, output, error, expires_ms
FROM task_history;
DROP TABLE task_history;
ALTER TABLE task_history_new RENAME TO task_history;

CREATE INDEX task_history_of_tenant ON task_history (tenant, id);
CREATE INDEX task_history_of_state ON task_history (tenant, state, id);
CREATE INDEX task_history_of_kind ON task_history (tenant, kind, id);
CREATE INDEX task_history_expires ON task_history (expires_ms);

-- Changes seldom.  state: 0 starting, 1 live, 2 silent, 3 gone.
CREATE TABLE agent (
	id              INTEGER PRIMARY KEY,
	tenant          INTEGER NOT NULL,
	name            TEXT NOT NULL,
	state           INTEGER NOT NULL,
	is_draining     INTEGER NOT NULL,
	is_implicit     INTEGER NOT NULL, -- known by its leases only
	capacity        INTEGER NOT NULL, -- tasks at once
	timeout_ms      INTEGER NOT NULL, -- of each of its attempts; 0: none
	silent_after_ms INTEGER NOT NULL,
	startup_ms      INTEGER, -- from the start of its process to its registration
	registered_ms   INTEGER NOT NULL,
	since_ms        INTEGER NOT NULL, -- it is in its state
	seen_ms         INTEGER NOT NULL, -- as of the last change of this row
	down_ms         INTEGER NOT NULL, -- unplanned, of the times that are over
	recoveries      INTEGER NOT NULL,
	recovery_ms     INTEGER NOT NULL, -- of all recoveries together
	changes         INTEGER NOT NULL, -- the number of the newest agent_change
	registration    INTEGER NOT NULL, -- hash of what it said of itself
	created_by      INTEGER NOT NULL,
	version         TEXT,
	drain_reason    TEXT
);
CREATE UNIQUE INDEX agent_of_name ON agent (tenant, name);

-- Changes with every lease and every outcome: kept apart, because it is short.
CREATE TABLE agent_work (
	agent       INTEGER PRIMARY KEY,
	tenant      INTEGER NOT NULL,
	held        INTEGER NOT NULL, -- leases now
	succeeded   INTEGER NOT NULL, -- attempts, like all that follow
	failed      INTEGER NOT NULL,
	timed_out   INTEGER NOT NULL,
	lost        INTEGER NOT NULL,
	returned    INTEGER NOT NULL,
	cancelled   INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL, -- of those that succeeded or failed, together
	failing_ppm INTEGER NOT NULL, -- share of the recent attempts, per million
	losing_ppm  INTEGER NOT NULL,
	first_ms    INTEGER -- its first lease
);

-- what: 1 a kind it performs (value is empty), 2 a label.
CREATE TABLE agent_capability (
	tenant INTEGER NOT NULL,
	what   INTEGER NOT NULL,
	name   TEXT NOT NULL,
	value  TEXT NOT NULL,
	agent  INTEGER NOT NULL,
	PRIMARY KEY (tenant, what, name, value, agent)
) WITHOUT ROWID;
CREATE INDEX agent_capability_of ON agent_capability (agent);

-- What became of it, newest number last; so many are kept of each.
CREATE TABLE agent_change (
	agent  INTEGER NOT NULL,
	n      INTEGER NOT NULL,
	tenant INTEGER NOT NULL,
	at_ms  INTEGER NOT NULL,
	actor  INTEGER NOT NULL,
	what   INTEGER NOT NULL,
	detail TEXT,
	PRIMARY KEY (agent, n)
) WITHOUT ROWID;

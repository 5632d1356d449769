-- Definitions of workflows; a version never changes.
CREATE TABLE workflow (
	id          INTEGER PRIMARY KEY,
	tenant      INTEGER NOT NULL,
	name        TEXT NOT NULL,
	version     INTEGER NOT NULL, -- from 1
	created_ms  INTEGER NOT NULL,
	description TEXT NOT NULL,
	document    TEXT NOT NULL,
	UNIQUE (tenant, name, version)
);

-- state: 0 running, 1 succeeded, 2 failed, 3 cancelled.
CREATE TABLE run (
	id          INTEGER PRIMARY KEY,
	tenant      INTEGER NOT NULL,
	workflow    TEXT NOT NULL,
	version     INTEGER NOT NULL,
	state       INTEGER NOT NULL,
	actor       INTEGER NOT NULL, -- who started it: its tasks are theirs
	created_ms  INTEGER NOT NULL,
	finished_ms INTEGER,
	steps_done  INTEGER NOT NULL,
	steps_total INTEGER NOT NULL,
	input       TEXT NOT NULL,
	output      TEXT,
	error       TEXT
);
CREATE INDEX run_of_tenant ON run (tenant, id);
CREATE INDEX run_of_state ON run (tenant, state, id);
CREATE INDEX run_of_workflow ON run (tenant, workflow, id);

-- Runs in which something may start, or has ended, or is left to cancel.  A table of its
-- own: the row of a run carries its input, and this changes with every step.
CREATE TABLE run_due (
	run    INTEGER PRIMARY KEY,
	tenant INTEGER NOT NULL
);

-- A step that has begun; one without a row still waits.  Steps and items are numbered
-- from 1, as in `task`.  state: 1 running, 2 succeeded, 3 failed, 4 skipped, 5 cancelled.
CREATE TABLE step (
	tenant       INTEGER NOT NULL,
	run          INTEGER NOT NULL,
	step         INTEGER NOT NULL,
	state        INTEGER NOT NULL,
	items        INTEGER NOT NULL, -- 1 without `each`
	submitted    INTEGER NOT NULL, -- items 1 … submitted are tasks
	succeeded    INTEGER NOT NULL,
	failed       INTEGER NOT NULL,
	cancelled    INTEGER NOT NULL,
	swept        INTEGER NOT NULL, -- after the run has ended: items 1 … swept are cancelled
	max_parallel INTEGER NOT NULL, -- 0: no limit
	is_collect   INTEGER NOT NULL,
	started_ms   INTEGER NOT NULL,
	finished_ms  INTEGER,
	task         INTEGER, -- without `each`; its output and error are the step's
	error        TEXT,
	output       TEXT, -- of an `each`
	PRIMARY KEY (run, step)
) WITHOUT ROWID;

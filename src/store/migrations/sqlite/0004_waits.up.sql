-- Waits, sub-runs, compensation, forks.
-- run.state: 0 running, 1 succeeded, 2 failed, 3 cancelled, 4 waiting, 5 compensating,
-- 6 compensation failed.
ALTER TABLE run ADD COLUMN parent INTEGER; -- the run whose step this is
ALTER TABLE run ADD COLUMN parent_step INTEGER;
ALTER TABLE run ADD COLUMN parent_item INTEGER;
ALTER TABLE run ADD COLUMN root INTEGER; -- the run above all of them; NULL: itself
ALTER TABLE run ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN outcome INTEGER; -- while compensating: its state afterwards
ALTER TABLE run ADD COLUMN forked_from INTEGER;
ALTER TABLE run ADD COLUMN forked_step TEXT;
CREATE INDEX run_of_parent ON run (parent, parent_step, parent_item) WHERE parent IS NOT NULL;

-- How many runs stand below a root: they are bounded together.
CREATE TABLE run_family (
	root   INTEGER PRIMARY KEY,
	tenant INTEGER NOT NULL,
	runs   INTEGER NOT NULL
);

-- step.type: 0 task, 1 sub-run, 2 timer, 3 event, 4 approval.
-- step.undo_state: 0 nothing, 1 under way, 2 undone, 3 failed.
ALTER TABLE step ADD COLUMN type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE step ADD COLUMN child INTEGER; -- without `each`; its output is the step's
ALTER TABLE step ADD COLUMN finished_no INTEGER; -- in which order they finished, from 1
ALTER TABLE step ADD COLUMN is_copied INTEGER NOT NULL DEFAULT 0; -- by a fork
ALTER TABLE step ADD COLUMN undo_state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE step ADD COLUMN undo_item INTEGER; -- items from this one on are undone, or it is next
ALTER TABLE step ADD COLUMN undo_task INTEGER;

-- What a running step waits for; gone when it has ended.
CREATE TABLE step_wait (
	tenant    INTEGER NOT NULL,
	run       INTEGER NOT NULL,
	step      INTEGER NOT NULL,
	type      INTEGER NOT NULL,
	begun_ms  INTEGER NOT NULL,
	due_ms    INTEGER, -- the timer ends, patience ends; NULL: never, or it has
	is_over   INTEGER NOT NULL, -- that moment has come
	seen      INTEGER NOT NULL, -- the last event that did not match
	name      TEXT, -- of the event; of the step that asks for approval
	value     TEXT, -- what must be in the event; what is shown for approval
	hash      BLOB, -- SHA-256 of what is shown
	prompt    TEXT,
	approvers INTEGER,
	until_ms  INTEGER, -- due_ms, for people
	PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE INDEX step_wait_due ON step_wait (due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX step_wait_approval ON step_wait (tenant, run, step) WHERE type = 4;

-- Events that came for a run and that no step has taken yet.
CREATE TABLE run_inbox (
	id     INTEGER PRIMARY KEY,
	tenant INTEGER NOT NULL,
	run    INTEGER NOT NULL,
	name   TEXT NOT NULL,
	data   TEXT NOT NULL
);
CREATE INDEX run_inbox_of_run ON run_inbox (run, name, id);

-- Who has decided about an approval; one vote an actor.
CREATE TABLE approval_vote (
	tenant      INTEGER NOT NULL,
	run         INTEGER NOT NULL,
	step        INTEGER NOT NULL,
	actor       INTEGER NOT NULL,
	is_approved INTEGER NOT NULL,
	at_ms       INTEGER NOT NULL,
	comment     TEXT NOT NULL,
	PRIMARY KEY (run, step, actor)
) WITHOUT ROWID;

-- Facts about this database: the time floor, the server's slot.
CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE tenant (
	id         INTEGER PRIMARY KEY,
	name       TEXT NOT NULL UNIQUE,
	created_ms INTEGER NOT NULL
);

CREATE TABLE api_key (
	id         INTEGER PRIMARY KEY,
	tenant     INTEGER NOT NULL,
	name       TEXT NOT NULL,
	hash       BLOB NOT NULL UNIQUE, -- SHA-256 of the key
	role       INTEGER NOT NULL,
	created_ms INTEGER NOT NULL,
	expires_ms INTEGER
);

-- state: 0 scheduled, 1 blocked, 2 ready, 3 leased, 4 succeeded, 5 failed, 6 cancelled.
-- Only the hot states are indexed, so what has ended costs the queue nothing.
CREATE TABLE task (
	id            INTEGER PRIMARY KEY,
	tenant        INTEGER NOT NULL,
	state         INTEGER NOT NULL,
	kind          TEXT NOT NULL,
	priority      INTEGER NOT NULL,
	attempt       INTEGER NOT NULL, -- leases so far: the fencing number
	failures      INTEGER NOT NULL, -- attempts that failed; attempts_max bounds these
	attempts_max  INTEGER NOT NULL,
	lost          INTEGER NOT NULL, -- leases that ran out; bounded apart
	retry_base_ms INTEGER NOT NULL,
	retry_cap_ms  INTEGER NOT NULL,
	timeout_ms    INTEGER NOT NULL, -- of one attempt; 0: none
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
CREATE INDEX task_ready ON task (tenant, kind, priority DESC, id) WHERE state = 2;
CREATE INDEX task_scheduled ON task (run_at_ms) WHERE state = 0;
CREATE INDEX task_leased ON task (lease_until_ms) WHERE state = 3;
CREATE INDEX task_of_run ON task (run, step, item) WHERE run IS NOT NULL;

-- Submits that carried a key, for the window in which a repeat is recognised.
CREATE TABLE idempotency (
	tenant     INTEGER NOT NULL,
	space      INTEGER NOT NULL, -- 1: task, 2: run
	key        TEXT NOT NULL,
	request    BLOB NOT NULL, -- 128 bits of BLAKE2b of the request
	result     INTEGER NOT NULL, -- the task or run
	expires_ms INTEGER NOT NULL,
	PRIMARY KEY (tenant, space, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires_ms);

-- id is tenant << 40 | seq, so one tenant's events lie together, in order.
CREATE TABLE event (
	id      INTEGER PRIMARY KEY,
	tenant  INTEGER NOT NULL,
	at_ms   INTEGER NOT NULL,
	actor   INTEGER NOT NULL,
	type    TEXT NOT NULL,
	subject INTEGER NOT NULL,
	run     INTEGER,
	data    TEXT NOT NULL
);
CREATE INDEX event_of_run ON event (run, id) WHERE run IS NOT NULL;

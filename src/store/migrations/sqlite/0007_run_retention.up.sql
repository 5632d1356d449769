-- Runs that have ended are forgotten after a time, with all below them; what a day came to
-- is kept.
ALTER TABLE run ADD COLUMN expires_ms INTEGER; -- of a run that has ended and has none above it
UPDATE run SET expires_ms = finished_ms + 2592000000
WHERE parent IS NULL AND finished_ms IS NOT NULL AND state IN (1, 2, 3, 6);
CREATE INDEX run_expires ON run (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE workflow_day (
	tenant              INTEGER NOT NULL,
	workflow            TEXT NOT NULL,
	day                 INTEGER NOT NULL, -- days since 1970
	succeeded           INTEGER NOT NULL,
	failed              INTEGER NOT NULL,
	cancelled           INTEGER NOT NULL,
	compensation_failed INTEGER NOT NULL,
	duration_ms         INTEGER NOT NULL, -- from start to end, together
	PRIMARY KEY (tenant, workflow, day)
) WITHOUT ROWID;

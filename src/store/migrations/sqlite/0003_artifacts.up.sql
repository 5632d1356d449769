-- Versions of named trees; the bytes lie in DATA/blobs by their hash.
CREATE TABLE artifact (
	id         INTEGER PRIMARY KEY,
	tenant     INTEGER NOT NULL,
	name       TEXT NOT NULL,
	version    INTEGER NOT NULL,
	maker      TEXT NOT NULL,
	run        INTEGER,
	checks     TEXT NOT NULL,
	tree       BLOB NOT NULL, -- SHA-256 of the sorted list of files
	files      INTEGER NOT NULL,
	bytes      INTEGER NOT NULL,
	created_ms INTEGER NOT NULL,
	UNIQUE (tenant, name, version)
);
CREATE INDEX artifact_of_tenant ON artifact (tenant, id);
CREATE INDEX artifact_of_run ON artifact (run, id) WHERE run IS NOT NULL;

CREATE TABLE artifact_file (
	tenant        INTEGER NOT NULL,
	artifact      INTEGER NOT NULL,
	path          TEXT NOT NULL,
	hash          BLOB NOT NULL,
	size          INTEGER NOT NULL,
	is_executable INTEGER NOT NULL,
	PRIMARY KEY (tenant, artifact, path)
) WITHOUT ROWID;

-- Artifacts.  Paths are compared bytewise, so a listing is in the order of the tree.

-- name: SQL_ARTIFACT_VERSION_LAST
SELECT max(version) FROM artifact WHERE tenant = ?1 AND name = ?2

-- name: SQL_ARTIFACT_INSERT
INSERT INTO artifact (id, tenant, name, version, maker, run, checks, tree, files, bytes, created_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)

-- name: SQL_ARTIFACT_FILE_INSERT
INSERT INTO artifact_file (tenant, artifact, path, hash, size, is_executable)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: SQL_ARTIFACT_GET
SELECT id, name, version, maker, run, checks, tree, files, bytes, created_ms FROM artifact
WHERE tenant = ?1 AND id = ?2

-- name: SQL_ARTIFACT_LIST
SELECT id, name, version, maker, run, checks, tree, files, bytes, created_ms FROM artifact
WHERE tenant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3

-- Versions of one name grow with their ids, so this order is the order of ids.
-- name: SQL_ARTIFACT_LIST_OF_NAME
SELECT id, name, version, maker, run, checks, tree, files, bytes, created_ms FROM artifact
WHERE tenant = ?1 AND id < ?2 AND name = ?4 ORDER BY version DESC LIMIT ?3

-- name: SQL_ARTIFACT_LIST_OF_RUN
SELECT id, name, version, maker, run, checks, tree, files, bytes, created_ms
FROM artifact INDEXED BY artifact_of_run
WHERE tenant = ?1 AND id < ?2 AND run = ?4 AND (?5 IS NULL OR name = ?5)
ORDER BY id DESC LIMIT ?3

-- name: SQL_ARTIFACT_FILES
SELECT path, hash, size, is_executable FROM artifact_file
WHERE tenant = ?1 AND artifact = ?2 ORDER BY path

-- name: SQL_ARTIFACT_FILE_GET
SELECT path, hash, size, is_executable FROM artifact_file
WHERE tenant = ?1 AND artifact = ?2 AND path = ?3

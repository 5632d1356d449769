-- What the manifest of a backup says of its database.  Asked of the copy only.

-- name: SQL_BACKUP_BLOBS
-- system: a backup is of all tenants
SELECT DISTINCT hash, size FROM artifact_file ORDER BY hash

-- name: SQL_BACKUP_EVENTS
-- system: a backup is of all tenants
SELECT tenant, max(id) FROM event GROUP BY tenant ORDER BY tenant

-- name: SQL_BACKUP_ROWS
-- system: a backup is of all tenants
SELECT (SELECT count(*) FROM task) + (SELECT count(*) FROM task_history),
       (SELECT count(*) FROM run), (SELECT count(*) FROM event), (SELECT count(*) FROM artifact)

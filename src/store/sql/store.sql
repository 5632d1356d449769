-- name: SQL_META_GET
SELECT value FROM meta WHERE name = ?1

-- name: SQL_META_SET
INSERT INTO meta (name, value) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value

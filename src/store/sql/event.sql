-- The log of events.  An id is tenant << 40 | seq.

-- name: SQL_EVENT_INSERT
INSERT INTO event (id, tenant, at_ms, actor, type, subject, run, data)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)

-- name: SQL_EVENT_LAST
SELECT max(id) FROM event WHERE tenant = ?3 AND id BETWEEN ?1 AND ?2

-- name: SQL_EVENT_AFTER
SELECT id, at_ms, actor, type, subject, run, data FROM event
WHERE tenant = ?4 AND id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3

-- name: SQL_EVENT_AFTER_OF_RUN
SELECT id, at_ms, actor, type, subject, run, data FROM event INDEXED BY event_of_run
WHERE tenant = ?5 AND run = ?4 AND id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3

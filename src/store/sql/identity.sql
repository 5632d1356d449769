-- Tenants and API keys.  Keys are loaded once, at start, for all tenants: who asks is
-- not known before the key is.

-- name: SQL_TENANT_EXISTS
SELECT 1 FROM tenant WHERE id = ?1

-- name: SQL_TENANT_INSERT
INSERT INTO tenant (id, name, created_ms) VALUES (?1, ?2, ?3)

-- name: SQL_API_KEY_INSERT
INSERT INTO api_key (id, tenant, name, hash, role, created_ms, expires_ms)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: SQL_API_KEY_LOAD
-- system: a key tells the tenant
SELECT id, tenant, hash, role, expires_ms FROM api_key ORDER BY hash

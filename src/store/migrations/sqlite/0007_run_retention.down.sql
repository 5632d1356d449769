DROP TABLE workflow_day;
DROP INDEX run_expires;
ALTER TABLE run DROP COLUMN expires_ms;

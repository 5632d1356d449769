-- The request that caused a task or a run: "REQUEST_ID" or "REQUEST_ID TRACEPARENT".
ALTER TABLE task ADD COLUMN origin TEXT;
ALTER TABLE task_history ADD COLUMN origin TEXT;
ALTER TABLE run ADD COLUMN origin TEXT;

DROP TABLE agent_change;
DROP TABLE agent_capability;
DROP TABLE agent_work;
DROP TABLE agent;
ALTER TABLE task_history DROP COLUMN agent;
ALTER TABLE task DROP COLUMN agent;

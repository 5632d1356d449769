DROP TABLE event;
DROP TABLE idempotency;
DROP TABLE task;
DROP TABLE api_key;
DROP TABLE tenant;
DROP TABLE meta;

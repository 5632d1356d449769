-- Runs whose compensation failed may be resumed.
ALTER TABLE run ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0; -- how often
ALTER TABLE step ADD COLUMN undo_skipped INTEGER NOT NULL DEFAULT 0; -- items somebody gave up

ALTER TABLE step DROP COLUMN undo_skipped;
ALTER TABLE run DROP COLUMN resumed;

-- The values of an event. Lines of before have words in `detail` instead, and no values.
ALTER TABLE event ADD COLUMN data TEXT NOT NULL DEFAULT '';

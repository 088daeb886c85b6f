-- The lists in text that recipients and attachments were made of.
ALTER TABLE message DROP COLUMN recipients;
ALTER TABLE message DROP COLUMN attachments;

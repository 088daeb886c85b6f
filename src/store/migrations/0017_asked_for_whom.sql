-- Whom words are for is asked in the department that had their ticket, what came back to an agent is no note.
ALTER TABLE held_answer ADD COLUMN asked_in TEXT;
UPDATE message SET kind = 'returned' WHERE kind = 'note' AND id IN (SELECT message FROM held_answer);

-- Who joined a ticket because of an answer, a line each, so that they leave it when the answer is taken back.
ALTER TABLE answered ADD COLUMN joined TEXT NOT NULL DEFAULT '';

-- When a ticket was closed, the closed one that it follows, and the first of those that one mail opened in several departments,
-- which ids a ticket's mails refer to, and the mailing list that brought it.
ALTER TABLE ticket ADD COLUMN closed_at_s INTEGER;
ALTER TABLE ticket ADD COLUMN follows INTEGER;
ALTER TABLE ticket ADD COLUMN family INTEGER;
ALTER TABLE ticket ADD COLUMN list TEXT;
UPDATE ticket SET closed_at_s = updated_at_s WHERE status = 'closed';
CREATE INDEX ticket_follows ON ticket (follows) WHERE follows IS NOT NULL;
CREATE INDEX ticket_family ON ticket (family) WHERE family IS NOT NULL;

CREATE TABLE reference (
    message_id TEXT NOT NULL,
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    PRIMARY KEY (message_id, ticket)
) STRICT, WITHOUT ROWID;

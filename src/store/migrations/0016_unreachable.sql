-- Whose address takes no mail, what the server objected to in a mail, which mails tell what others could not.
CREATE TABLE unreachable (
    agent TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    bounced INTEGER NOT NULL,
    since_s INTEGER NOT NULL,
    refused_at_s INTEGER NOT NULL,
    told_at_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE outbox ADD COLUMN objection TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN bounced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outgoing ADD COLUMN instead TEXT NOT NULL DEFAULT '';

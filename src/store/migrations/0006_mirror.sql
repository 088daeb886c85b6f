-- Where the mails of tickets lie in the folders of their mailboxes, the marks that we gave them, and where we are moving them.
CREATE TABLE mirror (
    ledger INTEGER PRIMARY KEY REFERENCES ledger (id),
    folder INTEGER NOT NULL REFERENCES folder (id),
    gone INTEGER NOT NULL,
    moving_to TEXT NOT NULL,
    marks TEXT NOT NULL,
    checked_at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX mirror_folder ON mirror (folder) WHERE gone = 0;

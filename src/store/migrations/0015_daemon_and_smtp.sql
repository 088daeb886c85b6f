-- The daemon that runs and how mail leaves, when a mailbox is tried next, and since when it is in trouble.
CREATE TABLE daemon (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    pid INTEGER NOT NULL,
    since_s INTEGER NOT NULL,
    config BLOB NOT NULL,
    trouble TEXT
) STRICT;

CREATE TABLE smtp_health (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL,
    error TEXT,
    next_try_at_s INTEGER,
    largest_mail INTEGER,
    failing_since_s INTEGER,
    updated_at_s INTEGER NOT NULL
) STRICT;

ALTER TABLE mailbox_health ADD COLUMN next_try_at_s INTEGER;
ALTER TABLE mailbox_health ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mailbox_health ADD COLUMN failing_since_s INTEGER;

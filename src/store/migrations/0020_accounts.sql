-- The account and address behind each id, and when a daemon was first told to watch a folder.
CREATE TABLE account (
    mailbox TEXT PRIMARY KEY,
    address_key TEXT NOT NULL,
    account TEXT NOT NULL
) STRICT;

CREATE TABLE watched (
    mailbox TEXT NOT NULL,
    folder TEXT NOT NULL,
    since_s INTEGER NOT NULL,
    PRIMARY KEY (mailbox, folder)
) STRICT;

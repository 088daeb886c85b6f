-- Tickets split from others, addresses whose mails are ignored, tickets handed from one department to another.
CREATE TABLE split (
    ticket INTEGER PRIMARY KEY REFERENCES ticket (number),
    origin INTEGER NOT NULL REFERENCES ticket (number)
) STRICT;

CREATE TABLE mute (
    address_key TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    agent TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    mails INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hand_over (
    id INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    from_department TEXT NOT NULL,
    from_assignee TEXT,
    by_agent TEXT NOT NULL,
    at_s INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('', 'accepted', 'returned'))
) STRICT;
CREATE INDEX hand_over_ticket ON hand_over (ticket);

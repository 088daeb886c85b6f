-- Who is away, to whom each department gave a ticket last, indexes for who has how much to do and what nobody has.
CREATE TABLE absence (
    agent TEXT PRIMARY KEY,
    since_s INTEGER NOT NULL,
    until_s INTEGER,
    said_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE given (
    department TEXT PRIMARY KEY,
    agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX ticket_assignee ON ticket (assignee, status) WHERE assignee IS NOT NULL;
CREATE INDEX ticket_queue ON ticket (department, priority) WHERE assignee IS NULL AND status IN ('new', 'open');

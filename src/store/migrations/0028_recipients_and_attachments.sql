-- To whom a message was written, and what came with it, a row each. The rows are made of the lists in text by the program.
CREATE TABLE recipient (
    message INTEGER NOT NULL REFERENCES message (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('to', 'cc')),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (
    message INTEGER NOT NULL REFERENCES message (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    inline INTEGER NOT NULL,
    PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;

-- One row a mail.
CREATE TABLE lost_words (
    id INTEGER PRIMARY KEY,
    agent TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;

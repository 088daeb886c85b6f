-- How a ticket stood before an answer, so that the answer can be taken back while it waits.
CREATE TABLE answered (
    message INTEGER PRIMARY KEY REFERENCES message (id),
    status_before TEXT NOT NULL,
    wait_until_before_s INTEGER,
    assignee_before TEXT,
    status_after TEXT NOT NULL,
    wait_until_after_s INTEGER,
    assignee_after TEXT,
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX outgoing_shows ON outgoing (shows) WHERE shows IS NOT NULL;

-- Which tickets are part of which, and how both stood before, the ticket that a message belongs to when it stands on another.
CREATE TABLE merge (
    ticket INTEGER PRIMARY KEY REFERENCES ticket (number),
    lead INTEGER NOT NULL REFERENCES ticket (number),
    status TEXT NOT NULL,
    wait_until_s INTEGER,
    closed_at_s INTEGER,
    lead_status TEXT NOT NULL,
    lead_wait_until_s INTEGER,
    last_message INTEGER NOT NULL,
    at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX merge_lead ON merge (lead);
ALTER TABLE message ADD COLUMN origin INTEGER;
CREATE INDEX message_origin ON message (origin) WHERE origin IS NOT NULL;

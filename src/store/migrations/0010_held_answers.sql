-- What a notification showed, what an agent has read, and the answers that are held until they say what to do.
ALTER TABLE outgoing ADD COLUMN shows INTEGER;
ALTER TABLE outgoing ADD COLUMN held INTEGER;
UPDATE outgoing
SET shows = (SELECT max(id) FROM message WHERE message.ticket = outgoing.ticket AND added_at_s <= outgoing.created_at_s)
WHERE kind = 'notification';

CREATE TABLE held_answer (
    message INTEGER PRIMARY KEY REFERENCES message (id),
    agent TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'sent', 'cancelled', 'noted', 'replaced', 'expired')),
    shows INTEGER NOT NULL,
    leak INTEGER NOT NULL,
    held_at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX held_answer_waiting ON held_answer (agent, message) WHERE state = 'held';

CREATE TABLE seen (
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    agent TEXT NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (ticket, agent)
) STRICT, WITHOUT ROWID;

-- The counts, and indexes for lists of tickets.
CREATE TABLE ticket_tally (
    department TEXT NOT NULL,
    status TEXT NOT NULL,
    assignee TEXT NOT NULL,
    tickets INTEGER NOT NULL,
    PRIMARY KEY (department, status, assignee)
) STRICT;
INSERT INTO ticket_tally (department, status, assignee, tickets)
    SELECT department, status, coalesce(assignee, ''), count(*) FROM ticket GROUP BY 1, 2, 3;

CREATE TABLE ledger_tally (
    folder INTEGER NOT NULL REFERENCES folder (id),
    fate TEXT NOT NULL,
    mails INTEGER NOT NULL,
    PRIMARY KEY (folder, fate)
) STRICT;
INSERT INTO ledger_tally (folder, fate, mails)
    SELECT folder, fate, count(*) FROM ledger WHERE fate NOT IN ('fetching', 'waiting') GROUP BY 1, 2;

CREATE INDEX ticket_status ON ticket (status);
CREATE INDEX ticket_department ON ticket (department, status);
CREATE INDEX participant_requester ON participant (address_key, ticket) WHERE role = 'requester';
CREATE INDEX tag_tag ON tag (tag, ticket);
CREATE INDEX outgoing_bytes ON outgoing (created_at_s)
    WHERE kind IN ('acknowledgement', 'notification') AND length(bytes) > 0;

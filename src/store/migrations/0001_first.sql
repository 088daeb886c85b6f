CREATE TABLE mail (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL,
    size INTEGER NOT NULL,
    omitted_size INTEGER,
    received_at_s INTEGER NOT NULL,
    encoding TEXT NOT NULL CHECK (encoding IN ('zstd', 'plain')),
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE folder (
    id INTEGER PRIMARY KEY,
    mailbox TEXT NOT NULL,
    name TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    first_contact_at_s INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    UNIQUE (mailbox, name, uid_validity)
) STRICT;

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY,
    folder INTEGER NOT NULL REFERENCES folder (id),
    uid INTEGER NOT NULL,
    fate TEXT NOT NULL CHECK (fate IN ('fetching', 'waiting', 'ticket', 'duplicate', 'quarantined', 'ignored')),
    arrival TEXT NOT NULL CHECK (arrival IN ('live', 'import')),
    mail INTEGER REFERENCES mail (id),
    fingerprint BLOB,
    ticket INTEGER,
    attempts INTEGER NOT NULL,
    action_done INTEGER NOT NULL,
    detail TEXT NOT NULL,
    recorded_at_s INTEGER NOT NULL,
    UNIQUE (folder, uid)
) STRICT;
CREATE INDEX ledger_fingerprint ON ledger (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX ledger_waiting ON ledger (folder) WHERE fate = 'waiting';
CREATE INDEX ledger_action ON ledger (folder) WHERE action_done = 0 AND mail IS NOT NULL;

CREATE TABLE ticket (
    number INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    department TEXT NOT NULL,
    status TEXT NOT NULL,
    priority TEXT NOT NULL,
    assignee TEXT,
    requester_name TEXT NOT NULL,
    requester_address TEXT NOT NULL,
    language TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    route_kind TEXT NOT NULL,
    route_detail TEXT NOT NULL,
    possibly_related INTEGER,
    wait_until_s INTEGER,
    created_at_s INTEGER NOT NULL,
    updated_at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_wait ON ticket (wait_until_s) WHERE wait_until_s IS NOT NULL;

CREATE TABLE participant (
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    address_key TEXT NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (ticket, address_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    tag TEXT NOT NULL,
    PRIMARY KEY (ticket, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_address TEXT NOT NULL,
    recipients TEXT NOT NULL,
    date_s INTEGER NOT NULL,
    message_id TEXT,
    agent TEXT,
    thread_reason TEXT NOT NULL,
    attachments TEXT NOT NULL,
    defects TEXT NOT NULL,
    mail INTEGER REFERENCES mail (id),
    added_at_s INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX message_ticket ON message (ticket, id, visibility, message_id);
CREATE INDEX message_message_id ON message (message_id, ticket) WHERE message_id IS NOT NULL;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    at_s INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX event_ticket ON event (ticket);

CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    ticket INTEGER,
    message_id TEXT NOT NULL,
    envelope_from TEXT,
    fallback_from TEXT NOT NULL,
    agent TEXT,
    created_at_s INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX outgoing_message_id ON outgoing (message_id, ticket);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    outgoing INTEGER NOT NULL REFERENCES outgoing (id),
    recipient TEXT NOT NULL,
    rank INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'deferred', 'uncertain', 'failed', 'dropped')),
    attempts INTEGER NOT NULL,
    next_at_s INTEGER NOT NULL,
    reason TEXT NOT NULL,
    told TEXT NOT NULL CHECK (told IN ('', 'delay', 'failure')),
    updated_at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (rank, next_at_s, id) WHERE state IN ('queued', 'deferred');
CREATE INDEX outbox_state ON outbox (state) WHERE state <> 'sent';
CREATE INDEX outbox_outgoing ON outbox (outgoing);

CREATE TABLE machine_mail (
    id INTEGER PRIMARY KEY,
    at_s INTEGER NOT NULL,
    mailbox TEXT NOT NULL,
    address_key TEXT NOT NULL
) STRICT;
CREATE INDEX machine_mail_address ON machine_mail (address_key, at_s);
CREATE INDEX machine_mail_mailbox ON machine_mail (mailbox, at_s);

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    ledger INTEGER NOT NULL UNIQUE REFERENCES ledger (id),
    reason TEXT NOT NULL,
    ticket INTEGER,
    state TEXT NOT NULL CHECK (state IN ('held', 'resolved')),
    at_s INTEGER NOT NULL
) STRICT;

CREATE TABLE mailbox_health (
    mailbox TEXT PRIMARY KEY,
    connected INTEGER NOT NULL,
    error TEXT,
    gap INTEGER NOT NULL,
    last_mail_at_s INTEGER,
    updated_at_s INTEGER NOT NULL
) STRICT;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

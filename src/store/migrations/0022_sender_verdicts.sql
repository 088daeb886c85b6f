-- What our mail server says of the author of each mail of a customer, which mails we sent on a ticket.
ALTER TABLE message ADD COLUMN sender TEXT NOT NULL DEFAULT 'unknown';
CREATE INDEX outgoing_ticket ON outgoing (ticket, kind, id);

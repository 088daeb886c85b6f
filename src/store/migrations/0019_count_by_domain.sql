-- Receipts and new tickets are counted by domain too, receipts that a form had sent to somebody else's domain, bounces that no
-- mail of ours explains, the form or relay that wrote a ticket's first mail for another, and whose tickets there are, for a
-- bounce that names a person and a subject alone.
ALTER TABLE machine_mail ADD COLUMN domain TEXT NOT NULL DEFAULT '';
CREATE INDEX machine_mail_domain ON machine_mail (domain, at_s);
ALTER TABLE begun ADD COLUMN domain TEXT NOT NULL DEFAULT '';
CREATE INDEX begun_domain ON begun (domain, running_s);

CREATE TABLE form_receipt (
    id INTEGER PRIMARY KEY,
    running_s INTEGER NOT NULL,
    domain TEXT NOT NULL
) STRICT;
CREATE INDEX form_receipt_domain ON form_receipt (domain, running_s);

CREATE TABLE stray_bounce (
    id INTEGER PRIMARY KEY,
    running_s INTEGER NOT NULL,
    recipient_key TEXT NOT NULL,
    ticket INTEGER NOT NULL
) STRICT;
CREATE INDEX stray_bounce_time ON stray_bounce (running_s);

CREATE TABLE relay (
    ticket INTEGER PRIMARY KEY REFERENCES ticket (number),
    address_key TEXT NOT NULL
) STRICT;

CREATE INDEX participant_address ON participant (address_key, ticket);

-- Mails that opened a ticket, or would have, by sender: for the guard against floods.
CREATE TABLE begun (
    id INTEGER PRIMARY KEY,
    running_s INTEGER NOT NULL,
    address_key TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    folded INTEGER NOT NULL
) STRICT;
CREATE INDEX begun_address ON begun (address_key, running_s);

-- What is kept of it.
CREATE TABLE stopped (
    id INTEGER PRIMARY KEY,
    running_s INTEGER NOT NULL,
    at_s INTEGER NOT NULL,
    breaker TEXT NOT NULL,
    whose TEXT NOT NULL,
    told INTEGER NOT NULL
) STRICT;
CREATE INDEX stopped_whose ON stopped (breaker, whose, running_s) WHERE told;
CREATE INDEX stopped_time ON stopped (running_s);

CREATE TABLE told_mail (
    id INTEGER PRIMARY KEY,
    running_s INTEGER NOT NULL,
    mailbox TEXT NOT NULL,
    domain TEXT NOT NULL
) STRICT;
CREATE INDEX told_mail_domain ON told_mail (domain, running_s);
CREATE INDEX told_mail_mailbox ON told_mail (mailbox, running_s);

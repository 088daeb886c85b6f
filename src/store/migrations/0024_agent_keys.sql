-- The latest key of each of them.
CREATE TABLE agent_key (
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    agent TEXT NOT NULL,
    token_key INTEGER NOT NULL,
    PRIMARY KEY (ticket, agent)
) STRICT, WITHOUT ROWID;

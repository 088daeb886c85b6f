-- Who joined a ticket because of an answer, a row each instead of a line each.
CREATE TABLE joined (
    message INTEGER NOT NULL REFERENCES message (id),
    address_key TEXT NOT NULL,
    PRIMARY KEY (message, address_key)
) STRICT, WITHOUT ROWID;
INSERT INTO joined (message, address_key)
    WITH RECURSIVE line (message, address_key, rest) AS (
        SELECT message, '', joined || char(10) FROM answered WHERE joined <> ''
        UNION ALL
        SELECT message, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
        FROM line WHERE rest <> '')
    SELECT DISTINCT message, address_key FROM line WHERE address_key <> '';
ALTER TABLE answered DROP COLUMN joined;

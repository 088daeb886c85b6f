-- The last id given in each table whose rows are numbered, so that none is given twice, also when its row is gone.
CREATE TABLE last_id (
    name TEXT PRIMARY KEY,
    id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO last_id (name, id) SELECT 'mail', coalesce(max(id), 0) FROM mail;
INSERT INTO last_id (name, id) SELECT 'folder', coalesce(max(id), 0) FROM folder;
INSERT INTO last_id (name, id) SELECT 'ledger', coalesce(max(id), 0) FROM ledger;
INSERT INTO last_id (name, id) SELECT 'event', coalesce(max(id), 0) FROM event;
INSERT INTO last_id (name, id) SELECT 'outgoing', coalesce(max(id), 0) FROM outgoing;
INSERT INTO last_id (name, id) SELECT 'outbox', coalesce(max(id), 0) FROM outbox;
INSERT INTO last_id (name, id) SELECT 'machine_mail', coalesce(max(id), 0) FROM machine_mail;
INSERT INTO last_id (name, id) SELECT 'quarantine', coalesce(max(id), 0) FROM quarantine;
INSERT INTO last_id (name, id) SELECT 'begun', coalesce(max(id), 0) FROM begun;
INSERT INTO last_id (name, id) SELECT 'form_receipt', coalesce(max(id), 0) FROM form_receipt;
INSERT INTO last_id (name, id) SELECT 'stray_bounce', coalesce(max(id), 0) FROM stray_bounce;
INSERT INTO last_id (name, id) SELECT 'story', coalesce(max(id), 0) FROM story;
INSERT INTO last_id (name, id) SELECT 'story_file', coalesce(max(id), 0) FROM story_file;
INSERT INTO last_id (name, id) SELECT 'hand_over', coalesce(max(id), 0) FROM hand_over;
INSERT INTO last_id (name, id) SELECT 'lost_words', coalesce(max(id), 0) FROM lost_words;
INSERT INTO last_id (name, id) SELECT 'stopped', coalesce(max(id), 0) FROM stopped;
INSERT INTO last_id (name, id) SELECT 'told_mail', coalesce(max(id), 0) FROM told_mail;

-- How far tickets and messages have come is counted too.
INSERT INTO counter (name, value)
    SELECT 'tickets', highest FROM (SELECT max(number) AS highest FROM ticket) AS given WHERE highest IS NOT NULL
    ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value;
INSERT INTO counter (name, value)
    SELECT 'messages', highest + 1 FROM (SELECT max(id) AS highest FROM message) AS given WHERE highest IS NOT NULL
    ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value;

-- The number in the Message-ID of a mail of ours, 0 for one from before.
ALTER TABLE outgoing ADD COLUMN serial INTEGER NOT NULL DEFAULT 0;

DROP INDEX stopped_whose;
CREATE INDEX stopped_whose ON stopped (breaker, whose, running_s) WHERE told <> 0;

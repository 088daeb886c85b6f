-- Every moment at which something is due, whatever it is: a ticket comes back, news is told, an answer is dropped, an agent is back.
-- What it is about stands in `subject` (an agent) and `number` (a ticket or a message).
CREATE TABLE timer (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    due_at_s INTEGER NOT NULL,
    PRIMARY KEY (kind, subject, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (kind, due_at_s);

INSERT INTO timer (kind, subject, number, due_at_s)
SELECT 'wait', '', number, wait_until_s FROM ticket WHERE wait_until_s IS NOT NULL AND status = 'waiting';
INSERT INTO timer (kind, subject, number, due_at_s)
SELECT 'held', '', message, held_at_s + 604800 FROM held_answer WHERE state = 'held';
INSERT INTO timer (kind, subject, number, due_at_s)
SELECT 'absence', agent, 0, until_s FROM absence WHERE until_s IS NOT NULL;
INSERT INTO timer (kind, subject, number, due_at_s)
SELECT 'news', agent, ticket, min(due_at_s) FROM kept_news GROUP BY agent, ticket;

DROP INDEX ticket_wait;
DROP INDEX kept_news_due;
ALTER TABLE kept_news DROP COLUMN due_at_s;

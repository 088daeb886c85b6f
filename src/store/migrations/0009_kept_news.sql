-- News kept for an agent until it is their time: what happened, the files that came with it, for whom it is and until when.
CREATE TABLE story (
    id INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES ticket (number),
    at_s INTEGER NOT NULL,
    news TEXT NOT NULL,
    detail TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_address TEXT NOT NULL,
    route_kind TEXT,
    route_department TEXT,
    route_detail TEXT,
    shows INTEGER NOT NULL,
    words TEXT NOT NULL
) STRICT;

CREATE TABLE story_file (
    id INTEGER PRIMARY KEY,
    story INTEGER NOT NULL REFERENCES story (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    content BLOB
) STRICT;
CREATE INDEX story_file_story ON story_file (story);

CREATE TABLE kept_news (
    agent TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    story INTEGER NOT NULL REFERENCES story (id),
    due_at_s INTEGER NOT NULL,
    PRIMARY KEY (agent, ticket, story)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_news_due ON kept_news (due_at_s);
CREATE INDEX kept_news_story ON kept_news (story);

CREATE INDEX outgoing_notification ON outgoing (ticket, agent, id) WHERE kind = 'notification';

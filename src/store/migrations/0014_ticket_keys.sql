-- What is a ticket's own beside its number, which tokens are bound to. Tokens made before are known by the number alone: where
-- a backup was restored, those that do not say when they were made may be another ticket's.
ALTER TABLE ticket ADD COLUMN token_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN old_tokens TEXT NOT NULL DEFAULT 'never';
UPDATE ticket SET token_key = random() & 34359738367, old_tokens = 'any';
UPDATE ticket SET old_tokens = 'dated'
    WHERE created_at_s > (SELECT value FROM counter WHERE name = 'restored_at_s');

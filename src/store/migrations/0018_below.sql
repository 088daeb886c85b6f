-- What stands below a customer's words is kept with them.
ALTER TABLE story ADD COLUMN below TEXT NOT NULL DEFAULT '';

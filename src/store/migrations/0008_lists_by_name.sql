-- Tickets of a mailing list are looked up by its name, which is the same for its id and its address.
UPDATE ticket SET list = lower(replace(list, '@', '.')) WHERE list IS NOT NULL;
CREATE INDEX ticket_list ON ticket (list, number) WHERE list IS NOT NULL;

-- News that was found again after a restore is told in one mail.
ALTER TABLE kept_news ADD COLUMN found_again INTEGER NOT NULL DEFAULT 0;

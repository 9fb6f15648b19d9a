-- Users choose the language that the club speaks to them; support finds them by it.
--
-- depends: 0001_create_club
-- phase: expand

ALTER TABLE club.users ADD COLUMN locale text NOT NULL DEFAULT 'en';

ALTER TABLE club.users
ADD CONSTRAINT users_locale_known_check CHECK (locale IN ('de', 'en', 'fr')) NOT VALID;

CREATE INDEX users_locale_idx ON club.users (locale, id);

COMMENT ON COLUMN club.users.locale IS 'Language of what is sent to them.';
COMMENT ON INDEX club.users_locale_idx IS 'serves users.list_by_locale';

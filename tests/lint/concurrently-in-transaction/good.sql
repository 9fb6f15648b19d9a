-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- transactional: false
-- allow: comment-missing: one statement stands alone, the comment is in the next file

CREATE INDEX CONCURRENTLY users_theme_idx ON club.users (theme);

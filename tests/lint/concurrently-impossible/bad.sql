-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- transactional: false
-- allow: comment-missing: one statement stands alone, the comment is in the next file

CREATE INDEX CONCURRENTLY events_id_idx ON club.events (id); -- bad

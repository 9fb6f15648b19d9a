-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

GRANT SELECT ON club.users TO club_writer;

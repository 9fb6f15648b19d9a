-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

LOCK TABLE club.colors IN SHARE MODE;

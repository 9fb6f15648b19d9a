-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- allow: phase-contradicted: the example is about the other rule

DROP TABLE club.colors; -- bad

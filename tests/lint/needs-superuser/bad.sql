-- What this example is about.
--
-- depends: 0001_club
-- phase: expand
-- transactional: false

ALTER SYSTEM SET work_mem = '64MB'; -- bad

-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE POLICY users_own ON club.users USING (name = current_user); -- bad

COMMENT ON POLICY users_own ON club.users IS 'One''s own row.';

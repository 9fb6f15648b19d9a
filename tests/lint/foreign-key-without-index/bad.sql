-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE club.gifts (
    user_id bigint NOT NULL,

    CONSTRAINT gifts_user_id_fkey FOREIGN KEY (user_id) -- bad
    REFERENCES club.users (id) ON DELETE CASCADE
);

COMMENT ON TABLE club.gifts IS 'What users were given.';

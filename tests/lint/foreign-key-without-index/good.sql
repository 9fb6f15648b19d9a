-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE club.gifts (
    user_id bigint NOT NULL,

    CONSTRAINT gifts_user_id_fkey FOREIGN KEY (user_id)
    REFERENCES club.users (id) ON DELETE CASCADE
);

CREATE INDEX gifts_user_id_idx ON club.gifts (user_id);

COMMENT ON TABLE club.gifts IS 'What users were given.';
COMMENT ON INDEX club.gifts_user_id_idx IS 'serves gifts.list';

-- What this example is about.
--
-- depends: 0001_club
-- phase: expand

CREATE TABLE club.bookings (
    room_id bigint NOT NULL,
    span tstzrange NOT NULL,

    CONSTRAINT bookings_once_excl EXCLUDE USING gist (span WITH &&)
);

COMMENT ON TABLE club.bookings IS 'Who has which room when.';

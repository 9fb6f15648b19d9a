-- The tables of yoyo-migrations 9, as yoyo makes them: what either tool did, the other one knows.

CREATE TABLE slimy_migrations._yoyo_migration (
    migration_hash varchar(64) NOT NULL,
    migration_id varchar(255),
    applied_at_utc timestamp,

    CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash)
);

CREATE TABLE slimy_migrations._yoyo_log (
    id varchar(36) NOT NULL,
    migration_hash varchar(64),
    migration_id varchar(255),
    operation varchar(10),
    username varchar(255),
    hostname varchar(255),
    comment varchar(255),
    created_at_utc timestamp,

    CONSTRAINT _yoyo_log_pkey PRIMARY KEY (id)
);

CREATE TABLE slimy_migrations._yoyo_version (
    version integer NOT NULL,
    installed_at_utc timestamp,

    CONSTRAINT _yoyo_version_pkey PRIMARY KEY (version)
);

INSERT INTO slimy_migrations._yoyo_version (version, installed_at_utc)
VALUES (1, now() AT TIME ZONE 'UTC'), (2, now() AT TIME ZONE 'UTC');

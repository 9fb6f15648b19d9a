"""What a database's schema is, as one text that is the same wherever it was made."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

SCHEMA = """
SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
    SELECT format('relation %s.%s %s %s %s', n.nspname, c.relname, c.relkind, c.relrowsecurity,
                  c.relacl) AS line
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    UNION ALL
    SELECT format('column %s %s %s %s %s', a.attrelid::regclass, a.attname,
                  format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl)
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT format('index %s %s %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    UNION ALL
    SELECT format('constraint %s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint AS k JOIN pg_namespace AS n ON n.oid = k.connamespace
    UNION ALL
    SELECT format('function %s %s %s', p.oid::regprocedure, md5(p.prosrc), p.proacl)
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    UNION ALL
    SELECT format('trigger %s %s', pg_get_triggerdef(t.oid), t.tgenabled)
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('policy %s %s', p.polrelid::regclass, p.polname) FROM pg_policy AS p
    JOIN pg_class AS c ON c.oid = p.polrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    UNION ALL
    SELECT format('label %s %s', e.enumtypid::regtype, e.enumlabel) FROM pg_enum AS e
    JOIN pg_type AS t ON t.oid = e.enumtypid JOIN pg_namespace AS n ON n.oid = t.typnamespace
    UNION ALL
    SELECT format('part %s %s %s', h.inhparent::regclass, h.inhrelid::regclass, h.inhdetachpending)
    FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
    UNION ALL
    SELECT format('comment %s', d.description) FROM pg_description AS d
    WHERE d.objoid >= 16384 AND d.description NOT LIKE '%yoyo%' AND d.objoid NOT IN (
        SELECT c.oid FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('slimy_migrations')
        UNION ALL SELECT to_regnamespace('slimy_migrations')::oid)
) AS s (line) WHERE line !~ 'slimy_migrations'
""".replace(
    "ON n.oid = ", "ON n.nspname IN ('slimy', 'shop', 'public', 'pg_toast_none') AND n.oid = "
)


def schema(dsn: str) -> str:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET search_path = pg_catalog")
        row = connection.execute(SCHEMA).fetchone()
    return row[0] or "" if row else ""


def unusable(dsn: str) -> list[str]:
    """The indexes that are INVALID, toast's too, and partitions that are half detached."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid UNION ALL"
            " SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhdetachpending"
        ).fetchall()
    return [row[0] for row in found]


COUNTS = """
SELECT ARRAY[
    (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute),
    (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_constraint),
    (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_policy),
    (SELECT count(*) FROM pg_description), (SELECT count(*) FROM pg_default_acl),
    (SELECT sum(length(relacl::text)) FROM pg_class),
    (SELECT count(*) FROM pg_class WHERE relrowsecurity),
    (SELECT sum(length(prosrc)) FROM pg_proc), (SELECT sum(length(attacl::text)) FROM pg_attribute)
]::text
"""
"""What is there, in figures: cheap enough for each of a thousand crashes."""


class Onlooker:
    """A connection beside the migrators of a test."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self.connection = connection

    def ask(self, query: str, *values: object) -> object:
        row = self.connection.execute(query, values or None).fetchone()
        return row[0] if row else None

    def settled(self, seconds: float = 20) -> None:
        """Wait until nobody else is connected; a session that stays holds the migrator's lock."""
        give_up = time.monotonic() + seconds
        while self.ask(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid != pg_backend_pid() AND backend_type = 'client backend'"
        ):
            assert time.monotonic() < give_up, "a session of a dead migrator is still there"
            time.sleep(0.005)

    def is_applied(self, name: str) -> bool:
        query = "SELECT count(*) FROM slimy_migrations._yoyo_migration WHERE migration_id = %s"
        return self.ask(query, name) == 1


@contextmanager
def onlooking(dsn: str) -> Iterator[Onlooker]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield Onlooker(connection)


def settled(dsn: str) -> None:
    with onlooking(dsn) as onlooker:
        onlooker.settled()

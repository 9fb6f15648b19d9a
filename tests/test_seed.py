"""`slimy seed`: made-up data that is the same every time, holds every value there is, and is stored fast."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal import Database, demo
from slimy_dal.engine.errors import Conflict
from slimy_dal.seed.load import load
from slimy_dal.seed.plan import PROFILES, Plan, plan

SLIMY = Path(sys.executable).parent / "slimy"
GIVEN_BY_THE_DATABASE = {
    ("chat_messages", "updated_at"),
    ("club_member_latest", "updated_at"),
    ("stat_deltas", "id"),
    ("audit_log_deltas", "id"),
}
"""Columns that hold when or in which order a row came to this database, not what it says."""


def silent(_table: str, _stored: int, _of: int) -> None:
    """Progress that nobody reads."""


def contents(dsn: str) -> dict[str, Any]:
    """Return a digest of every table's rows."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class AS c"
            " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
            " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
            " AND NOT a.attisdropped"
            " WHERE n.nspname = 'slimy' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " GROUP BY c.relname"
        ).fetchall()
        found = {}
        for table, columns in tables:
            kept = ", ".join(
                f't."{name}"' for name in columns if (table, name) not in GIVEN_BY_THE_DATABASE
            )
            found[table] = connection.execute(
                f"SELECT count(*), md5(string_agg(ROW({kept})::text, '|'"
                f' ORDER BY ROW({kept})::text)) FROM slimy."{table}" AS t'
            ).fetchone()
        return found


async def seeded(dsn: str, wanted: Plan) -> dict[str, int]:
    async with Database.open(dsn) as opened:
        return await load(opened.pool, wanted, silent)


async def test_the_same_seed_makes_the_same_rows_and_another_does_not(
    database_url: str,
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> None:
    await seeded(database_url, plan("test"))
    for seed, same in ((1, True), (2, False)):
        maker = janitor("slimy_seeded_again", template)
        maker.drop()
        with maker:
            await seeded(address("slimy_seeded_again"), plan("test", seed=seed))
            assert (contents(address("slimy_seeded_again")) == contents(database_url)) is same


async def test_every_table_says_how_many_rows_it_got(db: Database, database_url: str) -> None:
    told: dict[str, int] = {}

    def tell(table: str, stored: int, _of: int) -> None:
        told[table] = stored

    counts = await load(db.pool, plan("test"), tell)
    assert told == counts
    stored = contents(database_url)
    assert {table: stored[table][0] for table in counts} == counts
    assert (counts["users"], counts["guilds"], counts["chat_messages"]) == (200, 24, 3000)


async def test_every_value_of_every_list_occurs(db: Database, database_url: str) -> None:
    """The lists are those of the CHECK constraints of the tables that are seeded."""
    counts = await load(db.pool, PROFILES["test"], silent)
    with psycopg.connect(database_url) as connection:
        checks = connection.execute(
            "SELECT c.relname, a.attname, regexp_matches("
            "  pg_get_constraintdef(k.oid), '''([^'']+)''::text', 'g') FROM pg_constraint AS k"
            " INNER JOIN pg_class AS c ON k.conrelid = c.oid"
            " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
            " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]"
            " WHERE n.nspname = 'slimy' AND k.contype = 'c' AND k.conname LIKE '%_known_check'"
        ).fetchall()
        lists = [(table, column, value) for table, column, (value,) in checks if table in counts]
        assert len(lists) > 25
        for table, column, value in lists:
            row = connection.execute(
                f'SELECT EXISTS (SELECT FROM slimy."{table}" AS t'
                f' WHERE %s = ANY(ARRAY[t."{column}"]::text[]))',
                (value,),
            ).fetchone()
            assert row == (True,), f"{table}.{column} never holds {value}"


async def test_users_and_guilds_are_of_many_kinds(db: Database, database_url: str) -> None:
    await load(db.pool, PROFILES["test"], silent)
    with psycopg.connect(database_url) as connection:

        def one(query: str) -> Any:
            row = connection.execute(query).fetchone()
            assert row is not None
            return row[0]

        sizes = "SELECT count(m.user_id) AS size FROM slimy.guilds AS g"
        sizes += " LEFT JOIN slimy.user_guilds AS m ON g.id = m.guild_id GROUP BY g.id"
        assert one(f"SELECT min(size) FROM ({sizes}) AS s") == 0, "a guild is empty"
        assert one(f"SELECT max(size) > 8 * avg(size) FROM ({sizes} HAVING true) AS s") or one(
            f"SELECT max(size) >= 160 FROM ({sizes}) AS s"
        ), "one is far bigger than most"
        assert (
            one(
                "SELECT max(c) FROM (SELECT count(*) AS c FROM slimy.user_guilds GROUP BY user_id) AS s"
            )
            > 3
        ), "some are in several guilds"
        assert (
            one(
                "SELECT count(*) FROM slimy.users WHERE num_nulls(username, global_name, avatar, email,"
                " last_active_guild_id) = 5"
            )
            == 1
        ), "of one nothing is known"
        assert one("SELECT max(char_length(name)) FROM slimy.guilds") == 100
        assert one("SELECT max(char_length(username)) FROM slimy.users") == 100
        assert one("SELECT max(char_length(text)) FROM slimy.chat_messages") == 32_000
        assert one("SELECT max(octet_length(settings::text)) > 60000 FROM slimy.guilds")
        assert one("SELECT count(*) FROM slimy.users WHERE global_name ~ '[\u0590-\u06ff]'") > 1
        assert (
            one(
                "SELECT count(*) FROM slimy.guilds AS g WHERE EXISTS (SELECT FROM slimy.user_guilds"
                " AS m WHERE m.guild_id = g.id) AND NOT EXISTS (SELECT FROM slimy.user_guilds AS m"
                " WHERE m.guild_id = g.id AND 'owner' = ANY(m.roles))"
            )
            == 0
        ), "who has members has an owner"


async def test_a_database_with_users_is_refused_and_left_as_it_is(
    db: Database, database_url: str
) -> None:
    await demo.load(db)
    before = contents(database_url)
    with pytest.raises(Conflict, match="holds users or guilds already"):
        await demo.load(db)
    assert contents(database_url) == before
    assert not await demo.is_empty(db)


@pytest.mark.parametrize(
    ("users", "guilds", "messages"), [(0, 0, 0), (1, 0, 5), (0, 5, 5), (1, 1, 1), (40, 3, 0)]
)
async def test_small_numbers_do_too(db: Database, users: int, guilds: int, messages: int) -> None:
    counts = await load(
        db.pool, plan("demo", users=users, guilds=guilds, messages=messages), silent
    )
    assert (counts["users"], counts["guilds"]) == (users, guilds)


def test_the_command_tells_progress_and_counts(database_url: str) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [SLIMY, "seed", "--users", "500", "--guilds", "40", "--messages", "50000"],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts = dict(line.split() for line in done.stdout.splitlines())
    assert (counts["users"], counts["guilds"], counts["chat_messages"]) == ("500", "40", "50000")
    assert "20000 of 50000" in done.stderr
    assert "50000 of 50000" in done.stderr
    # Some 2 s; this bears a machine that is busy with everything else.
    assert time.monotonic() - started < 60
    again = subprocess.run(
        [SLIMY, "seed"],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 1
    assert "seed an empty one" in again.stderr

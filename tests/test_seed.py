"""`slimy seed`: made-up data that is the same every time, holds every value there is, and is stored fast."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal import Database, demo
from slimy_dal.cli.seed import SIZES
from slimy_dal.engine.errors import Conflict, InvalidValue
from slimy_dal.seed.load import load
from slimy_dal.seed.plan import AS_OF, PROFILES, Plan, plan

SLIMY = Path(sys.executable).parent / "slimy"
EMPTY = {"stat_deltas", "audit_log_deltas", "idempotency_keys"}
"""Tables that hold nothing: deltas that are folded into the totals, and answers, which live a day."""

Connection = psycopg.Connection[tuple[Any, ...]]


def silent(_table: str, _stored: int, _of: int) -> None:
    """Progress that nobody reads."""


def tables(connection: Connection) -> dict[str, list[tuple[str, str, bool]]]:
    """Return every table with its columns: name, type, whether it may be null."""
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for table, column, kind, nullable in connection.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull"
        " FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
        " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
        " AND NOT a.attisdropped"
        " WHERE n.nspname = 'slimy' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " ORDER BY c.relname, a.attnum"
    ):
        found.setdefault(table, []).append((column, kind, nullable))
    return found


def checks(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Give every CHECK of one column: table, column, and the definition as the server writes it."""
    yield from connection.execute(
        "SELECT c.relname, a.attname, pg_get_constraintdef(k.oid) FROM pg_constraint AS k"
        " INNER JOIN pg_class AS c ON k.conrelid = c.oid AND NOT c.relispartition"
        " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
        " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]"
        " WHERE n.nspname = 'slimy' AND k.contype = 'c' ORDER BY 1, 2, 3"
    )


def one(connection: Connection, query: str, *arguments: object) -> Any:
    row = connection.execute(query, arguments).fetchone()
    assert row is not None
    return row[0]


def contents(dsn: str) -> dict[str, Any]:
    """Return a digest of every table's rows."""
    with psycopg.connect(dsn) as connection:
        found = {}
        for table, columns in tables(connection).items():
            kept = ", ".join(f't."{name}"' for name, *_ in columns)
            found[table] = connection.execute(
                f"SELECT count(*), md5(string_agg(ROW({kept})::text, '|'"
                f' ORDER BY ROW({kept})::text COLLATE "C")) FROM slimy."{table}" AS t'
            ).fetchone()
        return found


async def seeded(dsn: str, wanted: Plan) -> dict[str, int]:
    async with Database.open(dsn) as opened:
        return await load(opened.pool, wanted, silent)


@pytest.fixture(scope="module")
def world(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[str]:
    """A database with the test profile, which tests only read."""
    maker = janitor("slimy_seeded", template)
    maker.drop()
    with maker:
        done = subprocess.run(
            [SLIMY, "seed", "--profile", "test", "--dsn", address("slimy_seeded")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        yield address("slimy_seeded")


@pytest.fixture
def connection(world: str) -> Iterator[Connection]:
    with psycopg.connect(world) as opened:
        yield opened


async def test_the_same_seed_makes_the_same_rows_and_another_does_not(
    world: str, database_url: str
) -> None:
    await seeded(database_url, plan("test"))
    assert contents(database_url) == contents(world)


async def test_another_seed_makes_other_rows_in_every_table(world: str, database_url: str) -> None:
    await seeded(database_url, plan("test", seed=2))
    first, second = contents(world), contents(database_url)
    same = {table for table in first if first[table] == second[table]}
    assert same <= EMPTY | {"guild_settings", "guild_feature_flags", "guild_personalities"}


def moments(connection: Connection) -> Iterator[tuple[str, str, datetime, datetime]]:
    """Give the first and the last moment of every column that holds some."""
    for table, columns in tables(connection).items():
        for column, kind, _ in columns:
            if kind == "timestamp with time zone":
                row = connection.execute(
                    f'SELECT min("{column}"), max("{column}") FROM slimy."{table}"'
                ).fetchone()
                assert row is not None
                if row[0] is not None:
                    yield table, column, *row


@pytest.mark.parametrize("as_of", [AS_OF, datetime(2031, 3, 1, 12, tzinfo=UTC)])
async def test_no_row_knows_what_day_it_is_today(database_url: str, as_of: datetime) -> None:
    await seeded(database_url, plan("demo", as_of=as_of))
    with psycopg.connect(database_url) as connection:
        found = list(moments(connection))
        assert len(found) > 35
        for table, column, first, last in found:
            assert first > as_of - timedelta(days=361), f"{table}.{column} begins {first}"
            ahead = timedelta(days=9) if "expires_at" in column else timedelta()
            assert last <= as_of + ahead, f"{table}.{column} ends {last}"


@pytest.mark.parametrize(
    "as_of",
    [datetime(2025, 1, 1), datetime(2015, 6, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)],  # noqa: DTZ001 -- refused for it
)
def test_a_day_that_no_table_would_take_is_refused(as_of: datetime) -> None:
    with pytest.raises(InvalidValue, match="as_of"):
        plan("demo", as_of=as_of)


async def test_every_table_says_how_many_rows_it_got(owners: Database, database_url: str) -> None:
    told: dict[str, int] = {}

    def tell(table: str, stored: int, _of: int) -> None:
        told[table] = stored

    counts = await load(owners.pool, plan("test"), tell)
    assert told == counts
    stored = contents(database_url)
    assert {table: stored[table][0] for table in counts} == counts
    assert (counts["users"], counts["guilds"], counts["chat_messages"]) == (200, 26, 3000)


def test_every_table_is_filled(world: str) -> None:
    stored = contents(world)
    assert len(stored) > 28
    assert {table for table, (count, _) in stored.items() if count == 0} == EMPTY


@pytest.mark.parametrize("profile", ["demo", "test"])
async def test_every_value_of_every_list_occurs(
    database_url: str, profile: Any, connection: Connection
) -> None:
    """The lists are those of the CHECK constraints, of texts, of arrays and of kinds of JSON."""
    await seeded(database_url, PROFILES[profile])
    lists = []
    for table, column, definition in checks(connection):
        if "ARRAY[" in definition and "CASE" not in definition:
            of_json = "jsonb_typeof(" in definition
            values = re.findall(r"'([^']+)'::text", definition)
            lists += [(table, column, of_json, value) for value in values]
    assert len(lists) > 70
    with psycopg.connect(database_url) as opened:
        for table, column, of_json, value in lists:
            held = f'jsonb_typeof(t."{column}")' if of_json else f't."{column}"'
            query = f'SELECT EXISTS (SELECT FROM slimy."{table}" AS t'
            query += f" WHERE %s = ANY(ARRAY[{held}]::text[]))"
            assert one(opened, query, value), f"{table}.{column} never holds {value}"


def longest(definition: str) -> tuple[str, int] | None:
    """Return what a CHECK measures, as SQL, and the most it lets through."""
    limited = re.search(r"((?:char|octet)_length\([^<>=]+\)) <= (\d+)", definition)
    if limited:
        return limited[1], int(limited[2])
    shape = re.search(r"\((\w+) ~ '\^(?:\[[^]]+\])?\[[^]]+\]\{\d+,(\d+)\}\$'", definition)
    if shape:
        return f"char_length({shape[1]})", int(shape[2]) + definition.count("^[a-z][")
    return None


def test_the_longest_of_everything_occurs(connection: Connection) -> None:
    limits = [
        (table, found)
        for table, _, text in checks(connection)
        if table not in EMPTY and (found := longest(text))
    ]
    assert len(limits) > 60
    for table, (measured, most) in limits:
        assert one(connection, f'SELECT max({measured}) FROM slimy."{table}"') == most, (
            f"{table}: {measured} never is {most}"
        )


@pytest.mark.parametrize("profile", ["demo", "test"])
async def test_what_may_be_null_is_and_is_not(database_url: str, profile: Any) -> None:
    await seeded(database_url, PROFILES[profile])
    with psycopg.connect(database_url) as connection:
        optional = [
            (table, column)
            for table, columns in tables(connection).items()
            for column, _, nullable in columns
            if nullable and table not in EMPTY
        ]
        assert len(optional) > 45
        for table, column in optional:
            query = f'SELECT bool_or("{column}" IS NULL) AND bool_or("{column}" IS NOT NULL)'
            assert one(connection, f'{query} FROM slimy."{table}"'), f"{table}.{column}"


def test_guilds_are_of_many_sizes_and_users_in_several(connection: Connection) -> None:
    sizes = "SELECT count(m.user_id) AS size FROM slimy.guilds AS g"
    sizes += " LEFT JOIN slimy.user_guilds AS m ON g.id = m.guild_id GROUP BY g.id"
    assert one(connection, f"SELECT min(size) FROM ({sizes}) AS s") == 0, "a guild is empty"
    assert one(connection, f"SELECT max(size) > 5 * avg(size) FROM ({sizes}) AS s"), "one is huge"
    several = "SELECT count(*) AS c FROM slimy.user_guilds GROUP BY user_id"
    assert one(connection, f"SELECT max(c) FROM ({several}) AS s") > 3
    said = "SELECT count(*) AS c FROM slimy.chat_messages WHERE guild_id IS NOT NULL"
    busiest = f"SELECT max(c) > 5 * avg(c) FROM ({said} GROUP BY guild_id) AS s"
    assert one(connection, busiest), "one guild talks far more than most"
    ownerless = (
        "SELECT count(*) FROM slimy.guilds AS g"
        " WHERE EXISTS (SELECT FROM slimy.user_guilds AS m WHERE m.guild_id = g.id)"
        " AND NOT EXISTS (SELECT FROM slimy.user_guilds AS m"
        " WHERE m.guild_id = g.id AND 'owner' = ANY(m.roles))"
    )
    assert one(connection, ownerless) == 0, "who has members has an owner"


def test_names_and_texts_are_of_many_kinds(connection: Connection) -> None:
    unknown = "num_nulls(username, global_name, avatar, email, last_active_guild_id) = 5"
    assert one(connection, f"SELECT count(*) FROM slimy.users WHERE {unknown}") == 1
    for table, column in (
        ("users", "global_name"),
        ("guilds", "name"),
        ("conversations", "title"),
        ("chat_messages", "text"),
        ("club_analyses", "summary"),
        ("screenshot_tags", "tag"),
        ("club_member_latest", "name"),
        ("api_keys", "name"),
    ):
        for kind, letters in (
            ("right to left", "[\u0590-\u06ff]"),
            ("emoji", "[\U0001f300-\U0001faff]"),
        ):
            assert one(
                connection, f'SELECT bool_or("{column}" ~ %s) FROM slimy."{table}"', letters
            ), f"{table}.{column} has nothing {kind}"


def test_conversations_hold_few_messages_and_many(connection: Connection) -> None:
    held = "SELECT count(m.id) AS c FROM slimy.conversations AS v"
    held += " LEFT JOIN slimy.chat_messages AS m ON m.conversation_id = v.id GROUP BY v.id"
    assert one(connection, f"SELECT min(c) FROM ({held}) AS s") == 0
    assert one(connection, f"SELECT max(c) > 5 * avg(c) FROM ({held}) AS s")
    early = "SELECT count(*) FROM slimy.chat_messages AS m INNER JOIN slimy.conversations AS v"
    early += " ON m.conversation_id = v.id WHERE m.created_at < v.created_at"
    assert one(connection, early) == 0, "nothing is said in a conversation before it begins"


@pytest.mark.parametrize("grain", ["hour", "day"])
def test_totals_are_in_step_with_what_they_count(connection: Connection, grain: str) -> None:
    counted = (
        f"SELECT {{}} date_trunc('{grain}', s.recorded_at, 'UTC'), s.type, count(*),"
        " count(*) FILTER (WHERE jsonb_typeof(s.value) = 'number'),"
        " coalesce(sum(s.value::numeric) FILTER (WHERE jsonb_typeof(s.value) = 'number'), 0)"
        " FROM slimy.stats AS s"
    )
    logged = (
        f"SELECT date_trunc('{grain}', a.occurred_at, 'UTC'), a.action, count(*),"
        " count(*) FILTER (WHERE NOT a.success) FROM slimy.audit_logs AS a GROUP BY 1, 2"
    )
    kept = "bucket_start, type, entries, numbers, total FROM slimy"
    for real, total in (
        (f"{counted.format('')} GROUP BY 1, 2", f"SELECT {kept}.stat_totals"),
        (
            f"{counted.format('s.guild_id,')} WHERE s.guild_id IS NOT NULL GROUP BY 1, 2, 3",
            f"SELECT guild_id, {kept}.guild_stat_totals",
        ),
        (
            logged,
            "SELECT bucket_start, action, entries, failures FROM slimy.audit_log_totals",
        ),
    ):
        same = f"SELECT count(*) FROM (({real}) {{}} ALL ({total} WHERE grain = '{grain}')) AS d"
        assert one(connection, same.format("INTERSECT")) > 30
        assert one(connection, same.format("EXCEPT")) == 0
        assert one(
            connection, f"SELECT count(*) FROM ({total} WHERE grain = '{grain}') AS t"
        ) == one(connection, f"SELECT count(*) FROM ({real}) AS r")


def test_the_latest_of_a_member_is_the_last_observation(connection: Connection) -> None:
    last = (
        "SELECT DISTINCT ON (guild_id, member_key) guild_id, member_key, name, sim_power,"
        " total_power, observed_at, observed_at FROM slimy.club_member_metrics"
        " ORDER BY guild_id, member_key, observed_at DESC"
    )
    kept = "SELECT guild_id, member_key, name, sim_power, total_power, last_seen_at, updated_at"
    kept += " FROM slimy.club_member_latest"
    assert one(connection, f"SELECT count(*) FROM (({last}) EXCEPT ({kept})) AS d") == 0
    assert one(connection, f"SELECT count(*) FROM (({kept}) EXCEPT ({last})) AS d") == 0


def test_comparisons_are_what_the_database_would_find(connection: Connection) -> None:
    differing = (
        "SELECT count(*) FROM slimy.screenshot_comparisons AS c CROSS JOIN LATERAL ("
        " SELECT coalesce(jsonb_agg(jsonb_build_object('key', d.key, 'category', d.category,"
        " 'kind', d.kind, 'firstValue', d.first_value, 'secondValue', d.second_value,"
        " 'change', d.change, 'changePercent', d.change_percent) ORDER BY d.key)"
        " FILTER (WHERE d.kind != 'same'), '[]') AS differences,"
        " CASE WHEN count(d.change) = 0 THEN NULL WHEN bool_and(d.change = 0) THEN 'stable'"
        " WHEN bool_and(d.change >= 0) THEN 'up' WHEN bool_and(d.change <= 0) THEN 'down'"
        " ELSE 'mixed' END AS trend"
        " FROM slimy.screenshot_differences(c.analysis_id_1, c.analysis_id_2) AS d"
        " WHERE length(d.key) < 100"
        ") AS f WHERE c.comparison_type = 'progress'"
        " AND ((f.trend IS DISTINCT FROM c.trend OR f.differences != c.differences) = %s)"
    )
    assert one(connection, differing, True) == 0  # noqa: FBT003 -- a parameter of SQL
    assert one(connection, differing, False) > 20  # noqa: FBT003


def test_the_planner_knows_every_table_at_once(connection: Connection) -> None:
    for table in tables(connection):
        rows = one(connection, f'SELECT count(*) FROM slimy."{table}"')
        query = "SELECT reltuples FROM pg_class WHERE oid = to_regclass(%s)"
        assert one(connection, query, f"slimy.{table}") == rows, table


async def test_a_database_with_data_is_refused_and_left_as_it_is(
    owners: Database, database_url: str
) -> None:
    await demo.load(owners)
    before = contents(database_url)
    with pytest.raises(Conflict, match=r"holds users already.*createdb NAME.*slimy migrate apply"):
        await demo.load(owners)
    assert contents(database_url) == before
    assert not await demo.is_empty(owners)


async def test_a_deleted_guild_alone_is_data_and_an_api_key_is_none(
    db: Database, owners: Database
) -> None:
    await db.api_keys.create("operator", ["users:read"])
    assert await demo.is_empty(db)
    await db.guilds.create(1, name="Gone")
    await db.guilds.soft_delete(1)
    with pytest.raises(Conflict, match="holds guilds already"):
        await demo.load(owners)


async def test_what_is_broken_off_leaves_nothing(owners: Database, database_url: str) -> None:
    before = contents(database_url)

    def tell(table: str, _stored: int, _of: int) -> None:
        if table == "chat_messages":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await load(owners.pool, PROFILES["demo"], tell)
    assert contents(database_url) == before


async def test_the_demo_is_what_the_command_writes(
    owners: Database, database_url: str, world: str
) -> None:
    await demo.load(owners)
    shown = contents(database_url)
    assert (shown["users"][0], shown["guilds"][0], shown["chat_messages"][0]) == (8, 6, 120)
    assert demo.PLAN == PROFILES["demo"] == plan("demo")


@pytest.mark.parametrize(
    ("users", "guilds", "messages"), [(0, 0, 0), (1, 0, 5), (0, 5, 5), (1, 1, 1), (40, 3, 0)]
)
async def test_small_numbers_do_too(
    owners: Database, users: int, guilds: int, messages: int
) -> None:
    counts = await load(
        owners.pool, plan("demo", users=users, guilds=guilds, messages=messages), silent
    )
    deleted = 2 if guilds else 0
    said = messages if users else 0
    found = (counts["users"], counts["guilds"], counts["chat_messages"])
    assert found == (users, guilds + deleted, said)


def command(dsn: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command where no terminal is."""
    return subprocess.run(
        [SLIMY, "seed", *options],
        env={**os.environ, "DATABASE_URL": dsn},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_counts_and_refuses_in_one_line(database_url: str) -> None:
    started = time.monotonic()
    done = command(database_url, "--users", "500", "--guilds", "40", "--messages", "50000")
    assert (done.returncode, done.stderr) == (0, "")
    counts = dict(line.split() for line in done.stdout.splitlines())
    assert (counts["users"], counts["guilds"], counts["chat_messages"]) == ("500", "42", "50000")
    # Some 3 s; this bears a machine that is busy with everything else.
    assert time.monotonic() - started < 60
    again = command(database_url)
    assert again.returncode == 1
    assert again.stderr.startswith("Error: the database holds users already")
    assert again.stderr.count("\n") == 1


@pytest.mark.parametrize("quiet", [False, True])
def test_progress_is_for_a_terminal_that_wants_it(database_url: str, quiet: bool) -> None:  # noqa: FBT001
    ours, theirs = pty.openpty()
    arguments = [str(SLIMY), "seed", "--messages", "30000", *(["--quiet"] if quiet else [])]
    with subprocess.Popen(
        arguments,
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break  # how a terminal says that its other end is closed
            if not part:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0, shown
    if quiet:
        assert shown == b""
    else:
        assert b"20000 of 30000\r" in shown
        assert b"30000 of 30000\r\n" in shown
        assert b"seeded in" in shown


def test_help_has_examples_and_the_sizes_of_the_profiles() -> None:
    told = subprocess.run([SLIMY, "seed", "--help"], capture_output=True, text=True, check=True)
    assert told.stdout.count("slimy seed --dsn postgresql:///") >= 3
    page = (Path(__file__).parent.parent / "docs" / "seed.md").read_text()
    for name, sizes in PROFILES.items():
        for text in (SIZES, page):
            row = next(line for line in text.splitlines() if line.strip("|` ").startswith(name))
            numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\d|\d", row)]
            asked = [sizes.users, sizes.guilds, sizes.messages, sizes.events, sizes.analyses]
            assert numbers[: len(asked)] == asked, row

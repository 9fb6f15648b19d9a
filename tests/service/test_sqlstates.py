"""Every SQLSTATE that the engine knows, raised by a real server, and the problem that a caller gets for it."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import psycopg
import pytest

from service import app as application
from service.app import create_app
from service.catalogue import CATALOGUE
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.sqlstates import known
from tests.service import deeds
from tests.service.conftest import Caller, judge
from tests.service.deeds import as_role, reading, within
from tests.service.lab import Case, raising, routes, sql
from tests.test_errors import SCHEMA

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
SET_UP = f"""{SCHEMA}
CREATE TABLE months (at date) PARTITION BY RANGE (at);
CREATE ROLE lab_locked NOLOGIN; CREATE ROLE lab_limited LOGIN CONNECTION LIMIT 0;
"""
CLEAN_UP = "DROP ROLE lab_locked; DROP ROLE lab_limited"


VALUES = [
    ("22001", "UPDATE lab.children SET letter = 'Geheim4711'", "too_long"),
    ("22003", "SELECT (4711 * 4711::bigint * 4711)::int", "out_of_range"),
    ("22007", "SELECT 'Geheim4711'::text::date", "invalid_text"),
    ("22008", "SELECT '4711-13-45'::text::date", "out_of_range"),
    ("22012", "SELECT 4711 / (random() * 0)::int", "out_of_range"),
    ("22021", "SELECT convert_from('\\xff'::bytea, 'UTF8')", "invalid_text"),
    ("22P02", "SELECT 'Geheim4711'::text::int", "invalid_text"),
    ("22P05", """SELECT ('{"a": "\\u0000"}'::text)::jsonb""", "invalid_text"),
    ("54000", "SELECT repeat('Geheim4711', 200000000)", "too_large"),
    ("54001", "SELECT (repeat('[', 100000))::jsonb", "too_deep"),
]
STATEMENTS = [
    ("3F000", "CREATE TABLE no_schema.x ()"),
    ("42601", "SELECT 1 +"),
    ("42703", "SELECT nothing FROM lab.parents"),
    ("42704", "SELECT 'a'::no_type"),
    ("42804", "SELECT 1 UNION SELECT 'a'::text"),
    ("42883", "SELECT lab.no_function()"),
    ("42P01", "SELECT FROM lab.nowhere"),
]
CONSTRAINTS = [
    ("23001", "DELETE FROM lab.parents WHERE id = 2", "still_referenced", ""),
    ("23502", "UPDATE lab.children SET name = NULL", "missing_value", "/name"),
    (
        "23503",
        "INSERT INTO lab.children (id, parent_id) VALUES (9, 4711)",
        "missing_reference",
        "/parentId",
    ),
    ("23503", "DELETE FROM lab.parents WHERE id = 1", "still_referenced", ""),
    ("23505", "INSERT INTO lab.parents VALUES (9, 'Geheim4711', 1)", "already_exists", "/code"),
    ("23505", "INSERT INTO lab.parents VALUES (9, 'TWO', 5)", "already_exists", "/code"),
    ("23514", "UPDATE lab.children SET size = -4711", "check_violated", "/size"),
    ("23514", "INSERT INTO lab.months VALUES ('2020-01-01')", "missing_partition", "/at"),
    (
        "23P01",
        "INSERT INTO lab.children (id, period) VALUES (9, '[2,3)')",
        "already_exists",
        "/period",
    ),
]
WRONG, BODY = "validation_failed", ""
LOST, LOCKED = (("connection_lost", None),), (("lock_timeout", None),)
UNDONE, AWAY = (("serialization_conflict", None),), (("unavailable", None),)
FULL = "COPY (SELECT 'Geheim4711', generate_series(1, 99999)) TO '/dev/full'"
LOCKS = "SELECT count(pg_advisory_xact_lock(n)) FROM generate_series(1, 5000000) AS n"
SORT = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 99999) AS n ORDER BY -n) AS s"
END = "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)"
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'Geheim4711'; END $$"
CASES = [
    *(Case(state, sql(text), WRONG, ((word, BODY),)) for state, text, word in VALUES),
    *(Case(state, sql(text), "schema_mismatch") for state, text in STATEMENTS),
    *(
        Case(
            state,
            sql(text),
            word if word in CATALOGUE else WRONG,
            ((word, pointer),) if pointer else (),
            name=f"{word} {number}",
        )
        for number, (state, text, word, pointer) in enumerate(CONSTRAINTS)
    ),
    Case("2201B", sql("SELECT 'Geheim4711' ~ '('"), WRONG, (("invalid_value", BODY),), "22"),
    Case("23000", sql(raising("23000")), WRONG, (("check_violated", BODY),), "23"),
    Case("42P07", sql("CREATE TABLE lab.parents ()"), "schema_mismatch", (), "42"),
    Case(
        "23514",
        sql("INSERT INTO lab.children (id, low, high) VALUES (9, 4711, 1)"),
        WRONG,
        (("check_violated", "/low"), ("check_violated", "/high")),
        name="of two columns",
    ),
    Case(
        "23514",
        sql("UPDATE lab.children SET tag = 'Geheim4711'"),
        WRONG,
        (("check_violated", BODY),),
        name="of a domain",
    ),
    Case("0A000", deeds.use_a_plan_that_a_migration_made_void, "schema_mismatch"),
    Case("26000", deeds.use_a_statement_that_is_gone, "schema_mismatch"),
    Case("3D000", deeds.open_what_is_not_there, "schema_mismatch"),
    Case("25006", deeds.write_where_nothing_may_be_written, "database_read_only"),
    Case("25P02", deeds.go_on_after_an_error, "internal"),
    Case("25P03", deeds.rest_in_a_transaction, "unavailable", LOST),
    Case(
        "25P04",
        within("SET LOCAL transaction_timeout = 30", "SELECT pg_sleep(1)"),
        "deadline_exceeded",
    ),
    Case("28000", as_role("lab_locked"), "unavailable", AWAY, "28"),
    Case("40001", deeds.write_skew, "busy", UNDONE),
    Case("40P01", deeds.deadlock, "busy", UNDONE),
    Case("40002", sql(raising("40002")), "busy", UNDONE, "40"),
    Case("40003", sql(raising("40003")), "outcome_unknown"),
    Case(
        "42501",
        within("SET LOCAL ROLE pg_monitor", "SELECT FROM lab.parents"),
        "permission_denied",
    ),
    Case("53100", sql(FULL), "disk_full"),
    Case("53200", within(LOCKS), "unavailable", AWAY, "53"),
    Case("53300", as_role("lab_limited"), "unavailable", (("too_many_connections", None),)),
    Case(
        "53400",
        within("SET LOCAL work_mem = '64kB'", "SET LOCAL temp_file_limit = '64kB'", SORT),
        "internal",
    ),
    Case("55006", deeds.drop_the_open_database, "busy", LOCKED),
    Case("55P03", deeds.want_what_is_locked, "busy", LOCKED),
    Case(
        "57014",
        within("SET LOCAL statement_timeout = 30", "SELECT pg_sleep(5)"),
        "deadline_exceeded",
    ),
    Case(
        "57014",
        sql("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)"),
        "deadline_exceeded",
        name="cancelled",
    ),
    Case("57P01", within(END), "unavailable", LOST),
    Case(
        "57P03",
        deeds.connect_to_a_server_that_stops,
        "unavailable",
        (("cannot_connect_now", None),),
    ),
    # What ends a session while it rests, or on a standby only, cannot be met by a call; a crash says it in a warning,
    # and then breaks the connection, which is another case.
    *(
        Case(state, reading(raising(state)), "unavailable", LOST)
        for state in ("57P02", "57P04", "57P05")
    ),
    Case("57000", sql(raising("57000")), "unavailable", AWAY, "57"),
    Case("08003", deeds.cut_the_line, "unavailable", LOST, "08", name="a line that is cut"),
    Case("08003", deeds.crash_the_server, "unavailable", LOST, "08", name="a crash"),
    Case("P0001", sql(RAISE), "internal"),
]
RESTING = ("25P03", None)
BEYOND = [
    Case("XX000", sql(raising("XX000")), "internal"),
    # The farewell of the server does not say whether what was under way is kept.
    Case("57P01", sql(END), "outcome_unknown", name="during a write"),
]
"""What has no SQLSTATE that the engine knows, or becomes more than its SQLSTATE says."""

EVERY = {case.id: case for case in (*CASES, *BEYOND)}


@pytest.fixture
def laboratory(database_url: str) -> Iterator[str]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SET_UP.encode())
    yield database_url
    with psycopg.connect(
        database_url, autocommit=True, options="-c default_transaction_read_only=off"
    ) as connection:
        connection.execute(CLEAN_UP)


@pytest.fixture
def raised() -> list[SlimyError]:
    return []


@pytest.fixture
async def caller(
    laboratory: str,
    settings: Settings,
    owners: Database,
    raised: list[SlimyError],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Caller]:
    groups = (*application.GROUPS, routes(EVERY, laboratory, raised))
    monkeypatch.setattr(application, "GROUPS", groups)
    # The laboratory is none of the service's own tables, so that its login would be refused at once.
    app = create_app(settings, owners)
    documented = judge(app[application.STATE].document)
    async with listening(app, settings) as address, aiohttp.ClientSession() as session:
        yield Caller(address, session, documented)


@pytest.mark.parametrize("case", EVERY.values(), ids=EVERY)
async def test_an_sqlstate_becomes_its_problem(
    caller: Caller, raised: list[SlimyError], case: Case
) -> None:
    answer = await caller.post(f"/lab/{case.id}".replace(" ", "%20"), {})
    kind = CATALOGUE[case.code]
    assert (answer.status, answer.code) == (kind.status, case.code), answer.content
    found = [(entry["code"], entry.get("pointer")) for entry in answer.json["errors"]]
    assert tuple(found) == case.errors
    # The last words of a session that ends while it rests are sometimes lost with it.
    assert raised[0].sqlstate == case.sqlstate or (case.sqlstate, raised[0].sqlstate) == RESTING
    assert answer.json["retryable"] == ("Retry-After" in answer.headers) == (kind.retry == "after")
    if case in CASES:
        row = [f"`{case.code}`", str(kind.status), f"`{kind.retry}`"]
        assert documented(case.key, raised[0]) == row


def documented(key: str, error: SlimyError) -> list[str]:
    """What the reference says of an SQLSTATE that became this error."""
    page = (ROOT / "docs" / "http-reference.md").read_text()
    name = f"{key}xxx" if len(key) == 2 else key
    row = re.search(rf"(?m)^\| `{name}` \| `{type(error).__name__}` \| (.+) \|$", page)
    assert row, (name, type(error).__name__)
    return row[1].split(" | ")


def test_every_sqlstate_that_is_known_is_raised() -> None:
    assert {case.key for case in CASES} == set(known())
    # And each error that one can become.
    for key, kinds in known().items():
        assert len({case.errors for case in CASES if case.key == key}) >= len(kinds), key

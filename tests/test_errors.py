"""Tests of the error tree: every row of the table raised by a real server, and no message that tells a value."""

import asyncio
import contextlib
import inspect
import re
import subprocess
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal.engine import driver, embedded, errors
from slimy_dal.engine.classify import classify
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.violation import key_fields
from tests.ad_hoc import ONE, TERMINATE_OTHERS, reads, script, settings, writes
from tests.faults import Proxy

SECRET = "Geheim4711"

SCHEMA = f"""
CREATE SCHEMA lab; SET search_path = lab;
CREATE DOMAIN short AS text CONSTRAINT short_length_check CHECK (length(VALUE) < 3);
CREATE TABLE parents (
    id int PRIMARY KEY, code text, "Odd ""name" int, CONSTRAINT parents_code_key UNIQUE (code, "Odd ""name")
);
CREATE UNIQUE INDEX parents_lower_idx ON parents (lower(code));
CREATE TABLE children (
    id int PRIMARY KEY,
    parent_id int CONSTRAINT children_parent_fkey REFERENCES parents,
    strict_id int CONSTRAINT children_strict_fkey REFERENCES parents ON DELETE RESTRICT,
    size int CONSTRAINT children_size_check CHECK (size > 0),
    low int, high int, CONSTRAINT children_order_check CHECK (low <= high),
    name text NOT NULL DEFAULT '', tag short, letter varchar(3),
    period int4range, CONSTRAINT children_period_excl EXCLUDE USING gist (period WITH &&)
);
CREATE TABLE nodes (id int PRIMARY KEY, up int CONSTRAINT nodes_up_fkey REFERENCES nodes, name text);
INSERT INTO parents VALUES (1, '{SECRET}', 1), (2, 'two', 2);
INSERT INTO children (id, parent_id, period) VALUES (1, 1, '[1,5)');
INSERT INTO children (id, strict_id) VALUES (2, 2);
INSERT INTO nodes VALUES (1, NULL, ''), (2, 1, '');
GRANT USAGE ON SCHEMA lab TO pg_monitor;
"""


@pytest.fixture(scope="module")
def lab(
    address: Callable[[str], str], janitor: Callable[[str, str | None], DatabaseJanitor]
) -> Iterator[str]:
    """One database for all: an error changes nothing, and the few other tests put back what they change."""
    maker = janitor("slimy_lab", "template1")
    maker.drop()
    with maker:
        asyncio.run(script(address("slimy_lab"), SCHEMA))
        yield address("slimy_lab")


@pytest.fixture
async def pool(lab: str) -> AsyncIterator[Pool]:
    async with Pool.open(lab, settings()) as opened:
        yield opened


CONSTRAINTS = [
    # what is run, the error, its constraint, table and columns
    (
        f"INSERT INTO lab.parents VALUES (9, '{SECRET}', 1)",
        errors.AlreadyExists,
        ("parents_code_key", "parents", ("code", 'Odd "name')),
    ),
    (
        "INSERT INTO lab.parents VALUES (1)",
        errors.AlreadyExists,
        ("parents_pkey", "parents", ("id",)),
    ),
    (
        "INSERT INTO lab.parents VALUES (9, 'TWO', 5)",
        errors.AlreadyExists,
        ("parents_lower_idx", "parents", ("code",)),
    ),
    (
        "INSERT INTO lab.children (id, period) VALUES (9, '[2,3)')",
        errors.AlreadyExists,
        ("children_period_excl", "children", ("period",)),
    ),
    (
        "INSERT INTO lab.children (id, parent_id) VALUES (9, 4711)",
        errors.InvalidReference,
        ("children_parent_fkey", "children", ("parent_id",)),
    ),
    (
        "INSERT INTO lab.nodes VALUES (9, 4711, 'nodes')",
        errors.InvalidReference,
        ("nodes_up_fkey", "nodes", ("up",)),
    ),
    (
        "DELETE FROM lab.parents WHERE id = 1",
        errors.StillReferenced,
        ("children_parent_fkey", "children", ("id",)),
    ),
    (
        "DELETE FROM lab.parents WHERE id = 2",
        errors.StillReferenced,
        ("children_strict_fkey", "children", ("id",)),
    ),
    (
        "DELETE FROM lab.nodes WHERE id = 1",
        errors.StillReferenced,
        ("nodes_up_fkey", "nodes", ("id",)),
    ),
    (
        "UPDATE lab.children SET size = -4711",
        errors.CheckViolated,
        ("children_size_check", "children", ("size",)),
    ),
    (
        "INSERT INTO lab.children (id, low, high) VALUES (9, 4711, 1)",
        errors.CheckViolated,
        ("children_order_check", "children", ("low", "high")),
    ),
    (
        f"UPDATE lab.children SET tag = '{SECRET}'",
        errors.CheckViolated,
        ("short_length_check", None, ()),
    ),
]

OTHERS = [
    ("UPDATE lab.children SET name = NULL", errors.MissingValue, "23502"),
    (f"UPDATE lab.children SET letter = '{SECRET}'", errors.InvalidValue, "22001"),
    ("SELECT convert_from('\\xff'::bytea, 'UTF8')", errors.InvalidValue, "22021"),
    (f"SELECT '{SECRET}'::text::int", errors.InvalidValue, "22P02"),
    ("""SELECT ('{"a": "\\u0000"}'::text)::jsonb""", errors.InvalidValue, "22P05"),
    ("SELECT (4711 * 4711::bigint * 4711)::int", errors.InvalidValue, "22003"),
    ("SELECT '4711-13-45'::text::date", errors.InvalidValue, "22008"),
    (f"SELECT '{SECRET}'::text::date", errors.InvalidValue, "22007"),
    ("SELECT 4711 / (random() * 0)::int", errors.InvalidValue, "22012"),
    ("SELECT (repeat('[', 100000))::jsonb", errors.InvalidValue, "54001"),
    ("SELECT * FROM lab.nowhere", errors.SchemaMismatch, "42P01"),
    ("SELECT nothing FROM lab.parents", errors.SchemaMismatch, "42703"),
    ("SELECT lab.no_function()", errors.SchemaMismatch, "42883"),
    ("SELECT * FROM no_schema.parents", errors.SchemaMismatch, "42P01"),
    ("CREATE TABLE no_schema.x ()", errors.SchemaMismatch, "3F000"),
    ("SELECT 'a'::no_type", errors.SchemaMismatch, "42704"),
    ("SELECT 1 +", errors.SchemaMismatch, "42601"),
    ("COMMIT AND CHAIN", errors.InternalError, "25P01"),
    (
        f"COPY (SELECT '{SECRET}', generate_series(1, 99999)) TO '/dev/full'",
        errors.DiskFull,
        "53100",
    ),
    ("SELECT * FROM lab.parents FOR UPDATE NOWAIT", errors.LockTimeout, "55P03"),
    (
        f"DO $$ BEGIN RAISE EXCEPTION '{SECRET}' USING ERRCODE = 'XX000'; END $$",
        errors.InternalError,
        "XX000",
    ),
    (
        f"DO $$ BEGIN RAISE EXCEPTION '{SECRET}' USING ERRCODE = '40003'; END $$",
        errors.OutcomeUnknown,
        "40003",
    ),
    (
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53200'; END $$",
        errors.Unavailable,
        "53200",
    ),
    ("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)", errors.DeadlineExceeded, "57014"),
]


def tells_nothing(error: SlimyError) -> None:
    """No value, and no SQL, in the message or in what a log prints of the error."""
    printed = "".join(traceback.format_exception(error))
    raised = printed[printed.rindex("slimy_dal.engine.errors.") :]
    for text in (str(error), error.message, raised):
        assert SECRET not in text
        assert "4711" not in text
        assert "SELECT" not in text
        assert "INSERT" not in text


@pytest.mark.parametrize(
    ("sql", "kind", "found"), CONSTRAINTS, ids=lambda v: getattr(v, "__name__", None)
)
async def test_a_broken_constraint_is_told_with_its_table_and_columns(
    pool: Pool, sql: str, kind: type[SlimyError], found: tuple[str, str | None, tuple[str, ...]]
) -> None:
    for _ in range(2):
        with pytest.raises(kind) as caught:
            await pool.execute(writes(sql))
        error = caught.value
        assert type(error) is kind
        assert (error.constraint, error.table, error.fields) == found  # type: ignore[attr-defined]
        assert found[0] in str(error)
        tells_nothing(error)
    if kind is errors.CheckViolated and len(found[2]) == 1:
        assert error.field == found[2][0]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("sql", "kind", "sqlstate"), OTHERS, ids=[case[2] for case in OTHERS])
async def test_an_sqlstate_becomes_its_class(
    pool: Pool, lab: str, sql: str, kind: type[SlimyError], sqlstate: str
) -> None:
    async with await driver.connect(lab) as other:
        await other.execute("BEGIN; SELECT * FROM lab.parents FOR UPDATE")
        with pytest.raises(kind) as caught:
            await pool.execute(writes(sql))
    assert type(caught.value) is kind
    assert caught.value.sqlstate == sqlstate
    assert "test.ad_hoc" in str(caught.value) or sqlstate == "23502"
    tells_nothing(caught.value)
    assert (await pool.row(ONE, 1)) is not None


async def test_a_missing_value_names_its_column(pool: Pool) -> None:
    with pytest.raises(errors.MissingValue) as caught:
        await pool.execute(writes("UPDATE lab.children SET name = NULL"))
    assert caught.value.field == "name"


async def test_what_the_role_may_not_do_is_permission_denied(pool: Pool) -> None:
    async with pool.transaction() as tx:
        await tx.execute(writes("SET LOCAL ROLE pg_monitor"))
        with pytest.raises(errors.PermissionDenied, match="role"):
            async with tx.transaction():
                await tx.rows(reads("SELECT * FROM lab.parents"))


async def test_a_serialization_failure_and_a_deadlock_are_retryable_conflicts(pool: Pool) -> None:
    total = reads("SELECT sum(id) FROM lab.parents")
    add = writes("INSERT INTO lab.parents (id) VALUES ($1)", "integer")
    with pytest.raises(errors.SerializationConflict) as caught:
        async with (
            pool.transaction(isolation="serializable") as one,
            pool.transaction(isolation="serializable") as two,
        ):
            await one.row(total)
            await two.row(total)
            await one.execute(add, 10)
            await two.execute(add, 11)
    assert (caught.value.sqlstate, caught.value.retryable) == ("40001", True)

    touch = writes("UPDATE lab.parents SET code = code WHERE id = $1", "integer")

    begun = asyncio.Barrier(2)

    async def both(first: int, second: int) -> None:
        async with pool.transaction() as tx:
            await tx.execute(touch, first)
            await begun.wait()
            await tx.execute(touch, second)

    results = await asyncio.gather(both(1, 2), both(2, 1), return_exceptions=True)
    (deadlock,) = (result for result in results if result is not None)
    assert isinstance(deadlock, errors.SerializationConflict)
    assert deadlock.sqlstate == "40P01"


@pytest.mark.fault("D1")
async def test_single_statements_that_a_deadlock_undid_are_done_again(pool: Pool) -> None:
    both = """
    WITH first AS (UPDATE lab.parents SET code = code WHERE id = $1 RETURNING id),
    rest AS MATERIALIZED (SELECT pg_sleep(0.2) FROM first)
    UPDATE lab.parents AS p SET code = p.code FROM rest WHERE p.id = $2"""
    statement = writes(both, "integer", "integer")

    for _ in range(10):
        # Where one is over before the other begins, they do not meet: a machine may be busy.
        await asyncio.gather(pool.execute(statement, 1, 2), pool.execute(statement, 2, 1))
        if pool.snapshot()["events"].get("retried"):
            break

    assert pool.snapshot()["events"]["retried"] >= 1


@pytest.mark.parametrize(("failing", "kept"), [(7, True), (8, False)])
async def test_a_statement_that_others_undo_is_tried_eight_times_and_kept_once(
    pool: Pool, lab: str, failing: int, *, kept: bool
) -> None:
    async with await driver.connect(lab) as connection:
        await connection.execute(f"""
        DROP SEQUENCE IF EXISTS lab.tries;
        DELETE FROM lab.parents WHERE id = 1000;
        CREATE SEQUENCE lab.tries;
        CREATE OR REPLACE FUNCTION lab.add() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO lab.parents (id) VALUES (1000);
            IF nextval('lab.tries') <= {failing} THEN
                RAISE EXCEPTION USING ERRCODE = 'serialization_failure';
            END IF;
        END $$""")

    call = pool.execute(writes("SELECT lab.add()"))
    if kept:
        await call
    else:
        with pytest.raises(errors.SerializationConflict):
            await call

    found = "SELECT count(*), (SELECT last_value FROM lab.tries) FROM lab.parents WHERE id = 1000"
    assert await pool.rows(reads(found)) == [(kept, 8)]


async def test_a_plan_that_a_migration_made_void_is_a_schema_mismatch_in_a_transaction(
    lab: str,
) -> None:
    star = reads("SELECT * FROM lab.parents")
    # One connection, so that it is the one that has prepared it.
    async with Pool.open(lab, settings(pool_size=1)) as pool:
        async with pool.transaction() as tx:
            await tx.rows(star)
        await script(lab, "ALTER TABLE lab.parents ADD COLUMN more int")
        try:
            with pytest.raises(errors.SchemaMismatch) as caught:
                async with pool.transaction() as tx:
                    await tx.rows(ONE, 1)  # or it would begin again, and nobody would notice
                    await tx.rows(star)
            assert caught.value.sqlstate == "0A000"
            async with pool.transaction() as tx:
                assert await tx.rows(star)
        finally:
            await script(lab, "ALTER TABLE lab.parents DROP COLUMN more")


async def test_a_write_in_a_read_only_transaction_is_not_taken_for_a_failover(pool: Pool) -> None:
    before = await pool.row(reads("SELECT pg_backend_pid()"))
    with pytest.raises(errors.ReadOnly):
        async with pool.transaction(readonly=True) as tx:
            await tx.execute(writes("DELETE FROM lab.children"))
    assert await pool.row(reads("SELECT pg_backend_pid()")) == before


async def test_a_lost_session_is_a_lost_connection_in_a_transaction(pool: Pool, lab: str) -> None:
    for sql, statement in (
        (TERMINATE_OTHERS, writes("DELETE FROM lab.nodes")),
        ("SELECT 1", writes("SET LOCAL idle_in_transaction_session_timeout = 30")),
    ):
        with pytest.raises(errors.ConnectionLost) as caught:
            async with pool.transaction() as tx:
                await tx.execute(statement)
                await script(lab, sql)
                await asyncio.sleep(0.1)
                await tx.rows(ONE, 1)
        assert caught.value.retryable


async def test_a_line_cut_in_the_middle_is_a_lost_connection(lab: str) -> None:
    async with Proxy(lab) as proxy, Pool.open(proxy.dsn, settings()) as pool:
        with pytest.raises(errors.ConnectionLost):
            async with pool.transaction() as tx:
                asyncio.get_running_loop().call_later(0.1, proxy.cut)
                await tx.row(reads("SELECT pg_sleep(5)"))


async def test_a_full_and_a_stopping_server_are_told_apart(tmp_path: Path) -> None:
    few = {
        "max_connections": "5",
        "superuser_reserved_connections": "0",
        "reserved_connections": "0",
    }
    with embedded.temporary(18, {**few, "max_wal_senders": "0"}) as server:
        open_ones = [await driver.connect(server.dsn()) for _ in range(5)]
        with pytest.raises(errors.TooManyConnections):
            await driver.connect(server.dsn())
        pid = (server.data / "postmaster.pid").read_text().split()[0]
        subprocess.run(["kill", "-TERM", pid], check=True)  # noqa: ASYNC221, S607
        async with asyncio.timeout(30):
            with pytest.raises(errors.Unavailable, match="shutting down") as caught:
                while True:
                    # Still full until it has heard of it.
                    with contextlib.suppress(errors.TooManyConnections):
                        await driver.connect(server.dsn())
                    await asyncio.sleep(0.01)
        assert caught.value.sqlstate == "57P03"
        for connection in open_ones:
            await connection.close()
    with pytest.raises(errors.Unavailable, match="nothing listens"):
        await driver.connect(server.dsn())


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"[├└─│ ]*\b([A-Z]\w+)\b(?= {2,}|\n)", errors.__doc__ or "")
    aside = {"SlimyError", "ConstraintError"}
    listed = [
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, SlimyError) and name not in aside
    ]
    assert sorted(set(drawn) - aside) == sorted(listed)
    codes: dict[str, type[SlimyError]] = {}
    for name in listed:
        kind = getattr(errors, name)
        assert inspect.getdoc(kind)
        assert codes.setdefault(kind.code, kind) is kind, f"{name} shares its code"


def test_only_column_names_are_read_from_a_detail() -> None:
    assert key_fields('Key (a, "B c")=(x)=(y), z) already exists.') == ("a", "B c")
    assert key_fields("Key (lower(email), b)=(Key (c)=(d)) already exists.") == ("b",)
    assert key_fields("Failing row contains (Key (a)=(b)).") == ()
    assert key_fields(None) == ()


def test_what_the_driver_never_raised_before_is_an_internal_error() -> None:
    error = classify(RuntimeError(SECRET), query="a.b")
    assert type(error) is errors.InternalError
    assert SECRET not in str(error)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_an_error_leaves_a_connection_that_works(pool: Pool, *, cancelled: bool) -> None:
    for _ in range(20):
        task = asyncio.ensure_future(pool.execute(writes("INSERT INTO lab.parents VALUES (1)")))
        if cancelled:
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await pool.row(ONE, 5) == (5,) or (await pool.rows(ONE, 5))[0][0] == 5
    assert pool.snapshot()["pool"]["size"] <= 4

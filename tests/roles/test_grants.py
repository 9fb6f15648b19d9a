"""What the service may do is what its queries need: no column less, and none more."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal import queries as generated
from slimy_dal.cli.main import main
from slimy_dal.compiler import queryfile
from slimy_dal.compiler.query import Query
from slimy_dal.engine import driver
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.variants import Variants
from slimy_dal.schema.grants.bodies import Unreadable, statements
from slimy_dal.schema.grants.check import GrantsError, required
from slimy_dal.schema.grants.compare import Held, differences, held
from slimy_dal.schema.grants.needs import Needs, needs
from tests.logins import make_login, signed_in

QUERIES = Path(__file__).parent.parent.parent / "sql" / "queries"

OF_SECRETS = {
    "api_keys.create",
    "api_keys.find_by_public_id",
    "api_keys.rotate",
    "idempotency_keys.find",
    "sessions.find_by_token",
    "users.find_tokens",
    "users.list_tokens_of_key",
}
"""Queries that look at hashes, tokens or kept answers."""


def own_queries() -> list[Query]:
    return list(queryfile.load(QUERIES).queries)


def written(folder: Path, text: str) -> list[Query]:
    (folder / "inn.sql").write_text(text)
    loaded = queryfile.load(folder)
    assert loaded.errors == ()
    return list(loaded.queries)


async def _needs(url: str, queries: list[Query]) -> Needs:
    async with await driver.connect(url) as connection:
        return await needs(connection, queries)


async def _held(url: str, role: str) -> Held:
    async with await driver.connect(url) as connection:
        return await held(connection, role)


@pytest.fixture(scope="module")
def needed(template: str, address: Callable[[str], str]) -> Needs:
    """What the service's queries need; worked out once, as it takes seconds."""
    ours = [query for query in own_queries() if query.directive("role") is None]
    return asyncio.run(_needs(address(template), ours))


def found(url: str, needed: Needs) -> list[str]:
    """What is different in a database, as lines."""
    return [
        str(one) for one in differences(needed, "slimy_app", asyncio.run(_held(url, "slimy_app")))
    ]


def change(url: str, *commands: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for command in commands:
            connection.execute(command.encode())


def test_the_service_may_do_what_its_queries_need_and_nothing_else(
    database_url: str, needed: Needs
) -> None:
    assert len(needed) > 500
    assert found(database_url, needed) == []


def test_a_column_that_is_missing_or_granted_without_need_is_named_with_the_line_that_mends_it(
    database_url: str, needed: Needs
) -> None:
    change(
        database_url,
        "REVOKE SELECT (avatar), UPDATE (email) ON slimy.users FROM slimy_app",
        "REVOKE EXECUTE ON FUNCTION slimy.words_query(text) FROM slimy_app",
        "GRANT SELECT (updated_at) ON slimy.api_keys TO slimy_app",
        "GRANT TRUNCATE, INSERT ON slimy.stats TO slimy_app",
    )
    lines = found(database_url, needed)
    assert [line.partition("  -- ")[0] for line in lines] == [
        "GRANT EXECUTE ON FUNCTION slimy.words_query(text) TO slimy_app;",
        "GRANT SELECT (avatar) ON slimy.users TO slimy_app;",
        "GRANT UPDATE (email) ON slimy.users TO slimy_app;",
        "REVOKE SELECT (updated_at) ON slimy.api_keys FROM slimy_app;",
        "REVOKE TRUNCATE ON slimy.stats FROM slimy_app;",
        "REVOKE INSERT ON slimy.stats FROM slimy_app;",
        "GRANT INSERT (guild_id, recorded_at, type, user_id, value) ON slimy.stats TO slimy_app;",
    ]
    assert "for guilds.search, users.search" in lines[0]
    change(database_url, *(line.partition("  -- ")[0] for line in lines))
    assert found(database_url, needed) == []


def test_a_new_query_that_needs_more_fails_with_the_line_to_grant_it(
    database_url: str, tmp_path: Path, needed: Needs
) -> None:
    queries = written(
        tmp_path,
        "-- name: forget :execrows\n-- Forgets.\n"
        "DELETE FROM slimy.api_keys AS k WHERE k.updated_at < :before;\n",
    )
    more = asyncio.run(_needs(database_url, queries))
    assert found(database_url, {**needed, **more}) == [
        "GRANT DELETE ON slimy.api_keys TO slimy_app;  -- for inn.forget",
        "GRANT SELECT (updated_at) ON slimy.api_keys TO slimy_app;  -- for inn.forget",
    ]


def test_a_lock_a_count_and_a_whole_row_need_what_postgresql_asks_for(
    database_url: str, tmp_path: Path
) -> None:
    change(
        database_url,
        "CREATE TABLE public.inn (id int PRIMARY KEY, name text)",
        "CREATE ROLE guest",
    )
    queries = written(
        tmp_path,
        "-- name: count :scalar\n-- Counts.\nSELECT count(*) FROM public.inn AS i;\n\n"
        "-- name: lock :many\n-- Locks.\nSELECT i.name FROM public.inn AS i ORDER BY i.id"
        " FOR UPDATE;\n\n"
        "-- name: put :exec\n-- Puts.\nINSERT INTO public.inn (id) VALUES (:id)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name;\n",
    )
    try:
        lines = [
            str(one).partition("  -- ")[0]
            for one in asyncio.run(required(database_url, queries, "guest"))
        ]
        change(database_url, *lines)
        with psycopg.connect(database_url) as connection:
            connection.execute("SET ROLE guest")
            for query in queries:
                connection.execute(query.sql.replace("$1", "1").encode())
        for line in lines:
            again = line.replace("GRANT", "REVOKE").replace(" TO ", " FROM ")
            with psycopg.connect(database_url) as connection:
                connection.execute(again.encode())
                connection.execute("SET ROLE guest")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    for query in queries:
                        connection.execute(query.sql.replace("$1", "1").encode())
    finally:
        change(database_url, "DROP OWNED BY guest", "DROP ROLE guest")
    assert lines == [
        "GRANT INSERT (id) ON public.inn TO guest;",
        "GRANT SELECT (id, name) ON public.inn TO guest;",
        "GRANT UPDATE (name) ON public.inn TO guest;",
    ]


def test_functions_are_looked_into_unless_they_run_as_their_owner(
    database_url: str, tmp_path: Path
) -> None:
    body = (
        "LANGUAGE plpgsql AS $$ DECLARE many int := 0; BEGIN IF n > 1 THEN"
        " SELECT count(*) INTO many FROM slimy.audit_logs AS a WHERE a.success; END IF;"
        " RETURN many; END $$"
    )
    change(
        database_url,
        f"CREATE FUNCTION slimy.seen(n int) RETURNS int {body}",
        f"CREATE FUNCTION slimy.kept(n int) RETURNS int {body} SECURITY DEFINER",
        "CREATE FUNCTION slimy.loose(n int) RETURNS int LANGUAGE plpgsql"
        " AS $$ BEGIN EXECUTE 'SELECT 1'; RETURN 1; END $$",
        "CREATE FUNCTION slimy.sum(n int) RETURNS int BEGIN ATOMIC SELECT slimy.seen(n); END",
    )

    def of(name: str) -> list[str]:
        text = f"-- name: ask :scalar\n-- Asks.\nSELECT slimy.{name}(:n::int);\n"
        lines = asyncio.run(required(database_url, written(tmp_path, text), "slimy_retention"))
        return [line.sql for line in lines]

    read = "GRANT SELECT (success) ON slimy.audit_logs TO slimy_retention;"
    run = "GRANT EXECUTE ON FUNCTION slimy.{}(integer) TO slimy_retention;"
    use = "GRANT USAGE ON SCHEMA slimy TO slimy_retention;"
    change(database_url, "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA slimy FROM public")
    assert of("seen") == [run.format("seen"), use, read]
    assert of("sum") == [run.format("seen"), run.format("sum"), use, read]
    assert of("kept") == [run.format("kept"), use]
    with pytest.raises(GrantsError, match=r"slimy.loose\(integer\): its statement `EXECUTE"):
        of("loose")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("BEGIN RETURN; END", ()),
        ("BEGIN PERFORM f(1); RETURN 2; END", ("SELECT f(1)", "SELECT 2")),
        (
            "BEGIN IF CASE WHEN a THEN b END THEN x := 1; ELSE RETURN QUERY SELECT 3; END IF; END",
            ("SELECT CASE WHEN a THEN b END", "SELECT 1", "SELECT 3"),
        ),
        ("BEGIN RAISE 'x;y'; DELETE FROM t; END", ("DELETE FROM t",)),
    ],
)
def test_a_body_is_cut_into_what_the_server_can_analyse(
    body: str, expected: tuple[str, ...]
) -> None:
    assert statements("plpgsql", body).statements == expected


def test_what_cannot_be_read_is_not_passed_over() -> None:
    for body in ("BEGIN OPEN c; END", "DECLARE r record; BEGIN END", "BEGIN EXECUTE 'x'; END"):
        with pytest.raises(Unreadable):
            statements("plpgsql", body)
    with pytest.raises(Unreadable, match="written in c"):
        statements("c", "x")


def every_statement() -> dict[str, Statement]:
    """All statements of the queries that the service runs, by their names."""
    others = {query.full_name for query in own_queries() if query.directive("role") is not None}
    made = {}
    for noun in generated.USES:
        for value in vars(getattr(generated, noun)).values():
            statement = value.base if isinstance(value, Variants) else value
            if isinstance(statement, Statement) and statement.name not in others:
                made[statement.name] = statement
    return made


def refused(url: str, login: str) -> set[str]:
    """The queries that a login may not run: each is planned and begun, which is when rights are asked for."""
    made = set()
    with psycopg.connect(signed_in(url, login), autocommit=True) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        for name, statement in every_statement().items():
            given = ", ".join("NULL" for _ in statement.parameters)
            connection.execute(f"PREPARE tried AS {statement.sql}".encode())
            try:
                connection.execute(f"EXPLAIN EXECUTE tried{f'({given})' if given else ''}".encode())
            except psycopg.errors.InsufficientPrivilege:
                made.add(name)
            connection.execute("DEALLOCATE tried")
    return made


def test_the_service_may_run_every_query_and_readers_those_that_only_read(
    database_url: str,
) -> None:
    every = every_statement()
    assert len(every) > 190
    assert refused(database_url, "slimy_test_service") == set()
    make_login(database_url, "slimy_test_reader", "slimy_readonly")
    no = refused(database_url, "slimy_test_reader")
    writes = {name for name, one in every.items() if one.writes}
    assert no == writes | OF_SECRETS


def test_the_command_says_what_is_needed_and_ends_with_one_when_it_is_not_there(
    database_url: str, tmp_path: Path
) -> None:
    written(
        tmp_path,
        "-- name: analyze :exec\n-- Counts.\n-- role: slimy_owner\nANALYZE slimy.users;\n\n"
        "-- name: months :scalar\n-- Makes months.\n-- role: slimy_retention\n"
        "SELECT slimy.make_partitions('slimy.stats', :first::date, 1);\n\n"
        "-- name: names :many\n-- Names.\nSELECT u.username FROM slimy.users AS u ORDER BY u.id;\n",
    )
    change(database_url, "CREATE ROLE guest")
    runner = CliRunner()
    given = [
        "migrate",
        "grants",
        "--dsn",
        database_url,
        "--queries",
        str(tmp_path),
        "--role",
        "guest",
    ]
    try:
        every = runner.invoke(main, given)
        bad = runner.invoke(main, [*given, "--check", "--json"])
        change(database_url, *(one["sql"] for one in json.loads(bad.stdout)))
        fine = runner.invoke(main, [*given, "--check"])
    finally:
        change(database_url, "DROP OWNED BY guest", "DROP ROLE guest")
    assert every.exit_code == 0
    months = "slimy.make_partitions(regclass, date, integer)"
    assert set(every.stdout.splitlines()) == {
        "GRANT USAGE ON SCHEMA slimy TO guest;  -- for inn.names",
        "GRANT SELECT (id, username) ON slimy.users TO guest;  -- for inn.names",
        f"GRANT EXECUTE ON FUNCTION {months} TO slimy_retention;  -- for inn.months",
        "GRANT USAGE ON SCHEMA slimy TO slimy_retention;  -- for inn.months",
    }
    assert bad.exit_code == 1
    assert json.loads(bad.stdout)[1] == {
        "kind": "missing",
        "sql": "GRANT SELECT (id, username) ON slimy.users TO guest;",
        "why": "for inn.names",
    }
    assert (fine.exit_code, fine.stdout) == (
        0,
        "guest may do what its queries need, and nothing else\n",
    )


def test_a_utility_statement_has_to_say_who_runs_it(database_url: str, tmp_path: Path) -> None:
    queries = written(tmp_path, "-- name: analyze :exec\n-- Counts.\nANALYZE slimy.users;\n")
    with pytest.raises(GrantsError, match=r"inn.analyze: .*say who runs it: `-- role: NAME`"):
        asyncio.run(_needs(database_url, queries))

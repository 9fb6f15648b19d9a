import psycopg
import pytest

from slimy_dal import Database


async def test_a_ping_names_the_server(db: Database) -> None:
    answer = await db.health.ping()
    assert answer.server_version[0].isdigit()
    assert answer.is_replica is False


async def test_the_applied_migrations_are_known(db: Database, database_url: str) -> None:
    applied = await db.health.migrations()
    assert applied is not None
    assert applied[0] == "0001_create_schema"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE _yoyo_migration")
    assert await db.health.migrations() is None
    assert await db.health.drift() == [], "a database set up by psql is as good"


async def test_a_migrated_database_does_not_drift(db: Database) -> None:
    assert await db.health.drift() == []


@pytest.mark.parametrize(
    ("change", "column", "problem", "query"),
    [
        (
            "ALTER TABLE slimy.users DROP COLUMN avatar CASCADE",
            "slimy.users.avatar",
            "does not exist",
            "users.get",
        ),
        (
            "ALTER TABLE slimy.guilds ALTER COLUMN name DROP NOT NULL",
            "slimy.guilds.name",
            "may be null now",
            "guilds.get",
        ),
        (
            "ALTER TABLE slimy.sessions ALTER COLUMN expires_at TYPE timestamp",
            "slimy.sessions.expires_at",
            "is timestamp without time zone, not timestamp with time zone",
            "sessions.find_by_token",
        ),
        (
            "DROP TABLE slimy.api_keys",
            "slimy.api_keys.scopes",
            "does not exist",
            "api_keys.find_by_public_id",
        ),
    ],
)
async def test_drift_names_the_column_and_the_queries(
    db: Database, database_url: str, change: str, column: str, problem: str, query: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(change)
    found = [drift for drift in await db.health.drift() if drift.column == column]
    assert {drift.problem for drift in found} == {problem}
    assert query in ", ".join(drift.queries for drift in found).split(", ")
    assert str(found[0]).startswith(f"{column} {problem}; used by ")


async def test_a_statement_that_the_server_refuses_is_drift(
    db: Database, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP FUNCTION slimy.words_query(text)")
    found = {drift.queries: drift for drift in await db.health.drift()}
    assert set(found) == {"guilds.search", "users.search"}
    assert "words_query" in found["users.search"].problem


async def test_a_column_no_query_knows_is_no_drift(db: Database, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE slimy.users ADD COLUMN later text")
    assert await db.health.drift() == []


async def test_a_not_null_that_old_rows_may_break_is_drift(db: Database, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        if connection.info.server_version < 180000:
            return  # no such thing before PostgreSQL 18
        connection.execute("ALTER TABLE slimy.guilds ALTER COLUMN name DROP NOT NULL")
        connection.execute("ALTER TABLE slimy.guilds ADD NOT NULL name NOT VALID")
    assert {drift.problem for drift in await db.health.drift()} == {"may be null now"}


async def test_a_check_for_drift_leaves_no_lock_behind(db: Database, database_url: str) -> None:
    assert await db.health.drift() == []
    with psycopg.connect(database_url) as connection:
        held = connection.execute(
            "SELECT DISTINCT relation::regclass::text FROM pg_locks"
            " WHERE relation::regclass::text ~ '^slimy' AND pid != pg_backend_pid()"
        ).fetchall()
    assert held == []

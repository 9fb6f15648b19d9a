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
        connection.execute("DROP TABLE slimy_migrations._yoyo_migration")
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


@pytest.mark.parametrize(
    ("change", "table", "problem"),
    [
        (
            "ALTER TABLE slimy.api_keys DISABLE ROW LEVEL SECURITY",
            "slimy.api_keys",
            "has no row level security",
        ),
        (
            "DROP POLICY chat_messages_visitor_add ON slimy.chat_messages",
            "slimy.chat_messages",
            "has no policy for INSERT by visitors",
        ),
        (
            "GRANT DELETE ON slimy.audit_logs TO slimy_visitor",
            "slimy.audit_logs",
            "has no policy for DELETE by visitors",
        ),
        (
            "ALTER POLICY sessions_visitor ON slimy.sessions USING (TRUE)",
            "slimy.sessions",
            "has the policy sessions_visitor, which does not ask who visits",
        ),
        (
            "CREATE POLICY wide ON slimy.guilds FOR SELECT USING (TRUE)",
            "slimy.guilds",
            "has the policy wide, which does not ask who visits",
        ),
    ],
)
async def test_a_gap_in_row_level_security_is_drift(
    db: Database, database_url: str, change: str, table: str, problem: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(change)
    (found,) = await db.health.drift()
    assert (found.column, found.problem) == (table, problem)


async def test_a_login_that_cannot_become_a_visitor_is_told_what_to_do(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS slimy_stranger")
        connection.execute("CREATE ROLE slimy_stranger LOGIN PASSWORD 'stranger'")
        connection.execute("GRANT USAGE ON SCHEMA slimy TO slimy_stranger")
    address = database_url.replace("postgres@", "slimy_stranger:stranger@", 1)
    async with Database.open(address) as stranger:
        (found,) = await stranger.health.drift()
    assert found.column == "role slimy_visitor"
    assert "GRANT slimy_visitor to the login" in found.problem
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("REVOKE USAGE ON SCHEMA slimy FROM slimy_stranger")
        connection.execute("DROP ROLE slimy_stranger")

"""Every cell of the grid of roles, tried out: what is forbidden is refused, what is allowed goes through."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal.schema.roles.actions import ACTIONS, IN_EACH_TABLE, ROLES
from slimy_dal.schema.roles.grid import Grid, Undecided, try_all
from slimy_dal.schema.roles.page import BEGIN, END, filled, table

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parent.parent.parent / "docs" / "roles.md"

SECRETS = {
    "slimy.api_keys": {"secret_hash"},
    "slimy.idempotency_keys": {"request_hash", "body"},
    "slimy.sessions": {"token_hash"},
    "slimy.users": {"discord_access_token", "discord_refresh_token"},
}

ALLOWED: dict[str, set[str]] = {
    "slimy_migrator": {"SET ROLE slimy_owner", "SET ROLE slimy_migrator"},
    "slimy_app": {
        "SET ROLE slimy_app",
        "SET ROLE slimy_visitor",
        "read Discord's tokens",
        "read answers kept for repetition",
        "read hashes of API keys",
        "read hashes of sessions",
        "run a function of the schema",
    },
    "slimy_visitor": {
        "SET ROLE slimy_app",
        "SET ROLE slimy_visitor",
        "run a function of the schema",
    },
    "slimy_readonly": {"SET ROLE slimy_readonly"},
    "slimy_retention": {
        "SET ROLE slimy_retention",
        "delete audit logs",
        "delete statistics",
        "make months",
    },
}
"""All that a role is let through with, beside the columns of tables; everyone may make temporary tables."""

OWNERS_NOT = {
    "change an audit log",
    "change a statistic",
    "delete audit logs",
    "delete statistics",
    "create a role",
    "ALTER SYSTEM",
    "SET session_replication_role",
    "COPY FROM PROGRAM",
    "read password hashes",
}


@pytest.fixture(scope="module")
def grid(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[Grid]:
    maker = janitor("slimy_grid", template)
    maker.drop()
    with maker:
        yield try_all(address("slimy_grid"))


def test_every_cell_was_tried(grid: Grid) -> None:
    tables = {name for name, _ in grid.all_columns}
    assert len(tables) == 31
    assert len(grid.tables) == len(tables) * len(IN_EACH_TABLE) * len(ROLES)
    assert len(grid.others) == len(ACTIONS) * len(ROLES)
    assert grid.count > 7000


@pytest.mark.parametrize("role", sorted(ALLOWED))
@pytest.mark.fault("S5")
def test_a_role_may_do_what_is_listed_and_nothing_else(grid: Grid, role: str) -> None:
    through = {words for (who, words), may in grid.others.items() if who == role and may}
    assert through == ALLOWED[role] | {"create a temporary table"}


@pytest.mark.parametrize("role", sorted(ALLOWED))
@pytest.mark.fault("S5")
def test_nobody_but_the_owner_changes_a_table(grid: Grid, role: str) -> None:
    through = {
        (name, words) for (who, name, words), may in grid.tables.items() if who == role and may
    }
    partitioned = {"slimy.audit_logs", "slimy.stats"}
    locks = {name for name, words in through if words.startswith("LOCK")}
    truncates = partitioned if role == "slimy_retention" else set()
    assert through == {(name, "LOCK IN ACCESS EXCLUSIVE MODE") for name in locks} | {
        (name, "TRUNCATE") for name in truncates
    }
    # A lock takes what deleting takes.
    assert locks == {name for (who, name), may in grid.deletes.items() if who == role and may}


def test_the_owner_is_bound_by_what_binds_everyone(grid: Grid) -> None:
    through = {words for (who, words), may in grid.others.items() if who == "slimy_owner" and may}
    assert through.isdisjoint(OWNERS_NOT)
    assert {"create a table in the schema", "make months"} <= through


def test_readers_see_everything_but_secrets_and_write_nothing(grid: Grid) -> None:
    for name, privilege in grid.all_columns:
        may = set(grid.columns["slimy_readonly", name, privilege])
        every = set(grid.all_columns[name, privilege])
        assert may == (every - SECRETS.get(name, set()) if privilege == "SELECT" else set()), name
        assert not grid.deletes["slimy_readonly", name]


def test_the_job_reaches_what_has_months_and_nothing_else(grid: Grid) -> None:
    reached = {
        name
        for (who, name, _), columns in grid.columns.items()
        if who == "slimy_retention" and columns
    }
    assert reached == {"slimy.audit_logs", "slimy.stats"}


def test_no_right_of_the_service_is_a_right_of_visitors_alone(grid: Grid) -> None:
    for name, privilege in grid.all_columns:
        if name in {"slimy.stat_deltas", "slimy.guild_stat_totals", "slimy.club_member_latest"}:
            continue
        visitors = set(grid.columns["slimy_visitor", name, privilege])
        if privilege != "SELECT":
            service = set(grid.columns["slimy_app", name, privilege])
            assert visitors <= service, (name, privilege)


def test_the_page_shows_the_grid(grid: Grid) -> None:
    assert table(grid) in PAGE.read_text(encoding="utf-8")
    assert filled(f"a\n{BEGIN}x{END}\nb", grid).startswith(f"a\n{BEGIN}\n\n")
    with pytest.raises(ValueError, match="marks"):
        filled("a", grid)


def test_a_right_too_many_is_found(database_url: str) -> None:
    """The control: what is forbidden is refused for want of the right, and for no other reason."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("GRANT TRUNCATE, TRIGGER ON slimy.users TO slimy_app")
        connection.execute("GRANT SELECT ON slimy.sessions TO slimy_readonly")
        connection.execute("GRANT EXECUTE ON FUNCTION pg_reload_conf() TO slimy_visitor")
    found = try_all(database_url)
    assert found.tables["slimy_app", "slimy.users", "CREATE TRIGGER"]
    assert "token_hash" in found.columns["slimy_readonly", "slimy.sessions", "SELECT"]
    assert found.others["slimy_visitor", "reload the configuration"]


def test_a_statement_that_fails_for_another_reason_is_no_refusal(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE slimy.users RENAME COLUMN discord_access_token TO a")
    with pytest.raises(Undecided, match="discord_access_token"):
        try_all(database_url)

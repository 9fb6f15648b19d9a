"""Logins as docs/roles.md has them made: what they migrate is the owner's, and each does its own work."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal import Database
from slimy_dal.cli.main import main
from slimy_dal.domain.stats import NewStat
from slimy_dal.engine import embedded
from slimy_dal.engine.errors import NotFound, PermissionDenied
from slimy_dal.engine.tenant import Tenant
from slimy_dal.schema import migrator
from tests import make
from tests.logins import make_login, signed_in

ROOT = Path(__file__).parent.parent.parent
MIGRATIONS = ROOT / "sql" / "migrations"
PAGE = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")

OWNERS = """
SELECT DISTINCT owner::regrole::text FROM (
    SELECT relowner FROM pg_class WHERE relnamespace = 'slimy'::regnamespace
    UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'slimy'::regnamespace
    UNION ALL SELECT typowner FROM pg_type WHERE typnamespace = 'slimy'::regnamespace
    UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = 'slimy'
) AS o (owner)
"""


def owners(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(OWNERS).fetchall()}


def commands_of_the_page() -> list[str]:
    block = re.search(
        r"\n\n((?:    .*\n|\n)*    CREATE ROLE club_deploy(?:.*\n)(?:    .*\n|\n)*)", PAGE
    )
    assert block is not None
    return [line.strip() for line in block[1].splitlines() if line.strip() and "--" not in line]


@pytest.fixture(params=[15, 16, 18])
def cluster(request: pytest.FixtureRequest) -> Iterator[embedded.Server]:
    try:
        embedded.binaries(request.param)
    except embedded.EmbeddedServerError as error:
        pytest.skip(str(error))
    with embedded.temporary(request.param) as running:
        yield running


def test_all_that_the_migrations_make_is_the_owners(database_url: str) -> None:
    """A later migration begins with SET LOCAL ROLE slimy_owner and ends with RESET ROLE, for this to hold."""
    assert owners(database_url) == {"slimy_owner"}


@pytest.mark.slow
def test_a_login_without_any_right_of_its_own_migrates_after_what_the_page_says(
    cluster: embedded.Server,
) -> None:
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        for _ in range(2):
            admin.execute((ROOT / "sql" / "roles.sql").read_bytes())
        admin.execute("CREATE DATABASE club OWNER slimy_owner")
        commands = commands_of_the_page()
        assert len(commands) == 7
        for command in commands:
            admin.execute(command.encode())
    club = cluster.dsn("club")
    deploy = signed_in(club, "club_deploy")
    assert len(migrator.apply(deploy, MIGRATIONS)) == len(migrator.status(deploy, MIGRATIONS))
    assert owners(club) == {"slimy_owner"}
    assert migrator.rollback(deploy, MIGRATIONS) == [migrator.status(deploy, MIGRATIONS)[-1].id]
    migrator.apply(deploy, MIGRATIONS)
    with psycopg.connect(signed_in(club, "club_service")) as service:
        assert service.execute("SELECT count(*) FROM slimy.users").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute("SELECT slimy.visitor_id()")
        service.rollback()
        service.execute("SET ROLE slimy_visitor")
        assert service.execute("SELECT slimy.visitor_id()").fetchone() == (None,)
    with psycopg.connect(signed_in(club, "club_report")) as report:
        assert report.execute("SHOW statement_timeout").fetchone() == ("30s",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            report.execute("SELECT * FROM slimy.users")
    assert asyncio.run(drift(signed_in(club, "club_service"))) == []
    months = CliRunner().invoke(
        main,
        ["partitions", "make", "--months", "3", "--dsn", signed_in(club, "club_months")],
    )
    assert (months.exit_code, months.stdout.count("made")) == (0, 2), months.output
    assert owners(club) == {"slimy_owner"}


async def drift(url: str) -> list[str]:
    async with Database.open(url, cursor_secret=b"test") as db:
        return [str(one) for one in await db.health.drift()]


@pytest.mark.slow
def test_whoever_may_make_roles_migrates_without_being_given_any(cluster: embedded.Server) -> None:
    with psycopg.connect(cluster.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE builder LOGIN CREATEROLE")
        admin.execute("CREATE DATABASE built OWNER builder")
        admin.execute("CREATE DATABASE other")
    built = cluster.dsn("built")
    builder = signed_in(built, "builder")
    migrator.apply(builder, MIGRATIONS)
    assert owners(built) == {"slimy_owner"}
    # The roles are there for the next database of the cluster, whoever migrates that.
    migrator.apply(cluster.dsn("other"), MIGRATIONS)
    migrator.rollback(builder, MIGRATIONS)
    assert owners(built) == {"builder"}
    migrator.apply(builder, MIGRATIONS)
    assert owners(built) == {"slimy_owner"}


async def test_rows_come_in_by_copy_for_the_owner_and_for_nobody_else(
    db: Database, owners: Database
) -> None:
    with pytest.raises(PermissionDenied, match="rows come in by COPY only for who sees all"):
        await db.stats.copy_many([NewStat("t", 1)])
    assert await db.stats.record_many([NewStat("t", 1)]) == 1
    assert await owners.stats.copy_many([NewStat("t", 1)]) == 1


async def test_a_month_that_is_not_there_is_named_though_the_server_hides_the_row(
    db: Database,
) -> None:
    with pytest.raises(Exception, match="stats has no partition") as refused:
        await db.stats.record("t", 1, timestamp=datetime(2019, 5, 4, tzinfo=UTC))
    assert getattr(refused.value, "field", None) == "recorded_at"


async def test_months_are_made_by_the_job_and_not_by_the_service(
    db: Database, database_url: str
) -> None:
    with pytest.raises(PermissionDenied):
        await db.partitions.make(1)
    make_login(database_url, "slimy_test_months", "slimy_retention")
    url = signed_in(database_url, "slimy_test_months")
    async with Database.open(url, cursor_secret=b"test") as job:
        made = await job.partitions.make(1, first=datetime(2031, 1, 1, tzinfo=UTC).date())
    assert [row.made for row in made] == [1, 1]


async def test_the_service_counts_and_folds_without_a_right_to_write_counts(db: Database) -> None:
    await db.stats.record_many([NewStat("t", n) for n in range(10)])
    assert await db.stats.fold() == 1
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    [total] = await db.stats.totals_by_type(hour - timedelta(hours=1), hour + timedelta(hours=2))
    assert total.entries == 10


async def test_for_a_tenant_the_service_has_the_rights_of_visitors_only(db: Database) -> None:
    ann, bob = await make.user(db), await make.user(db)
    bound = db.bound_to(Tenant(ann.id))
    assert (await bound.users.get(ann.id)).id == ann.id
    with pytest.raises(NotFound):
        await bound.users.get(bob.id)
    with pytest.raises(PermissionDenied):
        await bound.api_keys.list()
    assert (await db.users.get(bob.id)).id == bob.id

"""Fixtures that every test may use: a real server, and a migrated database of one's own in milliseconds.

The server is the embedded one, or the one that pytest-postgresql's --postgresql-host and its fellows name.
"""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal.engine import embedded
from slimy_dal.engine.secrets import Keyring
from slimy_dal.schema import migrator

if TYPE_CHECKING:
    from slimy_dal import Database

MIGRATIONS = Path(__file__).parent.parent / "sql" / "migrations"
TEMPLATE = "slimy_template"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    """A throw-away PostgreSQL 18 for the whole run."""
    with embedded.temporary() as running:
        yield running


@pytest.fixture(scope="session")
def address(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """How to reach a database of the run's server by name."""
    host = request.config.getoption("postgresql_host")
    if host is None:
        running: embedded.Server = request.getfixturevalue("server")
        return running.dsn
    port = request.config.getoption("postgresql_port") or 5432
    user = request.config.getoption("postgresql_user") or "postgres"
    password = request.config.getoption("postgresql_password")
    login = f"{user}:{password}" if password else user
    return lambda name: f"postgresql://{login}@{host}:{port}/{name}"


@pytest.fixture(scope="session")
def janitor(request: pytest.FixtureRequest) -> Callable[[str, str | None], DatabaseJanitor]:
    """Who makes and drops databases on the run's server."""
    option = request.config.getoption
    host = option("postgresql_host") or str(request.getfixturevalue("server").socket)

    def make(name: str, template: str | None) -> DatabaseJanitor:
        return DatabaseJanitor(
            user=option("postgresql_user") or "postgres",
            password=option("postgresql_password") or None,
            host=host,
            port=option("postgresql_port") or 5432,
            dbname=name,
            template_dbname=template,
            as_template=template is None,
        )

    return make


@pytest.fixture(scope="session")
def template(
    address: Callable[[str], str], janitor: Callable[[str, str | None], DatabaseJanitor]
) -> Iterator[str]:
    """A migrated database that is only ever cloned."""
    maker = janitor(TEMPLATE, None)
    maker.drop()
    with maker:
        migrator.apply(address(TEMPLATE), MIGRATIONS)
        yield TEMPLATE


@pytest.fixture
def database_url(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[str]:
    """A migrated, empty database of the test's own; it is dropped afterwards."""
    name = f"slimy_test_{next(_numbers)}"
    maker = janitor(name, template)
    maker.drop()
    with maker:
        yield address(name)


@pytest.fixture
async def db(database_url: str) -> "AsyncIterator[Database]":
    """An open, empty database."""
    # At the first use: the generator's own tests must run while generated code is stale.
    from slimy_dal import Database  # noqa: PLC0415

    keyring = Keyring.parse(Keyring.generate("test"))
    async with Database.open(database_url, keyring=keyring, cursor_secret=b"test") as opened:
        yield opened

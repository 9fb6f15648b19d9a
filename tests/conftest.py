"""Fixtures that every test may use: a real server, and a migrated database of one's own in milliseconds.

They are those of slimy_dal.testing under the names that these tests know; the server is the embedded one, or the one
that pytest-postgresql's --postgresql-host and its fellows name.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal.engine import embedded
from slimy_dal.engine.secrets import Keyring
from slimy_dal.testing import Databases
from tests.logins import SERVICE, make_login, signed_in
from tests.matrix.results import pytest_collection_modifyitems, pytest_configure

__all__ = ["pytest_collection_modifyitems", "pytest_configure"]

if TYPE_CHECKING:
    from slimy_dal import Database
    from tests.through_bouncer import Detour

pytest_plugins = ["tests.through_bouncer"]

MIGRATIONS = Path(__file__).parent.parent / "sql" / "migrations"


@pytest.fixture(scope="session")
def server(slimy_server: embedded.Server) -> embedded.Server:
    """A throw-away PostgreSQL 18 for the whole run."""
    return slimy_server


@pytest.fixture(scope="session")
def address(slimy_databases: Databases) -> Callable[[str], str]:
    """How to reach a database of the run's server by name."""
    return slimy_databases.dsn


@pytest.fixture(scope="session")
def janitor(slimy_databases: Databases) -> Callable[[str, str | None], DatabaseJanitor]:
    """Who makes and drops databases on the run's server."""
    return slimy_databases.janitor


@pytest.fixture(scope="module")
def database(
    request: pytest.FixtureRequest,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[str]:
    """One empty database for all tests of a module, to which every test brings its own tables."""
    module = request.module.__name__.rpartition(".")[2]
    name = module.replace("test_", "slimy_", 1)
    maker = janitor(name, "template1")
    maker.drop()
    with maker:
        yield address(name)


@pytest.fixture(scope="session")
def template(slimy_template: str, address: Callable[[str], str]) -> str:
    """A migrated database that is only ever cloned, on a server that the service's login may sign in to."""
    make_login(address(slimy_template), SERVICE, "slimy_app")
    return slimy_template


@pytest.fixture
def database_url(template: str, slimy_database: str) -> str:
    """A migrated, empty database of the test's own, for a superuser; it is dropped afterwards."""
    return slimy_database


@pytest.fixture
def app_url(database_url: str, detour: "Detour | None") -> str:
    """The same database, for a login that may do what the service may and no more."""
    url = signed_in(database_url)
    return url if detour is None else detour.address(url)


@pytest.fixture
async def db(app_url: str) -> "AsyncIterator[Database]":
    """An open, empty database, as the service has it."""
    # At the first use: the generator's own tests must run while generated code is stale.
    from slimy_dal import Database  # noqa: PLC0415

    keyring = Keyring.parse(Keyring.generate("test"))
    async with Database.open(app_url, keyring=keyring, cursor_secret=b"test") as opened:
        yield opened


@pytest.fixture
async def owners(database_url: str) -> "AsyncIterator[Database]":
    """The same database for a superuser, for what is not the service's to do: bulk loads, months."""
    from slimy_dal import Database  # noqa: PLC0415

    async with Database.open(database_url, cursor_secret=b"test") as opened:
        yield opened

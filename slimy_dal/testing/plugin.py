"""The pytest plugin: a server for the run, a migrated database for each test, and faults for it."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

try:
    from pytest_asyncio import fixture as async_fixture
except ImportError:  # slimy_dal without its extra `testing`: only what is awaited is missing
    async_fixture = None  # type: ignore[assignment]

# Modules of the package are loaded at the first use: pytest loads this one in every project that has the package.
if TYPE_CHECKING:
    from slimy_dal.engine.embedded import Server
    from slimy_dal.testing.bouncer import Bouncer
    from slimy_dal.testing.databases import Databases
    from slimy_dal.testing.node import Node
    from slimy_dal.testing.pair import FailoverPair
    from slimy_dal.testing.proxy import FaultProxy

MAJOR = "the version of the embedded PostgreSQL (default: the newest that is there)"
MIGRATIONS = "the folder with the migrations that slimy_template applies"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("slimy_dal")
    group.addoption("--slimy-postgres", type=int, metavar="MAJOR", help=MAJOR)
    parser.addini("slimy_postgres", MAJOR)
    parser.addini("slimy_migrations", MIGRATIONS)


@pytest.fixture(scope="session")
def slimy_major(pytestconfig: pytest.Config) -> int:
    """Return the version of PostgreSQL that servers of this run have."""
    from slimy_dal.testing.databases import newest_major  # noqa: PLC0415

    chosen = pytestconfig.getoption("slimy_postgres") or pytestconfig.getini("slimy_postgres")
    return int(chosen) if chosen else newest_major()


@pytest.fixture(scope="session")
def slimy_server(slimy_major: int) -> "Iterator[Server]":
    """Run one throw-away server for the whole run; what is done to it is done to all tests."""
    from slimy_dal.engine import embedded  # noqa: PLC0415

    with embedded.temporary(slimy_major) as running:
        yield running


@pytest.fixture(scope="session")
def slimy_databases(request: pytest.FixtureRequest) -> "Databases":
    """Return the databases of the run's server, or of the one that --postgresql-host and its fellows name."""
    from slimy_dal.testing.databases import Databases  # noqa: PLC0415

    def option(name: str) -> str | None:
        value = request.config.getoption(f"postgresql_{name}", default=None)
        return str(value) if value else None

    if host := option("host"):
        port, user = int(option("port") or 5432), option("user") or "postgres"
        return Databases(host, port, user, option("password"))
    return Databases(str(request.getfixturevalue("slimy_server").socket))


@pytest.fixture(scope="session")
def slimy_migrate(pytestconfig: pytest.Config) -> Callable[[str], object]:
    """Return what makes the schema in the empty database of a DSN; a project with other tools has its own here."""
    folder = pytestconfig.getini("slimy_migrations")
    if not folder:
        pytest.fail(
            "say where the migrations are: slimy_migrations = <folder> in pytest's settings, or a "
            "session fixture slimy_migrate of your own that returns a function of the DSN",
            pytrace=False,
        )

    def migrate(dsn: str) -> object:
        from slimy_dal.schema import migrator  # noqa: PLC0415

        return migrator.apply(dsn, Path(pytestconfig.rootpath, folder))

    return migrate


@pytest.fixture(scope="session")
def slimy_template(
    slimy_databases: "Databases", slimy_migrate: Callable[[str], object]
) -> Iterator[str]:
    """Make a migrated database that is only ever cloned, and give its name."""
    with slimy_databases.template(slimy_migrate) as name:
        yield name


@pytest.fixture
def slimy_database(slimy_databases: "Databases", slimy_template: str) -> Iterator[str]:
    """Give the DSN of a migrated, empty database of the test's own; it is dropped afterwards."""
    with slimy_databases.clone(slimy_template) as dsn:
        yield dsn


@pytest.fixture
def slimy_bouncer(slimy_database: str) -> "Iterator[Bouncer]":
    """Run a PgBouncer in transaction mode before the test's database; connect through its `dsn()`.

    Skips the test where this machine has none that knows prepared statements.
    """
    from slimy_dal.testing.bouncer import Bouncer, BouncerError, program  # noqa: PLC0415

    try:
        program()
    except BouncerError as error:
        pytest.skip(str(error))
    with Bouncer(slimy_database) as bouncer:
        yield bouncer


@pytest.fixture
def slimy_node(slimy_major: int) -> "Iterator[Node]":
    """Run a server of the test's own, to be crashed, paused and filled up."""
    from slimy_dal.testing.node import Node  # noqa: PLC0415

    with Node(major=slimy_major) as node:
        yield node


@pytest.fixture
def slimy_pair(slimy_major: int) -> "Iterator[FailoverPair]":
    """Run a primary and its standby of the test's own."""
    from slimy_dal.testing.pair import FailoverPair  # noqa: PLC0415

    with FailoverPair.open(major=slimy_major) as pair:
        yield pair


if async_fixture is not None:

    @async_fixture
    async def slimy_proxy(slimy_database: str) -> "AsyncIterator[FaultProxy]":
        """Open a proxy before the test's database; connect through its `dsn`."""
        from slimy_dal.testing.proxy import FaultProxy  # noqa: PLC0415

        async with FaultProxy(slimy_database) as proxy:
            yield proxy

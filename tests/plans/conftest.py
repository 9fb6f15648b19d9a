"""The server that the tests of plans share: one without autovacuum."""

from collections.abc import Iterator

import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from tests.plans.pretending import MIGRATIONS, pretending_server


@pytest.fixture(scope="session")
def pretender() -> Iterator[embedded.Server]:
    """A throw-away PostgreSQL 18; its database `migrated` is only ever cloned."""
    with pretending_server() as server:
        embedded.create_database(server, "migrated")
        migrator.apply(server.dsn("migrated"), MIGRATIONS)
        yield server

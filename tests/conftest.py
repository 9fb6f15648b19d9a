"""Fixtures that every test may use: a real server, and a database of one's own in milliseconds."""

from collections.abc import Iterator

import pytest
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal.engine import embedded


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Server]:
    """A throw-away PostgreSQL 18 for the whole run."""
    with embedded.temporary() as running:
        yield running

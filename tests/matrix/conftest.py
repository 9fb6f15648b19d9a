"""Fixtures of the tests that break servers: one of their own, which runs again for each test."""

from collections.abc import Iterator

import pytest

from slimy_dal.testing import Node


@pytest.fixture(scope="module")
def shared(slimy_major: int) -> Iterator[Node]:
    """A server that the tests of a module share; a module may bring one with other settings."""
    with Node(major=slimy_major) as opened:
        yield opened


@pytest.fixture
def node(shared: Node) -> Node:
    """The module's server, started, whatever the test before did to it."""
    shared.start()
    return shared

"""A whole run through PgBouncer in transaction mode (`script/test --through-bouncer prepared`).

Every pool that a test opens on the run's server is opened through PgBouncer instead, and the service's processes get
its address. Only tests that have a database are run, and not those that are about sessions themselves, which the
ordinary run has: DIRECT lists them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from slimy_dal.domain import database
from slimy_dal.engine.hosts import hosts_of
from slimy_dal.engine.planwatch import plan_watch
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.pooler import Pooler
from slimy_dal.engine.proven import Proven
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.testing import Bouncer

if TYPE_CHECKING:
    from slimy_dal.engine.embedded import Server

__all__ = ["DIRECT", "Detour"]

DATABASES = {"address", "database_url", "server", "slimy_database", "slimy_databases"}
"""A test without any of these fixtures has nothing to reach."""

THROUGH = ("through", "PgBouncer")

PID = "looks at the number of the server's process"
KILLS = "ends sessions of the server by their numbers, or waits for its own to be ended"
SETS = "changes a setting for the rest of a session, which would be another caller's next"
LOOKS = "looks at what a session has, settings or prepared statements"
CROWD = (
    "is for a crowd at once on a fresh database, whose sessions PgBouncer opens one after another"
)
LOCKS = "locks what a fresh session of the server must read"

DIRECT: dict[str, str] = {
    "tests/migrations/": "a migration holds a lock for its session, and is refused behind a pooler",
    "tests/matrix/": "does faults to what it names itself; those of PgBouncer are in test_bouncer.py",
    "tests/test_pool.py::test_idle_and_old_connections_are_replaced": PID,
    "tests/test_pool.py::test_a_read_survives_a_terminated_session_and_an_idle_one_is_noticed": KILLS,
    "tests/test_pool.py::test_a_server_that_became_read_only_is_left": SETS,
    "tests/test_pool.py::test_behind_pgbouncer_nothing_is_left_in_the_session": LOOKS,
    "tests/test_pool.py::test_a_session_has_backstops_for_the_case_that_this_process_dies": LOOKS,
    "tests/test_tenants.py::test_the_server_plans_a_statement_once_for_all_tenants": LOOKS,
    "tests/test_pool.py::test_looking_for_columns_ends_with_the_time_of_the_call": LOCKS,
    "tests/service/test_idempotency_kills.py": KILLS,
    "tests/service/test_idempotency_keys.py::test_of_50_equal_requests_at_once_one_has_an_effect": CROWD,
    "tests/service/test_versions.py::test_of_32_changes_of_one_version_one_is_made": CROWD,
}
"""Tests, files and folders that are about sessions of the server, each with the reason."""

PREPARES = "is about what is prepared"

UNPREPARED: dict[str, str] = {
    "tests/test_errors.py::test_a_plan_that_a_migration_made_void_is_a_schema_mismatch_in_a_transaction": PREPARES,
    "tests/test_injection.py::test_no_call_brings_a_text_that_was_not_proven": PREPARES,
}
"""The same for PgBouncer that keeps no prepared statements."""


def reason_to_go_directly(item: pytest.Item, mode: Pooler) -> str | None:
    """Return why a test is not run through PgBouncer of this mode; None where it is."""
    if not DATABASES & set(getattr(item, "fixturenames", ())):
        return "has no database"
    name = re.sub(r"\[.*", "", item.nodeid)
    exempt = DIRECT | UNPREPARED if mode == "plain" else DIRECT
    return next((why for part, why in exempt.items() if name == part or _holds(part, name)), None)


def _holds(part: str, name: str) -> bool:
    return name.startswith(part if part.endswith("/") else f"{part}::")


@dataclass
class Detour:
    """The way through a PgBouncer that stands before the server in `socket`."""

    bouncer: Bouncer
    socket: Path
    mode: Pooler

    def address(self, dsn: str) -> str:
        """Return the address by way of PgBouncer, or the same one where it is another server's."""
        if hosts_of(dsn) != [(str(self.socket), 5432)]:
            return dsn
        parts = urlsplit(dsn)
        return self.bouncer.dsn(parts.path.lstrip("/"), parts.username)

    def settings(self, dsn: str, settings: PoolSettings | None) -> PoolSettings:
        """Return settings that say what stands at an address."""
        settings = settings or PoolSettings()
        if hosts_of(dsn) != hosts_of(self.bouncer.dsn()):
            return settings
        return settings.model_copy(update={"pgbouncer": self.mode})

    @contextmanager
    def taken(self, patch: pytest.MonkeyPatch, note: list[tuple[str, object]]) -> Iterator[None]:
        """Let every pool that is opened go this way, and make a note that there was one."""
        original = Pool.__init__

        def init(
            pool: Pool, dsn: str, settings: PoolSettings | None = None, *more: Any, **named: Any
        ) -> None:
            there = self.address(dsn)
            if hosts_of(there) == hosts_of(self.bouncer.dsn()):
                note[:] = dict([*note, THROUGH]).items()
            original(pool, there, self.settings(there, settings), *more, **named)

        def watch(dsn: str, settings: PoolSettings, proven: Proven) -> Any:
            return plan_watch(dsn, self.settings(dsn, settings), proven)

        with patch.context() as patched:
            patched.setattr(Pool, "__init__", init)
            patched.setattr(database, "plan_watch", watch)
            patched.setenv("SLIMY_PGBOUNCER", self.mode)
            yield


# -- what pytest asks of a plugin -----------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--through-bouncer",
        choices=("prepared", "plain"),
        help="run what has a database through a PgBouncer that keeps prepared statements, or none",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if mode := config.getoption("through_bouncer"):
        direct = [item for item in items if reason_to_go_directly(item, mode)]
        config.hook.pytest_deselected(items=direct)
        items[:] = [item for item in items if item not in direct]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if mode := terminalreporter.config.getoption("through_bouncer"):
        ended = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
        through = sum(THROUGH in one.user_properties for one in ended)
        terminalreporter.write_line(
            f"through PgBouncer ({mode}): {through} of these tests; the others opened no pool"
        )


@pytest.fixture(scope="session")
def detour(request: pytest.FixtureRequest) -> Iterator[Detour | None]:
    """The way through PgBouncer, where this run takes it."""
    mode: Pooler | None = request.config.getoption("through_bouncer")
    if mode is None:
        yield None
        return
    server: Server = request.getfixturevalue("slimy_server")
    kept = 200 if mode == "prepared" else 0
    with Bouncer(server.dsn(), prepared=kept, settings={"default_pool_size": 40}) as bouncer:
        yield Detour(bouncer, server.socket, mode)


@pytest.fixture(autouse=True)
def _by_way_of_it(
    detour: Detour | None, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    if detour is None:
        yield
        return
    with detour.taken(monkeypatch, request.node.user_properties):
        yield

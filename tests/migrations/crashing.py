"""A migrator that dies at a chosen moment: killed, or with its connection cut, at any of its calls of the server."""

import multiprocessing
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Literal

import psycopg

from slimy_dal.schema import migrator, running
from slimy_dal.schema.alone import Way
from slimy_dal.schema.migrationfiles import MigrationError

Moment = Literal["before", "during", "cut"]
Guard = Literal["all", "no transaction", "no looking back"]

REFUSED = 1
"""Exit code of a run that ended with words."""


@dataclass(frozen=True)
class Blow:
    """Where it dies: at the so-manieth call after a try of a migration was begun, 0 for never."""

    at: int = 0
    moment: Moment = "before"
    guard: Guard = "all"
    """What is taken out, to see that it is needed."""


_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.migrations.crashing"])


def start(
    dsn: str, folder: Path, blow: Blow, to: str | None = None, *, undo: bool = False
) -> ForkServerProcess:
    """Start a migrator in a process of its own."""
    process = _forks.Process(target=_migrate, args=(dsn, str(folder), blow, to, undo))
    process.start()
    return process


def run(
    dsn: str, folder: Path, blow: Blow, to: str | None = None, *, undo: bool = False
) -> int | None:
    """Run a migrator to its end, and return its exit code: -9 where it was killed."""
    process = start(dsn, folder, blow, to, undo=undo)
    process.join(timeout=120)
    return process.exitcode


def _migrate(dsn: str, folder: str, blow: Blow, to: str | None, undo: bool) -> None:  # noqa: FBT001 -- pickled
    _arm(blow)
    try:
        if undo:
            migrator.rollback(dsn, Path(folder), 1)
        else:
            migrator.apply(dsn, Path(folder), to=to)
    except MigrationError as error:
        print(error, file=sys.stderr)  # noqa: T201 -- pytest shows it when a test fails
        sys.exit(REFUSED)


class _Arm:
    """Stands between the migrator and the server, and strikes at the call that was chosen."""

    def __init__(self, blow: Blow) -> None:
        self.blow = blow
        self.called = 0

    def strike(self, connection: Any, text: str) -> None:
        if self.called or (text.startswith("INSERT INTO") and "attempts" in text):
            self.called += 1
        if self.called != self.blow.at or not self.blow.at:
            return
        if self.blow.moment == "cut":
            line = socket.socket(fileno=os.dup(connection.fileno()))
            line.shutdown(socket.SHUT_RDWR)
            line.close()
            return
        if self.blow.moment == "during":
            connection.pgconn.send_query(text.encode())
            connection.pgconn.flush()
            time.sleep(0.0005 * (self.blow.at % 4))
        os.kill(os.getpid(), signal.SIGKILL)


def _text(connection: Any, query: Any) -> str:
    return query if isinstance(query, str) else str(query.as_string(connection))


def _arm(blow: Blow) -> None:
    arm = _Arm(blow)
    plain, of_cursor = psycopg.Connection.execute, psycopg.Cursor.execute

    def execute(self: Any, query: Any, *values: Any, **named: Any) -> Any:
        text = _text(self, query)
        arm.strike(self, text)
        if blow.guard == "no transaction" and text.startswith(("BEGIN", "COMMIT")):
            query = "SELECT 1"
        return plain(self, query, *values, **named)

    def cursor_execute(self: Any, query: Any, *values: Any, **named: Any) -> Any:
        if values and values[0] is not None:
            arm.strike(self.connection, _text(self.connection, query))
        return of_cursor(self, query, *values, **named)

    psycopg.Connection.execute = execute  # type: ignore[method-assign]
    psycopg.Cursor.execute = cursor_execute  # type: ignore[method-assign]
    if blow.guard == "no looking back":
        vars(running).update(
            way=lambda _backend, _file, _direction, now: Way((), now.text),
            clean_up=lambda _backend, _statement: None,
        )

"""Runs a data migration in a process that is killed at one exact point: `python -m tests.backfill_killed DSN FILE`.

Reads a line for each run, `before|after N` (the Nth exchange with the server), `apart before|after N` (the same with
every statement committed on its own) or `apply before|after N` (all of `slimy migrate apply`), and answers with the
signal that ended it, 0 where nothing did. A fork for each costs milliseconds, a new interpreter half a second.
"""

import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from slimy_dal.schema import backfill, migrator

QUICK = backfill.Pace(pause=0, largest=3, max_active=200, max_waiting=200)


@contextlib.contextmanager
def no_transaction(*_: Any, **__: Any) -> Iterator[None]:
    yield


def killed_at(when: str, point: int) -> None:
    """Make the Nth exchange with the server this process's last one."""
    numbers, wait = itertools.count(1), psycopg.Connection.wait

    def counted(self: Any, generator: Any, *rest: Any, **named: Any) -> Any:
        number = next(numbers)
        if (when, number) == ("before", point):
            os.kill(os.getpid(), signal.SIGKILL)
        answer = wait(self, generator, *rest, **named)
        if (when, number) == ("after", point):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    psycopg.Connection.wait = counted  # type: ignore[assignment,method-assign]


def migrate(dsn: str, file: Path, words: list[str]) -> None:
    if words[0] == "apart":
        psycopg.Connection.transaction = no_transaction  # type: ignore[assignment,method-assign]
    *_, when, point = words
    if words[0] == "apply":
        killed_at(when, int(point))
        migrator.apply(dsn, file.parent, pace=QUICK)
        return
    read = backfill.read(file)
    assert read is not None
    with psycopg.connect(dsn, autocommit=True) as connection:
        killed_at(when, int(point))
        backfill.run(connection, read, pace=QUICK)


def main() -> None:
    dsn, file = sys.argv[1], Path(sys.argv[2])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            migrate(dsn, file, line.split())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(  # noqa: T201
            os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status), flush=True
        )


if __name__ == "__main__":
    main()

"""What the other callers of the service notice when a table is locked, as ratios of what they met before.

    python benchmarks/locked.py            about six minutes
    python benchmarks/locked.py --quick    about two and a half minutes

Requests come at random moments, whatever became of those before them (`arrivals.py`), and how long each took is
counted from the moment at which it was to come. Some need `code_reports`, by reading and by writing; the others read
one user, read a page of users, or change a user. In each round that goes on for a while as it is, and then for as long
while another session holds an ACCESS EXCLUSIVE lock on `code_reports`; the moment at which it comes is part of that.
`control` is the same where stuck calls may have the whole pool (SLIMY_STUCK_SHARE=1).

Each figure is locked against not locked in one round, and the median of the rounds: of the median, of the p99 (the
lowest and the highest, too: p99s of some milliseconds wander), and the part of all that was refused or not answered.
"""

import argparse
import asyncio
import statistics
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg
from dal import DURABLE
from endpoints import _make
from overload import Service, serving
from paired import MIGRATIONS

from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.engine import embedded
from slimy_dal.schema import migrator

RATE = 60.0
"""Requests a second of each kind: together far less than the two cores can do."""
WARM = 1.5
"""Seconds until the lock comes; what comes before is not counted."""
USERS = 97
OTHERS = ("small read", "list", "write")
PATIENT = {"SLIMY_HEADER_TIMEOUT": "120", "SLIMY_REQUEST_TIMEOUT": "3"}
"""The sender has connections that it uses rarely; and what is stuck gives up while others are counted."""
OPEN = PATIENT | {"SLIMY_POOL_MIN": "16"}
VARIANTS = {
    "a pool that is open": OPEN,
    "a pool that opens connections as they are needed": PATIENT,
    "control": OPEN | {"SLIMY_STUCK_SHARE": "1"},
}


async def fill(dsn: str) -> str:
    """Fill the database, and return a key to all of it."""
    async with Database.open(dsn) as db:
        for number in range(1, USERS + 1):
            await db.users.find_or_create(number, username=f"User {number}")
        return (await db.api_keys.create("benchmark", SCOPES)).key


def streams(key: str) -> list[dict[str, Any]]:
    """Return what comes."""

    def asked(method: str, path: str, body: str = "") -> str:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )

    users = [f"/v1/users/by-discord/{number}" for number in range(1, USERS + 1)]
    found = {
        "small read": [asked("GET", path) for path in users],
        "list": [asked("GET", "/v1/users")],
        "write": [asked("PUT", path, '{"username": "b"}') for path in users],
        "needy read": [asked("GET", "/v1/code-reports")],
        "needy write": [asked("POST", "/v1/code-reports", '{"code": "a", "reason": "expired"}')],
    }
    return [{"name": name, "rate": RATE, "asked": lines} for name, lines in found.items()]


@contextmanager
def locked(dsn: str) -> Iterator[None]:
    """Lock the table when all are connected and what they ask is under way, until the end."""
    with psycopg.connect(dsn) as connection:
        lock = "LOCK TABLE slimy.code_reports IN ACCESS EXCLUSIVE MODE"
        coming = threading.Timer(WARM, connection.execute, (lock,))
        coming.start()
        yield
        coming.join()


def measure(service: Service, dsn: str, seconds: float, rounds: int) -> dict[str, str]:
    """Return the ratios of each kind."""
    service.arrive(streams(service.key), seconds / 4, 150)
    seen = [
        (_phase(service, seconds, nullcontext()), _phase(service, seconds, locked(dsn)))
        for _ in range(rounds)
    ]
    found = {}
    for name in OTHERS:
        pairs = [(calm[name], within[name]) for calm, within in seen]
        middle = statistics.median(
            statistics.median(within[True]) / statistics.median(calm[True])
            for calm, within in pairs
        )
        ratios = sorted(p99(within[True]) / p99(calm[True]) for calm, within in pairs)
        undone = sum(len(within[False]) for _, within in pairs)
        part = undone / (undone + sum(len(within[True]) for _, within in pairs))
        found[name] = (
            f"{middle:.2f} / {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) / {part:.2%}"
        )
    return found


Phase = dict[str, dict[bool, list[float]]]
"""The seconds of each kind's requests, of those that were done and of the others."""


def _phase(service: Service, seconds: float, lock: AbstractContextManager[None]) -> Phase:
    found: Phase = {name: {True: [], False: []} for name in OTHERS}
    with lock:
        told = service.arrive(streams(service.key), WARM + seconds, 150)
    for name, status, moment, spent in told["outcomes"]:
        if name in found and moment >= WARM:
            found[name][status < 300].append(spent)
    return found


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    options = parser.parse_args()
    rounds, seconds = (2, 8.0) if options.quick else (7, 8.0)
    with embedded.temporary(18, DURABLE) as server:
        asyncio.run(_make(server.dsn()))
        dsn = server.dsn("bench")
        migrator.apply(dsn, MIGRATIONS)
        key = asyncio.run(fill(dsn))
        for name, variables in VARIANTS.items():
            with serving(dsn, key, **variables) as service:
                print(f"{name}: median / p99 / not done, locked against not")
                for kind, ratios in measure(service, dsn, seconds, rounds).items():
                    print(f"  {kind:12} {ratios}")


if __name__ == "__main__":
    main()

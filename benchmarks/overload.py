"""What the service does when it is asked for five times what it can do, as ratios of what it does at its peak.

    python benchmarks/overload.py            about a minute
    python benchmarks/overload.py --quick    about 25 seconds

The database is what there is too little of: every change of a guild sleeps in it, so that two cores are enough for the
service, PostgreSQL 18 and those who ask. In each round there is first a peak: as many callers as there are turns at the
database for changes, each asking again as soon as there is an answer (`load.py`). Then changes come five times as often
as that, at random moments (`arrivals.py`, one process), and 50 times a second somebody asks whether the service lives.
Times are counted from when a request was to come, not from when it could be sent.

`goodput` is changes done a second against the peak's; `done` the p99 of changes done against the peak's; `refused` the
p99 of refusals, also against the p99 of the questions whether it lives, which is what the machine and the event loop
cost anybody. `sender late` says how well the sender kept its own time: where it is near the other figures, the machine
was measured and not the service.

Times and goodput are of what came after the first second: before, it is a burst, which the queue is there for.

Last, what one refusal costs: the service's time on a CPU, while all turns are held and callers do nothing but be
refused, against a change that is done and a question whether it lives. It bounds how many refusals a process has in it:
beyond that, and not far below, its processor is what there is too little of, and no gate helps.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from dal import DURABLE
from endpoints import CONNECTIONS, _make
from paired import MIGRATIONS, on_cpu

from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.engine import embedded
from slimy_dal.schema import migrator

HERE = Path(__file__).parent
SLOW = 0.25
"""Seconds that each change of a guild takes in the database, and no processor."""
TURNS = 12
"""Changes that have a turn at once: three quarters of the pool of 16."""
TIMES = 5
WARM = 1.0
"""Seconds after which what comes is counted: before, it is a burst, which the queue is there for."""
GUILDS = 997

TAKES_TIME = f"""
CREATE FUNCTION slimy.take_time() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN PERFORM pg_sleep({SLOW}); RETURN NULL; END';
CREATE TRIGGER slow AFTER UPDATE ON slimy.guilds FOR EACH STATEMENT EXECUTE FUNCTION slimy.take_time();
"""


@dataclass
class Round:
    """What was seen in one round."""

    peak: float
    goodput: float
    done: float
    middle: float
    refused: float
    alive: float
    late: float
    without: int


class Service:
    """The service as it runs in earnest, a process of its own."""

    def __init__(self, dsn: str, key: str, variables: dict[str, str]) -> None:
        environment = variables | {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE.parent),
            "SLIMY_PORT": "0",
            "SLIMY_DATABASE_URL": dsn,
            "SLIMY_RATE_READ": "off",
            "SLIMY_RATE_WRITE": "off",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service"],
            cwd=HERE.parent,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if "serving at" in line:
                self.port = int(line.rpartition(":")[2])
                break
        else:
            raise SystemExit("the service ended before it served")
        # Nobody reads what it logs from here on, and a full pipe would stop it.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.key = key
        self.live = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        self.changes = [self._change(number) for number in range(1, GUILDS + 1)]

    def _change(self, number: int) -> str:
        body = '{"name": "a"}'
        return (
            f"PUT /v1/guilds/{number} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )

    def load(self, asked: list[str], seconds: float, callers: int) -> dict[str, Any]:
        """Ask as fast as there are answers; adds the service's microseconds of CPU for each."""
        cpu = on_cpu(self.process.pid)
        told = self._run("load.py", map(json.dumps, asked), seconds, callers)
        return told | {"cpu": (on_cpu(self.process.pid) - cpu) / told["count"] * 1e6}

    def arrive(self, streams: list[dict[str, Any]], seconds: float, most: int) -> dict[str, Any]:
        """Let requests come."""
        return self._run("arrivals.py", map(json.dumps, streams), seconds, most)

    def _run(self, program: str, lines: Iterator[str], seconds: float, many: int) -> dict[str, Any]:
        command = [sys.executable, str(HERE / program), str(self.port), str(seconds), str(many)]
        ran = subprocess.run(  # noqa: S603 -- our own program
            command, input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True
        )
        told: dict[str, Any] = json.loads(ran.stdout)
        return told


@contextmanager
def serving(dsn: str, key: str, **variables: str) -> Iterator[Service]:
    """Run the service."""
    service = Service(dsn, key, variables)
    try:
        yield service
    finally:
        service.process.terminate()
        service.process.wait(timeout=30)


def p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def measure(service: Service, seconds: float) -> Round:
    """Take one round."""
    calm = service.load(service.changes, seconds, TURNS)
    assert not calm["failed"], calm["failed"]
    streams = [
        {"name": "change", "rate": TIMES * calm["rate"], "asked": service.changes},
        {"name": "alive", "rate": 50.0, "asked": [service.live]},
    ]
    told = service.arrive(streams, WARM + seconds, int(calm["rate"]) + 4 * CONNECTIONS)
    assert not told["unanswered"], told["unanswered"]
    took: dict[tuple[str, int], list[float]] = {}
    for name, status, moment, spent in told["outcomes"]:
        if moment >= WARM:
            took.setdefault((name, status), []).append(spent)
    assert set(took) == {("change", 200), ("change", 503), ("alive", 200)}, set(took)
    ends = [
        at + spent
        for name, status, at, spent in told["outcomes"]
        if (name, status) == ("change", 200)
    ]
    done = sum(WARM <= end < WARM + seconds for end in ends) / seconds
    refused = took["change", 503]
    return Round(
        peak=calm["rate"],
        goodput=done / calm["rate"],
        done=p99(took["change", 200]) / calm["p99"],
        middle=statistics.median(refused),
        refused=p99(refused),
        alive=p99(took["alive", 200]),
        late=told["late"],
        without=told["without"],
    )


def cost(service: Service, seconds: float) -> dict[str, float]:
    """Return the service's microseconds of CPU for a refusal, for a change, and for being asked whether it lives."""
    done = service.load(service.changes, seconds, TURNS)
    alive = service.load([service.live], seconds, CONNECTIONS)
    # A few hold all turns and the queue; what is left is refused again and again.
    refused = service.load(service.changes, seconds, 4 * TURNS)
    turned_away = refused["failed"]["503"]
    total = refused["cpu"] * refused["count"] - done["cpu"] * (refused["count"] - turned_away)
    return {"done": done["cpu"], "alive": alive["cpu"], "refused": total / turned_away}


async def fill(dsn: str) -> str:
    """Fill the database, and return a key to all of it."""
    async with Database.open(dsn) as db:
        for number in range(1, GUILDS + 1):
            await db.guilds.upsert(number, name=f"Guild {number}")
        return (await db.api_keys.create("benchmark", SCOPES)).key


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    options = parser.parse_args()
    many, seconds = (2, 3.0) if options.quick else (5, 5.0)
    with embedded.temporary(18, DURABLE) as server:
        asyncio.run(_make(server.dsn()))
        dsn = server.dsn("bench")
        migrator.apply(dsn, MIGRATIONS)
        key = asyncio.run(fill(dsn))
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(TAKES_TIME)
        with serving(dsn, key) as service:
            service.load(service.changes, 1.0, TURNS)
            for _ in range(many):
                seen = measure(service, seconds)
                print(
                    f"peak {seen.peak:.0f}/s  goodput {seen.goodput:.2f}  done p99 {seen.done:.2f}"
                    f"  refused {seen.middle * 1e3:.1f} ms, p99 {seen.refused * 1e3:.1f} ms"
                    f" = {seen.refused / seen.alive:.2f} of alive"
                    f"  sender late p99 {seen.late * 1e3:.1f} ms, {seen.without} without a connection"
                )
            time.sleep(1.0)
            spent = cost(service, seconds)
            print(
                f"a refusal costs {spent['refused']:.0f} us of CPU: {spent['refused'] / spent['done']:.2f} of a change"
                f" that is done, {spent['refused'] / spent['alive']:.2f} of being asked whether it lives"
            )


if __name__ == "__main__":
    main()

"""Compares the service with aiohttp and the driver alone, and with FastAPI, over HTTP.

    python benchmarks/endpoints.py            about 3 minutes
    python benchmarks/endpoints.py --quick    about 1 minute
    python benchmarks/endpoints.py --gate     exit 1 where a request costs more than its class of routes may

Every contestant is one process with a pool of 16, on one embedded PostgreSQL 18 with durable settings and our schema,
and runs the same SQL. 32 connections ask as fast as they get answers (`load.py`, another process). In each round every
contestant has a slice of each endpoint, in shuffled order. `rate` is requests per second relative to the floor's in the
same round; `cpu` is the server process's time on a CPU per request relative to the floor's, the steadier of the two.
The floor asks for no credentials and does nothing but answer; `again` is the floor a second time: its distance from
1.00 is the noise. FastAPI takes part where it is installed (`pip install fastapi uvicorn httptools`).
"""

# ruff: noqa: S311 -- nothing here is secret

import argparse
import asyncio
import importlib.util
import json
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
from dal import DURABLE
from paired import MIGRATIONS, on_cpu

from slimy_dal.domain.analysis_entries import NewImage, NewMetric
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.chat_messages import NewMessage
from slimy_dal.domain.database import Database
from slimy_dal.engine import embedded
from slimy_dal.schema import migrator

HERE = Path(__file__).parent
CONNECTIONS = 32
USERS, GUILDS, MESSAGES, ANALYSES = 5_000, 100, 50_000, 1_000
FIRST = 100_000_000_000_000_000
ASKED = 997
"""Requests that are sent round and round: a prime, so that the connections do not walk in step."""

BUDGET = {"point": 3.0, "list": 1.9, "write": 3.3, "nested": 2.5}
"""Server CPU per request, relative to the floor's, that a class of routes may cost: a fifth above what was measured."""


@dataclass
class Data:
    """What there is to ask for."""

    key: str = ""
    users: list[UUID] = field(default_factory=list)
    analyses: list[UUID] = field(default_factory=list)


def requests(data: Data) -> dict[str, list[str]]:
    """Return the requests of each endpoint, as they go over the wire."""
    rng = random.Random(7)

    def ask(line: str, body: str = "") -> str:
        head = f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {data.key}\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n{body}"

    def guild() -> int:
        return FIRST + rng.randrange(GUILDS)

    def said() -> str:
        return json.dumps({"userId": str(rng.choice(data.users)), "text": "who comes to the raid?"})

    return {
        "alive": [ask("GET /health/live")],
        "point": [
            ask(f"GET /v1/users/by-discord/{FIRST + rng.randrange(USERS)}") for _ in range(ASKED)
        ],
        "list": [ask(f"GET /v1/guilds/{guild()}/messages?limit=50") for _ in range(ASKED)],
        "write": [ask(f"POST /v1/guilds/{guild()}/messages", said()) for _ in range(ASKED)],
        "nested": [ask(f"GET /v1/analyses/{rng.choice(data.analyses)}") for _ in range(ASKED)],
    }


async def fill(dsn: str) -> Data:
    """Fill the database through the data access layer."""
    data, rng = Data(), random.Random(11)
    async with Database.open(dsn) as db:
        data.key = (await db.api_keys.create("benchmark", SCOPES)).key
        for n in range(USERS):
            user = await db.users.find_or_create(
                FIRST + n, username=f"user_{n}", global_name=f"User {n}", avatar="a" * 32
            )
            data.users.append(user.id)
        for n in range(GUILDS):
            await db.guilds.upsert(FIRST + n, name=f"Guild {n}", owner_id=data.users[n])
        for _ in range(0, MESSAGES, 1000):
            await db.chat_messages.create_many(
                [
                    NewMessage(
                        user_id=rng.choice(data.users),
                        text="words " * rng.randrange(1, 14),
                        guild_id=FIRST + rng.randrange(GUILDS),
                    )
                    for _ in range(1000)
                ]
            )
        for n in range(ANALYSES):
            made = await db.club_analyses.create(
                FIRST + n % GUILDS,
                rng.choice(data.users),
                summary="Grown by four members.",
                confidence=0.9,
                images=[NewImage(f"https://example.com/{m}.png", f"{m}.png", 9) for m in range(2)],
                metrics=[NewMetric(f"metric {m}", m * 1.5, "power", None) for m in range(6)],
            )
            data.analyses.append(made.id)
    admin = await asyncpg.connect(dsn)
    await admin.execute("VACUUM (ANALYZE)")
    await admin.close()
    return data


class Server:
    """The process of one contestant."""

    def __init__(self, name: str, dsn: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, str(HERE / "endpoints_servers.py"), name, dsn, str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own program

    def wait(self) -> None:
        """Return once it answers."""
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit("a contestant ended early; its error stands above")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("a contestant does not listen")

    def run(self, asked: list[str], seconds: float) -> dict[str, float]:
        """Ask for some seconds; return requests per second, their times, and microseconds of CPU per request."""
        command = [
            sys.executable,
            str(HERE / "load.py"),
            str(self.port),
            str(seconds),
            str(CONNECTIONS),
        ]
        lines = "\n".join(map(json.dumps, asked))
        cpu = on_cpu(self.process.pid)
        ran = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
        figures: dict[str, float] = json.loads(ran.stdout)
        if figures.pop("failed"):
            raise SystemExit(f"a contestant refused requests: {ran.stdout}")
        figures["cpu"] = (on_cpu(self.process.pid) - cpu) / figures["count"] * 1e6
        return figures

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(timeout=20)


@contextmanager
def servers(dsn: str, names: list[str]) -> Iterator[dict[str, Server]]:
    """Give the contestants, listening."""
    with ExitStack() as stack:
        started = {}
        for name in names:
            started[name] = Server(name, dsn)
            stack.callback(started[name].stop)
        for server in started.values():
            server.wait()
        yield started


class Result:
    """The slices of one endpoint."""

    def __init__(self, endpoint: str, names: list[str]) -> None:
        self.endpoint = endpoint
        self.slices: dict[str, list[dict[str, float]]] = {name: [] for name in names}

    def ratio(self, name: str, figure: str, against: str = "floor") -> float:
        """Return the median over the rounds of a figure relative to another's in the same round."""
        pairs = zip(self.slices[name], self.slices[against], strict=True)
        return statistics.median(mine[figure] / other[figure] for mine, other in pairs)

    def lines(self) -> list[str]:
        """Return the rows of the table."""
        rows = []
        for name, slices in self.slices.items():
            middle = {key: statistics.median(one[key] for one in slices) for key in slices[0]}
            rows.append(
                f"{self.endpoint:<8} {name:<8} {middle['rate']:>8.0f}/s  p50 {middle['p50'] * 1e3:>6.2f} ms"
                f"  p99 {middle['p99'] * 1e3:>6.2f} ms  CPU {middle['cpu']:>6.1f} us"
                f"  rate {self.ratio(name, 'rate'):>5.2f}  cpu {self.ratio(name, 'cpu'):>5.2f}"
            )
        return rows

    def failures(self) -> list[str]:
        """Return where ours costs more than its budget, and the noise that the floor has against itself."""
        allowed = BUDGET.get(self.endpoint)
        if allowed is None:
            return []
        noise = abs(self.ratio("again", "cpu") - 1)
        cost = self.ratio("ours", "cpu")
        if cost <= allowed * (1 + noise):
            return []
        return [
            f"{self.endpoint}: {cost:.2f} times the floor's CPU, allowed {allowed} (noise {noise:.2f})"
        ]


def measure(
    contestants: dict[str, Server], asked: dict[str, list[str]], rounds: int, seconds: float
) -> list[Result]:
    """Give every contestant its slices; the round before the first warms up and is not counted."""
    names = list(contestants)
    results = {endpoint: Result(endpoint, names) for endpoint in asked}
    for counted in range(rounds + 1):
        for endpoint, lines in asked.items():
            for name in random.sample(names, len(names)):
                figures = contestants[name].run(lines, seconds)
                if counted:
                    results[endpoint].slices[name].append(figures)
    return list(results.values())


def main() -> int:
    """Run, print the table, and judge it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="shorter slices, less certain figures")
    parser.add_argument("--gate", action="store_true", help="exit 1 where a budget is missed")
    options = parser.parse_args()
    rounds, seconds = (3, 0.7) if options.quick else (7, 1.5)
    names = ["floor", "again", "typed", "ours"]
    if importlib.util.find_spec("fastapi") and not options.gate:
        names.append("fastapi")
    with embedded.temporary(18, DURABLE) as server:
        admin = server.dsn()
        asyncio.run(_make(admin))
        dsn = server.dsn("bench")
        migrator.apply(dsn, MIGRATIONS)
        asked = requests(asyncio.run(fill(dsn)))
        with servers(dsn, names) as contestants:
            results = measure(contestants, asked, rounds, seconds)
            print("\n".join(line for result in results for line in result.lines()))
            late = {result.endpoint for result in results if result.failures()}
            if late and options.gate:
                # A neighbour's burst is not seen twice in the same place; a real cost is.
                again = {endpoint: lines for endpoint, lines in asked.items() if endpoint in late}
                results = measure(contestants, again, rounds, seconds)
    missed = [failure for result in results for failure in result.failures()]
    print("\n".join(f"missed: {failure}" for failure in missed))
    return 1 if missed and options.gate else 0


async def _make(dsn: str) -> None:
    admin = await asyncpg.connect(dsn)
    await admin.execute("CREATE DATABASE bench")
    await admin.close()


if __name__ == "__main__":
    raise SystemExit(main())

"""Runs a fuzz: a service as a process of its own, eight connections, and a look at the database in the end."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, LiteralString
from urllib.request import urlopen

import psycopg

from service.app import GROUPS, endpoints
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.engine.secrets import Keyring
from tests.service.conftest import KEYS, crowd
from tests.service.fuzz.answers import Judge, Line
from tests.service.fuzz.mutations import Maker, Sent, World
from tests.service.processes import process
from tests.service.rawhttp import memory

LINES = 8
WORLD = 500
"""Requests about the same people: by then, little of them is left."""

WARM = 2000
"""Requests after which the process has all that it keeps."""


@dataclass
class Report:
    """What came of it."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: dict[str, Counter[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Lines of the service's log that stand for defects."""
    unserved: list[str] = field(default_factory=list)
    """What the service answered with a status of its own side, documented or not."""

    @property
    def growth(self) -> float:
        """Megabytes that the process took on once it was warm."""
        return self.memory[-1] - self.memory[0]

    def __str__(self) -> str:
        count = self.statuses.total()
        lines = [f"{count} requests in {self.seconds:.0f} s ({count / self.seconds:.0f} a second)"]
        lines.append(
            "  ".join(f"{status}: {self.statuses[status]}" for status in sorted(self.statuses))
        )
        for kind, found in sorted(self.kinds.items()):
            classes = Counter({f"{status // 100}xx": 0 for status in found})
            for status, times in found.items():
                classes[f"{status // 100}xx"] += times
            row = "  ".join(f"{name} {classes[name]:>6}" for name in sorted(classes))
            lines.append(f"  {kind:<8}{found.total():>8}   {row}")
        lines.append(
            f"memory: {self.memory[0]:.0f} MB when warm, {self.memory[-1]:.0f} MB in the end"
        )
        lines += [f"FAULT {fault}" for fault in self.faults[:50]]
        lines += [f"LOG {line}" for line in self.said[:10]]
        lines += [f"5xx {line}" for line in self.unserved[:50]]
        return "\n".join([*lines, f"{len(self.faults)} faults"])


async def fuzz(url: str, seed: int, numbers: range) -> Report:
    """Send the requests of these numbers to a service over the database at `url`, and return the report."""
    report, maker = Report(), Maker(seed)
    variables = {"DATABASE_URL": url, "SLIMY_ENCRYPTION_KEYS": KEYS, "SLIMY_ACCESS_LOG": "0"}
    variables |= {f"SLIMY_RATE_{kind}": "off" for kind in ("READ", "WRITE", "BULK")}
    async with (
        Database.open(url, keyring=Keyring.parse(KEYS)) as db,
        process(**variables) as (running, address),
    ):
        assert running.stderr is not None
        reading = asyncio.create_task(_read_log(running.stderr, report))
        document = await asyncio.to_thread(lambda: json.load(urlopen(f"{address}/openapi.json")))  # noqa: S310
        judge = Judge(document, seed)
        started = time.monotonic()
        for start in range(numbers.start, numbers.stop, WORLD):
            part = range(start, min(start + WORLD, numbers.stop))
            world = await _world(db, start // WORLD)
            await _send([maker.make(number, world) for number in part], address, judge, report)
            assert running.returncode is None, "the service has ended"
            if start - numbers.start >= min(WARM, len(numbers) // 2):
                report.memory.append(memory(running.pid))
        report.seconds = time.monotonic() - started
        running.terminate()
        await running.wait()
        await reading
    report.faults += await asyncio.to_thread(broken_rules, url)
    return report


async def _world(db: Database, number: int) -> World:
    people = await crowd(db, 1 + number)
    narrow = await db.api_keys.create("narrow", ["guilds:read", "members:read"])
    bound = await db.api_keys.create("bound", SCOPES, guild_ids=[people.guild_id])
    tokens = {
        "all": (await db.api_keys.create("all", SCOPES)).key,
        "none": "",
        "wrong": "slimy_a_b",
    }
    tokens |= {"narrow": narrow.key, "bound": bound.key, **people.tokens}
    return World(people, tokens, endpoints(GROUPS))


async def _send(requests: list[Sent], address: str, judge: Judge, report: Report) -> None:
    """Send requests over several connections, each its share of them in order."""
    host, port = address.removeprefix("http://").split(":")

    async def share(mine: list[Sent]) -> None:
        line = Line((host, int(port)))
        for sent in mine:
            try:
                answer = await line.ask(sent)
            except (OSError, EOFError, TimeoutError) as error:
                line.close()
                report.faults.append(f"#{sent.number} {sent.method} {sent.target[:200]}: {error!r}")
                continue
            report.statuses[answer.status] += 1
            for how in sent.how:
                report.kinds.setdefault(how, Counter())[answer.status] += 1
            where = f"#{sent.number} {sent.method} {sent.target[:300]} {sent.caller}"
            said = answer.content[-600:].decode(errors="replace") if answer.status >= 400 else ""
            if answer.status >= 500:
                report.unserved.append(f"{where}: {answer.status} {said}")
            if (fault := judge.fault(sent, answer)) is not None:
                report.faults.append(f"{where}: {fault} {said}")
        line.close()

    await asyncio.gather(*(share(requests[start::LINES]) for start in range(LINES)))


async def _read_log(stream: asyncio.StreamReader, report: Report) -> None:
    """Take in the log, or the service would wait for its reader; keep what somebody would have to look at."""
    async for line in stream:
        text = line.decode(errors="replace").strip()
        if '"level":"error"' in text or not text.startswith("{"):
            report.said.append(text)


def broken_rules(url: str) -> list[str]:
    """Return what in a database contradicts its own rules, or is half done."""
    with psycopg.connect(url) as connection:
        rules: dict[str, Any] = dict(HALVES)
        for query in (ORPHANS, CHECKS):
            rules.update(connection.execute(query).fetchall())
        assert len(rules) > len(HALVES) + 50, "the rules of the database were not found"
        counts = {name: connection.execute(sql).fetchone() for name, sql in rules.items()}
    return [f"{count[0]} rows break {name}" for name, count in counts.items() if count and count[0]]


ORPHANS: LiteralString = """
SELECT
    c.conname,
    format(
        'SELECT count(*) FROM %s AS a WHERE %s AND NOT EXISTS (SELECT FROM %s AS b WHERE %s)',
        c.conrelid::regclass,
        string_agg(format('a.%I IS NOT NULL', a.attname), ' AND '),
        c.confrelid::regclass,
        string_agg(format('a.%I = b.%I', a.attname, b.attname), ' AND ')
    )
FROM pg_constraint AS c
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (own, other)
INNER JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.own
INNER JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = k.other
WHERE c.contype = 'f' AND c.conparentid = 0 AND c.connamespace = 'slimy'::regnamespace
GROUP BY c.oid, c.conname, c.conrelid, c.confrelid
"""
CHECKS: LiteralString = """
SELECT
    c.conname,
    format(
        'SELECT count(*) FROM %s WHERE NOT (%s)', c.conrelid::regclass, pg_get_expr(c.conbin, c.conrelid)
    )
FROM pg_constraint AS c
WHERE c.contype = 'c' AND c.coninhcount = 0 AND c.connamespace = 'slimy'::regnamespace AND c.conrelid <> 0
"""
HALVES: dict[str, LiteralString] = {
    "an idempotency key without its answer": "SELECT count(*) FROM slimy.idempotency_keys WHERE status IS NULL",
    "a transaction that was left open": (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
    ),
}

"""Compares totals of statistics and audit logs, which are kept beside the rows, with counting the rows.

    python benchmarks/totals.py                      about 4 minutes, most of it filling
    python benchmarks/totals.py --quick              about a minute: a twentieth of the rows
    python benchmarks/totals.py --rows 10000000      so many statistics, and as many audit logs

The limit is counting: the plain aggregate over the month's rows, by whatever index serves it. Ours is asked
twice: `fresh`, when nothing has been folded and what was recorded waits as deltas, and `folded`. Each
answer is compared with the count before it is timed. Filling is by INSERT ... SELECT on the server, 50,000
rows a statement in the order of time, with all triggers, indexes and foreign keys.
"""

# ruff: noqa: S608 -- what is put into the texts are constants of this file

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import uvloop
from paired import Ground, always, compare, ground, options

BATCH = 50_000
DAYS = 30
GUILD = 7
SINCE = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
UNTIL = SINCE + timedelta(days=DAYS)
TYPE = "type 3"

SETUP = """
INSERT INTO slimy.guilds (id, name) SELECT n, 'guild ' || n FROM generate_series(1, 15) AS n
"""
# A row of 30 days for each n: eight types, eight guilds, one value in eight that is no number.
STATS = """
INSERT INTO slimy.stats (recorded_at, guild_id, type, value)
SELECT
    $1::timestamptz + n * ($2::interval / $3::int),
    hashint4(n) & 15 | 1,
    'type ' || (hashint4(n + 1) & 7),
    CASE WHEN n % 8 = 0 THEN '"text"'::jsonb ELSE to_jsonb(n % 1000) END
FROM generate_series($4::int, $5::int) AS n
"""
AUDIT = """
INSERT INTO slimy.audit_logs (occurred_at, action, resource_type, resource_id, success)
SELECT
    $1::timestamptz + n * ($2::interval / $3::int),
    'guild.settings.update' || (hashint4(n) & 7),
    'guild',
    (n % 20)::text,
    n % 10 <> 0
FROM generate_series($4::int, $5::int) AS n
"""
NUMBER = "CASE WHEN jsonb_typeof(value) = 'number' THEN value::numeric END"
AGGREGATES = f"count(*) AS entries, count({NUMBER}) AS numbers, sum({NUMBER}) AS total"
COUNTS = {
    "by type": (
        (
            f"SELECT type, {AGGREGATES} FROM slimy.stats"
            " WHERE recorded_at >= $1 AND recorded_at < $2 GROUP BY type ORDER BY type"
        ),
        (SINCE, UNTIL),
    ),
    "one type by day": (
        (
            f"SELECT date_trunc('day', recorded_at, 'UTC') AS bucket, {AGGREGATES} FROM slimy.stats"
            " WHERE recorded_at >= $1 AND recorded_at < $2 AND type = $3 GROUP BY 1 ORDER BY 1"
        ),
        (SINCE, UNTIL, TYPE),
    ),
    "one type by hour": (
        (
            f"SELECT date_trunc('hour', recorded_at, 'UTC') AS bucket, {AGGREGATES} FROM slimy.stats"
            " WHERE recorded_at >= $1 AND recorded_at < $2 AND type = $3 GROUP BY 1 ORDER BY 1"
        ),
        (SINCE, UNTIL, TYPE),
    ),
    "a guild by type": (
        (
            f"SELECT type, {AGGREGATES} FROM slimy.stats"
            " WHERE recorded_at >= $1 AND recorded_at < $2 AND guild_id = $3 GROUP BY type ORDER BY type"
        ),
        (SINCE, UNTIL, GUILD),
    ),
    "audit by action": (
        (
            "SELECT action, count(*) AS entries, count(*) FILTER (WHERE NOT success) AS failures"
            " FROM slimy.audit_logs WHERE occurred_at >= $1 AND occurred_at < $2"
            " GROUP BY action ORDER BY action"
        ),
        (SINCE, UNTIL),
    ),
}
OURS: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "by type": lambda db: db.stats.totals_by_type(SINCE, UNTIL),
    "one type by day": lambda db: db.stats.totals_by_time(TYPE, "day", SINCE, UNTIL),
    "one type by hour": lambda db: db.stats.totals_by_time(TYPE, "hour", SINCE, UNTIL),
    "a guild by type": lambda db: db.stats.totals_by_type(SINCE, UNTIL, guild_id=GUILD),
    "audit by action": lambda db: db.audit_logs.totals(SINCE, UNTIL),
}


async def fill(on: Ground, rows: int) -> None:
    """Store so many statistics and so many audit logs."""
    await on.raw.execute(SETUP)
    for noun, text in (("stats", STATS), ("audit logs", AUDIT)):
        begun = time.perf_counter()
        for first in range(0, rows, BATCH):
            last = min(first + BATCH, rows) - 1
            await on.raw.execute(text, SINCE, UNTIL - SINCE, rows, first, last)
        print(f"{noun:<12} {rows:>12,} rows in {time.perf_counter() - begun:>6.1f} s", flush=True)
    await on.raw.execute("VACUUM (ANALYZE)")


async def fold(on: Ground) -> None:
    """Fold until nothing is left, and say how long it took."""
    for noun, folding in (("stats", on.db.stats.fold), ("audit logs", on.db.audit_logs.fold)):
        begun, deltas = time.perf_counter(), 0
        while batch := await folding():
            deltas += batch
        print(f"{noun:<12} {deltas:>12,} deltas folded in {time.perf_counter() - begun:>6.1f} s")
    await on.raw.execute("VACUUM (ANALYZE)")


def agree(counted: list[Any], answer: Any) -> None:
    """Fail unless an answer says of every line what counting says."""
    lines = getattr(answer, "by_action", answer)
    assert len(lines) == len(counted) > 1
    for row, line in zip(counted, lines, strict=True):
        for name in ("entries", "numbers", "total", "failures"):
            assert row.get(name) == getattr(line, name, row.get(name)), (row, line)


async def ask(on: Ground, state: str, rounds: int) -> None:
    """Time every question; the count is prepared, as ours is."""
    for name, (sql, arguments) in COUNTS.items():
        counting = await on.raw.prepare(sql)
        agree(await counting.fetch(*arguments), await OURS[name](on.db))
        contestants = {
            "counting": always(partial(counting.fetch, *arguments)),
            f"ours, {state}": always(partial(OURS[name], on.db)),
        }
        await compare(name, on, contestants, rounds=rounds)


async def main(*, quick: bool, rows: int) -> None:
    """Fill, ask, fold, and ask again."""
    async with ground() as on:
        await fill(on, rows // 20 if quick else rows)
        await ask(on, "fresh", 3)
        await fold(on)
        await ask(on, "folded", 5)


if __name__ == "__main__":
    chosen = options(__doc__, rows=(2_000_000, "statistics, and as many audit logs"))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(quick=chosen.quick, rows=chosen.rows))

"""Compares this package's bulk calls and nested calls with the driver's own fastest way into the same tables.

    python benchmarks/bulk.py            about 3 minutes
    python benchmarks/bulk.py --quick    about a minute

The first contestant of each table is the limit: raw asyncpg with rows that were made ready before the clock
started. Times are per call; `best` compares the fastest slices, `median` the paired rounds, and `client` is
this side's own CPU. `again` is the limit a second time: its distance from 1.00 is the noise. `cpu`
compares the CPU of client and server together: nothing of the client's work hides behind the server's there, and
neighbours on the machine disturb it least. `same SQL` is the statement of this package, prepared by hand; the
others are what people write who have no such statement.
"""

# ruff: noqa: S608 -- what is put into the texts are constants of this file

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import uvloop
from nested import nested
from paired import Call, Ground, Ready, always, compare, ground, options

from slimy_dal.domain.audit_logs import NewAuditLog
from slimy_dal.domain.chat_messages import NewMessage
from slimy_dal.domain.club_members import ObservedMember
from slimy_dal.domain.membership_entries import RolesEntry
from slimy_dal.domain.stats import NewStat
from slimy_dal.engine.uuid7 import uuids_v7
from slimy_dal.queries import club_members, memberships, stats

USERS, GUILDS = 1_000, 2_000
STATS, CLUB, MEMBERS = 10_000, 500, 500
BUSY = 100
"""Guilds that statistics and messages are of; the others wait for members."""

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
MANY = "ON CONFLICT (user_id, guild_id) DO NOTHING"
STAT_COLUMNS = ("recorded_at", "user_id", "guild_id", "type", "value")
MESSAGE_COLUMNS = (
    "id", "conversation_id", "guild_id", "user_id", "role", "text", "admin_only", "created_at",
)  # fmt: skip
AUDIT_COLUMNS = (
    "occurred_at", "user_id", "action", "resource_type", "resource_id", "details", "ip_address",
    "user_agent", "session_id", "request_id", "success", "error_message",
)  # fmt: skip
VALUES = (17, 12.5, {"client": "web", "ms": 12}, -3, 250, 8.25, True, 0)


class World:
    """Who there is: users and guilds that rows point at."""

    def __init__(self, users: list[UUID]) -> None:
        self.users = users
        self.chance = random.Random(1)  # noqa: S311 -- no secret
        self.fresh = itertools.count(BUSY + 1)

    def user(self) -> UUID:
        """Return any user."""
        return self.chance.choice(self.users)

    def guild(self) -> int:
        """Return a busy guild."""
        return self.chance.randint(1, BUSY)

    def moment(self) -> datetime:
        """Return a moment of the last two hours."""
        return NOW - timedelta(microseconds=self.chance.randrange(7_200_000_000))


async def fill(on: Ground) -> World:
    """Store users and guilds, and return them."""
    rows = await on.raw.fetch(
        "INSERT INTO slimy.users (discord_id, username) "
        "SELECT n, 'user ' || n FROM generate_series(1, $1::int) AS n RETURNING id",
        USERS,
    )
    await on.raw.execute(
        "INSERT INTO slimy.guilds (id, name) "
        "SELECT n, 'guild ' || n FROM generate_series(1, $1::int) AS n",
        GUILDS,
    )
    await on.raw.execute("ANALYZE slimy.users, slimy.guilds")
    return World([row["id"] for row in rows])


def copying(on: Ground, table: str, columns: tuple[str, ...], rows: list[tuple]) -> Call:  # type: ignore[type-arg]
    """Return the driver's COPY of rows."""
    return lambda: on.raw.copy_records_to_table(
        table, schema_name="slimy", columns=columns, records=rows
    )


async def stats_many(on: Ground, world: World, rounds: int) -> None:
    """10,000 statistics in one call, by COPY and by unnest."""
    rows = [
        (world.moment(), world.user(), world.guild(), f"type {n % 8}", VALUES[n % 8])
        for n in range(STATS)
    ]
    entries = [NewStat(t, v, user_id=u, guild_id=g, timestamp=m) for m, u, g, t, v in rows]
    raw = copying(on, "stats", STAT_COLUMNS, rows)
    contestants = {
        "raw COPY": always(raw),
        "again": always(raw),
        "stats.copy_many": always(lambda: on.db.stats.copy_many(entries)),
    }
    await compare("10,000 stats by COPY", on, contestants, rounds=rounds)
    prepared = await on.raw.prepare(stats.RECORD_MANY.sql)
    columns = [list(column) for column in zip(*rows, strict=True)]
    single = await on.raw.prepare(stats.RECORD.sql)
    contestants = {
        "same SQL": always(lambda: prepared.fetch(*columns)),
        "stats.record_many": always(lambda: on.db.stats.record_many(entries)),
        "raw COPY": always(raw),
    }
    await compare("10,000 stats by unnest", on, contestants, rounds=rounds)
    contestants = {
        "raw COPY": always(raw),
        "raw executemany": always(lambda: single.executemany(rows)),
    }
    await compare("10,000 stats one by one", on, contestants, rounds=1)


async def messages(on: Ground, world: World, rounds: int) -> None:
    """10,000 messages by COPY: the limit has its keys made before the clock starts."""
    given = [
        NewMessage(world.user(), f"message {n} " + "words " * (n % 12), guild_id=world.guild())
        for n in range(STATS)
    ]

    def keyed() -> Call:
        now = datetime.now(UTC)
        keys = uuids_v7([now] * STATS)
        rows = [
            (key, None, m.guild_id, m.user_id, m.role, m.text, False, now)
            for key, m in zip(keys, given, strict=True)
        ]
        return copying(on, "chat_messages", MESSAGE_COLUMNS, rows)

    def unkeyed() -> Call:
        now = datetime.now(UTC)
        rows = [(None, m.guild_id, m.user_id, m.role, m.text, False, now) for m in given]
        return copying(on, "chat_messages", MESSAGE_COLUMNS[1:], rows)

    contestants: dict[str, Ready] = {
        "raw COPY, keys ready": keyed,
        "again": keyed,
        "chat_messages.load": always(lambda: on.db.chat_messages.load(given)),
        "raw COPY, server's keys": unkeyed,
        "chat_messages.create_many": always(lambda: on.db.chat_messages.create_many(given)),
    }
    await compare("10,000 messages", on, contestants, rounds=rounds)


async def audit(on: Ground, world: World, rounds: int) -> None:
    """10,000 audit logs by COPY."""
    entries = [
        NewAuditLog(
            action=f"guild.settings.update{n % 5}",
            resource_type="guild",
            resource_id=str(world.guild()),
            user_id=world.user(),
            details={"number": n, "before": {"view": "baseline"}, "after": {"view": "latest"}},
            ip_address=f"10.0.{n % 250}.7",
            user_agent="benchmark/1.0",
            request_id=f"request {n}",
            success=n % 10 != 0,
            timestamp=world.moment(),
        )
        for n in range(STATS)
    ]
    rows = [
        (e.timestamp, e.user_id, e.action, e.resource_type, e.resource_id, dict(e.details),
         e.ip_address, e.user_agent, e.session_id, e.request_id, e.success, e.error_message)
        for e in entries
    ]  # fmt: skip
    raw = copying(on, "audit_logs", AUDIT_COLUMNS, rows)
    contestants = {
        "raw COPY": always(raw),
        "again": always(raw),
        "audit_logs.record_many": always(lambda: on.db.audit_logs.record_many(entries)),
    }
    await compare("10,000 audit logs by COPY", on, contestants, rounds=rounds)


async def clubs(on: Ground, _: World, rounds: int) -> None:
    """Ingest a whole club of 500 members as it was at a moment, over and over again."""
    moments = (NOW - timedelta(days=900) + timedelta(minutes=n) for n in itertools.count())
    keys = [f"member {n:04}" for n in range(CLUB)]
    powers = [1_000_000 + n * 7919 for n in range(CLUB)]
    members = [ObservedMember(k, k.title(), p, p * 2) for k, p in zip(keys, powers, strict=True)]
    prepared = await on.raw.prepare(club_members.INGEST.sql)
    columns = (keys, [key.title() for key in keys], powers, [power * 2 for power in powers])
    single = await on.raw.prepare(
        "INSERT INTO slimy.club_member_metrics"
        " (guild_id, member_key, observed_at, name, sim_power, total_power)"
        " VALUES (1, $1, $2, $3, $4, $5)"
    )

    def ours() -> Call:
        moment = next(moments)
        return lambda: on.db.club_members.ingest(1, members, moment)

    def raw() -> Call:
        moment = next(moments)
        return lambda: prepared.fetch(1, moment, *columns)

    def copied() -> Call:
        moment = next(moments)
        rows = [(1, m.member_key, moment, m.name, m.sim_power, m.total_power) for m in members]
        return copying(
            on,
            "club_member_metrics",
            ("guild_id", "member_key", "observed_at", "name", "sim_power", "total_power"),
            rows,
        )

    def one_by_one() -> Call:
        moment = next(moments)
        rows = [(m.member_key, moment, m.name, m.sim_power, m.total_power) for m in members]
        return lambda: single.executemany(rows)

    contestants: dict[str, Ready] = {
        "same SQL": raw,
        "again": raw,
        "club_members.ingest": ours,
        "raw COPY, fails if known": copied,
        "raw executemany": one_by_one,
    }
    await compare("a club of 500", on, contestants, rounds=rounds, calls=3)


async def members(on: Ground, world: World, rounds: int) -> None:
    """500 members added to a guild that has none; only ours and the same SQL say what became of each."""
    chosen = sorted(world.users[:MEMBERS])
    entries = [RolesEntry(user) for user in chosen]
    roles = ["member"] * MEMBERS
    same = await on.raw.prepare(memberships.ADD_MANY.sql)
    insert = await on.raw.prepare(
        "INSERT INTO slimy.user_guilds (user_id, guild_id, roles)"
        f" SELECT u, $2, '{{member}}' FROM unnest($1::uuid[]) AS u {MANY} RETURNING user_id"
    )
    single = await on.raw.prepare(
        f"INSERT INTO slimy.user_guilds (user_id, guild_id, roles) VALUES ($1, $2, $3) {MANY}"
    )

    def on_fresh(make: Callable[[int], Call]) -> Ready:
        return lambda: make(next(world.fresh))

    def sent(parameters: tuple[str, ...], guild: int) -> Iterator[object]:
        given = {"user_ids": chosen, "roles": roles, "guild_id": guild}
        return (given[name] for name in parameters)

    names = tuple(parameter.name for parameter in memberships.ADD_MANY.parameters)
    rows = [(user, ["member"]) for user in chosen]
    contestants = {
        "same SQL": on_fresh(lambda guild: lambda: same.fetch(*sent(names, guild))),
        "again": on_fresh(lambda guild: lambda: same.fetch(*sent(names, guild))),
        "memberships.add_many": on_fresh(
            lambda guild: lambda: on.db.memberships.add_many(guild, entries)
        ),
        "raw INSERT SELECT": on_fresh(lambda guild: lambda: insert.fetch(chosen, guild)),
        "raw executemany": on_fresh(
            lambda guild: lambda: single.executemany([(u, guild, r) for u, r in rows])
        ),
    }
    await compare("500 memberships", on, contestants, rounds=rounds, calls=3)


async def main(*, quick: bool) -> None:
    """Run every workload and print its table."""
    rounds = 3 if quick else 11
    async with ground() as on:
        world = await fill(on)
        for workload in (stats_many, messages, audit, clubs, members):
            await workload(on, world, rounds)
        await nested(on, world.users[0], rounds)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(quick=options(__doc__).quick))

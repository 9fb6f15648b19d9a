"""The command `slimy health`: how a database is, for those who look after it."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from slimy_dal.cli.errors import plainly
from slimy_dal.cli.partitions import DSN
from slimy_dal.compiler.plans.words import size
from slimy_dal.engine.settings import PoolSettings

if TYPE_CHECKING:
    from slimy_dal.domain.health import Figures, Missing

PAGE = 8192


@click.command()
@DSN
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
@click.option("--all", "everything", is_flag=True, help="Every table and index, not the first ten.")
@plainly
def health(dsn: str, *, as_json: bool, everything: bool) -> None:
    """Print how a database is: lag, connections, cache, sizes, dead rows, unused indexes, waits, what is missing.

    Nothing is changed. What belongs to other logins is left out unless this one has pg_read_all_stats; the estimate of
    what is bloated needs the tables' owner, because row level security hides the statistics from others.
    """
    figures, missing = asyncio.run(_ask(dsn))
    if as_json:
        found = {"missing": missing, **msgspec.to_builtins(figures)}
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
        return
    for line in _lines(figures, missing, None if everything else 10):
        click.echo(line)


async def _ask(dsn: str) -> "tuple[Figures, list[Missing]]":
    from slimy_dal.domain.database import Database  # noqa: PLC0415 -- generated code may be stale elsewhere

    async with Database.open(dsn, settings=PoolSettings.from_environment()) as db:
        return await db.health.figures(), await db.health.missing()


def _lines(figures: "Figures", missing: "Sequence[Missing]", most: int | None) -> Iterator[str]:
    yield from _server(figures)
    yield ""
    yield f"{'table':32} {'rows':>13} {'dead':>10} {'table':>8} {'indexes':>8} {'bloat':>8}  vacuumed"
    for one in figures.tables[:most]:
        bloat = "?" if one.bloat_bytes is None else _size(one.bloat_bytes)
        vacuumed = "never" if one.vacuumed_at is None else f"{one.vacuumed_at:%Y-%m-%d %H:%M}"
        sizes = f"{_size(one.table_bytes):>8} {_size(one.index_bytes):>8} {bloat:>8}"
        yield f"{one.table_name:32} {one.row_count:>13,} {one.dead_count:>10,} {sizes}  {vacuumed}"
    unused = [f"{one.index_name}  {_size(one.index_bytes)}" for one in figures.unused]
    yield from _listed("indexes that nothing has read since counting began", unused[:most])
    broken = [one.index_name for one in figures.indexes if not one.is_valid]
    yield from _listed("indexes that are not valid", broken)
    yield from _listed(
        "open transactions",
        (
            f"{one.seconds:.1f} s, {one.state or 'unknown'}: process {one.pid} of {one.login}, {one.application}"
            for one in figures.transactions
        ),
    )
    yield from _listed(
        "waiting for locks",
        (
            f"{one.seconds or 0:.1f} s: process {one.pid} for {one.lock_mode} on {one.table_name or 'no table'},"
            f" behind {', '.join(map(str, one.blocked_by or ()))}"
            for one in figures.waits
        ),
    )
    yield from _listed("missing", map(str, missing))


def _server(figures: "Figures") -> Iterator[str]:
    pulse = figures.pulse
    server = pulse.server
    kind = "standby" if server.is_replica else "primary"
    yield f"PostgreSQL {server.server_version}, {kind}, {_size(figures.database_bytes)} in the schema"
    yield f"connections: {server.connection_count} of {server.connection_limit}"
    if pulse.cache_hit is not None:
        yield f"pages found in memory: {pulse.cache_hit:.2%}"
    yield f"transactions since the oldest row was frozen: {server.transaction_age:,} (of 2,000,000,000)"
    if server.replay_lag_bytes is not None:
        yield f"replay: {_size(server.replay_lag_bytes)}, {server.replay_lag_seconds or 0:.1f} s behind"
    for one in pulse.standbys:
        lag = "unknown" if one.lag_bytes is None else _size(one.lag_bytes)
        yield f"standby {one.standby_name or '(not told)'}: {one.state or 'unknown'}, {lag} behind"
    if not server.sees_all:
        yield "other logins' sessions and standbys' lags: not told to this login (pg_read_all_stats)"


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield f"{title}:"
        yield from (f"  {line}" for line in found)


def _size(count: float) -> str:
    return size(count / PAGE)

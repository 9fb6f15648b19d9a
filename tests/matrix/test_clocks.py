"""Clocks that are wrong and months that end: the database decides what time it is."""

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from slimy_dal.domain.audit_logs import NewAuditLog
from slimy_dal.domain.database import Database
from slimy_dal.engine.errors import CheckViolated, MissingPartition
from tests import make

HOUR = dt.timedelta(hours=1)
ZONES = ("UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin")


@contextmanager
def clock(off: dt.timedelta) -> Iterator[None]:
    """Let all modules of the package and the service believe that it is another time."""
    true: Any = dt.datetime

    class Kind(type):
        def __instancecheck__(cls, thing: object) -> bool:
            return isinstance(thing, true)

    class Shifted(dt.datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Any:
            return dt.datetime.now(tz) + off

    changed = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(("slimy_dal.domain", "slimy_dal.engine", "service"))
        and getattr(module, "datetime", None) is true
    ]
    assert changed
    for module in changed:
        module.datetime = Shifted  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in changed:
            module.datetime = true  # type: ignore[attr-defined]


@pytest.mark.fault("K1")
@pytest.mark.parametrize("off", [HOUR, -HOUR])
async def test_what_has_expired_is_said_by_the_clock_of_the_database(
    db: Database, database_url: str, off: dt.timedelta
) -> None:
    user = await make.user(db)
    now = dt.datetime.now(dt.UTC)
    with clock(off):
        kept = await db.sessions.create(user.id, expires_at=now + HOUR / 2)
        over = await db.sessions.create(user.id, expires_at=now + HOUR / 2)
        key = await db.api_keys.create("a", ["users:read"], expires_at=now + HOUR / 2)
        with pytest.raises(CheckViolated):
            await db.sessions.create(user.id, expires_at=now - HOUR / 2)
        with psycopg.connect(database_url) as connection:
            connection.execute(
                "UPDATE slimy.sessions SET created_at = now() - interval '2 hours',"
                " expires_at = now() - interval '1 second' WHERE id = %s",
                (over.session.id,),
            )
        assert await db.sessions.find_by_token(kept.token) is not None
        assert await db.sessions.find_by_token(over.token) is None
        assert await db.api_keys.verify(key.key) is not None
        assert await db.sessions.purge_expired() == 1
        assert await db.sessions.find_by_token(kept.token) is not None


def months(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent = 'slimy.audit_logs'::regclass ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


@pytest.mark.fault("K3")
@pytest.mark.parametrize("zone", ZONES)
async def test_the_first_and_last_moment_of_a_month_lie_in_it_in_every_zone(
    db: Database, database_url: str, zone: str
) -> None:
    now = dt.datetime.now(dt.UTC)
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    moments = (first, first - dt.timedelta(microseconds=1))
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT set_config('timezone', %s, false)", (zone,))
        for moment in moments:
            connection.execute(
                "INSERT INTO slimy.audit_logs (action, resource_type, occurred_at)"
                " VALUES ('guild.create', 'guild', %s)",
                (moment.isoformat(),),
            )
        found = connection.execute(
            "SELECT tableoid::regclass::text FROM slimy.audit_logs ORDER BY occurred_at DESC"
        ).fetchall()
    assert [name[-7:] for (name,) in found] == [f"{one:%Y_%m}" for one in moments]
    assert await db.health.ping()


@pytest.mark.fault("K4")
async def test_without_partitions_the_error_says_which_month_is_missing_and_the_rest_goes_on(
    db: Database, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        for name in months(connection):
            connection.execute(f"DROP TABLE {name}")
    with pytest.raises(MissingPartition, match="partition"):
        await db.audit_logs.record(NewAuditLog("guild.create", "guild"))
    ending = await db.health.partitions()
    assert "audit_logs" in " ".join(str(one) for one in ending)
    assert (await make.user(db)).id

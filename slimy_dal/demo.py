"""The demo profile of made-up data, for a database that has none: the first request shows something (SPEC B7)."""

from slimy_dal.domain.database import Database
from slimy_dal.seed import load as seeding
from slimy_dal.seed.plan import PROFILES

__all__ = ["PLAN", "is_empty", "load"]

PLAN = PROFILES["demo"]


async def is_empty(db: Database) -> bool:
    """Say whether the database holds neither users nor guilds."""
    return await seeding.is_empty(db.pool)


async def load(db: Database) -> None:
    """Write the demo data in one transaction; the same every time. Raises Conflict where there are users or guilds."""
    async with db.pool.transaction() as tx:
        await seeding.load(tx, PLAN, lambda *_: None)

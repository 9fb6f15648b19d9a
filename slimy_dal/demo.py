"""The demo profile of made-up data, for a database that has none: the first request shows something (SPEC B7)."""

from slimy_dal.domain.database import Database
from slimy_dal.queries import health
from slimy_dal.seed import load as seeding
from slimy_dal.seed.plan import PROFILES

__all__ = ["PLAN", "is_empty", "load"]

PLAN = PROFILES["demo"]


async def is_empty(db: Database) -> bool:
    """Say whether the database holds no data; API keys do not count."""
    return await health.find_data(db.pool) is None


async def load(db: Database) -> None:
    """Write what `slimy seed` writes, in one transaction; the same every time. Raises Conflict where there is data."""
    await seeding.load(db.pool, PLAN, lambda *_: None)

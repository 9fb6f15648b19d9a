"""A PostgreSQL data platform in hand-written SQL.

    async with Database.open("postgresql://...") as db:
        user = await db.users.find_or_create(80351110224678912, username="Nelly")
"""

from slimy_dal.domain.database import Database
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.secrets import Keyring
from slimy_dal.engine.types import UNSET, Page

__all__ = ["UNSET", "Database", "Keyring", "Page", "SlimyError"]

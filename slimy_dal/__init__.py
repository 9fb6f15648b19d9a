"""A PostgreSQL data platform in hand-written SQL.

async with Database.open("postgresql://...") as db:
    user = await db.users.find_or_create(80351110224678912, username="Nelly")
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slimy_dal.domain.database import Database
    from slimy_dal.engine.errors import SlimyError
    from slimy_dal.engine.secrets import Keyring
    from slimy_dal.engine.types import UNSET, Page

__all__ = ["UNSET", "Database", "Keyring", "Page", "SlimyError"]

_HOMES = {
    "UNSET": "slimy_dal.engine.types",
    "Database": "slimy_dal.domain.database",
    "Keyring": "slimy_dal.engine.secrets",
    "Page": "slimy_dal.engine.types",
    "SlimyError": "slimy_dal.engine.errors",
}


def __getattr__(name: str) -> object:
    """Load a public name at its first use: the generator must start while generated code is stale."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

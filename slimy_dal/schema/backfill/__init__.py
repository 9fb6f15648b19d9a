"""Data migrations in batches: each batch and the place it reached commit together, so that nothing is lost or done twice."""

from slimy_dal.schema.backfill.files import Backfill, BackfillError, is_backfill, read
from slimy_dal.schema.backfill.pace import Pace
from slimy_dal.schema.backfill.places import create, forget, restart
from slimy_dal.schema.backfill.progress import Progress
from slimy_dal.schema.backfill.runner import run
from slimy_dal.schema.backfill.script import script

__all__ = [
    "Backfill",
    "BackfillError",
    "Pace",
    "Progress",
    "create",
    "forget",
    "is_backfill",
    "read",
    "restart",
    "run",
    "script",
]

"""Data migrations in batches: each batch commits together with the place it reached, so that no row is done twice."""

from slimy_dal.schema.backfill.files import Backfill, BackfillError, masked, read, whole
from slimy_dal.schema.backfill.pace import Pace
from slimy_dal.schema.backfill.places import Reached, forgotten, reached, restart
from slimy_dal.schema.backfill.progress import Progress, now_and_then
from slimy_dal.schema.backfill.runner import run
from slimy_dal.schema.backfill.script import script

__all__ = [
    "Backfill",
    "BackfillError",
    "Pace",
    "Progress",
    "Reached",
    "forgotten",
    "masked",
    "now_and_then",
    "reached",
    "read",
    "restart",
    "run",
    "script",
    "whole",
]

"""Partitions: the months of the tables that are partitioned by month, made ahead of time."""

from datetime import UTC, date, datetime

from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.statement import Executor
from slimy_dal.queries import partitions as queries
from slimy_dal.queries.partitions import ListEndsRow as PartitionsEnd
from slimy_dal.queries.partitions import MakeRow as MadePartitions

__all__ = ["MAX_MONTHS", "MadePartitions", "Partitions", "PartitionsEnd"]

MAX_MONTHS = 240


class Partitions:
    """Everything about partitions, over one executor; making them takes the owner of the tables."""

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def make(self, months: int = 13, *, first: date | None = None) -> list[MadePartitions]:
        """Make the partitions of so many months from `first` on, or from this month, that are not there yet.

        Returns how many were made of each table. Idempotent. Raises InvalidValue (months), PermissionDenied, and
        LockTimeout where writers were busy: call it again then.
        """
        if type(months) is not int or not 1 <= months <= MAX_MONTHS:
            raise InvalidValue("months", f"is not between 1 and {MAX_MONTHS}")
        first_month = first or datetime.now(UTC).date()
        return await queries.make(self._executor, first_month=first_month, months=months)

    async def ends(self) -> list[PartitionsEnd]:
        """Return until when each table has a partition for every moment from now on; None where not even for now."""
        return await queries.list_ends(self._executor)

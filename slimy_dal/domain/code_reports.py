"""Code reports: users say that a gift code does not work, a reviewer settles it once (SPEC D11)."""

from typing import Final, Literal
from uuid import UUID

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import Conflict, InvalidValue
from slimy_dal.engine.rows import checked_limit, cut, found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import code_reports as queries
from slimy_dal.queries.code_reports import CodeReport, Reason, Status

__all__ = ["CodeReport", "CodeReports", "Reason", "Status", "Verdict"]

Verdict = Literal["verified", "rejected"]

FIRST_ID: Final = UUID(int=0)
LAST_ID: Final = UUID(int=2**128 - 1)


class CodeReports:
    """Everything about code reports, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        code: str,
        reason: Reason,
        *,
        details: str | None = None,
        reporter_id: UUID | None = None,
    ) -> CodeReport:
        """Report a code. Raises CheckViolated, InvalidReference for an unknown reporter."""
        return await queries.create(
            self._executor, code=code, reason=reason, details=details, reporter_id=reporter_id
        )

    async def get(self, id: UUID) -> CodeReport:
        """Return a report. Raises NotFound."""
        return found(await queries.get(self._executor, id=id), "code report")

    async def review(
        self, id: UUID, verdict: Verdict, *, reviewer_id: UUID | None = None
    ) -> CodeReport:
        """Settle a report for good. Of many who try at the same time exactly one does.

        Raises NotFound, Conflict when it is settled already, InvalidReference for an unknown reviewer.
        """
        if verdict not in {"verified", "rejected"}:
            raise InvalidValue("status", "is not one of verified, rejected")
        row = await queries.review(self._executor, id=id, status=verdict, reviewer_id=reviewer_id)
        if row is None:
            settled = await self.get(id)
            raise Conflict(
                f"the code report was {settled.status} already, and a review is final; "
                "make a new report if it was wrong"
            )
        return row

    async def list(
        self,
        *,
        status: Status | None = None,
        code: str | None = None,
        reporter_id: UUID | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[CodeReport]:
        """Return one page of reports, newest first: all, those of a status, about a code, or by a reporter.

        Raises InvalidValue (limit, cursor, more than one of the three).
        """
        place = f"code-reports?{status}&{code}&{reporter_id}"
        row_limit = checked_limit(limit)
        before = self._cursors.decode(place, cursor, tuple[UUID])[0] if cursor else LAST_ID
        if sum(one is not None for one in (status, code, reporter_id)) > 1:
            raise InvalidValue("status", "give one of status, code and reporter_id")
        if status is not None:
            rows = await queries.list_of_status(
                self._executor, status=status, before_id=before, row_limit=row_limit
            )
        elif code is not None:
            rows = await queries.list_of_code(
                self._executor, code=code, before_id=before, row_limit=row_limit
            )
        elif reporter_id is not None:
            rows = await queries.list_of_reporter(
                self._executor, reporter_id=reporter_id, before_id=before, row_limit=row_limit
            )
        else:
            rows = await queries.list_newest(self._executor, before_id=before, row_limit=row_limit)
        return cut(rows, limit, lambda row: self._cursors.encode(place, (row.id,)))

    async def list_waiting(self, *, cursor: str | None = None, limit: int = 50) -> Page[CodeReport]:
        """Return one page of the reports that wait for a review, the longest waiting first.

        Raises InvalidValue (limit, cursor).
        """
        place = "code-reports/waiting"
        row_limit = checked_limit(limit)
        after = self._cursors.decode(place, cursor, tuple[UUID])[0] if cursor else FIRST_ID
        rows = await queries.list_waiting(self._executor, after_id=after, row_limit=row_limit)
        return cut(rows, limit, lambda row: self._cursors.encode(place, (row.id,)))

    async def delete(self, id: UUID) -> None:
        """Remove a report. Raises NotFound."""
        found(await queries.delete(self._executor, id=id) or None, "code report")

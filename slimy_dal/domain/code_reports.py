"""Code reports: users say that a gift code does not work, a reviewer settles it once (SPEC D11)."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from slimy_dal.domain.versions import asked, changed, raise_stale
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import Conflict, InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.queries import code_reports as queries
from slimy_dal.queries.code_reports import CodeReport, Reason, Status
from slimy_dal.queries.code_reports import ListNewestFilter as CodeReportFilter
from slimy_dal.queries.code_reports import ListNewestSort as CodeReportSort

__all__ = [
    "CodeReport",
    "CodeReportFilter",
    "CodeReportSort",
    "CodeReports",
    "Reason",
    "Status",
    "Verdict",
]

Verdict = Literal["verified", "rejected"]

EVERYTHING: Final = CodeReportFilter()


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
        self,
        id: UUID,
        verdict: Verdict,
        *,
        reviewer_id: UUID | None = None,
        version: datetime | Unset = UNSET,
    ) -> CodeReport:
        """Settle a report for good. Of many who try at the same time exactly one does.

        Raises NotFound, Conflict when it is settled already, StaleVersion, InvalidReference for an unknown reviewer.
        """
        if verdict not in {"verified", "rejected"}:
            raise InvalidValue("status", "is not one of verified, rejected")
        row = await queries.review(
            self._executor,
            id=id,
            status=verdict,
            reviewer_id=reviewer_id,
            version=asked(version),
        )
        if row is None:
            settled = await self.get(id)
            if version not in (UNSET, settled.updated_at):
                raise_stale()
            raise Conflict(
                f"the code report was {settled.status} already, and a review is final; "
                "make a new report if it was wrong"
            )
        return row

    async def list(
        self,
        filter: CodeReportFilter = EVERYTHING,
        *,
        sort: CodeReportSort = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[CodeReport]:
        """Return one page of reports: those that have everything the filter says; pending and oldest is the queue.

        Raises InvalidValue (limit, sort, cursor).
        """
        return await queries.list_newest(
            self._executor, self._cursors, filter=filter, sort=sort, cursor=cursor, limit=limit
        )

    async def delete(self, id: UUID, *, version: datetime | Unset = UNSET) -> None:
        """Remove a report. Raises NotFound, StaleVersion."""
        deleted = await queries.delete(self._executor, id=id, version=asked(version))
        await changed(deleted or None, "code report", version, lambda: self.get(id))

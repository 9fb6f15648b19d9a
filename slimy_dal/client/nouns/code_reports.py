"""Generated from the routes of the service by `slimy client`; do not edit."""

from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page


_CODE_REPORTS_LIST_REPORTS = Operation[Page[shapes.CodeReport]](
    "code_reports_list_reports",
    "GET",
    "/v1/code-reports",
    Page[shapes.CodeReport],
)
_CODE_REPORTS_LIST_OF_USER = Operation[Page[shapes.CodeReport]](
    "code_reports_list_of_user",
    "GET",
    "/v1/users/{user_id}/code-reports",
    Page[shapes.CodeReport],
)
_CODE_REPORTS_CREATE = Operation[shapes.CodeReport](
    "code_reports_create",
    "POST",
    "/v1/code-reports",
    shapes.CodeReport,
)
_CODE_REPORTS_GET = Operation[shapes.CodeReport](
    "code_reports_get",
    "GET",
    "/v1/code-reports/{report_id}",
    shapes.CodeReport,
)
_CODE_REPORTS_REVIEW = Operation[shapes.CodeReport](
    "code_reports_review",
    "POST",
    "/v1/code-reports/{report_id}/review",
    shapes.CodeReport,
)
_CODE_REPORTS_REMOVE = Operation[None](
    "code_reports_remove",
    "DELETE",
    "/v1/code-reports/{report_id}",
    None,
)


class CodeReports(Noun):
    """Gift codes that do not do what they say."""

    __slots__ = ()

    def list_reports(
        self,
        *,
        status: Literal["pending", "verified", "rejected"] | None = None,
        code: str | None = None,
        reporter_id: UUID | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.CodeReport]:
        """List code reports that have everything asked for, newest first, or oldest first with
        `sort=oldest`.

        Reviewers work on `status=pending&sort=oldest`.

        Who may: an API key with the scope `code-reports:read`.
        """
        return Pages(
            self._transport,
            _CODE_REPORTS_LIST_REPORTS,
            query={
                "status": status,
                "code": code,
                "reporterId": reporter_id,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        status: Literal["pending", "verified", "rejected"] | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.CodeReport]:
        """List the code reports of a user, newest first, or oldest first with `sort=oldest`.

        Who may: an API key with the scope `code-reports:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CODE_REPORTS_LIST_OF_USER,
            path={"user_id": user_id},
            query={"status": status, "sort": sort, "cursor": cursor, "limit": limit},
        )

    async def create(
        self,
        *,
        code: str,
        reason: Literal["expired", "invalid", "duplicate", "other"],
        details: str | None | UnsetType = UNSET,
        reporter_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.CodeReport:
        """Report a gift code.

        A user's session reports for its own user only.

        Who may: an API key with the scope `code-reports:write`, or any session.
        """
        return await self._transport.call(
            _CODE_REPORTS_CREATE,
            body=shapes.NewCodeReport(
                code=code,
                reason=reason,
                details=details,
                reporter_id=reporter_id,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, report_id: UUID) -> shapes.CodeReport:
        """Return a code report.

        In a user's session one of their own: any other looks like one that does not exist.

        Who may: an API key with the scope `code-reports:read`, or any session.
        """
        return await self._transport.call(_CODE_REPORTS_GET, path={"report_id": report_id})

    async def review(
        self,
        report_id: UUID,
        *,
        status: Literal["verified", "rejected"],
        reviewer_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> shapes.CodeReport:
        """Settle a code report that waits, for good.

        Of many who try at the same time exactly one does; for the others it is a conflict.

        Who may: an API key with the scope `code-reports:write`.
        """
        return await self._transport.call(
            _CODE_REPORTS_REVIEW,
            path={"report_id": report_id},
            body=shapes.Review(status=status, reviewer_id=reviewer_id),
            key=idempotency_key or new_key(),
            if_match=if_match,
        )

    async def remove(self, report_id: UUID, *, if_match: str | None = None) -> None:
        """Remove a code report.

        Who may: an API key with the scope `code-reports:write`.
        """
        return await self._transport.call(
            _CODE_REPORTS_REMOVE,
            path={"report_id": report_id},
            if_match=if_match,
        )

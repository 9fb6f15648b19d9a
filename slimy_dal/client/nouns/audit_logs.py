"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Json, Page


_AUDIT_LOGS_LIST_LOGS = Operation[Page[shapes.AuditLog]](
    "audit_logs_list_logs",
    "GET",
    "/v1/audit-logs",
    Page[shapes.AuditLog],
)
_AUDIT_LOGS_RECORD = Operation[shapes.AuditLog](
    "audit_logs_record",
    "POST",
    "/v1/audit-logs",
    shapes.AuditLog,
)
_AUDIT_LOGS_TOTAL = Operation[shapes.AuditTotals](
    "audit_logs_total",
    "GET",
    "/v1/audit-logs:totals",
    shapes.AuditTotals,
)


class AuditLogs(Noun):
    """Who did what, for good."""

    __slots__ = ()

    def list_logs(
        self,
        *,
        user_id: UUID | None = None,
        action: str | None = None,
        resource_type: str | None = None,
        resource_id: str | None = None,
        success: bool | None = None,
        request_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.AuditLog]:
        """List audit logs that have everything asked for, newest first.

        `since` is part of the time asked for, `until` is not. `requestId` is asked for alone: what
        was logged in one request is a handful.

        Who may: an API key with the scope `audit-logs:read`.
        """
        return Pages(
            self._transport,
            _AUDIT_LOGS_LIST_LOGS,
            query={
                "userId": user_id,
                "action": action,
                "resourceType": resource_type,
                "resourceId": resource_id,
                "success": success,
                "requestId": request_id,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def record(
        self,
        *,
        action: str,
        resource_type: str,
        resource_id: str | None | UnsetType = UNSET,
        user_id: UUID | None | UnsetType = UNSET,
        details: Mapping[str, Json] | UnsetType = UNSET,
        ip_address: str | None | UnsetType = UNSET,
        user_agent: str | None | UnsetType = UNSET,
        session_id: UUID | None | UnsetType = UNSET,
        request_id: str | None | UnsetType = UNSET,
        success: bool | UnsetType = UNSET,
        error_message: str | None | UnsetType = UNSET,
        timestamp: datetime | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.AuditLog:
        """Log one action of a service's own; it stays for good.

        Who may: an API key with the scope `audit-logs:write`.
        """
        return await self._transport.call(
            _AUDIT_LOGS_RECORD,
            body=shapes.LogToKeep(
                action=action,
                resource_type=resource_type,
                resource_id=resource_id,
                user_id=user_id,
                details=details,
                ip_address=ip_address,
                user_agent=user_agent,
                session_id=session_id,
                request_id=request_id,
                success=success,
                error_message=error_message,
                timestamp=timestamp,
            ),
            key=idempotency_key or new_key(),
        )

    async def total(self, *, since: datetime, until: datetime) -> shapes.AuditTotals:
        """Count what was logged in a period: all, what failed, and each action.

        Exact to the last commit. The success rate is null where nothing was logged.

        Who may: an API key with the scope `audit-logs:read`.
        """
        return await self._transport.call(_AUDIT_LOGS_TOTAL, query={"since": since, "until": until})

"""Audit logs over HTTP: who did what, kept for good; there is no way to change or remove one (SPEC D10)."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from service.auth import Policy
from service.examples import ANALYSIS, USER
from service.inputs import (
    DEFAULT_LIMIT,
    Body,
    Cursor,
    Flag,
    Id,
    JsonObject,
    Limit,
    Moment,
    asked,
)
from service.jsoninput import NO_NUL
from service.problems import Refusal, in_parameter
from service.routes import Call, Created, Routes
from service.stats import Since, Until
from service.wire import since_and_until
from slimy_dal.domain.audit_logs import AuditLog, AuditLogFilter, AuditTotals, NewAuditLog
from slimy_dal.engine.types import Page

routes = Routes("audit logs", "Who did what, for good.")

READ = Policy("audit-logs:read")
WRITE = Policy("audit-logs:write")

EXAMPLE: Final = {
    "action": "club.analysis.create",
    "resourceType": "club_analysis",
    "resourceId": ANALYSIS,
    "userId": USER,
    "details": {"images": 3},
    "ipAddress": "192.0.2.7",
    "userAgent": "slimy-bot/2.1",
    "success": True,
}
LOG_BODY: Final = 512 * 1024
"""Room for details of 64 KiB with each character escaped, and for all the rest."""

Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=NO_NUL),
    Field(
        description="Words with dots between them, spelled in lower case: `ClubAnalysis:Create` is "
        "`club_analysis.create`.",
        examples=["club_analysis.create"],
    ),
]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]


class LogToKeep(Body):
    """An action to log."""

    action: Words
    resource_type: Words
    resource_id: Reference | None = None
    user_id: Annotated[Id | None, Field(description="Who did it; null where nobody did.")] = None
    details: JsonObject = {}  # noqa: RUF012 -- pydantic copies defaults
    ip_address: Annotated[
        str | None,
        Field(max_length=45, pattern=NO_NUL, description="An IPv4 or IPv6 address."),
    ] = None
    user_agent: Annotated[
        str | None, StringConstraints(min_length=1, max_length=1024, pattern=NO_NUL)
    ] = None
    session_id: Id | None = None
    request_id: Annotated[
        Reference | None, Field(description="The request it was done in; this one where left out.")
    ] = None
    success: bool = True
    error_message: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=NO_NUL)] | None,
        Field(description="Why it failed; null where it did not."),
    ] = None
    timestamp: Annotated[
        Moment | None, Field(description="When it was done; now where left out.")
    ] = None


@routes.route("GET", "/v1/audit-logs", READ, "invalid_cursor")
async def list_logs(
    call: Call,
    *,
    user_id: Id | None = None,
    action: Words | None = None,
    resource_type: Words | None = None,
    resource_id: Reference | None = None,
    success: Flag | None = None,
    request_id: Reference | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[AuditLog]:
    """List audit logs that have everything asked for, newest first.

    `since` is part of the time asked for, `until` is not. `requestId` is asked for alone: what was logged in one
    request is a handful.
    """
    narrowed = (user_id, action, resource_type, resource_id, success, since, until)
    if request_id is not None:
        if any(one is not None for one in narrowed):
            raise _not_alone()
        return await call.db.audit_logs.list_of_request(request_id, cursor=cursor, limit=limit)
    wanted = AuditLogFilter(
        user_id=asked(user_id),
        action=asked(action),
        resource_type=asked(resource_type),
        resource_id=asked(resource_id),
        success=asked(success),
    )
    return await call.db.audit_logs.list(
        wanted, since=asked(since), until=asked(until), cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    "/v1/audit-logs",
    WRITE,
    "missing_reference",
    body_limit=LOG_BODY,
    body_example=EXAMPLE,
)
async def record(call: Call, *, body: LogToKeep) -> Created[AuditLog]:
    """Log one action of a service's own; it stays for good."""
    given = {"request_id": call.request_id, **body.given()}
    made = await call.db.audit_logs.record(NewAuditLog(**given))
    return Created(made, f"/v1/audit-logs?{since_and_until(made.timestamp)}")


@routes.route("GET", "/v1/audit-logs:totals", READ)
async def total(call: Call, *, since: Since, until: Until) -> AuditTotals:
    """Count what was logged in a period: all, what failed, and each action.

    Exact to the last commit. The success rate is null where nothing was logged.
    """
    return await call.db.audit_logs.totals(since, until)


def _not_alone() -> Refusal:
    detail = "is asked for alone, without other filters"
    entry = in_parameter("query", "requestId", "not_alone", detail)
    return Refusal("invalid_parameter", f"requestId {detail}", [entry])

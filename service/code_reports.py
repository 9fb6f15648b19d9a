"""Code reports over HTTP: users say that a gift code does not work, a reviewer settles it (SPEC D11)."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from service.auth import Anyone, Own, Policy
from service.examples import USER
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, asked
from service.jsoninput import NO_NUL
from service.principals import Principal, Visitor
from service.problems import Refusal
from service.routes import Call, Created, Routes
from slimy_dal.domain.code_reports import (
    CodeReport,
    CodeReportFilter,
    CodeReportSort,
    Reason,
    Status,
    Verdict,
)
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.types import Page

routes = Routes("code reports", "Gift codes that do not do what they say.")

READ = Policy("code-reports:read")
READ_OWN = Policy("code-reports:read", (Own(),))
READ_ANY_OWN = Policy("code-reports:read", (Anyone(),))
REPORT = Policy("code-reports:write", (Anyone(),))
WRITE = Policy("code-reports:write")


Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s\x00-\x1f\x7f-\x9f]+(?!\n)$"),
    Field(description="The gift code as it was written: upper and lower case are told apart."),
]
Details = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=NO_NUL)]


class NewCodeReport(Body):
    """What is wrong with a gift code."""

    code: Code
    reason: Reason
    details: Details | None = None
    reporter_id: Annotated[
        Id | None,
        Field(description="Who says so; in a user's session they do, and it may be left out."),
    ] = None


class Review(Body):
    """What a reviewer found out about a report."""

    status: Annotated[
        Verdict, Field(description="`verified`: the reporter is right, the code does not work.")
    ]
    reviewer_id: Id | None = None


@routes.route("GET", "/v1/code-reports", READ, "invalid_cursor")
async def list_reports(
    call: Call,
    *,
    status: Status | None = None,
    code: Code | None = None,
    reporter_id: Id | None = None,
    sort: CodeReportSort = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[CodeReport]:
    """List code reports that have everything asked for, newest first, or oldest first with `sort=oldest`.

    Reviewers work on `status=pending&sort=oldest`.
    """
    wanted = CodeReportFilter(
        status=asked(status), code=asked(code), reporter_id=asked(reporter_id)
    )
    return await call.db.code_reports.list(wanted, sort=sort, cursor=cursor, limit=limit)


@routes.route("GET", "/v1/users/{user_id}/code-reports", READ_OWN, "not_found", "invalid_cursor")
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    status: Status | None = None,
    sort: CodeReportSort = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[CodeReport]:
    """List the code reports of a user, newest first, or oldest first with `sort=oldest`."""
    wanted = CodeReportFilter(status=asked(status), reporter_id=user_id)
    return await call.db.code_reports.list(wanted, sort=sort, cursor=cursor, limit=limit)


@routes.route(
    "POST",
    "/v1/code-reports",
    REPORT,
    "not_your_account",
    "missing_reference",
    body_example={
        "code": "SLIME2024",
        "reason": "expired",
        "details": "The game says it is over.",
        "reporterId": USER,
    },
)
async def create(call: Call, *, body: NewCodeReport) -> Created[CodeReport]:
    """Report a gift code.

    A user's session reports for its own user only.
    """
    made = await call.db.code_reports.create(
        body.code,
        body.reason,
        details=body.details,
        reporter_id=_reporter(call.principal, body.reporter_id),
    )
    return Created(made, f"/v1/code-reports/{made.id}")


@routes.route("GET", "/v1/code-reports/{report_id}", READ_ANY_OWN, "not_found")
async def get(call: Call, *, report_id: Id) -> CodeReport:
    """Return a code report.

    In a user's session one of their own: any other looks like one that does not exist.
    """
    report = await call.db.code_reports.get(report_id)
    if isinstance(call.principal, Visitor) and report.reporter_id != call.principal.user_id:
        raise NotFound("there is no such code report")
    return report


@routes.route(
    "POST",
    "/v1/code-reports/{report_id}/review",
    WRITE,
    "not_found",
    "conflict",
    "missing_reference",
    body_example={"status": "verified", "reviewerId": USER},
    audit="code_report.review",
    versioned=True,
)
async def review(call: Call, *, report_id: Id, body: Review) -> CodeReport:
    """Settle a code report that waits, for good.

    Of many who try at the same time exactly one does; for the others it is a conflict.
    """
    return await call.db.code_reports.review(
        report_id, body.status, reviewer_id=body.reviewer_id, version=call.version
    )


@routes.route(
    "DELETE",
    "/v1/code-reports/{report_id}",
    WRITE,
    "not_found",
    audit="code_report.delete",
    versioned=True,
)
async def remove(call: Call, *, report_id: Id) -> None:
    """Remove a code report."""
    await call.db.code_reports.delete(report_id, version=call.version)


def _reporter(caller: Principal | None, named: UUID | None) -> UUID | None:
    """Return whose report it is. Raises Refusal for a session that reports for somebody else."""
    if not isinstance(caller, Visitor):
        return named
    if named not in (None, caller.user_id):
        raise Refusal("not_your_account", "a session only reports for its own user")
    return caller.user_id

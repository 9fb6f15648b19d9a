"""Generated from sql/queries/code_reports.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.engine.variants import Choice

ListNewestSort: TypeAlias = Literal["newest", "oldest"]
Reason: TypeAlias = Literal["expired", "invalid", "duplicate", "other"]
Status: TypeAlias = Literal["pending", "verified", "rejected"]


class CodeReport(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 4 queries."""

    id: UUID
    code: str
    reason: Reason
    details: str | None
    status: Status
    reporter_id: UUID | None
    reviewer_id: UUID | None
    reviewed_at: datetime | None
    created_at: datetime
    updated_at: datetime


CREATE = Statement(
    name="code_reports.create",
    sql="""\
INSERT INTO slimy.code_reports AS c (code, reason, details, reporter_id)
VALUES ($1, $2, $3, $4)
RETURNING
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at""",
    parameters=(
        Parameter("code", "text"),
        Parameter("reason", "text"),
        Parameter("details", "text", nullable=True),
        Parameter("reporter_id", "uuid", nullable=True),
    ),
    columns=(
        "id",
        "code",
        "reason",
        "details",
        "status",
        "reporter_id",
        "reviewer_id",
        "reviewed_at",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    code: str,
    reason: Reason,
    details: str | None,
    reporter_id: UUID | None,
    timeout: float | None = None,
) -> CodeReport:
    """A new report, waiting for a review.

    Raises NotFound where there is no row.
    """
    row = await db.row(CREATE, code, reason, details, reporter_id, timeout=timeout)
    if row is None:
        raise NotFound("code_reports.create found no row", query="code_reports.create")
    return CodeReport(*values(row))


DELETE = Statement(
    name="code_reports.delete",
    sql="""\
DELETE FROM slimy.code_reports
WHERE id = $1 AND updated_at = coalesce($2, updated_at)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Removes a report."""
    return await db.execute(DELETE, id, version, timeout=timeout)


GET = Statement(
    name="code_reports.get",
    sql="""\
SELECT
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at
FROM slimy.code_reports AS c
WHERE c.id = $1""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "code",
        "reason",
        "details",
        "status",
        "reporter_id",
        "reviewer_id",
        "reviewed_at",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, id: UUID, timeout: float | None = None) -> CodeReport | None:
    """A report."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else CodeReport(*values(row))


class ListNewestFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_newest` may be narrowed to: whatever is given, together."""

    status: Status | Unset = UNSET
    code: str | Unset = UNSET
    reporter_id: UUID | Unset = UNSET


LIST_NEWEST = Listing(
    name="code_reports.list_newest",
    head="""\
SELECT
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at
FROM slimy.code_reports AS c""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="c.id DESC",
    tail="\nLIMIT $1",
    sorts=(
        Sort("newest", ("c.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),
        Sort("oldest", ("c.id",), (0,), (Parameter("cursor", "uuid"),)),
    ),
    choices=(
        Choice("status", ("c.status = ", ""), Parameter("status", "text")),
        Choice("code", ("c.code = ", ""), Parameter("code", "text")),
        Choice("reporter_id", ("c.reporter_id = ", ""), Parameter("reporter_id", "uuid")),
    ),
    parameters=(Parameter("row_limit", "bigint"),),
    columns=(
        "id",
        "code",
        "reason",
        "details",
        "status",
        "reporter_id",
        "reviewer_id",
        "reviewed_at",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def list_newest(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    filter: ListNewestFilter = ListNewestFilter(),
    sort: ListNewestSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[CodeReport]:
    """One page of reports, newest or oldest first; the key is in order of creation.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_NEWEST.ask(
        cursors,
        (),
        given=(filter.status, filter.code, filter.reporter_id),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(CodeReport, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="code_reports.load",
    sql="""\
INSERT INTO slimy.code_reports (
    id,
    code,
    reason,
    details,
    status,
    reporter_id,
    reviewer_id,
    reviewed_at,
    created_at,
    updated_at
)
VALUES (
    $1,
    $2,
    $3,
    $4,
    $5,
    $6,
    $7,
    $8,
    $9,
    $10
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("code", "text"),
        Parameter("reason", "text"),
        Parameter("details", "text", nullable=True),
        Parameter("status", "text"),
        Parameter("reporter_id", "uuid", nullable=True),
        Parameter("reviewer_id", "uuid", nullable=True),
        Parameter("reviewed_at", "timestamp with time zone", nullable=True),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    code: str
    reason: Reason
    details: str | None
    status: Status
    reporter_id: UUID | None
    reviewer_id: UUID | None
    reviewed_at: datetime | None
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads reports in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "code_reports"),
        (
            "id",
            "code",
            "reason",
            "details",
            "status",
            "reporter_id",
            "reviewer_id",
            "reviewed_at",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


REVIEW = Statement(
    name="code_reports.review",
    sql="""\
UPDATE slimy.code_reports AS c
SET
    status = $1,
    reviewer_id = $2,
    reviewed_at = now()
WHERE c.id = $3 AND c.status = 'pending' AND c.updated_at = coalesce($4, c.updated_at)
RETURNING
    c.id,
    c.code,
    c.reason,
    c.details,
    c.status,
    c.reporter_id,
    c.reviewer_id,
    c.reviewed_at,
    c.created_at,
    c.updated_at""",
    parameters=(
        Parameter("status", "text"),
        Parameter("reviewer_id", "uuid", nullable=True),
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "code",
        "reason",
        "details",
        "status",
        "reporter_id",
        "reviewer_id",
        "reviewed_at",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def review(
    db: Executor,
    /,
    *,
    status: Status,
    reviewer_id: UUID | None,
    id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> CodeReport | None:
    """Settles a report that still waits. No row when there is none, or when somebody was faster:
    whoever comes second waits for the first and then finds nothing pending.
    """
    row = await db.row(REVIEW, status, reviewer_id, id, version, timeout=timeout)
    return None if row is None else CodeReport(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "code_reports", "code", "text", True,
     ("create", "get", "list_newest", "review"), ("create", "load")),
    ("slimy", "code_reports", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_newest", "review"), ("load",)),
    ("slimy", "code_reports", "details", "text", False,
     ("create", "get", "list_newest", "review"), ("create", "load")),
    ("slimy", "code_reports", "id", "uuid", True,
     ("create", "delete", "get", "list_newest", "review"), ("load",)),
    ("slimy", "code_reports", "reason", "text", True,
     ("create", "get", "list_newest", "review"), ("create", "load")),
    ("slimy", "code_reports", "reporter_id", "uuid", False,
     ("create", "get", "list_newest", "review"), ("create", "load")),
    ("slimy", "code_reports", "reviewed_at", "timestamp with time zone", False,
     ("create", "get", "list_newest", "review"), ("load", "review")),
    ("slimy", "code_reports", "reviewer_id", "uuid", False,
     ("create", "get", "list_newest", "review"), ("load", "review")),
    ("slimy", "code_reports", "status", "text", True,
     ("create", "get", "list_newest", "review"), ("load", "review")),
    ("slimy", "code_reports", "updated_at", "timestamp with time zone", True,
     ("create", "delete", "get", "list_newest", "review"), ("load",)),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "code_reports", "table",
     ("create", "delete", "get", "list_newest", "review"),
     ("create", "load", "review"),
     ("delete",)),
)
# fmt: on

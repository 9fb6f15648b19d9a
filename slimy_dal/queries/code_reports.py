"""Generated from sql/queries/code_reports.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.statement import Executor, Parameter, Statement, values

Reason: TypeAlias = Literal["expired", "invalid", "duplicate", "other"]
Status: TypeAlias = Literal["pending", "verified", "rejected"]


class CodeReport(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 8 queries."""

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
WHERE id = $1""",
    parameters=(Parameter("id", "uuid"),),
    writes=True,
)


async def delete(db: Executor, /, *, id: UUID, timeout: float | None = None) -> int:
    """Removes a report."""
    return await db.execute(DELETE, id, timeout=timeout)


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
)


async def get(db: Executor, /, *, id: UUID, timeout: float | None = None) -> CodeReport | None:
    """A report."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else CodeReport(*values(row))


LIST_NEWEST = Statement(
    name="code_reports.list_newest",
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
WHERE c.id < $1
ORDER BY c.id DESC
LIMIT $2""",
    parameters=(Parameter("before_id", "uuid"), Parameter("row_limit", "bigint")),
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
)


async def list_newest(
    db: Executor,
    /,
    *,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[CodeReport]:
    """One page of reports, newest first; the key is in order of creation."""
    rows = await db.rows(LIST_NEWEST, before_id, row_limit, timeout=timeout)
    return list(starmap(CodeReport, map(values, rows)))


LIST_OF_CODE = Statement(
    name="code_reports.list_of_code",
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
WHERE c.code = $1 AND c.id < $2
ORDER BY c.id DESC
LIMIT $3""",
    parameters=(
        Parameter("code", "text"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
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
)


async def list_of_code(
    db: Executor,
    /,
    *,
    code: str,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[CodeReport]:
    """One page of the reports about a code, newest first."""
    rows = await db.rows(LIST_OF_CODE, code, before_id, row_limit, timeout=timeout)
    return list(starmap(CodeReport, map(values, rows)))


LIST_OF_REPORTER = Statement(
    name="code_reports.list_of_reporter",
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
WHERE c.reporter_id = $1 AND c.id < $2
ORDER BY c.id DESC
LIMIT $3""",
    parameters=(
        Parameter("reporter_id", "uuid"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
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
)


async def list_of_reporter(
    db: Executor,
    /,
    *,
    reporter_id: UUID,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[CodeReport]:
    """One page of what a user has reported, newest first."""
    rows = await db.rows(LIST_OF_REPORTER, reporter_id, before_id, row_limit, timeout=timeout)
    return list(starmap(CodeReport, map(values, rows)))


LIST_OF_STATUS = Statement(
    name="code_reports.list_of_status",
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
WHERE c.status = $1 AND c.id < $2
ORDER BY c.id DESC
LIMIT $3""",
    parameters=(
        Parameter("status", "text"),
        Parameter("before_id", "uuid"),
        Parameter("row_limit", "bigint"),
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
)


async def list_of_status(
    db: Executor,
    /,
    *,
    status: Status,
    before_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[CodeReport]:
    """One page of the reports of a status, newest first."""
    rows = await db.rows(LIST_OF_STATUS, status, before_id, row_limit, timeout=timeout)
    return list(starmap(CodeReport, map(values, rows)))


LIST_WAITING = Statement(
    name="code_reports.list_waiting",
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
WHERE c.status = 'pending' AND c.id > $1
ORDER BY c.id
LIMIT $2""",
    parameters=(Parameter("after_id", "uuid"), Parameter("row_limit", "bigint")),
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
)


async def list_waiting(
    db: Executor,
    /,
    *,
    after_id: UUID,
    row_limit: int,
    timeout: float | None = None,
) -> list[CodeReport]:
    """One page of the reports that wait for a review, the longest waiting first."""
    rows = await db.rows(LIST_WAITING, after_id, row_limit, timeout=timeout)
    return list(starmap(CodeReport, map(values, rows)))


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
WHERE c.id = $3 AND c.status = 'pending'
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
    timeout: float | None = None,
) -> CodeReport | None:
    """Settles a report that still waits. No row when there is none, or when somebody was faster:
    whoever comes second waits for the first and then finds nothing pending.
    """
    row = await db.row(REVIEW, status, reviewer_id, id, timeout=timeout)
    return None if row is None else CodeReport(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "code_reports", "code", "text", True,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("create", "load")),
    ("slimy", "code_reports", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("load",)),
    ("slimy", "code_reports", "details", "text", False,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("create", "load")),
    ("slimy", "code_reports", "id", "uuid", True,
     ("create", "delete", "get", "list_newest", "list_of_code", "list_of_reporter",
      "list_of_status", "list_waiting", "review"),
     ("load",)),
    ("slimy", "code_reports", "reason", "text", True,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("create", "load")),
    ("slimy", "code_reports", "reporter_id", "uuid", False,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("create", "load")),
    ("slimy", "code_reports", "reviewed_at", "timestamp with time zone", False,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("load", "review")),
    ("slimy", "code_reports", "reviewer_id", "uuid", False,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("load", "review")),
    ("slimy", "code_reports", "status", "text", True,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("load", "review")),
    ("slimy", "code_reports", "updated_at", "timestamp with time zone", True,
     ("create", "get", "list_newest", "list_of_code", "list_of_reporter", "list_of_status",
      "list_waiting", "review"),
     ("load",)),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "code_reports", "table",
     ("create", "delete", "get", "list_newest", "list_of_code", "list_of_reporter",
      "list_of_status", "list_waiting", "review"),
     ("create", "load", "review"),
     ("delete",)),
)
# fmt: on

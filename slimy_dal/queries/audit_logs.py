"""Generated from sql/queries/audit_logs.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Json, Page, Unset
from slimy_dal.engine.variants import Choice

ListFailedSort: TypeAlias = Literal["newest"]
ListNewestSort: TypeAlias = Literal["newest"]
ListOfRequestSort: TypeAlias = Literal["newest"]


class ActionTotal(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `total_by_action`."""

    action: str
    entries: int
    failures: int


class AuditLog(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 4 queries."""

    id: UUID
    timestamp: datetime
    user_id: UUID | None
    action: str
    resource_type: str
    resource_id: str | None
    details: Json
    ip_address: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None
    user_agent: str | None
    session_id: UUID | None
    request_id: str | None
    success: bool
    error_message: str | None


COPY_MANY = Statement(
    name="audit_logs.copy_many",
    sql="""\
INSERT INTO slimy.audit_logs (
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
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
    $10,
    $11,
    $12
)""",
    parameters=(
        Parameter("occurred_at", "timestamp with time zone"),
        Parameter("user_id", "uuid", nullable=True),
        Parameter("action", "text"),
        Parameter("resource_type", "text"),
        Parameter("resource_id", "text", nullable=True),
        Parameter("details", "jsonb"),
        Parameter("ip_address", "inet", nullable=True),
        Parameter("user_agent", "text", nullable=True),
        Parameter("session_id", "uuid", nullable=True),
        Parameter("request_id", "text", nullable=True),
        Parameter("success", "boolean"),
        Parameter("error_message", "text", nullable=True),
    ),
    writes=True,
)


class CopyManyItem(NamedTuple):
    """The parameters of one item of `copy_many`."""

    occurred_at: datetime
    user_id: UUID | None
    action: str
    resource_type: str
    resource_id: str | None
    details: Json
    ip_address: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None
    user_agent: str | None
    session_id: UUID | None
    request_id: str | None
    success: bool
    error_message: str | None


async def copy_many(
    db: Executor,
    items: Iterable[CopyManyItem],
    /,
    *,
    timeout: float | None = None,
) -> int:
    """Logs many at once, as a stream of rows without a statement for each."""
    return await db.copy(
        COPY_MANY,
        ("slimy", "audit_logs"),
        (
            "occurred_at",
            "user_id",
            "action",
            "resource_type",
            "resource_id",
            "details",
            "ip_address",
            "user_agent",
            "session_id",
            "request_id",
            "success",
            "error_message",
        ),
        items,
        timeout=timeout,
    )


FOLD = Statement(
    name="audit_logs.fold",
    sql="""\
WITH taken AS (
    DELETE FROM slimy.audit_log_deltas AS d
    WHERE
        d.id = ANY(
            ARRAY(
                SELECT f.id
                FROM slimy.audit_log_deltas AS f
                ORDER BY f.id
                LIMIT $1
                FOR UPDATE SKIP LOCKED
            )
        )
    RETURNING d.bucket_start, d.action, d.entries, d.failures
),

folded AS (
    INSERT INTO slimy.audit_log_totals AS s (grain, bucket_start, action, entries, failures)
    SELECT
        g.grain,
        date_trunc(g.grain, t.bucket_start, 'UTC') AS bucket_start,
        t.action,
        sum(t.entries) AS entries,
        sum(t.failures) AS failures
    FROM taken AS t
    CROSS JOIN (VALUES ('hour'), ('day')) AS g (grain)
    GROUP BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.action
    ORDER BY g.grain, date_trunc(g.grain, t.bucket_start, 'UTC'), t.action
    ON CONFLICT (grain, bucket_start, action) DO UPDATE
        SET
            entries = s.entries + excluded.entries,
            failures = s.failures + excluded.failures
)

SELECT count(*) AS folded_count
FROM taken""",
    parameters=(Parameter("batch_size", "bigint"),),
    columns=("folded_count",),
    writes=True,
)


async def fold(db: Executor, /, *, batch_size: int, timeout: float | None = None) -> int:
    """Moves one batch of deltas into the totals, and says how many there were; 0 when nothing is left.
    Several may fold at once: each takes what the others have not.
    """
    row = await db.row(FOLD, batch_size, timeout=timeout)
    if row is None:
        raise NotFound("audit_logs.fold found no row", query="audit_logs.fold")
    value: int = row[0]
    return value


class ListFailedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_failed` may be narrowed to: whatever is given, together."""

    user_id: UUID | Unset = UNSET
    action: str | Unset = UNSET
    resource_type: str | Unset = UNSET
    resource_id: str | Unset = UNSET


LIST_FAILED = Listing(
    name="audit_logs.list_failed",
    head="""\
SELECT
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message
FROM slimy.audit_logs AS a
WHERE NOT a.success AND a.occurred_at >= $1 AND a.occurred_at < $2""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.occurred_at DESC, a.id DESC",
    tail="\nLIMIT $3",
    sorts=(
        Sort(
            "newest",
            ("a.occurred_at", "a.id"),
            (1, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
    ),
    choices=(
        Choice("user_id", ("a.user_id = ", ""), Parameter("user_id", "uuid")),
        Choice("action", ("a.action = ", ""), Parameter("action", "text")),
        Choice("resource_type", ("a.resource_type = ", ""), Parameter("resource_type", "text")),
        Choice("resource_id", ("a.resource_id = ", ""), Parameter("resource_id", "text")),
    ),
    parameters=(
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "id",
        "timestamp",
        "user_id",
        "action",
        "resource_type",
        "resource_id",
        "details",
        "ip_address",
        "user_agent",
        "session_id",
        "request_id",
        "success",
        "error_message",
    ),
    replica=True,
)


async def list_failed(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    since: datetime,
    until: datetime,
    filter: ListFailedFilter = ListFailedFilter(),
    sort: ListFailedSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[AuditLog]:
    """One page of what failed in a period: one row in fifty, with indexes of its own.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_FAILED.ask(
        cursors,
        (since, until),
        given=(filter.user_id, filter.action, filter.resource_type, filter.resource_id),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(AuditLog, map(values, rows))), *asked.cursors)


class ListNewestFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_newest` may be narrowed to: whatever is given, together."""

    user_id: UUID | Unset = UNSET
    action: str | Unset = UNSET
    resource_type: str | Unset = UNSET
    resource_id: str | Unset = UNSET
    succeeded: bool = False


LIST_NEWEST = Listing(
    name="audit_logs.list_newest",
    head="""\
SELECT
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message
FROM slimy.audit_logs AS a
WHERE a.occurred_at >= $1 AND a.occurred_at < $2""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.occurred_at DESC, a.id DESC",
    tail="\nLIMIT $3",
    sorts=(
        Sort(
            "newest",
            ("a.occurred_at", "a.id"),
            (1, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
    ),
    choices=(
        Choice("user_id", ("a.user_id = ", ""), Parameter("user_id", "uuid")),
        Choice("action", ("a.action = ", ""), Parameter("action", "text")),
        Choice("resource_type", ("a.resource_type = ", ""), Parameter("resource_type", "text")),
        Choice("resource_id", ("a.resource_id = ", ""), Parameter("resource_id", "text")),
        Choice("succeeded", ("a.success",)),
    ),
    parameters=(
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "id",
        "timestamp",
        "user_id",
        "action",
        "resource_type",
        "resource_id",
        "details",
        "ip_address",
        "user_agent",
        "session_id",
        "request_id",
        "success",
        "error_message",
    ),
    replica=True,
)


async def list_newest(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    since: datetime,
    until: datetime,
    filter: ListNewestFilter = ListNewestFilter(),
    sort: ListNewestSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[AuditLog]:
    """One page of audit logs of a period, those that failed among them.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_NEWEST.ask(
        cursors,
        (since, until),
        given=(
            filter.user_id,
            filter.action,
            filter.resource_type,
            filter.resource_id,
            filter.succeeded,
        ),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(AuditLog, map(values, rows))), *asked.cursors)


LIST_OF_REQUEST = Listing(
    name="audit_logs.list_of_request",
    head="""\
SELECT
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message
FROM slimy.audit_logs AS a
WHERE a.request_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.occurred_at DESC, a.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("a.occurred_at", "a.id"),
            (1, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
    ),
    parameters=(Parameter("request_id", "text"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "timestamp",
        "user_id",
        "action",
        "resource_type",
        "resource_id",
        "details",
        "ip_address",
        "user_agent",
        "session_id",
        "request_id",
        "success",
        "error_message",
    ),
    replica=True,
)


async def list_of_request(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    request_id: str,
    sort: ListOfRequestSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[AuditLog]:
    """One page of what was logged in one request.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_REQUEST.ask(cursors, (request_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(AuditLog, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="audit_logs.load",
    sql="""\
INSERT INTO slimy.audit_logs (
    id,
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
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
    $10,
    $11,
    $12,
    $13
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("occurred_at", "timestamp with time zone"),
        Parameter("user_id", "uuid", nullable=True),
        Parameter("action", "text"),
        Parameter("resource_type", "text"),
        Parameter("resource_id", "text", nullable=True),
        Parameter("details", "jsonb"),
        Parameter("ip_address", "inet", nullable=True),
        Parameter("user_agent", "text", nullable=True),
        Parameter("session_id", "uuid", nullable=True),
        Parameter("request_id", "text", nullable=True),
        Parameter("success", "boolean"),
        Parameter("error_message", "text", nullable=True),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    occurred_at: datetime
    user_id: UUID | None
    action: str
    resource_type: str
    resource_id: str | None
    details: Json
    ip_address: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None
    user_agent: str | None
    session_id: UUID | None
    request_id: str | None
    success: bool
    error_message: str | None


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads audit logs in bulk, as they are, keys included."""
    return await db.copy(
        LOAD,
        ("slimy", "audit_logs"),
        (
            "id",
            "occurred_at",
            "user_id",
            "action",
            "resource_type",
            "resource_id",
            "details",
            "ip_address",
            "user_agent",
            "session_id",
            "request_id",
            "success",
            "error_message",
        ),
        items,
        timeout=timeout,
    )


RECORD = Statement(
    name="audit_logs.record",
    sql="""\
INSERT INTO slimy.audit_logs AS a (
    occurred_at,
    user_id,
    action,
    resource_type,
    resource_id,
    details,
    ip_address,
    user_agent,
    session_id,
    request_id,
    success,
    error_message
)
VALUES (
    coalesce($1, now()),
    $2,
    $3,
    $4,
    $5,
    $6,
    $7,
    $8,
    $9,
    $10,
    $11,
    $12
)
RETURNING
    a.id,
    a.occurred_at AS timestamp,
    a.user_id,
    a.action,
    a.resource_type,
    a.resource_id,
    a.details,
    a.ip_address,
    a.user_agent,
    a.session_id,
    a.request_id,
    a.success,
    a.error_message""",
    parameters=(
        Parameter("occurred_at", "timestamp with time zone", nullable=True),
        Parameter("user_id", "uuid", nullable=True),
        Parameter("action", "text"),
        Parameter("resource_type", "text"),
        Parameter("resource_id", "text", nullable=True),
        Parameter("details", "jsonb"),
        Parameter("ip_address", "inet", nullable=True),
        Parameter("user_agent", "text", nullable=True),
        Parameter("session_id", "uuid", nullable=True),
        Parameter("request_id", "text", nullable=True),
        Parameter("success", "boolean"),
        Parameter("error_message", "text", nullable=True),
    ),
    columns=(
        "id",
        "timestamp",
        "user_id",
        "action",
        "resource_type",
        "resource_id",
        "details",
        "ip_address",
        "user_agent",
        "session_id",
        "request_id",
        "success",
        "error_message",
    ),
    writes=True,
)


async def record(
    db: Executor,
    /,
    *,
    occurred_at: datetime | None,
    user_id: UUID | None,
    action: str,
    resource_type: str,
    resource_id: str | None,
    details: Json,
    ip_address: IPv4Address | IPv4Interface | IPv6Address | IPv6Interface | None,
    user_agent: str | None,
    session_id: UUID | None,
    request_id: str | None,
    success: bool,
    error_message: str | None,
    timeout: float | None = None,
) -> AuditLog:
    """Logs one action, now when no time is given.

    Raises NotFound where there is no row.
    """
    row = await db.row(
        RECORD,
        occurred_at,
        user_id,
        action,
        resource_type,
        resource_id,
        details,
        ip_address,
        user_agent,
        session_id,
        request_id,
        success,
        error_message,
        timeout=timeout,
    )
    if row is None:
        raise NotFound("audit_logs.record found no row", query="audit_logs.record")
    return AuditLog(*values(row))


TOTAL_BY_ACTION = Statement(
    name="audit_logs.total_by_action",
    sql="""\
SELECT
    t.action,
    sum(t.entries)::bigint AS entries,
    sum(t.failures)::bigint AS failures
FROM (
    SELECT
        s.action,
        s.entries,
        s.failures
    FROM slimy.audit_log_totals AS s
    WHERE
        (
            s.grain = 'day'
            AND s.bucket_start
            >= date_trunc('day', $1::timestamptz + interval '23 hours', 'UTC')
            AND s.bucket_start < date_trunc('day', $2::timestamptz, 'UTC')
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= $1
            AND s.bucket_start < least(
                $2, date_trunc('day', $1 + interval '23 hours', 'UTC')
            )
        )
        OR (
            s.grain = 'hour'
            AND s.bucket_start >= greatest(
                date_trunc('day', $1 + interval '23 hours', 'UTC'),
                date_trunc('day', $2, 'UTC')
            )
            AND s.bucket_start < $2
        )
    UNION ALL
    SELECT
        d.action,
        d.entries,
        d.failures
    FROM slimy.audit_log_deltas AS d
    WHERE d.bucket_start >= $1 AND d.bucket_start < $2
) AS t
GROUP BY t.action
ORDER BY t.action""",
    parameters=(
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
    ),
    columns=("action", "entries", "failures"),
    replica=True,
)


async def total_by_action(
    db: Executor,
    /,
    *,
    since: datetime,
    until: datetime,
    timeout: float | None = None,
) -> list[ActionTotal]:
    """How often each action was done in a period and how often it failed: the totals of its whole days,
    those of the hours before and behind them, and what is not yet in any.
    """
    rows = await db.rows(TOTAL_BY_ACTION, since, until, timeout=timeout)
    return list(starmap(ActionTotal, map(values, rows)))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "audit_log_deltas", "action", "text", True,
     ("fold", "total_by_action"), ()),
    ("slimy", "audit_log_deltas", "bucket_start", "timestamp with time zone", True,
     ("fold", "total_by_action"), ()),
    ("slimy", "audit_log_deltas", "entries", "bigint", True,
     ("fold", "total_by_action"), ()),
    ("slimy", "audit_log_deltas", "failures", "bigint", True,
     ("fold", "total_by_action"), ()),
    ("slimy", "audit_log_deltas", "id", "bigint", True,
     ("fold",), ()),
    ("slimy", "audit_log_totals", "action", "text", True,
     ("fold", "total_by_action"), ("fold",)),
    ("slimy", "audit_log_totals", "bucket_start", "timestamp with time zone", True,
     ("fold", "total_by_action"), ("fold",)),
    ("slimy", "audit_log_totals", "entries", "bigint", True,
     ("fold", "total_by_action"), ("fold",)),
    ("slimy", "audit_log_totals", "failures", "bigint", True,
     ("fold", "total_by_action"), ("fold",)),
    ("slimy", "audit_log_totals", "grain", "text", True,
     ("fold", "total_by_action"), ("fold",)),
    ("slimy", "audit_logs", "action", "text", True,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "details", "jsonb", True,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "error_message", "text", False,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "id", "uuid", True,
     ("list_failed", "list_newest", "list_of_request", "record"), ("load",)),
    ("slimy", "audit_logs", "ip_address", "inet", False,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "occurred_at", "timestamp with time zone", True,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "request_id", "text", False,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "resource_id", "text", False,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "resource_type", "text", True,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "session_id", "uuid", False,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "success", "boolean", True,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "user_agent", "text", False,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
    ("slimy", "audit_logs", "user_id", "uuid", False,
     ("list_failed", "list_newest", "list_of_request", "record"), ("copy_many", "load", "record")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "audit_log_deltas", "table",
     ("fold", "total_by_action"), (), ("fold",)),
    ("slimy", "audit_log_totals", "table",
     ("fold", "total_by_action"), ("fold",), ()),
    ("slimy", "audit_logs", "table",
     ("list_failed", "list_newest", "list_of_request", "record"),
     ("copy_many", "load", "record"),
     ()),
)
# fmt: on

"""Audit logs: who did what, kept for good, found again and counted (SPEC D10)."""

# ruff: noqa: ASYNC109 -- a timeout here is the engine's deadline, which asyncio.timeout cannot replace

import ipaddress
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.domain.periods import limits, period_grain
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.queries import audit_logs as queries
from slimy_dal.queries.audit_logs import (
    ActionTotal,
    AuditLog,
    CopyManyItem,
    ListFailedFilter,
    ListNewestFilter,
)

__all__ = [
    "ActionTotal",
    "AuditLog",
    "AuditLogFilter",
    "AuditLogs",
    "AuditTotals",
    "NewAuditLog",
    "dotted",
]

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

FOLD_BATCH: Final = 10_000
HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
DOT: Final = re.compile(r"[.:/]+")
BLANK: Final = re.compile(r"[\s-]+")
DOTTED: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


class NewAuditLog(msgspec.Struct, frozen=True):
    """One action to log; without a timestamp, now."""

    action: str
    resource_type: str
    resource_id: str | None = None
    user_id: UUID | None = None
    details: Mapping[str, Any] = {}
    ip_address: str | Address | None = None
    user_agent: str | None = None
    session_id: UUID | None = None
    request_id: str | None = None
    success: bool = True
    error_message: str | None = None
    timestamp: datetime | None = None


class AuditLogFilter(msgspec.Struct, frozen=True):
    """What a list is of: logs that have everything that is given."""

    user_id: UUID | Unset = UNSET
    action: str | Unset = UNSET
    resource_type: str | Unset = UNSET
    resource_id: str | Unset = UNSET
    success: bool | Unset = UNSET


EVERYTHING: Final = AuditLogFilter()


class AuditTotals(msgspec.Struct, frozen=True, rename="camel"):
    """What was logged in a period; the success rate is None where nothing was."""

    total: int
    successful: int
    failed: int
    success_rate: float | None
    by_action: list[ActionTotal]


class AuditLogs:
    """Everything about audit logs, over one executor. There is no update and no delete: the database refuses them."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def record(self, entry: NewAuditLog) -> AuditLog:
        """Log one action, by the database's clock where no timestamp is given; it stays for good.

        Action and resource type are made lower-case and dotted. Raises InvalidValue and CheckViolated, naming the
        field, InvalidReference (user_id), MissingPartition (timestamp).
        """
        item = _item(entry)
        return await queries.record(
            self._executor,
            occurred_at=entry.timestamp,
            user_id=item.user_id,
            action=item.action,
            resource_type=item.resource_type,
            resource_id=item.resource_id,
            details=item.details,
            ip_address=item.ip_address,
            user_agent=item.user_agent,
            session_id=item.session_id,
            request_id=item.request_id,
            success=item.success,
            error_message=item.error_message,
        )

    async def record_many(
        self, entries: Iterable[NewAuditLog], *, timeout: float | None = None
    ) -> int:
        """Log any number of actions by COPY, all or none, and return their number.

        Those without a timestamp get this call's moment by the caller's clock. Raises what `record` does.
        """
        return await queries.copy_many(
            self._executor, (_item(entry) for entry in entries), timeout=timeout
        )

    async def list(
        self,
        filter: AuditLogFilter = EVERYTHING,
        *,
        since: datetime | Unset = UNSET,
        until: datetime | Unset = UNSET,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AuditLog]:
        """Return one page of audit logs from `since` to before `until`, newest first, that have all the filter says.

        Raises InvalidValue (limit, cursor, and an action or resource type that is none).
        """
        first, last = limits(since, until)
        if filter.success is False:
            return await queries.list_failed(
                self._executor,
                self._cursors,
                since=first,
                until=last,
                filter=ListFailedFilter(**_spelled(filter)),
                cursor=cursor,
                limit=limit,
            )
        return await queries.list_newest(
            self._executor,
            self._cursors,
            since=first,
            until=last,
            filter=ListNewestFilter(**_spelled(filter), succeeded=filter.success is True),
            cursor=cursor,
            limit=limit,
        )

    async def list_of_request(
        self, request_id: str, *, cursor: str | None = None, limit: int = 50
    ) -> Page[AuditLog]:
        """Return one page of what was logged in one request, newest first. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_request(
            self._executor, self._cursors, request_id=request_id, cursor=cursor, limit=limit
        )

    async def totals(self, since: datetime, until: datetime) -> AuditTotals:
        """Return how many actions were logged from `since` to before `until`, how many failed, and each action's.

        Exact to the last commit. Raises InvalidValue where an end of the period is not a whole hour (UTC).
        """
        period_grain(since, until)
        rows = await queries.total_by_action(self._executor, since=since, until=until)
        total, failed = sum(row.entries for row in rows), sum(row.failures for row in rows)
        rate = (total - failed) / total if total else None
        return AuditTotals(total, total - failed, failed, rate, rows)

    async def fold(self) -> int:
        """Move one batch of what was logged into the totals, and return how many deltas it was; 0 when none is left.

        For a schedule: totals are right without it, and slower the longer it does not run.
        """
        return await queries.fold(self._executor, batch_size=FOLD_BATCH)


def dotted(field: str, text: str) -> str:
    """Return the one spelling of an action or resource type: `ClubAnalysis:Create` is `club_analysis.create`.

    Raises InvalidValue where nothing but letters, digits, underscores and separators would do.
    """
    if not isinstance(text, str):
        raise InvalidValue(field, "is not text")
    spelled = _respelled(text)
    if spelled is None:
        raise InvalidValue(field, "is not words of letters, digits and _ with dots between them")
    return spelled


# A product logs a few hundred actions: a bulk load spells each once.
@lru_cache(maxsize=4096)
def _respelled(text: str) -> str | None:
    spelled = BLANK.sub("_", DOT.sub(".", HUMP.sub("_", text.strip()))).lower()
    return spelled if DOTTED.fullmatch(spelled) else None


def _spelled(given: AuditLogFilter) -> dict[str, Any]:
    """Return what the queries of lists have filters for, in the one spelling."""
    kinds = {"action": given.action, "resource_type": given.resource_type}
    spelled = {name: UNSET if one is UNSET else dotted(name, one) for name, one in kinds.items()}
    return {"user_id": given.user_id, "resource_id": given.resource_id, **spelled}


def _item(entry: NewAuditLog) -> CopyManyItem:
    if not isinstance(entry.details, Mapping):
        raise InvalidValue("details", "is not an object")
    return CopyManyItem(
        occurred_at=entry.timestamp or datetime.now(UTC),
        user_id=entry.user_id,
        action=dotted("action", entry.action),
        resource_type=dotted("resource_type", entry.resource_type),
        resource_id=entry.resource_id,
        details=dict(entry.details),
        ip_address=_address(entry.ip_address),
        user_agent=entry.user_agent,
        session_id=entry.session_id,
        request_id=entry.request_id,
        success=entry.success,
        error_message=entry.error_message,
    )


def _address(given: str | Address | None) -> Address | None:
    if given is None:
        return None
    try:
        return _parsed(given)
    except (TypeError, ValueError):
        raise InvalidValue("ip_address", "is not an IPv4 or IPv6 address") from None


# Callers call more than once.
_parsed = lru_cache(maxsize=4096)(ipaddress.ip_address)

"""Audited writes: who did what to what, in the transaction of the effect; and who was refused (SPEC D10)."""

import asyncio
import ipaddress
import logging
from typing import Any

from aiohttp import web
from msgspec.structs import replace
from pydantic.alias_generators import to_camel

from service import logs
from service.inputs import Body
from service.principals import Acting, Service, Visitor
from service.problems import Refusal
from service.routes import Call, Route
from slimy_dal.domain.audit_logs import Address, NewAuditLog
from slimy_dal.domain.database import Nouns
from slimy_dal.engine.errors import InvalidReference, NotFound, SlimyError

FORBIDDEN = 403
MOST_REFUSALS = 64
"""Refusals on their way into the log; beyond that, whoever floods the service does not flood the database."""

LONGEST_AGENT = 1024
LONGEST_ID = 200
MOST_FIELDS = 100


async def record(call: Call, route: Route, body: Any, response: web.StreamResponse) -> None:
    """Add the row of what was done, in the transaction that did it: both are kept, or neither."""
    location = response.headers.get("Location")
    made = None if location is None else location.rpartition("/")[2]
    row = _row(call, route, made)
    details = {**row.details, **_fields(body), **call.details}
    await _keep(call.unbound, call, replace(row, details=details))


def refused(call: Call, route: Route, refusal: Refusal) -> None:
    """Log an attempt that was refused, without letting its caller wait.

    It has a transaction of its own: the one that was refused keeps nothing.
    """
    if not route.audit or refusal.kind.status != FORBIDDEN or call.principal is None:
        return
    refusals = call.state.refusals
    if len(refusals) >= MOST_REFUSALS:
        call.state.metrics.unlogged_refusals += 1
        return
    row = replace(_row(call, route, None), success=False, error_message=refusal.code)
    task = asyncio.create_task(_keep_refusal(call, row))
    for tasks in (refusals, call.state.writes):
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def _keep_refusal(call: Call, row: NewAuditLog) -> None:
    try:
        try:
            await _keep(call.state.db, call, row)
        except InvalidReference:
            # Who was refused has been erased since; the rows there were say of nobody either.
            await call.state.db.audit_logs.record(replace(row, user_id=None))
    except SlimyError as error:
        call.state.metrics.unlogged_refusals += 1
        logs.event(
            logging.ERROR,
            f"a refused attempt could not be logged: {type(error).__name__}",
            requestId=call.request_id,
            action=row.action,
        )


async def _keep(db: Nouns, call: Call, row: NewAuditLog) -> None:
    """Add a row; a user for whom a service acts may be none of ours, and then stands in the details."""
    if isinstance(call.principal, Acting):
        try:
            await db.users.get(call.principal.user_id)
        except NotFound:
            details = {**row.details, "userId": str(call.principal.user_id)}
            row = replace(row, user_id=None, details=details)
    await db.audit_logs.record(row)


def _row(call: Call, route: Route, made: str | None) -> NewAuditLog:
    """Return what the request itself says: who, from where, and what the path names last."""
    request, principal = call.request, call.principal
    visitor = principal if isinstance(principal, Visitor) else None
    service = principal if isinstance(principal, Service) else getattr(principal, "service", None)
    path = {name: clean(request.match_info[name], LONGEST_ID) for name in route.path_names}
    details = {to_camel(name): value for name, value in path.items()}
    details["traceId"] = call.trace.trace_id
    if service is not None:
        details["apiKeyId"] = str(service.key_id)
    about = call.about or made or next(reversed(path.values()), None)
    return NewAuditLog(
        action=route.audit,
        resource_type=route.audit.rpartition(".")[0],
        resource_id=about or None,
        user_id=None if visitor is None else visitor.user_id,
        details=details,
        ip_address=_address(call.remote),
        user_agent=clean(request.headers.get("User-Agent", ""), LONGEST_AGENT) or None,
        session_id=None if visitor is None or visitor.session is None else visitor.session.id,
        request_id=call.request_id,
    )


def _fields(body: Any) -> dict[str, Any]:
    """Return which fields were sent: their names, because their values may be nobody else's business."""
    if isinstance(body, Body):
        known = type(body).model_fields
        return {"fields": sorted(known[name].alias or name for name in body.model_fields_set)}
    if isinstance(body, dict):
        return {"fields": [clean(name, 100) for name in sorted(body)[:MOST_FIELDS]]}
    return {}


def clean(text: str, longest: int) -> str:
    """Return text that any column of text takes: cut, and without what is no character there."""
    return text[:longest].encode(errors="replace").decode().replace("\0", "?")


def _address(remote: str | None) -> Address | None:
    """Return the caller's address; None behind a socket in the file system."""
    try:
        return ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return None

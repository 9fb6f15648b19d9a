"""What schemathesis must know of this API: which refusals of well-formed data no schema can say beforehand."""

import re
from typing import Any

import schemathesis
from schemathesis import HookContext
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.checks import positive_data_acceptance

UNSAYABLE = {"invalid_cursor", "missing_reference", "idempotency_key_reused"}
"""A cursor is signed, a reference is good only while its target is there, a key stands for its first request; a
link from an entry whose id is null leads to None."""

TWICE = re.compile(
    "holds a member_key twice|entry [0-9]+ has the name of an earlier one|is the same analysis: .*"
    "|makes more than [0-9]+ buckets: take larger ones"
)
"""JSON schema only knows entries that are equal in all their fields, and no two fields that must differ."""

PRECONDITION_FAILED = 412
"""No schema knows which version a thing has by now."""

CONDITIONS = {"If-Match", "If-None-Match"}
"""The quotes that are a part of a tag get lost on the way through the tool."""

CALENDAR = {
    "must be in the future",
    "must be before the year 2100",
    "must lie in the years 2015 to 2099",
    "must lie in the years 2000 to 2099",
    "lies in a month that nothing is kept of",
    "is more than a day ahead",
    "is before 2015 or in the future",
    "is not an IPv4 or IPv6 address",
    # Many spellings become one: the rule is of the result.
    "is not words of letters, digits and _ with dots between them",
    # What two parameters or fields must be to each other.
    "needs a guild: nobody else has admins",
    "is given with guild_id: totals are of one of them",
    "is not later than since",
    "is not a whole hour (UTC): totals are kept by the hour",
    "is asked for alone, without other filters",
    "is for what failed: success must be false",
}
"""JSON schema has no words for which times are good, nor for what depends on another field."""


@schemathesis.check
def valid_data_is_accepted(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """positive_data_acceptance, but for what depends on the stored data and the clock."""
    if response.status_code == PRECONDITION_FAILED and "If-Match" in (case.headers or {}):
        return None
    if response.status_code in {400, 422}:
        problem = response.json()
        if problem["code"] in UNSAYABLE:
            return None
        if any(str(value) == "None" for value in (case.path_parameters or {}).values()):
            return None
        if {error.get("name") for error in problem["errors"]} & CONDITIONS:
            return None
        details = [error["detail"] for error in problem["errors"]]
        if details and all(text in CALENDAR or TWICE.fullmatch(text) for text in details):
            return None
    return positive_data_acceptance(ctx, response, case)


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Rehearse nothing in the stateful phase: what a rehearsal deletes is there again, which looks like a defect."""
    if case.meta is None or case.meta.phase.name is not TestPhase.STATEFUL:
        return
    if case.headers and "rollback" in case.headers.get("Prefer", ""):
        del case.headers["Prefer"]

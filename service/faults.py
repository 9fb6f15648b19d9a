"""What each error of the floors below means to an HTTP caller; nothing else knows both words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from aiohttp import web
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from service.problems import FieldError, Refusal, in_body, in_parameter, pointer
from slimy_dal.domain.membership_entries import LastOwner
from slimy_dal.engine import errors

ENCODING = "send the body as it is, or compressed with gzip or deflate"

Place = Literal["body", "path", "query"]
Places = Mapping[str, tuple[Place, str]]
"""Where a field of the domain was sent, and under which name: `user_id` → (`body`, `userId`); no name: all of it."""

CODES: Mapping[type[errors.SlimyError], str] = {
    errors.SlimyError: "internal",
    errors.NotFound: "not_found",
    errors.Conflict: "conflict",
    LastOwner: "last_owner",
    errors.AlreadyExists: "already_exists",
    errors.StaleVersion: "stale_version",
    errors.SerializationConflict: "busy",
    errors.InvalidReference: "missing_reference",
    errors.StillReferenced: "still_referenced",
    errors.InvalidValue: "validation_failed",
    errors.UnreadableValue: "internal",
    errors.PermissionDenied: "permission_denied",
    errors.ReadOnly: "internal",
    errors.Timeout: "deadline_exceeded",
    errors.LockTimeout: "busy",
    errors.Unavailable: "unavailable",
    errors.PoolTimeout: "overloaded",
    errors.FailedOver: "database_read_only",
    errors.DiskFull: "disk_full",
    errors.OutcomeUnknown: "outcome_unknown",
    errors.SchemaMismatch: "schema_mismatch",
    errors.TransactionFailed: "internal",
    errors.ConcurrentUse: "internal",
    errors.InternalError: "internal",
}
"""An error that is not named here is what its parent is."""

# Their messages speak of things the caller cannot change and should not know.
_OWN_WORDS = {
    "internal": "something failed inside the service",
    "unavailable": "the database cannot be reached just now",
    "database_read_only": "the database takes no changes just now; nothing was kept",
    "overloaded": "no connection to the database became free in time",
    "disk_full": "the database has no space left; nothing was kept",
    "schema_mismatch": "the database is not the one this release was made for",
    "permission_denied": "the database does not let the service do this",
    "outcome_unknown": "the connection broke during the write: it may have been kept, or not",
    "busy": "others were changing the same rows; nothing was kept",
    "deadline_exceeded": "it took longer than allowed; the statement that was under way was cancelled and kept nothing",
}

# pydantic's word → ours, and a sentence that never repeats the value.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("required", "must be given"),
    "extra_forbidden": ("unknown_field", "is not known here"),
    "string_type": ("wrong_type", "must be a string"),
    "bool_type": ("wrong_type", "must be true or false"),
    "int_type": ("wrong_type", "must be a whole number"),
    "float_type": ("wrong_type", "must be a number"),
    "list_type": ("wrong_type", "must be an array"),
    "dict_type": ("wrong_type", "must be an object"),
    "model_type": ("wrong_type", "must be an object"),
    "model_attributes_type": ("wrong_type", "must be an object"),
    "snowflake_type": (
        "wrong_type",
        "must be a string of digits: JSON numbers lose digits beyond 2^53",
    ),
    "time_type": ("wrong_type", "must be a string with an RFC 3339 time"),
    "none_required": ("wrong_type", "must be null"),
    "string_pattern_mismatch": ("invalid_text", "does not have the form the documentation shows"),
    "invalid_json_value": ("wrong_type", "must be a JSON value"),
}
_LIMITS: Mapping[str, tuple[str, str]] = {
    "string_too_long": ("too_long", "must have at most {max_length} characters"),
    "string_too_short": ("too_short", "must have at least {min_length} characters"),
    "too_long": ("too_long", "must have at most {max_length} entries"),
    "too_short": ("too_short", "must have at least {min_length} entries"),
    "greater_than_equal": ("out_of_range", "must be at least {ge}"),
    "less_than_equal": ("out_of_range", "must be at most {le}"),
}
_OWN_TYPES = frozenset(
    {
        *("snowflake", "uuid", "time", "limit", "cursor", "repeated", "flag"),
        *("wrong_type", "out_of_range"),
    }
)
"""Error types of `inputs`, whose messages are written for callers."""


def refusal(error: errors.SlimyError, places: Places) -> Refusal:
    """Return the problem that an error of the domain or engine is for the caller."""
    code = next(CODES[kind] for kind in type(error).__mro__ if kind in CODES)
    if isinstance(error, errors.InvalidValue):
        return _invalid(error, places)
    details = _OWN_WORDS.get(code) or _words(error)
    about = _ABOUT_FIELD.get(code, details)
    entries = _entries(_sent_fields(error, places), code, about, places)
    return Refusal(code, details, entries)


RULES: Mapping[str, str] = {
    "expires_at_future": "must be in the future",
    "expires_at_range": "must be before the year 2100",
    "joined_at_range": "must lie in the years 2015 to 2099",
    "observed_at_range": "must lie in the years 2000 to 2099",
    "settings_size": "must have at most 65536 bytes",
    "insights_size": "must have at most 65536 bytes",
    "raw_response_size": "must have at most 1048576 bytes",
    "admin_only_guild": "needs a guild: nobody else has admins",
    "value_size": "must have a value of at most 16384 bytes, of a statistic 8192",
    "error_message_failed": "is for what failed: success must be false",
    "details_size": "must have at most 65536 bytes",
}
"""Rules of the database that no schema can say, in words; the others never get past the schema."""

_ABOUT_FIELD = {
    "already_exists": "is taken by another entry",
    "missing_reference": "refers to something that does not exist",
    "still_referenced": "is still referred to",
}


@contextmanager
def named_in_path(field: str, thing: str) -> Iterator[None]:
    """Give NotFound for a reference to nothing where the path names its target: no field of the body is wrong."""
    try:
        yield
    except errors.InvalidReference as error:
        if field not in error.fields:
            raise
        raise errors.NotFound(f"there is no such {thing}") from None


MONTH = re.compile(r"_\d{4}_\d{2}$")
"""How the name of a partition ends."""

SENT_AS: Mapping[str, str] = {"recorded_at": "timestamp", "occurred_at": "timestamp"}
"""Columns that have another name in the domain."""

LISTS: Mapping[str, str] = {
    "chat_messages": "messages",
    "stats": "stats",
    "club_analysis_images": "images",
    "club_metrics": "metrics",
    "screenshot_data": "data",
    "screenshot_tags": "tags",
    "screenshot_insights": "insights",
    "screenshot_recommendations": "recommendations",
}
"""Tables whose rows are sent as a list in a body, and its name there: the database does not say which row it was."""


def _sent_fields(error: errors.SlimyError, places: Places) -> Sequence[str]:
    """Return the fields of the request that an error is about."""
    within = LISTS.get(_table(error))
    return (within,) if within is not None and within in places else _fields(error)


def _table(error: errors.SlimyError) -> str:
    """Return the table an error is about: where the database names a month of it, the whole."""
    if isinstance(error, errors.MissingPartition):
        return (error.query or "").partition(".")[0]
    return MONTH.sub("", getattr(error, "table", None) or "")


def _fields(error: errors.SlimyError) -> Sequence[str]:
    fields: Sequence[str] = getattr(error, "fields", ())
    if fields or not isinstance(error, errors.AlreadyExists):
        return fields
    # An index on an expression has no columns; its name says the rule: users_email_key.
    rule = error.constraint.removeprefix(f"{_table(error)}_").removesuffix("_key")
    return (rule,)


def _invalid(error: errors.InvalidValue, places: Places) -> Refusal:
    fields = _sent_fields(error, places) or ((error.field,) if error.field else ())
    if tuple(fields) == ("cursor",):
        entry = in_parameter("query", "cursor", "cursor", error.problem)
        return Refusal("invalid_cursor", f"cursor {error.problem}", [entry])
    detail = error.problem.partition(" (parameter of ")[0]
    if isinstance(error, errors.MissingPartition):
        detail = "lies in a month that nothing is kept of"
    elif isinstance(error, errors.CheckViolated):
        rule = error.constraint.removeprefix(f"{_table(error)}_").removesuffix("_check")
        detail = RULES.get(rule, f"is refused by the rule {rule}")
    entries = _entries(fields, error.code, detail, places)
    code = "validation_failed"
    if entries and all(entry.place != "body" for entry in entries):
        code = "invalid_parameter"
    return Refusal(code, _summary(entries, "the body") if entries else _words(error), entries)


def _words(error: errors.SlimyError) -> str:
    """Return the error's message without the name of the query, which is not the caller's business."""
    return error.message.removeprefix(f"{error.query}: ")


def _entries(fields: Sequence[str], code: str, detail: str, places: Places) -> list[FieldError]:
    made = [_entry(field, code, detail, places) for field in fields]
    return [entry for entry in made if entry is not None]


def _entry(field: str, code: str, detail: str, places: Places) -> FieldError | None:
    head, *rest = field.split(".")
    sent = places.get(head) or places.get(SENT_AS.get(head, ""))
    if sent is None:
        return None
    place, name = sent
    if place == "body":
        return in_body(
            pointer([*filter(None, [name]), *(to_camel(part) for part in rest)]), code, detail
        )
    return in_parameter(place, name, code, detail)


def body_refusal(error: ValidationError) -> Refusal:
    """Return the problem of a body that is JSON but not the JSON that is wanted."""
    entries = []
    for item in error.errors(include_url=False, include_input=False):
        if item["type"] == "json_invalid":
            return Refusal("malformed_json", "the body is not JSON")
        code, detail = _sentence(item)
        entries.append(in_body(pointer(item["loc"]), code, detail))
    return Refusal("validation_failed", _summary(entries, "the body"), entries)


def parameter_refusal(error: ValidationError, place: Literal["path", "query"]) -> Refusal:
    """Return the problem of parameters that are there but wrong."""
    entries = []
    for item in error.errors(include_url=False, include_input=False):
        code, detail = _sentence(item)
        entries.append(in_parameter(place, str(item["loc"][0]), code, detail))
    return Refusal("invalid_parameter", _summary(entries, f"the {place}"), entries)


def _summary(entries: Sequence[FieldError], where: str) -> str:
    first = entries[0]
    name = first.name or first.pointer or where
    more = f", and {len(entries) - 1} more" if len(entries) > 1 else ""
    return f"{name} {first.detail}{more}"


def _sentence(item: Any) -> tuple[str, str]:
    kind, limits = str(item["type"]), item.get("ctx", {})
    if kind in _OWN_TYPES:
        return kind, str(item["msg"])
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "literal_error":
        return "unknown_value", f"must be {limits['expected']}"
    if kind in _LIMITS:
        code, sentence = _LIMITS[kind]
        return code, sentence.format(**limits)
    return "invalid", "is not what the documentation describes"


_STATUS_CODES: Mapping[int, str] = {
    400: "bad_request",
    404: "no_such_route",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
}


def from_aiohttp(error: web.HTTPException) -> Refusal:
    """Return the problem of an error that aiohttp raised by itself."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = _methods(error.allowed_methods)
        detail = (
            f"only {allowed} are known here" if "," in allowed else f"only {allowed} is known here"
        )
        return Refusal("method_not_allowed", detail, headers={"Allow": allowed})
    code = _STATUS_CODES.get(error.status, "bad_request")
    detail = "there is nothing at this address" if code == "no_such_route" else error.reason
    return Refusal(code, detail, status=error.status)


def _methods(allowed: Iterable[str]) -> str:
    return ", ".join(sorted(allowed))

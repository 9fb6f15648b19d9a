"""What each error of the floors below means to an HTTP caller; nothing else knows both words."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Literal

from aiohttp import web
from pydantic.alias_generators import to_camel

from service.problems import FieldError, Refusal, in_body, in_parameter, pointer
from service.validation import summary
from slimy_dal.domain.membership_entries import LastOwner
from slimy_dal.engine import errors
from slimy_dal.engine.sqlstates import BAD_INPUT

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
    errors.LoginRefused: "unavailable",
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
    "already_exists": "another entry has the same values",
    "missing_reference": "it refers to something that does not exist",
    "still_referenced": "other things still refer to it; remove those first",
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


def code_of(kind: type[errors.SlimyError]) -> str:
    """Return the problem of an error: its own, or its parent's."""
    return next(CODES[parent] for parent in kind.__mro__ if parent in CODES)


def refusal(error: errors.SlimyError, places: Places) -> Refusal:
    """Return the problem that an error of the domain or engine is for the caller."""
    code = code_of(type(error))
    if isinstance(error, errors.InvalidValue):
        return _invalid(error, places)
    about = _ABOUT_FIELD.get(code)
    if about is not None:
        entries = _entries(_sent_fields(error, places), code, about, places)
        if code == "missing_reference" and _is_about_address(entries, places):
            return Refusal("not_found", "what the address names is gone")
        return Refusal(code, summary(entries, "the body") if entries else _OWN_WORDS[code], entries)
    return Refusal(code, _OWN_WORDS.get(code) or _words(error), _reasons(error, code))


def _is_about_address(entries: Sequence[FieldError], places: Places) -> bool:
    """Whether no field that was sent refers to nothing: then it is what the path names, gone since it was looked at."""
    in_path = any(place == "path" for place, _ in places.values())
    return in_path and not any(entry.place == "body" for entry in entries)


def _reasons(error: errors.SlimyError, code: str) -> list[FieldError]:
    """Return why the database is not to be had, where a code has more than one reason."""
    if code not in {"busy", "overloaded", "unavailable"}:
        return []
    # Whether the service's own password is refused is not the caller's business.
    kind = next((kind for kind in REASONS if isinstance(error, kind)), errors.Unavailable)
    return [FieldError(code=kind.code, detail=REASONS[kind], place="check")]


REASONS: Mapping[type[errors.SlimyError], str] = {
    errors.LockTimeout: "a lock was not free in time",
    errors.SerializationConflict: "another change was in the way of this one, which was undone",
    errors.ConnectionLost: "the connection to the database broke before anything was kept",
    errors.CannotConnectNow: "the database is starting, stopping or recovering",
    errors.TooManyConnections: "the database takes no more connections",
    errors.PoolTimeout: "no connection became free in time",
    errors.Unavailable: "no server of the database can be used",
}
"""Errors that share a problem's code with others: `code` and `detail` of its entry in `errors`. Parents come last."""


RULES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    (files("service") / "rules.toml").read_text(encoding="utf-8")
)
"""What each CHECK of the database asks for, in words, by table and rule."""

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
    word, detail = _about_value(error)
    entries = _entries(fields, word, detail, places)
    in_a_body = any(place == "body" for place, _ in places.values())
    if not entries and error.sqlstate is not None:
        # What the database refused without a name came in the body, where there is one.
        entries = [in_body("", word, detail)] if in_a_body else []
        return Refusal(_code(entries), f"a value {detail}", entries)
    return Refusal(
        _code(entries), summary(entries, "the body") if entries else _words(error), entries
    )


def _code(entries: Sequence[FieldError]) -> str:
    only_parameters = all(entry.place != "body" for entry in entries)
    return "invalid_parameter" if entries and only_parameters else "validation_failed"


def _about_value(error: errors.InvalidValue) -> tuple[str, str]:
    """Return a word and a sentence about what is wrong with a value; neither names anything of the database."""
    if isinstance(error, errors.MissingPartition):
        return error.code, "lies in a month that nothing is kept of"
    if isinstance(error, errors.CheckViolated):
        table = _table(error)
        rule = error.constraint.removeprefix(f"{table}_").removesuffix("_check")
        return error.code, RULES.get(table, {}).get(rule, "is not allowed")
    word, sentence = BAD_INPUT.get(error.sqlstate or "", (error.code, None))
    return word, sentence or error.problem.partition(" (parameter of ")[0]


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

"""What can become of a call that did not succeed: one exception for each thing its caller may want to do about it.

CallFailed               catch this for all of them
Lost                 the connection broke, or there was none: it may have been done, or not
DeadlinePassed       there was no answer in time
Unreadable           the answer is not one of this API
Problem              the service said no: .code, .errors, .detail, .status
Unauthenticated  the credentials are wrong or over
Forbidden        they do not allow it
NotFound         there is no such thing, or the caller may not know of it
Conflict         it contradicts what is stored
AlreadyExists
StaleVersion     it changed since the version that `if_match` names
Invalid          what was sent is wrong: see .errors
RateLimited      too many calls
Unavailable      not now
OutcomeUnknown   it may have been done, or not
ServiceFailed    a defect of the service
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

TRANSIENT: Final = frozenset({502, 503, 504})
"""What a proxy says for a service that is not there for a moment."""


class FieldError(msgspec.Struct, frozen=True):
    """One thing that is wrong in what was sent."""

    code: str
    detail: str
    place: str = msgspec.field(name="in")
    """Which part of the request: body, query, path, header."""
    pointer: str | None = None
    """RFC 6901 pointer into the body."""
    name: str | None = None
    """The parameter or header, where it is not the body."""


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    status: int
    title: str
    detail: str
    code: str
    request_id: str
    retryable: bool
    errors: list[FieldError]


class CallFailed(Exception):
    """A call did not succeed."""

    def __init__(self, message: str, *, request_id: str, retryable: bool = False) -> None:
        super().__init__(message)
        self.request_id = request_id
        """The call's id in the service's log."""
        self.retryable = retryable
        """Whether the same call may succeed later."""
        self.retry_after: float | None = None
        """Seconds to wait before that, where the service named them."""
        self.attempts = 1
        """How often it was tried."""


class Lost(CallFailed):
    """The connection broke, or there was none: a change may have been made, or not."""


class DeadlinePassed(CallFailed):
    """There was no answer in time: a change may have been made, or not."""


class Unreadable(CallFailed):
    """The answer is not one of this API: another server, or another release."""


class Problem(CallFailed):
    """The service answered with a problem document."""

    def __init__(self, document: _Document) -> None:
        super().__init__(
            f"{document.code}: {document.detail} (request {document.request_id})",
            request_id=document.request_id,
            retryable=document.retryable,
        )
        self.status = document.status
        self.code = document.code
        """For programs: it stays the same over releases."""
        self.title = document.title
        self.detail = document.detail
        self.errors = tuple(document.errors)
        """What is wrong, field by field."""


class Unauthenticated(Problem):
    """The credentials are wrong, expired or revoked."""


class Forbidden(Problem):
    """The credentials do not allow it."""


class NotFound(Problem):
    """There is no such thing, or the caller may not know of it."""


class Conflict(Problem):
    """It contradicts what is stored."""


class AlreadyExists(Conflict):
    """It exists already."""


class StaleVersion(Problem):
    """It changed since the version that `if_match` names."""


class Invalid(Problem):
    """What was sent is wrong; sending it again changes nothing."""


class RateLimited(Problem):
    """Too many calls of this kind."""


class Unavailable(Problem):
    """Not now: too much at once, the database away, or no space."""


class OutcomeUnknown(Problem):
    """The service does not know whether it was done: read the state first."""


class ServiceFailed(Problem):
    """A defect of the service, or something it was not set up for."""


_BY_CODE: Final[Mapping[str, type[Problem]]] = {
    "already_exists": AlreadyExists,
    "outcome_unknown": OutcomeUnknown,
}
_BY_STATUS: Final[Mapping[int, type[Problem]]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    412: StaleVersion,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
    507: Unavailable,
}

_DECODER = msgspec.json.Decoder(_Document)
_SERVER = 500


def family(code: str, status: int) -> type[Problem]:
    """Return the exception of a problem's code: its own, else that of its status."""
    general = ServiceFailed if status >= _SERVER else Invalid
    return _BY_CODE.get(code) or _BY_STATUS.get(status, general)


def failure(status: int, headers: Mapping[str, str], body: bytes, request_id: str) -> CallFailed:
    """Return the exception of an answer that is no success."""
    try:
        document = _DECODER.decode(body)
    except msgspec.MsgspecError:
        detail = f"the answer has status {status} and is no problem document"
        made: CallFailed = Unreadable(detail, request_id=request_id, retryable=status in TRANSIENT)
    else:
        made = family(document.code, status)(document)
    made.retry_after = _seconds(headers.get("Retry-After"))
    return made


def _seconds(text: str | None) -> float | None:
    """Return what Retry-After says, in seconds from now; a proxy may send a date."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())

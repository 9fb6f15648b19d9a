"""Requests sent twice: with an `Idempotency-Key` the work is done once, and its answer is kept with it (SPEC H1)."""

import hashlib
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from service.problems import FieldError, Refusal, in_parameter
from service.routes import Call, Route
from slimy_dal.domain.database import Nouns
from slimy_dal.domain.idempotency_keys import Claim

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
PROBLEMS = ("idempotency_in_progress", "idempotency_key_reused")
DESCRIPTION = (
    "1 to 255 printable ASCII characters without blanks, such as a UUID. Within a day, the same request with the "
    "same key is not done again but answered as before, with `Idempotency-Replayed: true`."
)

JSON = "application/json"

_KEY = re.compile(r"[!-~]{1,255}\Z")

Work = Callable[[], Awaitable[web.StreamResponse]]


def key_of(call: Call, route: Route) -> str | None:
    """Return the key a request was sent with, None without one. Raises Refusal("invalid_header").

    Where a key cannot be honoured it is refused: who sends one counts on it.
    """
    if route.method != "POST":
        return None
    sent = call.request.headers.getall(HEADER, ())
    if not sent:
        return None
    if not route.takes_key:
        raise _refused("is not taken here: the answer holds a secret, or repeating does no harm")
    if len(sent) != 1 or _KEY.match(sent[0]) is None:
        raise _refused("must be sent once, with 1 to 255 printable characters and no blanks")
    return sent[0]


async def once(call: Call, key: str, work: Work) -> web.StreamResponse:
    """Return the answer of `work`, done in one transaction with its record, or the answer it had before.

    What fails leaves no record: the same request may then be tried again; after a deadlock it is, at once. Raises
    Refusal for a key of another request, and for one whose request is under way.
    """
    assert call.principal is not None  # noqa: S101 -- a public route takes no key
    caller, request_hash = call.principal.label, _hash(call)

    async def attempt(db: Nouns) -> web.Response | Claim:
        claim = await db.idempotency_keys.claim(caller, key, request_hash)
        if not claim.is_mine:
            return claim
        call.nouns = db
        call.afterwards.clear()
        response = await work()
        assert isinstance(response, web.Response)  # noqa: S101 -- streams take no key
        await db.idempotency_keys.complete(
            caller,
            key,
            status=response.status,
            location=response.headers.get("Location"),
            body=response.body if isinstance(response.body, bytes) else None,
        )
        return response

    try:
        found = await call.state.db.run(attempt)
    finally:
        call.nouns = None
    return found if isinstance(found, web.Response) else _replayed(found, request_hash)


def _replayed(claim: Claim, request_hash: bytes) -> web.Response:
    answer = claim.answer
    if answer is None or answer.status is None:
        detail = "the same request is being worked on; repeat it for its answer"
        raise Refusal("idempotency_in_progress", detail, headers={"Retry-After": "1"})
    if answer.request_hash != request_hash:
        detail = "this key was used for another request within the last day"
        raise Refusal("idempotency_key_reused", detail, [_entry("belongs to another request")])
    headers = {REPLAYED: "true"}
    if answer.location is not None:
        headers["Location"] = answer.location
    media = JSON if answer.body is not None else None
    return web.Response(status=answer.status, body=answer.body, content_type=media, headers=headers)


def _hash(call: Call) -> bytes:
    request = call.request
    head = f"{request.method} {request.raw_path}\n".encode(errors="surrogateescape")
    return hashlib.sha256(head + call.sent).digest()


def _refused(detail: str) -> Refusal:
    return Refusal("invalid_header", f"{HEADER} {detail}", [_entry(detail)])


def _entry(detail: str) -> FieldError:
    return in_parameter("header", HEADER, "invalid_header", detail)

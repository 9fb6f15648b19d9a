"""Every problem the service can answer with: its code, its status, and what its reader should do."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One entry of the catalogue: what a code means, and what its reader should do."""

    code: str
    status: int
    title: str
    fix: str
    retryable: bool = False


KINDS = (
    Kind("malformed_json", 400, "The body is not JSON", "Send one JSON value, encoded as UTF-8."),
    Kind(
        "unacceptable_json",
        400,
        "The JSON cannot be kept as it is",
        "Send each key once, numbers that fit 64 bits, at most 64 levels, and no NUL or lone surrogate.",
    ),
    Kind(
        "invalid_parameter",
        400,
        "A parameter in the address is wrong",
        "See `errors`: each entry names a parameter and what it must be.",
    ),
    Kind(
        "unknown_parameter",
        400,
        "A query parameter is not known here",
        "Remove it, or correct its name: nothing is ignored silently.",
    ),
    Kind(
        "invalid_cursor",
        400,
        "The cursor does not belong to this list",
        "Take `nextCursor` or `prevCursor` from a page of the same list, with the same filters.",
    ),
    Kind("invalid_header", 400, "A header is wrong", "See `errors` for the header and its form."),
    Kind("bad_request", 400, "The request is not HTTP", "Use an HTTP client library."),
    Kind(
        "unauthenticated",
        401,
        "No valid credentials",
        "Send `Authorization: Bearer` with an API key or a session token that is still good.",
    ),
    Kind(
        "insufficient_scope",
        403,
        "The API key lacks a scope",
        "Use a key that has the named scope.",
    ),
    Kind(
        "key_bound_to_guilds",
        403,
        "The API key reaches certain guilds only",
        "Use a key that is not bound to guilds for what is of no single guild.",
    ),
    Kind(
        "service_only",
        403,
        "Only services may do this",
        "Call it with an API key: a user's session has no right to it.",
    ),
    Kind(
        "session_required",
        403,
        "This needs a user's session",
        "Send a session token, not an API key.",
    ),
    Kind("not_your_account", 403, "This belongs to another user", "Use your own user id."),
    Kind(
        "role_required",
        403,
        "Your roles in this guild do not allow it",
        "Ask someone who has what `detail` names.",
    ),
    Kind(
        "permission_denied",
        403,
        "The database refused it",
        "The service's own rights lack it: tell its operator.",
    ),
    Kind(
        "not_found",
        404,
        "There is no such thing",
        "Check the id; a guild you are no member of looks the same as one that does not exist.",
    ),
    Kind(
        "no_such_route",
        404,
        "There is nothing at this address",
        "See /openapi.json for what there is.",
    ),
    Kind(
        "method_not_allowed",
        405,
        "This address does not know that method",
        "Use one of the `Allow` header.",
    ),
    Kind(
        "request_timeout",
        408,
        "The request did not arrive in time",
        "Send headers and body at once, over a better connection.",
        retryable=True,
    ),
    Kind(
        "conflict", 409, "It contradicts what is stored", "Read the current state and decide again."
    ),
    Kind(
        "already_exists",
        409,
        "It exists already",
        "Change the named fields, or use the upsert (PUT).",
    ),
    Kind(
        "idempotency_in_progress",
        409,
        "The same request is being worked on",
        "Repeat it after `Retry-After`: the answer is kept.",
        retryable=True,
    ),
    Kind("still_referenced", 409, "Other things still refer to it", "Remove those first."),
    Kind(
        "stale_version",
        412,
        "It changed since the version that If-Match names",
        "Read it again, and repeat the change with its new ETag.",
    ),
    Kind(
        "not_acceptable",
        406,
        "There is no such form of it",
        "Name one of the media types of the documentation in `Accept`, or `*/*`.",
    ),
    Kind(
        "payload_too_large",
        413,
        "The body is too large",
        "Send less in one request; the detail names the limit.",
    ),
    Kind("uri_too_long", 414, "The address is too long", "Shorten the query."),
    Kind(
        "unsupported_media_type",
        415,
        "The body is not declared as JSON, or is encoded in a way not known here",
        "Send `Content-Type: application/json`, and no `Content-Encoding` but gzip or deflate.",
    ),
    Kind(
        "validation_failed",
        422,
        "Fields of the body are wrong",
        "See `errors`: each entry points at one field and says what it must be.",
    ),
    Kind(
        "missing_reference",
        422,
        "It refers to something that does not exist",
        "Create that first, or correct the id.",
    ),
    Kind(
        "idempotency_key_reused",
        422,
        "The Idempotency-Key belongs to another request",
        "Send a new key with each new request, and the same one only with the very same request.",
    ),
    Kind(
        "rate_limited",
        429,
        "Too many calls",
        "Wait as `Retry-After` says; `RateLimit` tells with each answer what is left.",
        retryable=True,
    ),
    Kind("http_error", 400, "The request was refused", "See `detail`."),
    Kind(
        "internal",
        500,
        "Something failed here",
        "Tell the operator the `requestId`.",
        retryable=False,
    ),
    Kind(
        "outcome_unknown",
        503,
        "Whether it was written is not known",
        "Read the state before you try again.",
    ),
    Kind(
        "tokens_not_kept",
        501,
        "Discord tokens are not kept here",
        "Start the service with encryption keys.",
    ),
    Kind(
        "overloaded",
        503,
        "Too many requests at once",
        "Wait as `Retry-After` says, then repeat.",
        retryable=True,
    ),
    Kind(
        "unavailable",
        503,
        "The database cannot be reached",
        "Repeat after `Retry-After`.",
        retryable=True,
    ),
    Kind(
        "busy",
        503,
        "Others were changing the same rows",
        "Repeat after `Retry-After`.",
        retryable=True,
    ),
    Kind(
        "schema_mismatch",
        503,
        "The database does not fit",
        "Tell the operator: migrations are missing.",
    ),
    Kind(
        "disk_full",
        507,
        "The database has no space left",
        "Tell the operator: nothing can be stored until there is space.",
    ),
    Kind(
        "not_ready",
        503,
        "The service is not ready",
        "Send requests to another instance.",
        retryable=True,
    ),
    Kind(
        "deadline_exceeded",
        504,
        "It took too long",
        "Read the state before you repeat a change; repeat with less, or later.",
        retryable=True,
    ),
)

CATALOGUE: Mapping[str, Kind] = {kind.code: kind for kind in KINDS}

"""The headers of requests and answers, as the OpenAPI document tells of them."""

from typing import TYPE_CHECKING, Any

from service import (
    idempotency_keys,
    prefer,
    principals,
    replicas,
    representation,
    totals,
    traces,
)

if TYPE_CHECKING:
    from service.endpoint import Endpoint
    from service.routes import Route

Json = dict[str, Any]

CREATED = 201
TAG = '(W/)?"[!#-~]*"'


def reference(name: str) -> Json:
    """Return a reference to one of the answers' headers."""
    return {"$ref": f"#/components/headers/{name}"}


ANSWERS: Json = {
    name: {"description": text, "schema": {"type": "string"}}
    for name, text in {
        "X-Request-Id": "The caller's, where it was well formed, else a new one.",
        traces.PARENT: "The request's trace, the caller's or a new one, and its own span in it.",
        "ETag": "Stands for this very body; send it back in `If-None-Match`, and in `If-Match` to change only this.",
        "Location": "Where the new thing is.",
        idempotency_keys.REPLAYED: "`true` on the kept answer of a request that was done before.",
        "RateLimit": "What is left of the caller's calls of this kind, and the seconds until all are back.",
        "RateLimit-Policy": "How many calls of this kind in how many seconds.",
        replicas.HEADER: replicas.TOLD,
        prefer.APPLIED: "Which preferences of the request were followed.",
        totals.TOTAL: "The length of the whole list, where `Prefer: count` asked for it.",
        totals.TOTAL_IS: "What that number is: `exact`, `at-least` (counted so far), or `estimate` (by statistics).",
        "Link": "Pages beside this one (RFC 8288).",
        "WWW-Authenticate": "How to send credentials.",
        "Retry-After": "Seconds to wait before the same request is worth repeating.",
    }.items()
}
ALWAYS: Json = {name: reference(name) for name in ("X-Request-Id", traces.PARENT)}
"""What every answer has."""
RATES: Json = {name: reference(name) for name in ("RateLimit", "RateLimit-Policy")}
"""What every answer has whose caller is known and counted, refusals among them."""

KEY: Json = {
    "name": idempotency_keys.HEADER,
    "in": "header",
    "required": False,
    "description": idempotency_keys.DESCRIPTION,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
MATCH: Json = {
    "name": representation.IF_MATCH,
    "in": "header",
    "required": False,
    "description": "The `ETag` of the version to change; the changing statement refuses any other with 412.",
    "schema": {"type": "string", "pattern": f"^(\\*|{TAG})$"},
}
ACTING: Json = {
    "name": principals.ACTING,
    "in": "header",
    "required": False,
    "description": f"The user for whom a service with the scope `{principals.ACT}` acts: it may what both may.",
    "schema": {"type": "string", "format": "uuid"},
}
READ_AFTER: Json = {
    "name": replicas.HEADER,
    "in": "header",
    "required": False,
    "description": replicas.DESCRIPTION,
    "schema": {"type": "string", "pattern": replicas.PATTERN},
}
NONE_MATCH: Json = {
    "name": representation.IF_NONE_MATCH,
    "in": "header",
    "required": False,
    "description": "The `ETag` of what is known already: 304 while nothing has changed.",
    "schema": {"type": "string", "pattern": f"^(\\*|{TAG}(, {TAG})*)$"},
}


def of_requests(endpoint: "Endpoint") -> list[Json]:
    """Return the headers that a route takes."""
    route = endpoint.route
    acts = bool(route.policy.scope and route.policy.session)
    taken = [
        (acts, ACTING),
        (route.takes_key, KEY),
        (route.versioned, MATCH),
        (is_tagged(endpoint), NONE_MATCH),
        (endpoint.reads_replicas, READ_AFTER),
    ]
    found = [header for is_taken, header in taken if is_taken]
    return [*found, _prefer(endpoint)] if endpoint.prefers else found


def _prefer(endpoint: "Endpoint") -> Json:
    known = [text for name, text in prefer.DESCRIPTIONS.items() if name in endpoint.prefers]
    counts = endpoint.route.counts
    if counts is not None and counts.but_with:
        known.append(f"not together with {', '.join(f'`{name}`' for name in counts.but_with)}")
    return {
        "name": prefer.HEADER,
        "in": "header",
        "required": False,
        "description": f"What the caller would rather have (RFC 7240): {'; '.join([*known, prefer.STRICT])}.",
        "schema": {"type": "string"},
        "example": _example(endpoint),
    }


def _example(endpoint: "Endpoint") -> str:
    if prefer.COUNT in endpoint.prefers:
        return "count=estimated"
    if prefer.MOST in endpoint.prefers:
        return "max-affected=100"
    # OpenAPI has no words for a 201 with a body or without one: who tries the example would find it undocumented.
    created = endpoint.status == CREATED
    return "return=minimal" if prefer.RETURN in endpoint.prefers and not created else "tx=rollback"


def of_success(endpoint: "Endpoint") -> Json:
    """Return the headers of a route's answer when all went well."""
    is_limited = endpoint.route.rate_class != "none"
    names = [
        (is_limited, "RateLimit"),
        (is_limited, "RateLimit-Policy"),
        (endpoint.shape is not None and endpoint.route.shape is None, "ETag"),
        (endpoint.status == CREATED, "Location"),
        (endpoint.route.takes_key, idempotency_keys.REPLAYED),
        (endpoint.is_page, "Link"),
        (endpoint.writes, replicas.HEADER),
        (bool(endpoint.prefers), prefer.APPLIED),
        (endpoint.route.counts is not None, totals.TOTAL),
        (endpoint.route.counts is not None, totals.TOTAL_IS),
    ]
    return {**ALWAYS, **{name: reference(name) for is_sent, name in names if is_sent}}


def without_body(endpoint: "Endpoint") -> Json:
    """Return the answers that a route gives without a body: to who knows it, and to who needs it not."""
    found: Json = {}
    if is_tagged(endpoint):
        found["304"] = {
            "description": "What `If-None-Match` names is still what there is.",
            "headers": {**ALWAYS, "ETag": reference("ETag")},
        }
    if prefer.RETURN in endpoint.prefers and endpoint.status != CREATED:
        found["204"] = {
            "description": "What `Prefer: return=minimal` asks for.",
            "headers": of_success(endpoint),
        }
    return found


def is_tagged(endpoint: "Endpoint") -> bool:
    """Say whether its answer may be known already."""
    return (
        endpoint.route.method == "GET"
        and endpoint.shape is not None
        and endpoint.route.shape is None
    )


def problems(route: "Route") -> list[str]:
    """Return the codes of what may be wrong with the headers of a request."""
    found = [] if route.method == "GET" or route.policy.public else ["invalid_header"]
    if route.takes_key:
        found += idempotency_keys.PROBLEMS
    if route.versioned:
        found.append("stale_version")
    if route.affects is not None:
        found.append("too_many_affected")
    return found

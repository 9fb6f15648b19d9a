"""The headers of requests and answers, as the OpenAPI document tells of them."""

from typing import TYPE_CHECKING, Any

from service import idempotency_keys, principals, representation, traces

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
        "Link": "Pages beside this one (RFC 8288).",
        "WWW-Authenticate": "How to send credentials.",
        "Retry-After": "Seconds to wait before the same request is worth repeating.",
    }.items()
}
ALWAYS: Json = {name: reference(name) for name in ("X-Request-Id", traces.PARENT)}
"""What every answer has."""

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
    ]
    return [header for is_taken, header in taken if is_taken]


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
    ]
    return {**ALWAYS, **{name: reference(name) for is_sent, name in names if is_sent}}


def not_modified() -> Json:
    """Return the answer to who knows it already."""
    return {
        "description": "What `If-None-Match` names is still what there is.",
        "headers": {**ALWAYS, "ETag": reference("ETag")},
    }


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
    return found

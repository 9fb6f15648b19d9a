"""The OpenAPI 3.1 document, made of the same routes that answer requests."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from service import bodies, examples, headers, jsoninput, lines, problems, wire
from service.auth import Granted, InGuild, Own, Policy
from service.catalogue import CATALOGUE
from service.endpoint import Endpoint
from service.inputs import SNOWFLAKE_PATTERN, SNOWFLAKE_SCHEMA
from service.links import links_from
from service.problems import Problem
from service.routes import Routes

COMPONENT = "#/components/schemas/{model}"

Json = dict[str, Any]

INTRODUCTION = """\
Ids are strings, times are RFC 3339 in UTC, names are camelCase, lists come in pages. Every refusal is a problem
document (RFC 9457) with a `code` that stays the same; [the list of them](problems) says what to do about each.

Send `Authorization: Bearer` with an API key (services) or a session token (users). Every call takes `X-Request-Id`, and
`traceparent` with `tracestate` (W3C Trace Context): what is not well formed is replaced, never refused."""

PROBLEMS = "Every problem: its causes, its remedy, whether and how to repeat the request."

SECURITY: Json = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "slimy_<public id>_<secret>",
        "description": "A service's API key; each operation names the scope it needs.",
    },
    "Session": {
        "type": "http",
        "scheme": "bearer",
        "description": "A user's session token, as POST /v1/sessions gives it.",
    },
}


class _Schema(GenerateJsonSchema):
    """pydantic's schemas without the titles it makes of field names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- the parent's signature
        return False


def codes(endpoint: Endpoint) -> tuple[str, ...]:
    """Return every problem a route can answer with: its own, and those that follow from its data."""
    route = endpoint.route
    found = [
        "unknown_parameter",
        "invalid_parameter",
        *route.problems,
        *_policy_codes(route.policy),
        "internal",
        "overloaded",
    ]
    if endpoint.body is not None:
        found += ["malformed_json", "unacceptable_json", "validation_failed"]
        found += ["payload_too_large", "unsupported_media_type", "request_timeout"]
    found += headers.problems(route)
    if headers.is_tagged(endpoint):
        found.append("invalid_header")
    if not route.policy.public:
        found += ["rate_limited", "unavailable", "schema_mismatch", "deadline_exceeded"]
        found += ["permission_denied", "disk_full"]
        if route.method != "GET":
            found += ["busy", "database_read_only", "outcome_unknown"]
    return tuple(sorted(set(found), key=lambda code: (CATALOGUE[code].status, code)))


def _policy_codes(policy: Policy) -> Iterable[str]:
    if policy.public:
        return
    yield from ("unauthenticated", "insufficient_scope", "invalid_header", "not_found")
    yield "key_bound_to_guilds" if policy.scope else "session_required"
    if not policy.session:
        yield "service_only"
    for rule in policy.session:
        if isinstance(rule, Own):
            yield "not_your_account"
        if isinstance(rule, InGuild | Granted):
            yield "not_found"
            if not rule.for_all_who_see:
                yield "role_required"


def document(
    endpoints: Sequence[Endpoint], groups: Iterable[Routes], *, server: str, version: str
) -> bytes:
    """Return the document as JSON."""
    bodies, body_parts = _body_schemas(endpoints)
    shapes = {id(endpoint): endpoint.shape for endpoint in endpoints if endpoint.shape is not None}
    made, parts = wire.schemas([*shapes.values(), wire.shape(Problem)])
    replies = dict(zip(shapes, made, strict=False))
    if clash := set(parts) & set(body_parts):
        raise TypeError(
            f"these names mean both something sent and something answered: {sorted(clash)}"
        )
    paths: Json = {}
    refusals: Json = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, bodies.get(id(endpoint)), replies.get(id(endpoint)))
        operation["responses"].update(headers.without_body(endpoint))
        operation["responses"].update(_refusals(endpoint, refusals))
        paths.setdefault(endpoint.route.path, {})[endpoint.route.method.lower()] = operation
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "slimy_dal", "version": version, "description": INTRODUCTION},
        "servers": [{"url": server or "/"}],
        "tags": _tags(groups),
        "externalDocs": {"url": f"{server}/problems", "description": PROBLEMS},
        "paths": _tidied(paths),
        "components": {
            "schemas": {
                **_tidied(parts),
                **_tidied(body_parts),
                "JsonValue": jsoninput.SCHEMA,
                "Snowflake": SNOWFLAKE_SCHEMA,
            },
            "responses": refusals,
            "headers": headers.ANSWERS,
            "securitySchemes": SECURITY,
        },
    }
    return wire.encode(whole)


def _tags(groups: Iterable[Routes]) -> list[Json]:
    tags = {group.tag: group.description for group in groups}
    return [{"name": name, "description": text} for name, text in tags.items()]


def _body_schemas(endpoints: Sequence[Endpoint]) -> tuple[dict[int, Json], Json]:
    inputs: list[tuple[int, Any, TypeAdapter[Any]]] = [
        (id(endpoint), "validation", endpoint.body)
        for endpoint in endpoints
        if endpoint.body is not None
    ]
    schemas, rest = TypeAdapter.json_schemas(
        inputs, ref_template=COMPONENT, schema_generator=_Schema
    )
    parts: Json = rest.get("$defs", {})
    return {key: schema for (key, _), schema in schemas.items()}, parts


def _tidied(value: Any) -> Any:
    """Refer to the one schema of Discord ids instead of repeating it, and drop defaults that mean "left out"."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("pattern") == SNOWFLAKE_PATTERN:
        return {"$ref": COMPONENT.format(model="Snowflake")}
    return {
        key: _tidied(inner)
        for key, inner in value.items()
        if not (key == "default" and inner in (None, ""))
    }


def _operation(endpoint: Endpoint, body: Json | None, reply: Json | None) -> Json:
    route = endpoint.route
    operation: Json = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "description": "\n\n".join(
            filter(None, [route.description, lines.ENTRIES[route.entries], who(route.policy)])
        ),
        "tags": [route.tag],
        "security": _security(route.policy),
        "parameters": [
            *_parameters(endpoint, "path"),
            *_parameters(endpoint, "query"),
            *headers.of_requests(endpoint),
        ],
        "responses": {str(endpoint.status): _success(endpoint, reply)},
        "x-calls": [str(call) for call in route.calls],
        "x-queries": [*route.queries],
        "x-rate-class": route.rate_class,
        "x-page": endpoint.page,
        "x-priority": endpoint.priority,
    }
    if body is not None:
        content: Json = {"schema": body}
        if route.body_example is not None:
            content["example"] = route.body_example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
        if endpoint.lines is not None:
            operation["requestBody"]["description"] = endpoint.lines.says
            operation["x-also-takes"] = [bodies.NDJSON]
    return operation


def who(policy: Policy) -> str:
    """Return in a sentence who may call a route."""
    if policy.public:
        return "Anyone may call it."
    scopes = " and ".join(f"`{scope}`" for scope in policy.scopes)
    may = [f"an API key with the scope{'s' if policy.also else ''} {scopes}"] if scopes else []
    for rule in policy.session:
        if isinstance(rule, Own):
            may.append("the session of that user")
        elif isinstance(rule, InGuild):
            may.append(f"the session of a user with `{rule.permission}` in the guild")
        elif isinstance(rule, Granted):
            may.append(f"the session of {rule.who}")
        else:
            may.append("any session")
    return f"Who may: {', or '.join(may)}."


def _security(policy: Policy) -> list[Json]:
    if policy.public:
        return []
    found: list[Json] = [{"ApiKey": [*policy.scopes]}] if policy.scope else []
    return [*found, {"Session": []}] if policy.session else found


def _parameters(endpoint: Endpoint, place: str) -> list[Json]:
    model = endpoint.path if place == "path" else endpoint.query
    if model is None:
        return []
    schema: JsonSchemaValue = model.model_json_schema(schema_generator=_Schema)
    given = endpoint.examples
    found = []
    for name, field in schema["properties"].items():
        example = {"example": given[name]} if name in given else {}
        found.append({**_parameter(name, place, field, required=name in given), **example})
    return found


def _parameter(name: str, place: str, field: Json, *, required: bool) -> Json:
    inner = next((one for one in field.get("anyOf", ()) if one.get("type") != "null"), field)
    description = inner.get("description") or field.get("description")
    schema = {key: value for key, value in inner.items() if key != "description"}
    made: Json = {"name": name, "in": place, "required": required, "schema": schema}
    return {**made, "description": description} if description else made


def _refusals(endpoint: Endpoint, known: Json) -> Json:
    """Return references to a route's problem responses, one per status, adding those that are new to `known`."""
    by_status: dict[int, list[str]] = {}
    for code in codes(endpoint):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    found = {}
    for status, together in by_status.items():
        name = "-".join(together)
        known.setdefault(name, _problem_response(status, together))
        found[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return found


def _success(endpoint: Endpoint, reply: Json | None) -> Json:
    route = endpoint.route
    made: Json = {"description": route.summary, "headers": headers.of_success(endpoint)}
    if endpoint.status != 204:  # noqa: PLR2004 -- No Content
        text = {"type": "string"}
        made["content"] = {
            media: {"schema": text if reply is None or media == "text/html" else reply}
            for media in (route.media, *route.also_media)
        }
        if (kept := examples.answers().get(route.operation_id)) is not None:
            made["content"][route.media]["example"] = kept
    if links := links_from(endpoint):
        made["links"] = links
    return made


def _problem_response(status: int, together: Sequence[str]) -> Json:
    sent = dict(headers.ALWAYS)
    if status == 401:  # noqa: PLR2004 -- Unauthorized
        sent["WWW-Authenticate"] = headers.reference("WWW-Authenticate")
    else:
        sent |= headers.RATES
    if any(CATALOGUE[code].retry == "after" for code in together):
        sent["Retry-After"] = headers.reference("Retry-After")
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": COMPONENT.format(model="Problem")}}}
    description = "; ".join(
        f"[`{code}`](problems/{code}): {CATALOGUE[code].title}" for code in together
    )
    return {
        "description": description,
        "headers": sent,
        "content": content,
        "x-codes": list(together),
    }

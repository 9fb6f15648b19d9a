"""API keys over HTTP: what services prove themselves with."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from service.auth import Policy
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, Moment, Name
from service.routes import Call, Created, Routes
from slimy_dal.domain.api_keys import SCOPES, ApiKey, NewApiKey, Scope
from slimy_dal.engine.types import Page

routes = Routes("api keys", "What services prove themselves with.")

ADMIN = Policy("keys:admin")


def _each_once(scopes: list[Scope]) -> list[Scope]:
    if len(set(scopes)) != len(scopes):
        raise PydanticCustomError("repeated", "must name each scope once")
    return scopes


Scopes = Annotated[
    list[Scope],
    Field(min_length=1, max_length=len(SCOPES), json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]


class ApiKeyRequest(Body):
    """A key to make."""

    name: Annotated[Name, Field(description="Who will use it; shown in lists and logs.")]
    scopes: Scopes
    expires_at: Annotated[
        Moment | None, Field(description="Must be in the future; null for never.")
    ] = None


@routes.route("GET", "/v1/api-keys", ADMIN, "invalid_cursor")
async def list_keys(
    call: Call, *, cursor: Cursor | None = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ApiKey]:
    """List API keys, newest first, revoked ones among them. Their secrets are not kept."""
    return await call.db.api_keys.list(cursor=cursor, limit=limit)


@routes.route(
    "POST",
    "/v1/api-keys",
    ADMIN,
    keeps_answer=False,
    body_example={"name": "reporting", "scopes": ["guilds:read"], "expiresAt": None},
)
async def create(call: Call, *, body: ApiKeyRequest) -> Created[NewApiKey]:
    """Make an API key.

    Its text is shown this once: only a hash of its secret is kept.
    """
    made = await call.db.api_keys.create(body.name, body.scopes, expires_at=body.expires_at)
    return Created(made, f"/v1/api-keys/{made.api_key.id}")


@routes.route("DELETE", "/v1/api-keys/{key_id}", ADMIN, "not_found")
async def revoke(call: Call, *, key_id: Id) -> None:
    """Withdraw an API key at once and for good."""
    await call.db.api_keys.revoke(key_id)
    call.state.gate.forget(key_id)

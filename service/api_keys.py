"""API keys over HTTP: what services prove themselves with."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from service.auth import Policy
from service.inputs import DEFAULT_LIMIT, WHOLE, Body, Cursor, Id, Limit, Moment, Name, Snowflake
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


Ending = Annotated[Moment | None, Field(description="Must be in the future; null for never.")]


class ApiKeyRequest(Body):
    """A key to make."""

    name: Annotated[Name, Field(description="Who will use it; shown in lists and logs.")]
    scopes: Scopes
    guild_ids: Annotated[
        list[Snowflake] | None,
        Field(
            min_length=1, max_length=1000, description="The only guilds it reaches; null for all."
        ),
    ] = None
    expires_at: Ending = None


class Rotation(Body):
    """How a key is replaced."""

    overlap_hours: Annotated[
        int, Field(ge=0, le=720, description="Hours in which the old key stays good."), WHOLE
    ] = 24
    expires_at: Ending = None


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
    audit="api_key.create",
)
async def create(call: Call, *, body: ApiKeyRequest) -> Created[NewApiKey]:
    """Make an API key.

    Its text is shown this once: only a hash of its secret is kept.
    """
    call.details["scopes"] = sorted(body.scopes)
    made = await call.db.api_keys.create(
        body.name, body.scopes, guild_ids=body.guild_ids, expires_at=body.expires_at
    )
    return Created(made, f"/v1/api-keys/{made.api_key.id}")


@routes.route(
    "POST",
    "/v1/api-keys/{key_id}/rotate",
    ADMIN,
    "not_found",
    keeps_answer=False,
    body_example={"overlapHours": 24, "expiresAt": None},
    audit="api_key.rotate",
)
async def rotate(call: Call, *, key_id: Id, body: Rotation) -> Created[NewApiKey]:
    """Make a key in the place of another, with its name, scopes and guilds.

    The old one stays good for `overlapHours`, so that whoever has it can change over. The new one's text is shown
    this once.
    """
    made = await call.db.api_keys.rotate(
        key_id, overlap=timedelta(hours=body.overlap_hours), expires_at=body.expires_at
    )
    if body.overlap_hours == 0:
        _disbelieve(call, key_id)
    return Created(made, f"/v1/api-keys/{made.api_key.id}")


@routes.route(
    "DELETE",
    "/v1/api-keys/{key_id}",
    ADMIN,
    "not_found",
    audit="api_key.revoke",
)
async def revoke(call: Call, *, key_id: Id) -> None:
    """Withdraw an API key at once and for good."""
    await call.db.api_keys.revoke(key_id)
    _disbelieve(call, key_id)


def _disbelieve(call: Call, key_id: UUID) -> None:
    """Refuse a key here as soon as the transaction has ended; other processes believe it for a second at most."""

    async def forget() -> None:
        call.state.gate.forget(key_id)

    call.afterwards.append(forget)

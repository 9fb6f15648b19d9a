"""Guilds over HTTP: Discord servers and their settings (SPEC D3)."""

from typing import Annotated

from pydantic import Field

from service.auth import InGuild, Policy
from service.examples import DELETED_GUILD, NEW_GUILD
from service.inputs import (
    DEFAULT_LIMIT,
    Body,
    Cursor,
    Flag,
    Id,
    JsonObject,
    Limit,
    Link,
    Name,
    Search,
    Snowflake,
)
from service.principals import Visitor
from service.problems import Refusal
from service.routes import Call, Created, Routes, Versioned
from service.totals import Counts
from slimy_dal.domain.guilds import DeletedGuild, Guild, GuildSummary
from slimy_dal.engine.types import Json, Page

routes = Routes("guilds", "Discord servers.")

READ = Policy("guilds:read", (InGuild("view_members"),))
LIST = Policy("guilds:read")
WRITE = Policy("guilds:write")
MANAGE = Policy("guilds:write", (InGuild("manage_guild"),))

EXAMPLE = {"name": "Discord Testers", "icon": "f64c482b807da4f539cff778d174971c", "ownerId": None}
SETTINGS = {"language": "en", "features": {"chatBot": True}}

Icon = Annotated[Link | None, Field(description="Discord's hash of the picture, or an address.")]
Owner = Annotated[Id | None, Field(description="Our id of the user who owns the guild.")]


class GuildDetails(Body):
    """A guild's details. In an upsert, a field that is left out stays as it is; null erases it."""

    name: Name
    icon: Icon = None
    owner_id: Owner = None


class NewGuild(GuildDetails):
    """A guild to create."""

    id: Snowflake


class GuildChanges(Body):
    """What to change of a guild; a field that is left out stays as it is."""

    name: Name = ""
    icon: Icon = None
    owner_id: Owner = None


async def _count(call: Call, *, at_most: int, **_: object) -> tuple[int, int]:
    found = await call.db.guilds.count(at_most)
    return found.counted, found.estimated


@routes.route("GET", "/v1/guilds", LIST, "invalid_cursor", counts=Counts(_count, {"search": None}))
async def list_guilds(
    call: Call,
    *,
    search: Search | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[GuildSummary]:
    """List guilds, newest first, each with the numbers of its members and messages.

    Both are counted up to 1000: 1000 means 1000 or more.
    With `search`, those with all its words in their names, each word by its beginning.
    """
    return await call.db.guilds.list(search=search, cursor=cursor, limit=limit)


@routes.route(
    "POST",
    "/v1/guilds",
    WRITE,
    "already_exists",
    "missing_reference",
    body_example={"id": NEW_GUILD, **EXAMPLE},
    audit="guild.create",
)
async def create(call: Call, *, body: NewGuild) -> Created[Guild]:
    """Add a guild that is not known yet."""
    made = await call.db.guilds.create(
        body.id, name=body.name, icon=body.icon, owner_id=body.owner_id
    )
    return Created(made, f"/v1/guilds/{made.id}")


@routes.route("GET", "/v1/guilds/{guild_id}", READ, "not_found")
async def get(call: Call, *, guild_id: Snowflake) -> Guild:
    """Return a guild with its settings and the numbers of its members and messages.

    Both are counted up to 1000: 1000 means 1000 or more.
    """
    return await call.db.guilds.get(guild_id)


@routes.route(
    "PUT",
    "/v1/guilds/{guild_id}",
    WRITE,
    "missing_reference",
    "conflict",
    "not_found",
    body_example=EXAMPLE,
    audit="guild.put",
    versioned=True,
)
async def put(call: Call, *, guild_id: Snowflake, body: GuildDetails) -> Guild:
    """Make sure a guild exists, and bring the given fields up to date."""
    return await call.db.guilds.upsert(guild_id, **body.given(), version=call.version)


@routes.route(
    "PATCH",
    "/v1/guilds/{guild_id}",
    MANAGE,
    "not_found",
    "service_only",
    "missing_reference",
    body_example=EXAMPLE,
    audit="guild.update",
    versioned=True,
)
async def change(call: Call, *, guild_id: Snowflake, body: GuildChanges) -> Guild:
    """Change the given fields of a guild.

    A user's session may not change `ownerId`: whoever may manage a guild must not take it over by that.
    """
    if isinstance(call.principal, Visitor) and "owner_id" in body.model_fields_set:
        raise Refusal(
            "service_only", "only an API key with the scope guilds:write changes the owner"
        )
    return await call.db.guilds.update(guild_id, **body.given(), version=call.version)


@routes.route(
    "DELETE",
    "/v1/guilds/{guild_id}",
    WRITE,
    "not_found",
    audit="guild.delete",
    versioned=True,
)
async def remove(call: Call, *, guild_id: Snowflake, permanent: Flag = False) -> None:
    """Delete a guild: with all its data it is out of sight, and can be restored until it is purged.

    With `permanent=true` it is removed for good, deleted before or not, with everything that is its. Of a
    guild with very much data the rest may take longer than the call; the next purge finishes it.
    """
    if permanent:
        await call.db.guilds.start_delete(guild_id, version=call.version)
        # In batches, each a transaction of its own: with the audit row's it would be a single one.
        call.afterwards.append(lambda: call.state.db.guilds.finish_delete(guild_id))
    else:
        await call.db.guilds.soft_delete(guild_id, version=call.version)
    call.details["permanent"] = permanent


@routes.route("GET", "/v1/deleted-guilds", LIST, "invalid_cursor")
async def list_deleted(
    call: Call, *, cursor: Cursor | None = None, limit: Limit = DEFAULT_LIMIT
) -> Page[DeletedGuild]:
    """List deleted guilds, the latest deleted first.

    One whose `purgeStartedAt` is not null cannot be restored any more.
    """
    return await call.db.guilds.list_deleted(cursor=cursor, limit=limit)


@routes.route(
    "POST",
    "/v1/deleted-guilds/{guild_id}/restore",
    WRITE,
    "not_found",
    audit="guild.restore",
    examples={"guild_id": DELETED_GUILD},
)
async def restore(call: Call, *, guild_id: Snowflake) -> Guild:
    """Bring a deleted guild back, with all its data."""
    return await call.db.guilds.restore(guild_id)


@routes.route("GET", "/v1/guilds/{guild_id}/settings", READ, "not_found")
async def get_settings(call: Call, *, guild_id: Snowflake) -> Versioned[dict[str, Json]]:
    """Return a guild's settings."""
    return _settings(await call.db.guilds.get(guild_id))


@routes.route(
    "PATCH",
    "/v1/guilds/{guild_id}/settings",
    MANAGE,
    "not_found",
    body_example=SETTINGS,
    body_is="settings",
    audit="guild.settings.update",
    versioned=True,
)
async def merge_settings(
    call: Call, *, guild_id: Snowflake, body: JsonObject
) -> Versioned[dict[str, Json]]:
    """Change top-level keys of a guild's settings; null removes a key.

    Two merges at the same time both last.
    """
    return _settings(await call.db.guilds.merge_settings(guild_id, body, version=call.version))


@routes.route(
    "PUT",
    "/v1/guilds/{guild_id}/settings",
    MANAGE,
    "not_found",
    body_example=SETTINGS,
    body_is="settings",
    audit="guild.settings.replace",
    versioned=True,
)
async def replace_settings(
    call: Call, *, guild_id: Snowflake, body: JsonObject
) -> Versioned[dict[str, Json]]:
    """Put other settings in the place of a guild's."""
    return _settings(await call.db.guilds.replace_settings(guild_id, body, version=call.version))


def _settings(guild: Guild) -> Versioned[dict[str, Json]]:
    """Return a guild's settings; their version is the guild's, whose row they stand in."""
    return Versioned(dict(guild.settings), guild.updated_at)

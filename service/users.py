"""Users over HTTP: people known by their Discord account (SPEC D1)."""

from typing import Annotated

from pydantic import Field

from service.auth import Own, Policy, sees_guild
from service.examples import GUILD
from service.inputs import (
    DEFAULT_LIMIT,
    Body,
    Cursor,
    Email,
    Id,
    Limit,
    Link,
    Moment,
    Name,
    Search,
    Snowflake,
    Token,
)
from service.principals import Visitor
from service.problems import missing_reference
from service.routes import Call, Routes
from service.totals import Counts
from slimy_dal.domain.memberships import UserGuild
from slimy_dal.domain.users import DiscordTokens, User
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.types import Page

routes = Routes("users", "People known by their Discord account.")

READ = Policy("users:read")
READ_OWN = Policy("users:read", (Own(),))
WRITE = Policy("users:write")
WRITE_OWN = Policy("users:write", (Own(),))


class Profile(Body):
    """What Discord tells about a person. A field that is left out stays as it is; null erases it."""

    username: Name | None = None
    global_name: Name | None = None
    avatar: Annotated[
        Link | None, Field(description="Discord's hash of the picture, or an address.")
    ] = None
    email: Email | None = None


class LastActiveGuild(Body):
    """The guild a user was last active in; null for none."""

    last_active_guild_id: Annotated[Snowflake | None, Field(alias="guildId")]


class DiscordTokensRequest(Body):
    """What Discord's OAuth gave for a user. Encrypted before it is stored; never shown again."""

    access_token: Token
    refresh_token: Token | None = None
    expires_at: Moment | None = None


EXAMPLE = {"username": "nelly", "globalName": "Nelly", "avatar": "8342729096ea3675442027381ff50dfe"}


async def _count(call: Call, *, at_most: int, **_: object) -> tuple[int, int]:
    found = await call.db.users.count(at_most)
    return found.counted, found.estimated


@routes.route("GET", "/v1/users", READ, "invalid_cursor", counts=Counts(_count, {"search": None}))
async def list_users(
    call: Call,
    *,
    search: Search | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[User]:
    """List users, newest first.

    With `search`, those with all its words in their names, each word by its beginning.
    """
    return await call.db.users.list(search=search, cursor=cursor, limit=limit)


@routes.route("GET", "/v1/users/by-email", READ, "not_found")
async def get_by_email(call: Call, *, email: Email) -> User:
    """Return the user of a mailbox, written in whatever case."""
    return _known(await call.db.users.find_by_email(email))


@routes.route("GET", "/v1/users/by-discord/{discord_id}", READ, "not_found")
async def get_by_discord(call: Call, *, discord_id: Snowflake) -> User:
    """Return the user of a Discord account."""
    return _known(await call.db.users.find_by_discord_id(discord_id))


@routes.route(
    "PUT",
    "/v1/users/by-discord/{discord_id}",
    WRITE,
    "already_exists",
    "not_found",
    body_example=EXAMPLE,
    versioned=True,
)
async def put_by_discord(call: Call, *, discord_id: Snowflake, body: Profile) -> User:
    """Make sure the user of a Discord account exists, and bring the given fields up to date."""
    return await call.db.users.find_or_create(discord_id, **body.given(), version=call.version)


@routes.route("GET", "/v1/users/{user_id}", READ_OWN, "not_found")
async def get(call: Call, *, user_id: Id) -> User:
    """Return a user."""
    return await call.db.users.get(user_id)


@routes.route(
    "PATCH",
    "/v1/users/{user_id}",
    WRITE,
    "not_found",
    "already_exists",
    body_example=EXAMPLE,
    versioned=True,
)
async def change(call: Call, *, user_id: Id, body: Profile) -> User:
    """Change the given fields of a user."""
    return await call.db.users.update(user_id, **body.given(), version=call.version)


@routes.route(
    "DELETE",
    "/v1/users/{user_id}",
    WRITE,
    "not_found",
    audit="user.delete",
    versioned=True,
)
async def remove(call: Call, *, user_id: Id) -> None:
    """Erase a user with their memberships and sessions; guilds they own lose their owner."""
    await call.db.users.delete(user_id, version=call.version)


@routes.route(
    "PUT",
    "/v1/users/{user_id}/last-active-guild",
    WRITE_OWN,
    "not_found",
    "missing_reference",
    body_example={"guildId": GUILD},
    versioned=True,
)
async def set_last_active_guild(call: Call, *, user_id: Id, body: LastActiveGuild) -> User:
    """Remember the guild a user was last active in.

    In a user's session, one they belong to: any other looks like one that does not exist.
    """
    guild_id, visitor = body.last_active_guild_id, call.principal
    if (
        guild_id is not None
        and isinstance(visitor, Visitor)
        and not await sees_guild(visitor, guild_id, call.unbound)
    ):
        raise missing_reference("/guildId", "guild")
    return await call.db.users.set_last_active_guild(
        user_id, body.last_active_guild_id, version=call.version
    )


@routes.route(
    "PUT",
    "/v1/users/{user_id}/discord-tokens",
    WRITE,
    "not_found",
    "tokens_not_kept",
    body_example={
        "accessToken": "an-access-token",
        "refreshToken": None,
        "expiresAt": "2030-01-31T12:00:00Z",
    },
    audit="user.discord_tokens.replace",
)
async def put_discord_tokens(call: Call, *, user_id: Id, body: DiscordTokensRequest) -> None:
    """Keep a user's Discord tokens, encrypted; earlier ones are replaced.

    There is no way to read them back through this API.
    """
    call.state.need_keyring()
    user = await call.db.users.get(user_id)
    tokens = DiscordTokens(
        access=body.access_token, refresh=body.refresh_token, expires_at=body.expires_at
    )
    await call.db.users.store_tokens(user, tokens)


@routes.route(
    "DELETE",
    "/v1/users/{user_id}/discord-tokens",
    WRITE,
    "not_found",
    audit="user.discord_tokens.delete",
)
async def delete_discord_tokens(call: Call, *, user_id: Id) -> None:
    """Forget a user's Discord tokens."""
    await call.db.users.clear_tokens(user_id)


@routes.route(
    "GET",
    "/v1/users/{user_id}/guilds",
    Policy("members:read", (Own(),)),
    "not_found",
    "invalid_cursor",
)
async def list_guilds(
    call: Call, *, user_id: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT_LIMIT
) -> Page[UserGuild]:
    """List the guilds a user is a member of, with the user's roles there."""
    return await call.db.memberships.list_guilds(user_id, cursor=cursor, limit=limit)


def _known(user: User | None) -> User:
    if user is None:
        raise NotFound("there is no such user")
    return user

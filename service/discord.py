"""Discord's own objects as they come: what our tables do not hold is ignored, what is wrong is refused by field."""

from typing import Annotated, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.auth import Policy
from service.examples import DISCORD_ID, GUILD
from service.inputs import Email, Foreign, Link, Moment, Name, Snowflake
from service.problems import Refusal, in_body
from service.routes import LARGE_BODY, Call, Routes
from slimy_dal.domain.guilds import Guild
from slimy_dal.domain.memberships import Membership, Role
from slimy_dal.domain.users import User

routes = Routes("discord", "Discord's own objects, taken as Discord sends them.")

WRITE_USERS = Policy("users:write")
WRITE_GUILDS = Policy("guilds:write")
WRITE_MEMBERS = Policy("members:write", also=("users:write",))
"""A member object brings its user along, who is created or renamed."""

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
KICK, BAN, TIME_OUT = 1 << 1, 1 << 2, 1 << 40

MAPPING = "discordRoles"
"""Key of a guild's settings: an object from Discord's role ids to our roles."""

MAX_BITS = 40
"""Digits; Discord adds permissions, and 2^128 has 39."""


def _bits(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= MAX_BITS:
        return int(value)
    raise PydanticCustomError("flag", "must be a string of digits: Discord's permission bits")


Bits = Annotated[
    int,
    BeforeValidator(_bits),
    WithJsonSchema({"type": "string", "pattern": f"^[0-9]{{1,{MAX_BITS}}}$"}),
]


class DiscordUser(Foreign):
    """What we keep of Discord's user object."""

    discord_id: Annotated[Snowflake, Field(alias="id")]
    username: Name
    global_name: Name | None = None
    avatar: Link | None = None
    email: Email | None = None


class PartialDiscordUser(Foreign):
    """The user inside a member object: absent or empty in many of Discord's messages."""

    discord_id: Annotated[Snowflake | None, Field(alias="id")] = None
    username: Name | None = None
    global_name: Name | None = None
    avatar: Link | None = None


class DiscordGuild(Foreign):
    """What we keep of Discord's guild object."""

    id: Snowflake
    name: Name
    icon: Link | None = None
    owner_id: Annotated[Snowflake | None, Field(description="Discord's id of the owner.")] = None


class DiscordMember(Foreign):
    """What we keep of Discord's member object."""

    user: PartialDiscordUser | None = None
    roles: Annotated[list[Snowflake], Field(max_length=1000, description="Ids of Discord's roles.")]
    joined_at: Moment | None = None
    permissions: Annotated[
        Bits | None, Field(description="All permissions of the member, where Discord sends them.")
    ] = None


@routes.route(
    "PUT",
    "/v1/discord/users",
    WRITE_USERS,
    "already_exists",
    body_example={"id": DISCORD_ID, "username": "Nelly", "global_name": None, "flags": 64},
)
async def put_user(call: Call, *, body: DiscordUser) -> User:
    """Make sure the user of Discord's user object exists, and bring it up to date.

    Fields that our users do not have are ignored; fields that Discord leaves out stay as they are.
    """
    fields = body.given()
    return await call.db.users.find_or_create(fields.pop("discord_id"), **fields)


@routes.route(
    "PUT",
    "/v1/discord/guilds",
    WRITE_GUILDS,
    "conflict",
    body_limit=LARGE_BODY,
    body_example={
        "id": GUILD,
        "name": "Discord Testers",
        "owner_id": "73193882359173120",
    },
    audit="guild.put",
)
async def put_guild(call: Call, *, body: DiscordGuild) -> Guild:
    """Make sure the guild of Discord's guild object exists, and bring it up to date.

    `owner_id` is a Discord id: the guild belongs to our user of that account, or to nobody while there is none.
    Partial guild objects, without `owner_id`, leave the owner as it is.
    """
    fields = body.given()
    if "owner_id" in fields and (owner := fields.pop("owner_id")) is not None:
        fields["owner_discord_id"] = owner
    elif "owner_id" in body.model_fields_set:
        fields["owner_id"] = None
    call.about = str(body.id)
    return await call.db.guilds.upsert(fields.pop("id"), **fields)


@routes.route(
    "PUT",
    "/v1/discord/guilds/{guild_id}/members/{discord_id}",
    WRITE_MEMBERS,
    "not_found",
    "conflict",
    "last_owner",
    body_example={
        "user": {},
        "nick": "NOT API SUPPORT",
        "roles": [],
        "joined_at": "2015-04-26T06:26:56.936000+00:00",
    },
    audit="guild.member.put",
)
async def put_member(
    call: Call, *, guild_id: Snowflake, discord_id: Snowflake, body: DiscordMember
) -> Membership:
    """Make the user of a Discord account a member of a guild, as Discord's member object says.

    The account stands in the path, because Discord often leaves `user` out or empty. A user we do not know yet is
    created. Discord's roles become ours in two ways: by `permissions`, where Discord sends them (administrator and
    manage guild: admin; kick, ban or time out: moderator), and by the guild's setting `discordRoles`, an object from
    Discord's role ids to our roles. Where neither is there, the roles of an existing member stay as they are.
    """
    account = body.user
    fields = {} if account is None else account.given()
    if fields.pop("discord_id", None) not in {None, discord_id}:
        detail = "names another account than the path"
        raise Refusal("conflict", f"/user/id {detail}", [in_body("/user/id", "conflict", detail)])
    # Unbound, because it makes or looks up somebody who is in none of a key's guilds yet.
    async with call.unbound.transaction() as db:
        guild = await db.guilds.get(guild_id)
        user = await db.users.find_or_create(discord_id, **fields)
        roles = _roles(body, guild, is_owner=guild.owner_id == user.id)
        call.about, call.details["roles"] = str(user.id), roles
        return await db.memberships.put(guild_id, user.id, roles=roles, joined_at=body.joined_at)


def _roles(member: DiscordMember, guild: Guild, *, is_owner: bool) -> list[Role] | None:
    """Return our roles of a Discord member, or None where Discord's object says nothing about them."""
    known = _mapping(guild)
    if member.permissions is None and not known and not is_owner:
        return None
    found = {known[str(role)] for role in member.roles if str(role) in known}
    found |= _permitted(member.permissions or 0)
    if is_owner:
        found.add("owner")
    return [role for role in get_args(Role) if role in found or role == "member"]


def _mapping(guild: Guild) -> dict[str, Role]:
    """Return what the guild's settings say of Discord's roles; nobody becomes an owner by a setting."""
    mapping = guild.settings.get(MAPPING)
    if not isinstance(mapping, dict):
        return {}
    ranks: list[Role] = ["admin", "moderator", "member"]
    return {key: role for key, value in mapping.items() for role in ranks if role == value}


def _permitted(bits: int) -> set[Role]:
    if bits & (ADMINISTRATOR | MANAGE_GUILD):
        return {"admin"}
    return {"moderator"} if bits & (KICK | BAN | TIME_OUT) else set()

"""Memberships over HTTP: who belongs to a guild, with what roles, and what those allow (SPEC D4, D5)."""

from service.auth import InGuild, Own, Policy, refuse_higher_roles, sees_guild
from service.examples import NEWCOMER, USER
from service.inputs import DEFAULT_LIMIT, Cursor, Id, Limit, Search, Snowflake
from service.member_changes import OWNER, as_it_was, authority, told
from service.member_parts import (
    BulkResults,
    FormerMembers,
    MemberCount,
    MemberRoles,
    NewMember,
    NewMembers,
    NewRoles,
    PermissionAnswer,
    RolesOfMember,
    changed,
)
from service.principals import Visitor
from service.problems import missing_reference
from service.routes import LARGE_BODY, Call, Created, Routes
from service.totals import Counts
from slimy_dal.domain.memberships import (
    Member,
    MemberOrder,
    Membership,
    Permission,
    Role,
    RolesEntry,
)
from slimy_dal.engine.errors import InvalidReference, NotFound
from slimy_dal.engine.types import Page

routes = Routes("members", "Who belongs to which guild, and with what authority.")

VIEW = Policy("members:read", (InGuild("view_members"),))
VIEW_OR_OWN = Policy("members:read", (Own(), InGuild("view_members")))
MANAGE = Policy("members:write", (InGuild("manage_members"),))
MANAGE_OR_OWN = Policy("members:write", (Own(), InGuild("manage_members")))


async def _count(call: Call, *, guild_id: int, at_most: int, **_: object) -> tuple[int, int]:
    return await call.db.memberships.count(guild_id, at_most=at_most), -1


@routes.route(
    "GET",
    "/v1/guilds/{guild_id}/members",
    VIEW,
    "not_found",
    "invalid_cursor",
    counts=Counts(_count, {"search": None, "role": None}),
)
async def list_members(
    call: Call,
    *,
    guild_id: Snowflake,
    search: Search | None = None,
    role: Role | None = None,
    sort: MemberOrder = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Member]:
    """List a guild's members, newest first, or oldest first with `sort=oldest`.

    With `search`, those with all its words in their names, each word by its beginning. With `role`, those who have
    it; `member` stands for those who have no other.
    """
    # Words are found by an index that row level security keeps the planner from: it is asked unbound.
    db = call.db if search is None else call.unbound
    return await db.memberships.list_members(
        guild_id, search=search, role=role, sort=sort, cursor=cursor, limit=limit
    )


@routes.route("GET", "/v1/guilds/{guild_id}/members:count", VIEW, "not_found")
async def count(call: Call, *, guild_id: Snowflake) -> MemberCount:
    """Return how many members a guild has, counted up to 10,000: 10,000 means 10,000 or more."""
    return MemberCount(await call.db.memberships.count(guild_id))


@routes.route(
    "POST",
    "/v1/guilds/{guild_id}/members",
    MANAGE,
    "not_found",
    "missing_reference",
    "already_exists",
    body_example={"userId": NEWCOMER, "roles": ["member"]},
    audit="guild.member.add",
)
async def add(call: Call, *, guild_id: Snowflake, body: NewMember) -> Created[Membership]:
    """Make a user a member of a guild.

    In a user's session, the roles owner and admin need the permission `manage_guild`.
    """
    if isinstance(call.principal, Visitor):
        await refuse_higher_roles(call.principal, guild_id, frozenset(body.roles), call.unbound)
    call.details.update(userId=str(body.user_id), roles=body.roles)
    try:
        made = await call.db.memberships.add(guild_id, body.user_id, roles=body.roles)
    except NotFound as error:
        raise _of_body(error) from None
    return Created(made, f"/v1/guilds/{guild_id}/members/{body.user_id}")


@routes.route("GET", "/v1/guilds/{guild_id}/members/{user_id}", VIEW_OR_OWN, "not_found")
async def get(call: Call, *, guild_id: Snowflake, user_id: Id) -> Membership:
    """Return a membership with its roles."""
    return await call.db.memberships.get(guild_id, user_id)


@routes.route(
    "PUT",
    "/v1/guilds/{guild_id}/members/{user_id}/roles",
    MANAGE,
    "not_found",
    "last_owner",
    body_example={"roles": ["moderator", "member"]},
    audit="guild.member.set_roles",
    versioned=True,
)
async def set_roles(call: Call, *, guild_id: Snowflake, user_id: Id, body: NewRoles) -> Membership:
    """Give a member other roles.

    In a user's session, giving or taking owner and admin, and any change of the guild's owner, needs the permission
    `manage_guild`.
    """
    version = call.version
    call.details["roles"] = body.roles
    if isinstance(call.principal, Visitor):
        before, version = await authority(guild_id, user_id, call)
        changed = (before ^ frozenset(body.roles)) | (before & {OWNER})
        await refuse_higher_roles(call.principal, guild_id, changed, call.unbound)
    with as_it_was(call):
        return await call.db.memberships.set_roles(guild_id, user_id, body.roles, version=version)


@routes.route(
    "DELETE",
    "/v1/guilds/{guild_id}/members/{user_id}",
    MANAGE_OR_OWN,
    "not_found",
    "last_owner",
    audit="guild.member.remove",
    versioned=True,
)
async def remove(call: Call, *, guild_id: Snowflake, user_id: Id) -> None:
    """End a membership; in a user's session also one's own.

    In a user's session, removing an owner, the guild's owner or an admin needs the permission `manage_guild`.
    """
    version = call.version
    if isinstance(call.principal, Visitor) and call.principal.user_id != user_id:
        before, version = await authority(guild_id, user_id, call)
        await refuse_higher_roles(call.principal, guild_id, before, call.unbound)
    with as_it_was(call):
        await call.db.memberships.remove(guild_id, user_id, version=version)


@routes.route(
    "GET",
    "/v1/guilds/{guild_id}/members/{user_id}/permissions/{permission}",
    VIEW_OR_OWN,
    "not_found",
)
async def check_permission(
    call: Call, *, guild_id: Snowflake, user_id: Id, permission: Permission
) -> PermissionAnswer:
    """Say whether a user has a permission in a guild.

    `manage_guild` comes with the roles owner and admin, `manage_members` also with moderator, `view_members` with
    every role. A guild's owner has all of them. In a user's session nothing is allowed in a guild that does not exist,
    as in one the user is no member of.
    """
    visitor = call.principal
    if isinstance(visitor, Visitor) and not await sees_guild(visitor, guild_id, call.unbound):
        return PermissionAnswer(permission, allowed=False)
    allowed = await call.db.memberships.allows(guild_id, user_id, permission)
    return PermissionAnswer(permission, allowed=allowed)


def _of_body(error: NotFound) -> Exception:
    """Return what a missing user or guild is here: the guild stands in the path, the user in the body.

    Told from the constraint: after a refusal, the transaction of a request with an idempotency key answers no query.
    """
    cause = error.__context__
    if isinstance(cause, InvalidReference) and "user_id" in cause.fields:
        return missing_reference("/userId", "user")
    return error


# Bulk calls are for services alone: an answer per entry would make the guard on higher roles one per entry too.
BULK = Policy("members:write")


@routes.route(
    "POST",
    "/v1/guilds/{guild_id}/members:add",
    BULK,
    "not_found",
    body_limit=LARGE_BODY,
    body_example={"entries": [{"userId": NEWCOMER, "roles": ["member"]}]},
    audit="guild.members.add",
    entries="each",
    affects=changed,
)
async def add_many(call: Call, *, guild_id: Snowflake, body: NewMembers) -> BulkResults:
    """Add up to 1000 members, each on its own.

    The answer has one result per entry, in order: an entry that fails does not lose the rest.
    """
    entries = _entries(body.entries)
    # Unbound, because whom it looks up and adds is in none of a key's guilds yet.
    results = await call.unbound.memberships.add_many(guild_id, entries)
    return BulkResults(told(call, results, entries))


@routes.route(
    "POST",
    "/v1/guilds/{guild_id}/members:set-roles",
    BULK,
    "not_found",
    body_limit=LARGE_BODY,
    body_example={"entries": [{"userId": USER, "roles": ["moderator"]}]},
    audit="guild.members.set_roles",
    entries="each",
    affects=changed,
)
async def set_roles_many(call: Call, *, guild_id: Snowflake, body: MemberRoles) -> BulkResults:
    """Give up to 1000 members other roles, each on its own."""
    entries = _entries(body.entries)
    results = await call.db.memberships.set_roles_many(guild_id, entries)
    return BulkResults(told(call, results, entries))


@routes.route(
    "POST",
    "/v1/guilds/{guild_id}/members:remove",
    BULK,
    "not_found",
    body_limit=LARGE_BODY,
    body_example={"userIds": [USER]},
    audit="guild.members.remove",
    entries="each",
    affects=changed,
)
async def remove_many(call: Call, *, guild_id: Snowflake, body: FormerMembers) -> BulkResults:
    """End up to 1000 memberships, each on its own."""
    results = await call.db.memberships.remove_many(guild_id, body.user_ids)
    return BulkResults(told(call, results))


def _entries(entries: list[NewMember] | list[RolesOfMember]) -> list[RolesEntry]:
    return [RolesEntry(entry.user_id, tuple(entry.roles)) for entry in entries]

"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page, Snowflake


_MEMBERSHIPS_LIST_MEMBERS = Operation[Page[shapes.Member]](
    "memberships_list_members",
    "GET",
    "/v1/guilds/{guild_id}/members",
    Page[shapes.Member],
)
_MEMBERSHIPS_COUNT = Operation[shapes.MemberCount](
    "memberships_count",
    "GET",
    "/v1/guilds/{guild_id}/members:count",
    shapes.MemberCount,
)
_MEMBERSHIPS_ADD = Operation[shapes.Membership](
    "memberships_add",
    "POST",
    "/v1/guilds/{guild_id}/members",
    shapes.Membership,
)
_MEMBERSHIPS_GET = Operation[shapes.Membership](
    "memberships_get",
    "GET",
    "/v1/guilds/{guild_id}/members/{user_id}",
    shapes.Membership,
)
_MEMBERSHIPS_SET_ROLES = Operation[shapes.Membership](
    "memberships_set_roles",
    "PUT",
    "/v1/guilds/{guild_id}/members/{user_id}/roles",
    shapes.Membership,
)
_MEMBERSHIPS_REMOVE = Operation[None](
    "memberships_remove",
    "DELETE",
    "/v1/guilds/{guild_id}/members/{user_id}",
    None,
)
_MEMBERSHIPS_CHECK_PERMISSION = Operation[shapes.PermissionAnswer](
    "memberships_check_permission",
    "GET",
    "/v1/guilds/{guild_id}/members/{user_id}/permissions/{permission}",
    shapes.PermissionAnswer,
)
_MEMBERSHIPS_ADD_MANY = Operation[shapes.BulkResults](
    "memberships_add_many",
    "POST",
    "/v1/guilds/{guild_id}/members:add",
    shapes.BulkResults,
)
_MEMBERSHIPS_SET_ROLES_MANY = Operation[shapes.BulkResults](
    "memberships_set_roles_many",
    "POST",
    "/v1/guilds/{guild_id}/members:set-roles",
    shapes.BulkResults,
)
_MEMBERSHIPS_REMOVE_MANY = Operation[shapes.BulkResults](
    "memberships_remove_many",
    "POST",
    "/v1/guilds/{guild_id}/members:remove",
    shapes.BulkResults,
)


class Memberships(Noun):
    """Who belongs to which guild, and with what authority."""

    __slots__ = ()

    def list_members(
        self,
        guild_id: Snowflake,
        *,
        search: str | None = None,
        role: shapes.Role | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.Member]:
        """List a guild's members, newest first, or oldest first with `sort=oldest`.

        With `search`, those with all its words in their names, each word by its beginning. With
        `role`, those who have it; `member` stands for those who have no other.

        Who may: an API key with the scope `members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _MEMBERSHIPS_LIST_MEMBERS,
            path={"guild_id": guild_id},
            query={"search": search, "role": role, "sort": sort, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def count(self, guild_id: Snowflake) -> shapes.MemberCount:
        """Return how many members a guild has, counted up to 10,000: 10,000 means 10,000 or more.

        Who may: an API key with the scope `members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_MEMBERSHIPS_COUNT, path={"guild_id": guild_id})

    async def add(
        self,
        guild_id: Snowflake,
        *,
        user_id: UUID,
        roles: Sequence[shapes.Role] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Membership:
        """Make a user a member of a guild.

        In a user's session, the roles owner and admin need the permission `manage_guild`.

        Who may: an API key with the scope `members:write`, or the session of a user with
        `manage_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_ADD,
            path={"guild_id": guild_id},
            body=shapes.NewMember(user_id=user_id, roles=roles),
            key=idempotency_key or new_key(),
        )

    async def get(self, guild_id: Snowflake, user_id: UUID) -> shapes.Membership:
        """Return a membership with its roles.

        Who may: an API key with the scope `members:read`, or the session of that user, or the
        session of a user with `view_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_GET,
            path={"guild_id": guild_id, "user_id": user_id},
        )

    async def set_roles(
        self,
        guild_id: Snowflake,
        user_id: UUID,
        *,
        roles: Sequence[shapes.Role],
        if_match: str | None = None,
    ) -> shapes.Membership:
        """Give a member other roles.

        In a user's session, giving or taking owner and admin, and any change of the guild's owner,
        needs the permission `manage_guild`.

        Who may: an API key with the scope `members:write`, or the session of a user with
        `manage_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_SET_ROLES,
            path={"guild_id": guild_id, "user_id": user_id},
            body=shapes.NewRoles(roles=roles),
            if_match=if_match,
        )

    async def remove(
        self,
        guild_id: Snowflake,
        user_id: UUID,
        *,
        if_match: str | None = None,
    ) -> None:
        """End a membership; in a user's session also one's own.

        In a user's session, removing an owner, the guild's owner or an admin needs the permission
        `manage_guild`.

        Who may: an API key with the scope `members:write`, or the session of that user, or the
        session of a user with `manage_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_REMOVE,
            path={"guild_id": guild_id, "user_id": user_id},
            if_match=if_match,
        )

    async def check_permission(
        self,
        guild_id: Snowflake,
        user_id: UUID,
        permission: shapes.Permission,
    ) -> shapes.PermissionAnswer:
        """Say whether a user has a permission in a guild.

        `manage_guild` comes with the roles owner and admin, `manage_members` also with moderator,
        `view_members` with every role. A guild's owner has all of them. In a user's session nothing
        is allowed in a guild that does not exist, as in one the user is no member of.

        Who may: an API key with the scope `members:read`, or the session of that user, or the
        session of a user with `view_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_CHECK_PERMISSION,
            path={"guild_id": guild_id, "user_id": user_id, "permission": permission},
        )

    async def add_many(
        self,
        guild_id: Snowflake,
        *,
        entries: Sequence[shapes.NewMember],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.BulkResults:
        """Add up to 1000 members, each on its own.

        The answer has one result per entry, in order: an entry that fails does not lose the rest.

        Who may: an API key with the scope `members:write`.
        """
        return await self._transport.call(
            _MEMBERSHIPS_ADD_MANY,
            path={"guild_id": guild_id},
            body=shapes.NewMembers(entries=entries),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    async def set_roles_many(
        self,
        guild_id: Snowflake,
        *,
        entries: Sequence[shapes.RolesOfMember],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.BulkResults:
        """Give up to 1000 members other roles, each on its own.

        Who may: an API key with the scope `members:write`.
        """
        return await self._transport.call(
            _MEMBERSHIPS_SET_ROLES_MANY,
            path={"guild_id": guild_id},
            body=shapes.MemberRoles(entries=entries),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    async def remove_many(
        self,
        guild_id: Snowflake,
        *,
        user_ids: Sequence[UUID],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.BulkResults:
        """End up to 1000 memberships, each on its own.

        Who may: an API key with the scope `members:write`.
        """
        return await self._transport.call(
            _MEMBERSHIPS_REMOVE_MANY,
            path={"guild_id": guild_id},
            body=shapes.FormerMembers(user_ids=user_ids),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

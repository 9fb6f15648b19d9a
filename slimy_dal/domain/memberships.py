"""Memberships: who belongs to which guild, with what roles, and what those allow (SPEC D4, D5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final, Literal
from uuid import UUID

from slimy_dal.domain.membership_entries import (
    MAX_ENTRIES,
    EntryResult,
    Role,
    RolesEntry,
    decided,
    known_roles,
    raise_last_owner,
    raise_not_found,
    refused_entries,
    result_of_adding,
    results_of_changing,
    wanted_roles,
)
from slimy_dal.domain.search_words import checked_words
from slimy_dal.domain.versions import asked, changed
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import CheckViolated, InvalidReference, InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.queries import memberships as queries
from slimy_dal.queries.memberships import ListGuildsRow as UserGuild
from slimy_dal.queries.memberships import (
    ListMembersFilter,
    Member,
    Membership,
    MemberUser,
    SearchMembersRow,
)
from slimy_dal.queries.memberships import ListMembersSort as MemberOrder

__all__ = [
    "MAX_ENTRIES",
    "EntryResult",
    "Member",
    "MemberOrder",
    "Membership",
    "Memberships",
    "Permission",
    "Role",
    "RolesEntry",
    "UserGuild",
]

Permission = Literal["manage_guild", "manage_members", "view_members"]

ALLOWED: Final[Mapping[Permission, frozenset[Role]]] = {
    "manage_guild": frozenset({"owner", "admin"}),
    "manage_members": frozenset({"owner", "admin", "moderator"}),
    "view_members": frozenset({"owner", "admin", "moderator", "member"}),
}
"""The roles that give each permission; a guild's owner has all of them, member or not."""

MAX_COUNT: Final = 1_000_000
NOBODY: Final = UUID(int=0)


class Memberships:
    """Everything about memberships, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def add(
        self, guild_id: int, user_id: UUID, *, roles: Sequence[str] = ("member",)
    ) -> Membership:
        """Make a user a member. Raises AlreadyExists, CheckViolated (roles), NotFound (guild or user)."""
        try:
            row = await queries.add(
                self._executor, user_id=user_id, guild_id=guild_id, roles=known_roles(roles)
            )
        except InvalidReference as error:
            raise_not_found(error)
        return found(row, "guild")

    async def put(
        self,
        guild_id: int,
        user_id: UUID,
        *,
        roles: Sequence[str] | None = None,
        joined_at: datetime | None = None,
    ) -> Membership:
        """Make sure a user is a member; roles and day of joining are changed only where given. Idempotent.

        Raises CheckViolated (roles), NotFound (guild or user), LastOwner when the guild would be left without an owner.
        """
        try:
            row = await queries.put(
                self._executor,
                user_id=user_id,
                guild_id=guild_id,
                roles=known_roles(("member",) if roles is None else roles),
                set_roles=roles is not None,
                joined_at=joined_at,
            )
        except InvalidReference as error:
            raise_not_found(error)
        except CheckViolated as error:
            raise_last_owner(error)
        if row is None:
            await self._must_exist(guild_id)
        return found(row, "user")

    async def get(self, guild_id: int, user_id: UUID) -> Membership:
        """Return a membership. Raises NotFound, as everything here does for a deleted guild."""
        row = await queries.find(self._executor, user_id=user_id, guild_id=guild_id)
        return found(row, "membership")

    async def set_roles(
        self,
        guild_id: int,
        user_id: UUID,
        roles: Sequence[str],
        *,
        version: datetime | Unset = UNSET,
    ) -> Membership:
        """Give a member other roles.

        Raises NotFound, StaleVersion, CheckViolated (roles), LastOwner when the guild would be left without an owner.
        """
        known = known_roles(roles)
        try:
            row = await queries.set_roles(
                self._executor,
                user_id=user_id,
                guild_id=guild_id,
                roles=known,
                version=asked(version),
            )
        except CheckViolated as error:
            raise_last_owner(error)
        return await changed(row, "membership", version, lambda: self.get(guild_id, user_id))

    async def remove(
        self, guild_id: int, user_id: UUID, *, version: datetime | Unset = UNSET
    ) -> None:
        """End a membership. Raises NotFound, StaleVersion, LastOwner when the guild would be left without an owner."""
        try:
            row = await queries.remove(
                self._executor, user_id=user_id, guild_id=guild_id, version=asked(version)
            )
        except CheckViolated as error:
            raise_last_owner(error)
        await changed(row or None, "membership", version, lambda: self.get(guild_id, user_id))

    async def count(self, guild_id: int, *, at_most: int = 10_000) -> int:
        """Return how many members a guild has, but count no further than `at_most` (up to a million).

        0 for a guild we do not know, or that is deleted. Raises InvalidValue (at_most).
        """
        if type(at_most) is not int or not 1 <= at_most <= MAX_COUNT:
            raise InvalidValue("at_most", f"is not between 1 and {MAX_COUNT}")
        return await queries.count_members(self._executor, guild_id=guild_id, at_most=at_most)

    async def has_other_owner(self, guild_id: int, user_id: UUID) -> bool:
        """Say whether a guild has an owner beside this member; the last one can neither leave nor be demoted."""
        return await queries.has_other_owner(self._executor, guild_id=guild_id, user_id=user_id)

    async def list_members(
        self,
        guild_id: int,
        *,
        search: str | None = None,
        role: Role | None = None,
        sort: MemberOrder = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Member]:
        """Return one page of a guild's members with their users.

        With `role`, those who have it; "member" stands for those who have no other. With `search`, those with all its
        words in their names, each by its beginning; of more than 10,000 such members with the role any 10,000 are
        paged. Raises InvalidValue (role, sort, cursor, limit, search: more than 200 characters).
        """
        wanted, within = wanted_roles(role)
        if search is None:
            staff_role = UNSET if role is None or role == "member" else role
            return await queries.list_members(
                self._executor,
                self._cursors,
                guild_id=guild_id,
                filter=ListMembersFilter(staff_role=staff_role, plain_members=role == "member"),
                sort=sort,
                cursor=cursor,
                limit=limit,
            )
        page = await queries.search_members(
            self._executor,
            self._cursors,
            guild_id=guild_id,
            words=checked_words(search),
            wanted=wanted,
            within=within,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
        return Page([_member(row) for row in page.items], page.next_cursor, page.prev_cursor)

    async def list_guilds(
        self, user_id: UUID, *, cursor: str | None = None, limit: int = 50
    ) -> Page[UserGuild]:
        """Return one page of a user's guilds with their details and the user's roles there, by guild id.

        Raises InvalidValue (limit, cursor).
        """
        return await queries.list_guilds(
            self._executor, self._cursors, user_id=user_id, cursor=cursor, limit=limit
        )

    async def allows(self, guild_id: int, user_id: UUID, permission: Permission) -> bool:
        """Say whether a user may do something in a guild.

        Raises NotFound for a guild we do not know, InvalidValue for a permission that is none.
        """
        if permission not in ALLOWED:
            raise InvalidValue("permission", f"is not one of {', '.join(ALLOWED)}")
        row = await queries.find_authority(self._executor, user_id=user_id, guild_id=guild_id)
        authority = found(row, "guild")
        return authority.is_owner or not ALLOWED[permission].isdisjoint(authority.roles or ())

    async def add_many(self, guild_id: int, entries: Sequence[RolesEntry]) -> list[EntryResult]:
        """Add members in one statement, each on its own: a bad entry does not lose the rest.

        Raises InvalidValue for more than 1000 entries, NotFound for an unknown guild.
        """
        refused = refused_entries(entries)
        sent = [entry for index, entry in enumerate(entries) if index not in refused]
        try:
            rows = await queries.add_many(
                self._executor,
                guild_id=guild_id,
                user_ids=[entry.user_id for entry in sent],
                roles=[",".join(entry.roles) for entry in sent],
            )
        except InvalidReference as error:
            raise_not_found(error)
        known = {row.user_id: row.is_done for row in rows}
        if sent and not known:
            await self._must_exist(guild_id)
        return [
            refused.get(index) or result_of_adding(entry.user_id, known)
            for index, entry in enumerate(entries)
        ]

    async def _must_exist(self, guild_id: int) -> None:
        """Tell a guild that has none of the users from one that is unknown or deleted: only that is NotFound."""
        authority = await queries.find_authority(self._executor, user_id=NOBODY, guild_id=guild_id)
        found(authority, "guild")

    async def set_roles_many(
        self, guild_id: int, entries: Sequence[RolesEntry]
    ) -> list[EntryResult]:
        """Give members other roles in one statement, each on its own; owners keep theirs where none would be left.

        Raises InvalidValue (entries), NotFound; inside a transaction also LastOwner.
        """
        refused = refused_entries(entries)
        sent = [entry for index, entry in enumerate(entries) if index not in refused]
        change = partial(queries.set_roles_many, self._executor, guild_id=guild_id)
        users = [entry.user_id for entry in sent]
        roles = [",".join(entry.roles) for entry in sent]
        rows = await decided(self._executor, partial(change, user_ids=users, roles=roles))
        if sent and not rows:
            await self._must_exist(guild_id)
        return results_of_changing(entries, refused, {row.user_id: row.is_done for row in rows})

    async def remove_many(self, guild_id: int, user_ids: Sequence[UUID]) -> list[EntryResult]:
        """End memberships in one statement, each on its own; owners stay where none would be left.

        Raises InvalidValue (entries), NotFound; inside a transaction also LastOwner.
        """
        entries = [RolesEntry(user_id) for user_id in user_ids]
        refused = refused_entries(entries)
        change = partial(queries.remove_many, self._executor, guild_id=guild_id)
        rows = await decided(self._executor, partial(change, user_ids=list(user_ids)))
        if user_ids and not rows:
            await self._must_exist(guild_id)
        return results_of_changing(entries, refused, {row.user_id: row.is_done for row in rows})


def _member(row: SearchMembersRow) -> Member:
    """Return a find as the list of members has it."""
    user = row.user
    known = MemberUser(user.id, user.discord_id, user.username, user.global_name, user.avatar)
    return Member(row.roles, row.joined_at, known)

"""Guilds: Discord servers, their settings, lists of them with counts, and their bin (SPEC D3, D14)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec

from slimy_dal.domain.search_words import checked_words
from slimy_dal.domain.versions import asked, changed
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import Conflict, InvalidValue
from slimy_dal.engine.rows import checked_limit, found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Json, Page, Snowflake, Unset
from slimy_dal.queries import guilds as queries
from slimy_dal.queries.guilds import DeletedGuild, Guild, GuildCount, GuildSummary
from slimy_dal.queries.memberships import Member

__all__ = [
    "GRACE",
    "DeletedGuild",
    "Guild",
    "GuildCount",
    "GuildSummary",
    "GuildWithMembers",
    "Guilds",
]

T = TypeVar("T")

GRACE: Final = timedelta(days=30)
"""How long a deleted guild can be restored."""


PURGE_STEPS: Final = (
    queries.clear_last_active,
    queries.purge_messages,
    queries.purge_conversations,
    queries.purge_analyses,
    queries.purge_observations,
    queries.purge_totals,
    queries.purge_members,
)
"""Removes what a guild may have millions of, a batch at each call; the rest goes with the guild's row."""


class GuildWithMembers(msgspec.Struct, frozen=True, rename="camel"):
    """A guild with the numbers of its members and messages, each up to 1000, and its newest members."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    settings: Json
    member_count: int
    message_count: int
    created_at: datetime
    updated_at: datetime
    members: list[Member]


class Guilds:
    """Everything about guilds, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        id: int,
        *,
        name: str,
        icon: str | None = None,
        owner_id: UUID | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Guild:
        """Add a guild. Raises AlreadyExists, CheckViolated, or InvalidReference for an unknown owner."""
        return await queries.create(
            self._executor,
            id=id,
            name=name,
            icon=icon,
            owner_id=owner_id,
            settings=_object("settings", {} if settings is None else settings),
        )

    async def upsert(
        self,
        id: int,
        *,
        name: str,
        icon: str | Unset | None = UNSET,
        owner_id: UUID | Unset | None = UNSET,
        owner_discord_id: int | Unset = UNSET,
        version: datetime | Unset = UNSET,
    ) -> Guild:
        """Return the guild of a Discord server, made or brought up to date in one statement; idempotent.

        A field left UNSET keeps what is known. The owner is given by our id or by Discord's; a Discord account that is
        not one of our users leaves the guild without an owner. With a version none is made: it is a change of the
        guild that has it. Raises CheckViolated, InvalidReference, and Conflict for a deleted guild; with a version,
        NotFound and StaleVersion.
        """
        if owner_id is not UNSET and owner_discord_id is not UNSET:
            raise InvalidValue("owner_id", "is given twice, by our id and by Discord's")
        if version is not UNSET:
            if owner_discord_id is not UNSET:
                raise InvalidValue(
                    "version", "is not compared where the owner is given by Discord's id"
                )
            return await self.update(id, name=name, icon=icon, owner_id=owner_id, version=version)
        row = await queries.upsert(
            self._executor,
            id=id,
            name=name,
            icon=None if icon is UNSET else icon,
            set_icon=icon is not UNSET,
            owner_id=None if owner_id is UNSET else owner_id,
            owner_discord_id=None if owner_discord_id is UNSET else owner_discord_id,
            set_owner=owner_id is not UNSET or owner_discord_id is not UNSET,
        )
        if row is None:
            raise Conflict("the guild is deleted: restore it, or wait until it is purged")
        return row

    async def get(self, id: int) -> Guild:
        """Return a guild with the numbers of its members and messages. Raises NotFound, also for a deleted one.

        Both are counted up to 1000, which then means "1000 or more"; `memberships.count` and
        `chat_messages.count_of_guild` count on.
        """
        return found(await queries.get(self._executor, id=id), "guild")

    async def get_with_members(self, id: int, *, limit: int = 50) -> GuildWithMembers:
        """Return a guild with both numbers and its newest members, in one statement.

        `memberships.list_members` gives the members that follow. Raises NotFound, InvalidValue (limit).
        """
        checked_limit(limit)
        row = await queries.get_with_members(self._executor, id=id, member_limit=limit)
        return msgspec.convert(found(row, "guild"), GuildWithMembers, from_attributes=True)

    async def list(
        self, *, search: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[GuildSummary]:
        """Return one page of guilds, newest first, each with its member and message counts, in one statement.

        Both are counted up to 1000 of a guild.
        With `search`, those with all its words in their name; of more than 10,000 finds any 10,000 are paged. Raises
        InvalidValue (limit, cursor, search: more than 200 characters).
        """
        if search is None:
            return await queries.list_newest(
                self._executor, self._cursors, cursor=cursor, limit=limit
            )
        return await queries.search(
            self._executor, self._cursors, words=checked_words(search), cursor=cursor, limit=limit
        )

    async def count(self, at_most: int) -> GuildCount:
        """Return how many guilds there are, counted up to `at_most`, and by the statistics (-1: not gathered yet)."""
        return await queries.count(self._executor, at_most=at_most)

    async def update(
        self,
        id: int,
        *,
        name: str | Unset = UNSET,
        icon: str | Unset | None = UNSET,
        owner_id: UUID | Unset | None = UNSET,
        version: datetime | Unset = UNSET,
    ) -> Guild:
        """Change the given fields; None erases one.

        With a version, that one only. Raises NotFound, StaleVersion, CheckViolated, InvalidReference.
        """
        row = await queries.update(
            self._executor,
            id=id,
            name=name,
            icon=icon,
            owner_id=owner_id,
            version=asked(version),
        )
        return await self._changed(row, id, version)

    async def merge_settings(
        self, id: int, patch: Mapping[str, Any], *, version: datetime | Unset = UNSET
    ) -> Guild:
        """Change top-level keys of the settings; None removes one. Concurrent merges all last.

        Raises NotFound, StaleVersion, CheckViolated (size), InvalidValue when the patch is not an object.
        """
        patch = _object("settings", patch)
        row = await queries.merge_settings(
            self._executor, id=id, patch=patch, version=asked(version)
        )
        return await self._changed(row, id, version)

    async def replace_settings(
        self, id: int, settings: Mapping[str, Any], *, version: datetime | Unset = UNSET
    ) -> Guild:
        """Put other settings in the place of the guild's.

        Raises NotFound, StaleVersion, CheckViolated, InvalidValue.
        """
        settings = _object("settings", settings)
        row = await queries.replace_settings(
            self._executor, id=id, settings=settings, version=asked(version)
        )
        return await self._changed(row, id, version)

    async def delete(self, id: int, *, batch_size: int = 1000) -> None:
        """Remove a guild with all its data for good, deleted before or not. Raises NotFound.

        It is out of sight at once; its data goes in batches, each its own transaction outside one of the caller's.
        What was stopped on the way is finished by the next `purge_deleted`.
        """
        await self.start_delete(id)
        found(await self.finish_delete(id, batch_size=batch_size) or None, "guild")

    async def start_delete(self, id: int, *, version: datetime | Unset = UNSET) -> None:
        """Put a guild out of sight for good, deleted before or not; `finish_delete` removes its data.

        A deleted guild has no version that could be asked for. Raises NotFound, StaleVersion.
        """
        started = await queries.start_delete(self._executor, id=id, version=asked(version))
        await self._changed(started or None, id, version)

    async def finish_delete(self, id: int, *, batch_size: int = 1000) -> int:
        """Remove the data of a guild whose removal has begun, and it, in batches; 0 when another was faster."""
        return await self._purge(id, batch_size)

    async def soft_delete(self, id: int, *, version: datetime | Unset = UNSET) -> None:
        """Put a guild with its data out of sight; it can be restored until it is purged.

        Raises NotFound, StaleVersion.
        """
        deleted = await queries.soft_delete(self._executor, id=id, version=asked(version))
        await self._changed(deleted or None, id, version)

    async def restore(self, id: int) -> Guild:
        """Take a guild out of the bin. Raises NotFound when it is not in it, or its purge has begun."""
        return found(await queries.restore(self._executor, id=id), "deleted guild")

    async def list_deleted(
        self, *, cursor: str | None = None, limit: int = 50
    ) -> Page[DeletedGuild]:
        """Return one page of the bin, the latest deleted first. Raises InvalidValue (limit, cursor)."""
        return await queries.list_deleted(self._executor, self._cursors, cursor=cursor, limit=limit)

    async def purge_deleted(self, *, grace: timedelta = GRACE, batch_size: int = 1000) -> int:
        """Remove guilds that were deleted longer than `grace` ago with all their data, and return how many.

        Its data goes in batches, each its own transaction outside one of the caller's. Several purges at a time share
        the work; one that was stopped is taken up again. Raises InvalidValue for a negative `grace`.
        """
        if grace < timedelta(0):
            raise InvalidValue("grace", "is negative")
        purged = 0
        while guilds := await queries.start_purge(self._executor, grace=grace, batch_size=10):
            for guild in guilds:
                purged += await self._purge(guild.id, batch_size)
        return purged

    async def _changed(self, row: T | None, id: int, version: datetime | Unset) -> T:
        return await changed(row, "guild", version, lambda: self.get(id))

    async def _purge(self, id: int, batch_size: int) -> int:
        """Remove a guild whose purge has begun; 0 when another purge was faster."""
        for step in PURGE_STEPS:
            while await step(self._executor, id=id, batch_size=batch_size):
                pass
        return await queries.delete(self._executor, id=id)


def _object(field: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidValue(field, "is not an object")
    return dict(value)

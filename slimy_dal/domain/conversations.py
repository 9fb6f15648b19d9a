"""Conversations: a person's talks with the assistant, and the bin from which they can be restored (SPEC D6, D14)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from slimy_dal.domain.versions import asked, changed
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.queries import conversations as queries
from slimy_dal.queries.conversations import Conversation, DeletedConversation, ListOfUserFilter
from slimy_dal.queries.conversations import ListOfUserSort as ConversationOrder

__all__ = [
    "GRACE",
    "Conversation",
    "ConversationOrder",
    "ConversationRights",
    "Conversations",
    "DeletedConversation",
]

ADMINS: Final = frozenset({"owner", "admin"})
"""Roles in whose guild one sees what is for its admins only."""
GRACE: Final = timedelta(days=30)
"""How long a deleted conversation can be restored."""


class ConversationRights(msgspec.Struct, frozen=True):
    """What a user may do with a conversation."""

    owns: bool
    """Delete it, and take it out of the bin."""
    sees: bool
    """Read and change it, and write in it, while it is not deleted."""
    sees_admin_only: bool
    """Read and write there what is for the admins of its guild only."""


class Conversations:
    """Everything about conversations, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        user_id: UUID,
        *,
        guild_id: int | None = None,
        title: str | None = None,
        personality_mode: str | None = None,
    ) -> Conversation:
        """Begin a conversation, in private or in a guild.

        Raises CheckViolated, InvalidReference for an unknown user or guild, NotFound for a deleted guild.
        """
        row = await queries.create(
            self._executor,
            user_id=user_id,
            guild_id=guild_id,
            title=title,
            personality_mode=personality_mode,
        )
        return found(row, "guild")

    async def get(self, id: UUID) -> Conversation:
        """Return a conversation with the time of its last message. Raises NotFound, also for a deleted one."""
        return found(await queries.get(self._executor, id=id), "conversation")

    async def find_guild(self, id: UUID) -> int | None:
        """Return the guild a conversation is held in, also of a deleted one; None where there is none."""
        return await queries.find_guild(self._executor, id=id)

    async def rights(self, id: UUID, user_id: UUID) -> ConversationRights:
        """Say what a user may do with a conversation: nobody but its person anything. Raises NotFound."""
        row = found(
            await queries.find_authority(self._executor, id=id, user_id=user_id), "conversation"
        )
        is_admin = row.is_owner or not ADMINS.isdisjoint(row.roles or ())
        sees = row.is_person and not row.is_deleted
        return ConversationRights(row.is_person, sees, sees and is_admin)

    async def list(
        self,
        user_id: UUID,
        *,
        guild_id: int | None = None,
        sort: ConversationOrder = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Conversation]:
        """Return one page of a person's conversations; with `guild_id`, of those held there.

        Raises InvalidValue (sort, limit, cursor).
        """
        return await queries.list_of_user(
            self._executor,
            self._cursors,
            user_id=user_id,
            filter=ListOfUserFilter(guild_id=UNSET if guild_id is None else guild_id),
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def update(
        self,
        id: UUID,
        *,
        title: str | Unset | None = UNSET,
        personality_mode: str | Unset | None = UNSET,
        version: datetime | Unset = UNSET,
    ) -> Conversation:
        """Change the given fields; None erases one. Raises NotFound, StaleVersion, CheckViolated."""
        row = await queries.update(
            self._executor,
            id=id,
            title=title,
            personality_mode=personality_mode,
            version=asked(version),
        )
        return await changed(row, "conversation", version, lambda: self.get(id))

    async def soft_delete(self, id: UUID, *, version: datetime | Unset = UNSET) -> None:
        """Put a conversation and its messages out of sight; it can be restored until it is purged.

        Raises NotFound, StaleVersion.
        """
        row = await queries.soft_delete(self._executor, id=id, version=asked(version))
        await changed(row or None, "conversation", version, lambda: self.get(id))

    async def restore(self, id: UUID) -> Conversation:
        """Take a conversation out of the bin. Raises NotFound when it is not in it."""
        return found(await queries.restore(self._executor, id=id), "deleted conversation")

    async def list_deleted(
        self, user_id: UUID, *, cursor: str | None = None, limit: int = 50
    ) -> Page[DeletedConversation]:
        """Return one page of a person's bin, the latest deleted first. Raises InvalidValue (limit, cursor)."""
        return await queries.list_deleted(
            self._executor, self._cursors, user_id=user_id, cursor=cursor, limit=limit
        )

    async def delete(self, id: UUID, *, version: datetime | Unset = UNSET) -> None:
        """Remove a conversation with its messages at once and for good. Raises NotFound, StaleVersion."""
        row = await queries.delete(self._executor, id=id, version=asked(version))
        await changed(row or None, "conversation", version, lambda: self.get(id))

    async def purge_deleted(self, *, grace: timedelta = GRACE, batch_size: int = 100) -> int:
        """Remove what was deleted longer than `grace` ago, in batches, and return how many conversations.

        Several purges at a time share the work. Safe to stop anywhere. Raises InvalidValue for a negative `grace`.
        """
        if grace < timedelta(0):
            raise InvalidValue("grace", "is negative")
        purged = 0
        while batch := await queries.purge_deleted(
            self._executor, grace=grace, batch_size=batch_size
        ):
            purged += batch
        return purged

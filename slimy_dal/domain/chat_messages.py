"""Chat messages: what was said in conversations and guilds, and who may see it (SPEC D6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

import msgspec

from slimy_dal.domain.message_entries import NewMessage, keys_and_times
from slimy_dal.domain.versions import asked, changed
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.queries import chat_messages as queries
from slimy_dal.queries.chat_messages import (
    AuthoredMessage,
    ListOfConversationFilter,
    ListOfUserFilter,
    LoadItem,
    Message,
)
from slimy_dal.queries.chat_messages import ChatMessageRole as Role
from slimy_dal.queries.chat_messages import ListOfUserSort as MessageOrder

__all__ = [
    "MAX_MESSAGES",
    "AdminOnly",
    "AuthoredMessage",
    "ChatMessages",
    "Message",
    "MessageOrder",
    "MessageRights",
    "NewMessage",
    "Role",
]

AdminOnly = Literal["without", "with", "only"]
"""Which of a guild's messages to read: those for all members, all there are, or those for admins."""

ADMINS: Final = frozenset({"owner", "admin"})
"""Roles in whose guild one sees what is for its admins only."""
MAX_MESSAGES: Final = 10_000
MAX_LOAD: Final = 1_000_000
MAX_COUNT: Final = 1_000_000
FIRST_ID: Final = UUID(int=0)


class MessageRights(msgspec.Struct, frozen=True):
    """What a user may do with a message."""

    sees: bool
    rewrites: bool
    """Change its text."""
    hides: bool
    """Say whether it is for the guild's admins only."""
    removes: bool


class ChatMessages:
    """Everything about messages, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        user_id: UUID,
        text: str,
        *,
        role: Role = "user",
        conversation_id: UUID | None = None,
        guild_id: int | None = None,
        admin_only: bool = False,
    ) -> Message:
        """Add a message by a person, or, with another role, for one.

        In a conversation it is held in the conversation's guild. Raises NotFound when the conversation or the guild is
        deleted, InvalidReference when one is unknown or the conversation is another person's or another guild's, and
        CheckViolated (text, admin_only without a guild).
        """
        row = await queries.create(
            self._executor,
            conversation_id=conversation_id,
            guild_id=guild_id,
            user_id=user_id,
            role=role,
            text=text,
            admin_only=admin_only,
        )
        return found(row, "guild" if conversation_id is None else "conversation")

    async def create_many(self, messages: Sequence[NewMessage]) -> list[UUID]:
        """Add messages in one statement, all or none, and return their ids in the given order.

        Raises InvalidValue for more than 10,000 messages, a role or a time that is none, NotFound when a conversation
        or a guild among them is deleted, InvalidReference and CheckViolated as `create` does.
        """
        if len(messages) > MAX_MESSAGES:
            raise InvalidValue("messages", f"holds more than {MAX_MESSAGES} messages")
        if not messages:
            return []
        ids, times = keys_and_times(messages)
        made = await queries.create_many(
            self._executor,
            ids=ids,
            conversation_ids=[message.conversation_id or FIRST_ID for message in messages],
            guild_ids=[message.guild_id or 0 for message in messages],
            user_ids=[message.user_id for message in messages],
            roles=[message.role for message in messages],
            texts=[message.text for message in messages],
            admin_only=[message.admin_only for message in messages],
            created_at=times,
        )
        found(made or None, "conversation or guild: one of them is deleted")
        return ids

    async def load(self, messages: Sequence[NewMessage]) -> int:
        """Add messages by COPY, all or none, for imports; return how many.

        Faster than `create_many`: nothing is filled in, so that a message of a conversation held in a guild must name
        the guild, and what is deleted is not looked for. Raises InvalidValue, also for more than a million messages,
        InvalidReference, CheckViolated.
        """
        if len(messages) > MAX_LOAD:
            raise InvalidValue("messages", f"holds more than {MAX_LOAD} messages")
        keys, times = keys_and_times(messages)
        # One at a time: a list of ten thousand tuples would be gone through by every collection of garbage.
        items = (
            LoadItem(
                key,
                m.conversation_id,
                m.guild_id,
                m.user_id,
                m.role,
                m.text,
                m.admin_only,
                created_at=time,
                updated_at=time,
            )
            for key, time, m in zip(keys, times, messages, strict=True)
        )
        return await queries.load(self._executor, items)

    async def get(self, id: UUID) -> AuthoredMessage:
        """Return a message with its author. Raises NotFound, also when its conversation or guild is deleted."""
        return found(await queries.get(self._executor, id=id), "message")

    async def find_guild(self, id: UUID) -> int | None:
        """Return the guild of a message; None where there is none, or what it belongs to is deleted."""
        return await queries.find_guild(self._executor, id=id)

    async def rights(self, id: UUID, user_id: UUID) -> MessageRights:
        """Say what a user may do with a message; one for admins only is for nobody else, its author included.

        Its author and all of its guild see a message; only its author rewrites it, and only what they said themselves;
        its author and the guild's owners and admins remove it. Raises NotFound.
        """
        row = found(await queries.find_authority(self._executor, id=id, user_id=user_id), "message")
        is_admin = row.is_owner or not ADMINS.isdisjoint(row.roles or ())
        belongs = row.is_author or row.is_owner or row.roles is not None
        sees = is_admin if row.admin_only else belongs
        return MessageRights(
            sees=sees,
            rewrites=sees and row.is_author and row.role == "user",
            hides=is_admin,
            removes=sees and (row.is_author or is_admin),
        )

    async def list_of_guild(
        self,
        guild_id: int,
        *,
        admin_only: AdminOnly = "without",
        sort: MessageOrder = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[AuthoredMessage]:
        """Return one page of a guild's messages with their authors.

        Those for admins come only where asked for. Raises InvalidValue (admin_only, sort, limit, cursor).
        """
        if admin_only not in get_args(AdminOnly):
            raise InvalidValue("admin_only", f"is not one of {', '.join(get_args(AdminOnly))}")
        query = {
            "without": queries.list_of_guild,
            "with": queries.list_of_guild_for_admins,
            "only": queries.list_admin_only,
        }[admin_only]
        return await query(
            self._executor, self._cursors, guild_id=guild_id, sort=sort, cursor=cursor, limit=limit
        )

    async def timeline(
        self,
        conversation_id: UUID,
        *,
        admin_only: bool = True,
        sort: MessageOrder = "oldest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Message]:
        """Return one page of a conversation's messages, oldest first unless asked otherwise; none when it is deleted.

        Those for admins come too unless asked otherwise. Raises InvalidValue (sort, limit, cursor).
        """
        return await queries.list_of_conversation(
            self._executor,
            self._cursors,
            conversation_id=conversation_id,
            filter=ListOfConversationFilter(open=not admin_only),
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def list_of_user(
        self,
        user_id: UUID,
        *,
        admin_only: bool = True,
        sort: MessageOrder = "newest",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Message]:
        """Return one page of a person's messages and of what was written for them.

        Those for admins come too unless asked otherwise. Raises InvalidValue (sort, limit, cursor).
        """
        return await queries.list_of_user(
            self._executor,
            self._cursors,
            user_id=user_id,
            filter=ListOfUserFilter(open=not admin_only),
            sort=sort,
            cursor=cursor,
            limit=limit,
        )

    async def update(
        self,
        id: UUID,
        *,
        text: str | Unset = UNSET,
        admin_only: bool | Unset = UNSET,
        version: datetime | Unset = UNSET,
    ) -> Message:
        """Change the given fields. Raises NotFound, StaleVersion, CheckViolated (text, admin_only without a guild)."""
        row = await queries.update(
            self._executor, id=id, text=text, admin_only=admin_only, version=asked(version)
        )
        return await changed(row, "message", version, lambda: self.get(id))

    async def delete(self, id: UUID, *, version: datetime | Unset = UNSET) -> None:
        """Remove a message for good. Raises NotFound, StaleVersion."""
        row = await queries.delete(self._executor, id=id, version=asked(version))
        await changed(row or None, "message", version, lambda: self.get(id))

    async def count_of_guild(
        self, guild_id: int, *, admin_only: bool = True, at_most: int = 10_000
    ) -> int:
        """Return how many messages a guild has, but count no further than `at_most` (up to a million).

        Those for admins count too unless asked otherwise. 0 for a guild that is deleted. Raises InvalidValue (at_most).
        """
        if type(at_most) is not int or not 1 <= at_most <= MAX_COUNT:
            raise InvalidValue("at_most", f"is not between 1 and {MAX_COUNT}")
        query = queries.count_of_guild if admin_only else queries.count_open_of_guild
        return await query(self._executor, guild_id=guild_id, at_most=at_most)

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


_CHAT_MESSAGES_LIST_OF_CONVERSATION = Operation[Page[shapes.Message]](
    "chat_messages_list_of_conversation",
    "GET",
    "/v1/conversations/{conversation_id}/messages",
    Page[shapes.Message],
)
_CHAT_MESSAGES_CREATE_IN_CONVERSATION = Operation[shapes.Message](
    "chat_messages_create_in_conversation",
    "POST",
    "/v1/conversations/{conversation_id}/messages",
    shapes.Message,
)
_CHAT_MESSAGES_LIST_OF_GUILD = Operation[Page[shapes.AuthoredMessage]](
    "chat_messages_list_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/messages",
    Page[shapes.AuthoredMessage],
)
_CHAT_MESSAGES_CREATE_IN_GUILD = Operation[shapes.Message](
    "chat_messages_create_in_guild",
    "POST",
    "/v1/guilds/{guild_id}/messages",
    shapes.Message,
)
_CHAT_MESSAGES_CREATE_MANY = Operation[shapes.MessageIds](
    "chat_messages_create_many",
    "POST",
    "/v1/messages:batch",
    shapes.MessageIds,
    texts=(("messages", "*", "guildId"),),
)
_CHAT_MESSAGES_LIST_OF_USER = Operation[Page[shapes.Message]](
    "chat_messages_list_of_user",
    "GET",
    "/v1/users/{user_id}/messages",
    Page[shapes.Message],
)
_CHAT_MESSAGES_GET = Operation[shapes.AuthoredMessage](
    "chat_messages_get",
    "GET",
    "/v1/messages/{message_id}",
    shapes.AuthoredMessage,
)
_CHAT_MESSAGES_CHANGE = Operation[shapes.Message](
    "chat_messages_change",
    "PATCH",
    "/v1/messages/{message_id}",
    shapes.Message,
)
_CHAT_MESSAGES_REMOVE = Operation[None](
    "chat_messages_remove",
    "DELETE",
    "/v1/messages/{message_id}",
    None,
)


class ChatMessages(Noun):
    """What was said, by people and to them."""

    __slots__ = ()

    def list_of_conversation(
        self,
        conversation_id: UUID,
        *,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Message]:
        """List what was said in a conversation, oldest first, or newest first with `sort=newest`.

        In a user's session, what is for a guild's admins only is among it for an owner or admin of
        that guild.

        Who may: an API key with the scope `chat:read`, or the session of the user whose it is.
        """
        return Pages(
            self._transport,
            _CHAT_MESSAGES_LIST_OF_CONVERSATION,
            path={"conversation_id": conversation_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    async def create_in_conversation(
        self,
        conversation_id: UUID,
        *,
        text: str,
        role: Literal["user", "assistant", "system"] | UnsetType = UNSET,
        admin_only: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Message:
        """Say something in a conversation.

        A user's session says it as `user`; what the assistant and the system say comes from
        services. Messages with `adminOnly` need a guild, and in a session the role owner or admin
        there.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CREATE_IN_CONVERSATION,
            path={"conversation_id": conversation_id},
            body=shapes.NewMessageOfConversation(text=text, role=role, admin_only=admin_only),
            key=idempotency_key or new_key(),
        )

    def list_of_guild(
        self,
        guild_id: Snowflake,
        *,
        admin_only: Literal["false", "true", "include"] | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.AuthoredMessage]:
        """List a guild's messages with their authors, newest first, or oldest first with
        `sort=oldest`.

        Those for its admins only come with `adminOnly=include` among the others, and with
        `adminOnly=true` alone; in a user's session both need the permission `manage_guild`.

        Who may: an API key with the scope `chat:read`, or the session of a user with `view_members`
        in the guild.
        """
        return Pages(
            self._transport,
            _CHAT_MESSAGES_LIST_OF_GUILD,
            path={"guild_id": guild_id},
            query={"adminOnly": admin_only, "sort": sort, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def create_in_guild(
        self,
        guild_id: Snowflake,
        *,
        text: str,
        user_id: UUID,
        role: Literal["user", "assistant", "system"] | UnsetType = UNSET,
        admin_only: bool | UnsetType = UNSET,
        conversation_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Message:
        """Say something in a guild, in one of the user's conversations there or outside of any.

        A user's session says it in its own user's name and as `user`; `adminOnly` needs the
        permission `manage_guild`.

        Who may: an API key with the scope `chat:write`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CREATE_IN_GUILD,
            path={"guild_id": guild_id},
            body=shapes.NewMessageOfGuild(
                text=text,
                role=role,
                admin_only=admin_only,
                user_id=user_id,
                conversation_id=conversation_id,
            ),
            key=idempotency_key or new_key(),
        )

    async def create_many(
        self,
        *,
        messages: Sequence[shapes.EntryOfBatch],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.MessageIds:
        """Keep up to 1000 messages: all of them, or none.

        A message in a conversation is its person's and in its guild. `createdAt` is for what was
        said earlier.

        Who may: an API key with the scope `chat:write`.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CREATE_MANY,
            body=shapes.NewMessages(messages=messages),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Message]:
        """List a user's messages and what was written for them, newest first, or oldest first with
        `sort=oldest`.

        In a user's session without what is for guilds' admins only: the lists of those guilds have
        it.

        Who may: an API key with the scope `chat:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CHAT_MESSAGES_LIST_OF_USER,
            path={"user_id": user_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    async def get(self, message_id: UUID) -> shapes.AuthoredMessage:
        """Return a message with its author.

        In a user's session, one for admins only looks to all others like one that does not exist.

        Who may: an API key with the scope `chat:read`, or the session of its author or a member of
        its guild.
        """
        return await self._transport.call(_CHAT_MESSAGES_GET, path={"message_id": message_id})

    async def change(
        self,
        message_id: UUID,
        *,
        text: str | UnsetType = UNSET,
        admin_only: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Message:
        """Change the given fields of a message.

        In a user's session, its author changes the text of what they said themselves, and an owner
        or admin of its guild whether it is for admins only.

        Who may: an API key with the scope `chat:write`, or the session of its author or an owner or
        admin of its guild.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CHANGE,
            path={"message_id": message_id},
            body=shapes.MessageChanges(text=text, admin_only=admin_only),
            if_match=if_match,
        )

    async def remove(self, message_id: UUID, *, if_match: str | None = None) -> None:
        """Remove a message for good.

        Who may: an API key with the scope `chat:write`, or the session of its author or an owner or
        admin of its guild.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_REMOVE,
            path={"message_id": message_id},
            if_match=if_match,
        )

"""Generated from the routes of the service by `slimy client`; do not edit."""

from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page, Snowflake


_CONVERSATIONS_LIST_OF_USER = Operation[Page[shapes.Conversation]](
    "conversations_list_of_user",
    "GET",
    "/v1/users/{user_id}/conversations",
    Page[shapes.Conversation],
)
_CONVERSATIONS_CREATE = Operation[shapes.Conversation](
    "conversations_create",
    "POST",
    "/v1/users/{user_id}/conversations",
    shapes.Conversation,
    texts=(("guildId",),),
)
_CONVERSATIONS_GET = Operation[shapes.Conversation](
    "conversations_get",
    "GET",
    "/v1/conversations/{conversation_id}",
    shapes.Conversation,
)
_CONVERSATIONS_CHANGE = Operation[shapes.Conversation](
    "conversations_change",
    "PATCH",
    "/v1/conversations/{conversation_id}",
    shapes.Conversation,
)
_CONVERSATIONS_REMOVE = Operation[None](
    "conversations_remove",
    "DELETE",
    "/v1/conversations/{conversation_id}",
    None,
)
_CONVERSATIONS_LIST_DELETED = Operation[Page[shapes.DeletedConversation]](
    "conversations_list_deleted",
    "GET",
    "/v1/users/{user_id}/deleted-conversations",
    Page[shapes.DeletedConversation],
)
_CONVERSATIONS_RESTORE = Operation[shapes.Conversation](
    "conversations_restore",
    "POST",
    "/v1/deleted-conversations/{conversation_id}/restore",
    shapes.Conversation,
)


class Conversations(Noun):
    """People's talks with the assistant."""

    __slots__ = ()

    def list_of_user(
        self,
        user_id: UUID,
        *,
        guild_id: Snowflake | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Conversation]:
        """List a user's conversations, newest first, or oldest first with `sort=oldest`.

        With `guildId`, those held in that guild. Deleted ones are not among them.

        Who may: an API key with the scope `chat:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CONVERSATIONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={"guildId": guild_id, "sort": sort, "cursor": cursor, "limit": limit},
        )

    async def create(
        self,
        user_id: UUID,
        *,
        guild_id: Snowflake | None | UnsetType = UNSET,
        title: str | None | UnsetType = UNSET,
        personality_mode: str | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Conversation:
        """Begin a conversation, in private or in a guild.

        In a user's session, in a guild they belong to: any other looks like one that does not
        exist.

        Who may: an API key with the scope `chat:write`, or the session of that user.
        """
        return await self._transport.call(
            _CONVERSATIONS_CREATE,
            path={"user_id": user_id},
            body=shapes.NewConversation(
                guild_id=guild_id,
                title=title,
                personality_mode=personality_mode,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, conversation_id: UUID) -> shapes.Conversation:
        """Return a conversation with the time of its last message.

        Who may: an API key with the scope `chat:read`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_GET,
            path={"conversation_id": conversation_id},
        )

    async def change(
        self,
        conversation_id: UUID,
        *,
        title: str | None | UnsetType = UNSET,
        personality_mode: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Conversation:
        """Change the given fields of a conversation; null erases one.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_CHANGE,
            path={"conversation_id": conversation_id},
            body=shapes.ConversationChanges(title=title, personality_mode=personality_mode),
            if_match=if_match,
        )

    async def remove(
        self,
        conversation_id: UUID,
        *,
        permanent: bool | None = None,
        if_match: str | None = None,
    ) -> None:
        """Delete a conversation: with its messages it is out of sight, and can be restored until it is
        purged.

        With `permanent=true` it is removed for good, deleted before or not.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_REMOVE,
            path={"conversation_id": conversation_id},
            query={"permanent": permanent},
            if_match=if_match,
        )

    def list_deleted(
        self,
        user_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.DeletedConversation]:
        """List a user's deleted conversations, which can be restored, the latest deleted first.

        Who may: an API key with the scope `chat:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CONVERSATIONS_LIST_DELETED,
            path={"user_id": user_id},
            query={"cursor": cursor, "limit": limit},
        )

    async def restore(
        self,
        conversation_id: UUID,
        *,
        idempotency_key: str | None = None,
    ) -> shapes.Conversation:
        """Bring a deleted conversation back, with its messages.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_RESTORE,
            path={"conversation_id": conversation_id},
            key=idempotency_key or new_key(),
        )

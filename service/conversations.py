"""Conversations over HTTP: a person's talks with the assistant, and the bin they are restored from (SPEC D6, D14)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.auth import sees_guild
from service.chat_parts import (
    CHANGE_CONVERSATION,
    NEW_CONVERSATION,
    OWN_CHAT,
    READ_CONVERSATION,
    REMOVE_CONVERSATION,
)
from service.examples import DELETED_CONVERSATION, GUILD
from service.faults import named_in_path
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Flag, Id, Limit, Snowflake
from service.jsoninput import NO_NUL
from service.principals import Visitor
from service.problems import missing_reference
from service.routes import Call, Created, Routes
from slimy_dal.domain.conversations import Conversation, ConversationOrder, DeletedConversation
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.types import Page

routes = Routes("conversations", "People's talks with the assistant.")

EXAMPLE = {"title": "Roster of January", "personalityMode": "analyst"}

Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Mode = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,49}(?!\n)$"),
    Field(description="How the assistant talks here: one lower-case word.", examples=["analyst"]),
]


class NewConversation(Body):
    """A conversation to begin, in private or in a guild."""

    guild_id: Annotated[
        Snowflake | None, Field(description="The guild it is held in; null for one in private.")
    ] = None
    title: Title | None = None
    personality_mode: Mode | None = None


class ConversationChanges(Body):
    """What to change of a conversation; a field that is left out stays as it is, null erases it."""

    title: Title | None = None
    personality_mode: Mode | None = None


@routes.route("GET", "/v1/users/{user_id}/conversations", OWN_CHAT, "not_found", "invalid_cursor")
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    guild_id: Snowflake | None = None,
    sort: ConversationOrder = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Conversation]:
    """List a user's conversations, newest first, or oldest first with `sort=oldest`.

    With `guildId`, those held in that guild. Deleted ones are not among them.
    """
    return await call.db.conversations.list(
        user_id, guild_id=guild_id, sort=sort, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    "/v1/users/{user_id}/conversations",
    NEW_CONVERSATION,
    "not_found",
    "missing_reference",
    body_example={"guildId": GUILD, **EXAMPLE},
)
async def create(call: Call, *, user_id: Id, body: NewConversation) -> Created[Conversation]:
    """Begin a conversation, in private or in a guild.

    In a user's session, in a guild they belong to: any other looks like one that does not exist.
    """
    visitor = call.principal
    if (
        body.guild_id is not None
        and isinstance(visitor, Visitor)
        and not await sees_guild(visitor, body.guild_id, call.unbound)
    ):
        raise missing_reference("/guildId", "guild")
    with named_in_path("user_id", "user"):
        try:
            made = await call.db.conversations.create(
                user_id,
                guild_id=body.guild_id,
                title=body.title,
                personality_mode=body.personality_mode,
            )
        except NotFound:
            raise missing_reference("/guildId", "guild") from None
    return Created(made, f"/v1/conversations/{made.id}")


@routes.route("GET", "/v1/conversations/{conversation_id}", READ_CONVERSATION, "not_found")
async def get(call: Call, *, conversation_id: Id) -> Conversation:
    """Return a conversation with the time of its last message."""
    return await call.db.conversations.get(conversation_id)


@routes.route(
    "PATCH",
    "/v1/conversations/{conversation_id}",
    CHANGE_CONVERSATION,
    "not_found",
    body_example=EXAMPLE,
    versioned=True,
)
async def change(call: Call, *, conversation_id: Id, body: ConversationChanges) -> Conversation:
    """Change the given fields of a conversation; null erases one."""
    return await call.db.conversations.update(conversation_id, **body.given(), version=call.version)


@routes.route(
    "DELETE",
    "/v1/conversations/{conversation_id}",
    REMOVE_CONVERSATION,
    "not_found",
    audit="conversation.delete",
    versioned=True,
)
async def remove(call: Call, *, conversation_id: Id, permanent: Flag = False) -> None:
    """Delete a conversation: with its messages it is out of sight, and can be restored until it is purged.

    With `permanent=true` it is removed for good, deleted before or not.
    """
    if permanent:
        await call.db.conversations.delete(conversation_id, version=call.version)
    else:
        await call.db.conversations.soft_delete(conversation_id, version=call.version)
    call.details["permanent"] = permanent


@routes.route(
    "GET", "/v1/users/{user_id}/deleted-conversations", OWN_CHAT, "not_found", "invalid_cursor"
)
async def list_deleted(
    call: Call, *, user_id: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT_LIMIT
) -> Page[DeletedConversation]:
    """List a user's deleted conversations, which can be restored, the latest deleted first."""
    return await call.db.conversations.list_deleted(user_id, cursor=cursor, limit=limit)


@routes.route(
    "POST",
    "/v1/deleted-conversations/{conversation_id}/restore",
    REMOVE_CONVERSATION,
    "not_found",
    audit="conversation.restore",
    examples={"conversation_id": DELETED_CONVERSATION},
)
async def restore(call: Call, *, conversation_id: Id) -> Conversation:
    """Bring a deleted conversation back, with its messages."""
    return await call.db.conversations.restore(conversation_id)

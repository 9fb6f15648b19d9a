"""Chat messages over HTTP: what was said in conversations and guilds, and who may read it (SPEC D6)."""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from service.chat_parts import (
    CHANGE_CONVERSATION,
    CHANGE_MESSAGE,
    GUILD_MESSAGES,
    NEW_MESSAGE,
    NEW_MESSAGES,
    OWN_CHAT,
    READ_CONVERSATION,
    READ_MESSAGE,
    EntryOfBatch,
    MessageChanges,
    MessageIds,
    NewMessageOfConversation,
    NewMessageOfGuild,
    NewMessages,
    for_admins,
    need_admin,
    refuse_other_roles,
)
from service.culprits import all_or_none
from service.examples import CONVERSATION, USER
from service.faults import named_in_path
from service.inputs import DEFAULT_LIMIT, Cursor, Id, Limit, Snowflake
from service.principals import Visitor
from service.problems import Refusal, missing_reference
from service.routes import BULK_BODY, TEXT_BODY, Call, Created, Routes
from service.totals import Counts
from slimy_dal.domain.chat_messages import (
    AdminOnly,
    AuthoredMessage,
    Message,
    MessageOrder,
)
from slimy_dal.domain.database import Nouns
from slimy_dal.engine.errors import InvalidReference, NotFound
from slimy_dal.engine.types import Page

routes = Routes("messages", "What was said, by people and to them.")

EXAMPLE = {"text": "Who is our strongest member?", "role": "user", "adminOnly": False}

Which = Literal["false", "true", "include"]

WHICH: Final[dict[Which, AdminOnly]] = {"false": "without", "true": "only", "include": "with"}


@routes.route(
    "GET",
    "/v1/conversations/{conversation_id}/messages",
    READ_CONVERSATION,
    "not_found",
    "invalid_cursor",
)
async def list_of_conversation(
    call: Call,
    *,
    conversation_id: Id,
    sort: MessageOrder = "oldest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Message]:
    """List what was said in a conversation, oldest first, or newest first with `sort=newest`.

    In a user's session, what is for a guild's admins only is among it for an owner or admin of that guild.
    """
    all_of_it, visitor = True, call.principal
    if isinstance(visitor, Visitor):
        rights = await call.unbound.conversations.rights(conversation_id, visitor.user_id)
        all_of_it = rights.sees_admin_only
    return await call.db.chat_messages.timeline(
        conversation_id, admin_only=all_of_it, sort=sort, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    "/v1/conversations/{conversation_id}/messages",
    CHANGE_CONVERSATION,
    "not_found",
    "service_only",
    "role_required",
    body_limit=TEXT_BODY,
    body_example=EXAMPLE,
)
async def create_in_conversation(
    call: Call, *, conversation_id: Id, body: NewMessageOfConversation
) -> Created[Message]:
    """Say something in a conversation.

    A user's session says it as `user`; what the assistant and the system say comes from services. Messages with
    `adminOnly` need a guild, and in a session the role owner or admin there.
    """
    visitor = call.principal
    if isinstance(visitor, Visitor):
        refuse_other_roles(body.role)
        rights = await call.unbound.conversations.rights(conversation_id, visitor.user_id)
        if body.admin_only and not rights.sees_admin_only:
            raise for_admins()
        user_id = visitor.user_id
    else:
        user_id = (await call.db.conversations.get(conversation_id)).user_id
    with named_in_path("conversation_id", "conversation"):
        made = await call.db.chat_messages.create(
            user_id,
            body.text,
            role=body.role,
            conversation_id=conversation_id,
            admin_only=body.admin_only,
        )
    return Created(made, f"/v1/messages/{made.id}")


async def _count(
    call: Call, *, guild_id: int, admin_only: Which, at_most: int, **_: object
) -> tuple[int, int]:
    if admin_only != "false":
        await need_admin(call, guild_id)
    counted = await call.db.chat_messages.count_of_guild(
        guild_id, admin_only=admin_only == "include", at_most=at_most
    )
    return counted, -1


@routes.route(
    "GET",
    "/v1/guilds/{guild_id}/messages",
    GUILD_MESSAGES,
    "not_found",
    "role_required",
    "invalid_cursor",
    counts=Counts(_count, {"admin_only": "true"}),
)
async def list_of_guild(
    call: Call,
    *,
    guild_id: Snowflake,
    admin_only: Which = "false",
    sort: MessageOrder = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[AuthoredMessage]:
    """List a guild's messages with their authors, newest first, or oldest first with `sort=oldest`.

    Those for its admins only come with `adminOnly=include` among the others, and with `adminOnly=true` alone; in a
    user's session both need the permission `manage_guild`.
    """
    if admin_only != "false":
        await need_admin(call, guild_id)
    return await call.db.chat_messages.list_of_guild(
        guild_id, admin_only=WHICH[admin_only], sort=sort, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    "/v1/guilds/{guild_id}/messages",
    NEW_MESSAGE,
    "not_found",
    "not_your_account",
    "service_only",
    "role_required",
    "missing_reference",
    body_limit=TEXT_BODY,
    body_example={"userId": USER, "conversationId": CONVERSATION, **EXAMPLE},
)
async def create_in_guild(
    call: Call, *, guild_id: Snowflake, body: NewMessageOfGuild
) -> Created[Message]:
    """Say something in a guild, in one of the user's conversations there or outside of any.

    A user's session says it in its own user's name and as `user`; `adminOnly` needs the permission `manage_guild`.
    """
    if isinstance(call.principal, Visitor):
        if body.user_id != call.principal.user_id:
            raise Refusal("not_your_account", "a session speaks in its own user's name only")
        refuse_other_roles(body.role)
        if body.admin_only:
            await need_admin(call, guild_id)
    try:
        made = await call.db.chat_messages.create(
            body.user_id,
            body.text,
            role=body.role,
            conversation_id=body.conversation_id,
            guild_id=guild_id,
            admin_only=body.admin_only,
        )
    except InvalidReference as error:
        # Told from the constraint: a transaction that was refused answers no query any more.
        if "conversation_id" in error.fields:
            raise missing_reference("/conversationId", "conversation") from None
        with named_in_path("guild_id", "guild"):
            raise
    except NotFound:
        # With a conversation the domain does not say which of the two is deleted; this tells.
        await call.db.guilds.get(guild_id)
        raise missing_reference("/conversationId", "conversation") from None
    return Created(made, f"/v1/messages/{made.id}")


@routes.route(
    "POST",
    "/v1/messages:batch",
    NEW_MESSAGES,
    "missing_reference",
    body_limit=BULK_BODY,
    body_example={"messages": [{"userId": USER, "conversationId": CONVERSATION, **EXAMPLE}]},
    entries="all",
    affects=lambda kept: len(kept.ids),
)
async def create_many(call: Call, *, body: NewMessages) -> MessageIds:
    """Keep up to 1000 messages: all of them, or none.

    A message in a conversation is its person's and in its guild. `createdAt` is for what was said earlier.
    """

    async def work(db: Nouns, messages: Sequence[EntryOfBatch]) -> list[UUID]:
        return await db.chat_messages.create_many([one.entry() for one in messages])

    return MessageIds(await all_or_none(call, "messages", body.messages, work))


@routes.route("GET", "/v1/users/{user_id}/messages", OWN_CHAT, "not_found", "invalid_cursor")
async def list_of_user(
    call: Call,
    *,
    user_id: Id,
    sort: MessageOrder = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Message]:
    """List a user's messages and what was written for them, newest first, or oldest first with `sort=oldest`.

    In a user's session without what is for guilds' admins only: the lists of those guilds have it.
    """
    all_of_them = not isinstance(call.principal, Visitor)
    return await call.db.chat_messages.list_of_user(
        user_id, admin_only=all_of_them, sort=sort, cursor=cursor, limit=limit
    )


@routes.route("GET", "/v1/messages/{message_id}", READ_MESSAGE, "not_found")
async def get(call: Call, *, message_id: Id) -> AuthoredMessage:
    """Return a message with its author.

    In a user's session, one for admins only looks to all others like one that does not exist.
    """
    return await call.db.chat_messages.get(message_id)


@routes.route(
    "PATCH",
    "/v1/messages/{message_id}",
    CHANGE_MESSAGE,
    "not_found",
    "role_required",
    body_limit=TEXT_BODY,
    body_example={"text": "Who was our strongest member?", "adminOnly": True},
    versioned=True,
)
async def change(call: Call, *, message_id: Id, body: MessageChanges) -> Message:
    """Change the given fields of a message.

    In a user's session, its author changes the text of what they said themselves, and an owner or admin of its guild
    whether it is for admins only.
    """
    changes = body.given()
    if isinstance(call.principal, Visitor):
        rights = await call.unbound.chat_messages.rights(message_id, call.principal.user_id)
        if "text" in changes and not rights.rewrites:
            raise Refusal("role_required", "the text is changed by who said it, and nobody else")
        if "admin_only" in changes and not rights.hides:
            raise for_admins()
    return await call.db.chat_messages.update(message_id, **changes, version=call.version)


@routes.route(
    "DELETE",
    "/v1/messages/{message_id}",
    CHANGE_MESSAGE,
    "not_found",
    audit="chat_message.delete",
    versioned=True,
)
async def remove(call: Call, *, message_id: Id) -> None:
    """Remove a message for good."""
    await call.db.chat_messages.delete(message_id, version=call.version)

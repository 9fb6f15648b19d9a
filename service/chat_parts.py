"""What the routes of conversations and of messages share: who may, and what is sent."""

from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import msgspec
from pydantic import Field, StringConstraints

from service.auth import Granted, InGuild, Own, Policy
from service.inputs import LEFT_OUT, Body, Id, Moment, Snowflake
from service.jsoninput import NO_NUL
from service.principals import Visitor
from service.problems import Refusal
from service.routes import Call
from slimy_dal.domain.chat_messages import NewMessage, Role

if TYPE_CHECKING:
    from slimy_dal.domain.database import Nouns


async def _sees_conversation(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return (await db.conversations.rights(id, user_id)).sees


async def _owns_conversation(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return (await db.conversations.rights(id, user_id)).owns


async def _sees_message(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return (await db.chat_messages.rights(id, user_id)).sees


async def _removes_message(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return (await db.chat_messages.rights(id, user_id)).removes


async def _guild_of_conversation(db: "Nouns", id: UUID) -> int | None:
    return await db.conversations.find_guild(id)


async def _guild_of_message(db: "Nouns", id: UUID) -> int | None:
    return await db.chat_messages.find_guild(id)


CONVERSATION = ("conversation", "conversation_id", "the user whose it is")
MESSAGE = ("message", "message_id")
LIVE = Granted(*CONVERSATION, _sees_conversation, guild_of=_guild_of_conversation)
LIVE_OR_DELETED = Granted(*CONVERSATION, _owns_conversation, guild_of=_guild_of_conversation)

OWN_CHAT = Policy("chat:read", (Own(),))
READ_CONVERSATION = Policy("chat:read", (LIVE,))
NEW_CONVERSATION = Policy("chat:write", (Own(),))
CHANGE_CONVERSATION = Policy("chat:write", (LIVE,))
REMOVE_CONVERSATION = Policy("chat:write", (LIVE_OR_DELETED,))

GUILD_MESSAGES = Policy("chat:read", (InGuild("view_members"),))
NEW_MESSAGE = Policy("chat:write", (InGuild("view_members"),))
NEW_MESSAGES = Policy("chat:write")
READ_MESSAGE = Policy(
    "chat:read",
    (
        Granted(
            *MESSAGE,
            "its author or a member of its guild",
            _sees_message,
            guild_sees="view_members",
            guild_of=_guild_of_message,
        ),
    ),
)
CHANGE_MESSAGE = Policy(
    "chat:write",
    (
        Granted(
            *MESSAGE,
            "its author or an owner or admin of its guild",
            _sees_message,
            _removes_message,
            guild_sees="view_members",
            guild_changes="manage_guild",
            guild_of=_guild_of_message,
        ),
    ),
)

MAX_BATCH: Final = 1000

Text = Annotated[str, StringConstraints(min_length=1, max_length=32_000, pattern=NO_NUL)]


class NewMessageOfConversation(Body):
    """A message in a conversation, by its person or, with another role, for them."""

    text: Text
    role: Role = "user"
    admin_only: Annotated[
        bool, Field(description="Only for the admins of the guild the conversation is held in.")
    ] = False


class NewMessageOfGuild(Body):
    """A message in a guild."""

    text: Text
    role: Role = "user"
    admin_only: Annotated[bool, Field(description="Only for the guild's admins.")] = False
    user_id: Annotated[
        Id,
        Field(
            description="Who says it, or for whom it is; in a user's session, nobody but themselves."
        ),
    ]
    conversation_id: Annotated[
        Id | None, Field(description="A conversation of that user, held in this guild.")
    ] = None


class EntryOfBatch(Body):
    """One message of many."""

    user_id: Id
    text: Text
    role: Role = "user"
    conversation_id: Id | None = None
    guild_id: Annotated[
        Snowflake | None,
        Field(description="Where left out, the guild of the conversation, if it is in one."),
    ] = None
    admin_only: bool = False
    created_at: Annotated[
        Moment | None, Field(description="When it was said, from 2015 on; now where left out.")
    ] = None

    def entry(self) -> NewMessage:
        """Return it as the domain takes it."""
        return NewMessage(**{name: getattr(self, name) for name in type(self).model_fields})


class NewMessages(Body):
    """Messages to keep: all of them, or none."""

    messages: Annotated[list[EntryOfBatch], Field(min_length=1, max_length=MAX_BATCH)]


class MessageChanges(Body):
    """What to change of a message; a field that is left out stays as it is."""

    text: Text = LEFT_OUT
    admin_only: bool = LEFT_OUT


class MessageIds(msgspec.Struct, frozen=True):
    """The ids of the messages that were kept, in the order in which they were sent."""

    ids: list[UUID]


def refuse_other_roles(role: Role) -> None:
    """Refuse a session that would put words into the assistant's mouth. Raises Refusal("service_only")."""
    if role != "user":
        raise Refusal(
            "service_only",
            "a session speaks as its user: assistant and system need an API key with chat:write",
        )


async def need_admin(call: Call, guild_id: int) -> None:
    """Refuse a session of somebody who does not see what is for a guild's admins. Raises Refusal("role_required")."""
    visitor = call.principal
    if isinstance(visitor, Visitor) and not await call.unbound.memberships.allows(
        guild_id, visitor.user_id, "manage_guild"
    ):
        raise for_admins()


def for_admins() -> Refusal:
    """Return the refusal of whoever asks for what only admins see."""
    return Refusal(
        "role_required", "messages for admins only need the permission manage_guild in the guild"
    )

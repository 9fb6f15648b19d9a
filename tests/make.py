"""Rows for tests: every argument is optional, every default is valid, no two are equal."""

import itertools
from typing import Any

from slimy_dal.domain.chat_messages import Message
from slimy_dal.domain.conversations import Conversation
from slimy_dal.domain.database import Nouns
from slimy_dal.domain.guilds import Guild
from slimy_dal.domain.users import User

_numbers = itertools.count(1)


async def user(db: Nouns, **fields: Any) -> User:
    number = next(_numbers)
    fields.setdefault("username", f"user {number}")
    return await db.users.find_or_create(fields.pop("discord_id", 10**17 + number), **fields)


async def guild(db: Nouns, **fields: Any) -> Guild:
    number = next(_numbers)
    fields.setdefault("name", f"guild {number}")
    return await db.guilds.create(fields.pop("id", 2 * 10**17 + number), **fields)


async def conversation(db: Nouns, **fields: Any) -> Conversation:
    user_id = fields.pop("user_id", None) or (await user(db)).id
    return await db.conversations.create(user_id, **fields)


async def message(db: Nouns, **fields: Any) -> Message:
    user_id = fields.pop("user_id", None) or (await user(db)).id
    text = fields.pop("text", f"message {next(_numbers)}")
    return await db.chat_messages.create(user_id, text, **fields)

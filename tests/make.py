"""Rows for tests: every argument is optional, every default is valid, no two are equal."""

import itertools
from typing import Any
from uuid import UUID

from slimy_dal.domain.chat_messages import Message
from slimy_dal.domain.club_analyses import ClubAnalysis
from slimy_dal.domain.conversations import Conversation
from slimy_dal.domain.database import Nouns
from slimy_dal.domain.guilds import Guild
from slimy_dal.domain.screenshot_analyses import ScreenshotAnalysis
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


async def club_analysis(db: Nouns, guild_id: int, user_id: UUID, **fields: Any) -> ClubAnalysis:
    number = next(_numbers)
    fields.setdefault("summary", f"summary {number}")
    fields.setdefault("confidence", 0.5)
    return await db.club_analyses.create(guild_id, user_id, **fields)


async def screenshot(db: Nouns, user_id: UUID, **fields: Any) -> ScreenshotAnalysis:
    number = next(_numbers)
    fields = {
        "screenshot_type": "club_roster",
        "image_url": f"https://cdn.example/{number}.png",
        "title": f"title {number}",
        "summary": f"summary {number}",
        "confidence": 0.5,
        "processing_time_ms": 1200,
        "model_used": "vision-1",
        "raw_response": {},
        **fields,
    }
    return await db.screenshot_analyses.create(user_id, **fields)

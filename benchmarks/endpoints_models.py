"""The answers of the four endpoints as pydantic's models, for the peer that is FastAPI."""

# ruff: noqa: D101 -- models are named for what they hold

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field


class User(BaseModel):
    id: UUID
    discord_id: int
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    last_active_guild_id: int | None
    created_at: datetime
    updated_at: datetime


class Author(BaseModel):
    id: UUID
    discord_id: int
    username: str | None
    global_name: str | None
    avatar: str | None


class Message(BaseModel):
    id: UUID
    conversation_id: UUID | None
    guild_id: int | None
    role: str
    text: str
    admin_only: bool
    created_at: datetime
    updated_at: datetime
    author: Author | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """Return the message of a row, whose author's columns have the prefix `author.`."""
        names = [name for name in row if name.startswith("author.")]
        author = {name.removeprefix("author."): row.pop(name) for name in names}
        return cls(**row, author=Author(**author) if author else None)


class Messages(BaseModel):
    data: list[Message]


class NewMessage(BaseModel):
    user_id: UUID = Field(alias="userId")
    text: str = Field(min_length=1, max_length=32_000)


class Image(BaseModel):
    id: UUID
    image_url: str = Field(alias="imageUrl")
    original_name: str = Field(alias="originalName")
    file_size: int = Field(alias="fileSize")
    uploaded_at: datetime = Field(alias="uploadedAt")


class Metric(BaseModel):
    name: str
    value: Any
    unit: str | None
    category: str


class Analysis(BaseModel):
    id: UUID
    guild_id: int
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    created_at: datetime
    updated_at: datetime
    images: list[Image]
    metrics: list[Metric]

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """Return the analysis of a row."""
        return cls(**row)

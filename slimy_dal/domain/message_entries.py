"""Messages of bulk calls: what each may be, and the keys they get."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, get_args
from uuid import UUID

import msgspec

from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.uuid7 import uuids_v7
from slimy_dal.queries.chat_messages import ChatMessageRole as Role

__all__ = ["NewMessage", "keys_and_times"]

ROLES: Final = frozenset(get_args(Role))
EARLIEST: Final = datetime(2015, 1, 1, tzinfo=UTC)
"""Discord opened in 2015; nothing was said before."""


class NewMessage(msgspec.Struct, frozen=True):
    """One message of a bulk call; `created_at` is now where it is not given."""

    user_id: UUID
    text: str
    role: Role = "user"
    conversation_id: UUID | None = None
    guild_id: int | None = None
    admin_only: bool = False
    created_at: datetime | None = None


def keys_and_times(messages: Sequence[NewMessage]) -> tuple[list[UUID], list[datetime]]:
    """Return for each message a key made for the time it was written at, and that time.

    Raises InvalidValue for a role or a time that is none.
    """
    now = datetime.now(UTC)
    for place, message in enumerate(messages):
        if message.role not in ROLES:
            raise InvalidValue(
                "role", f"of message {place} is not one of {', '.join(sorted(ROLES))}"
            )
    times = [now if m.created_at is None else _checked_time(m.created_at, now) for m in messages]
    return uuids_v7(times), times


def _checked_time(time: datetime, now: datetime) -> datetime:
    if time.tzinfo is None:
        raise InvalidValue("created_at", "has no time zone")
    # The key is made of it: one from the future would stay at the top of every list.
    if not EARLIEST <= time <= now:
        raise InvalidValue("created_at", "is before 2015 or in the future")
    return time

"""User preferences: how a user wants to be served, the defaults until something is changed (SPEC D11)."""

from datetime import datetime
from uuid import UUID

import msgspec

from slimy_dal.domain.patch import given, required
from slimy_dal.domain.versions import UNSTORED, asked, changed, raise_stale
from slimy_dal.engine.errors import InvalidReference, NotFound
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Unset
from slimy_dal.queries import user_preferences as queries
from slimy_dal.queries.user_preferences import Theme

__all__ = ["Preferences", "Theme", "UserPreferences"]


class Preferences(msgspec.Struct, frozen=True, rename="camel"):
    """A user's preferences; `updated_at` is None while all of them are the defaults."""

    user_id: UUID
    theme: Theme = "auto"
    language: str = "en"
    notifications: bool = True
    chat_personality: str | None = None
    updated_at: datetime | None = None


class UserPreferences:
    """Everything about user preferences, over one executor."""

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def get(self, user_id: UUID) -> Preferences:
        """Return a user's preferences. Raises NotFound for an unknown user."""
        stored = found(await queries.get(self._executor, user_id=user_id), "user").stored
        if stored is None:
            return Preferences(user_id)
        return Preferences(user_id, *msgspec.structs.astuple(stored))

    async def update(
        self,
        user_id: UUID,
        *,
        theme: Theme | Unset = UNSET,
        language: str | Unset = UNSET,
        notifications: bool | Unset = UNSET,
        chat_personality: str | Unset | None = UNSET,
        version: datetime | Unset = UNSET,
    ) -> Preferences:
        """Change the given preferences; None takes back the chat personality. Concurrent changes all last.

        Raises StaleVersion, NotFound for an unknown user, CheckViolated, MissingValue.
        """
        try:
            row = await queries.update(
                self._executor,
                user_id=user_id,
                theme=required("theme", theme),
                language=required("language", language),
                notifications=required("notifications", notifications),
                chat_personality=given(chat_personality),
                set_chat_personality=chat_personality is not UNSET,
                version=asked(version),
            )
        except InvalidReference as error:
            raise NotFound("there is no such user") from error
        stored = await changed(row, "user", version, lambda: self.get(user_id))
        return Preferences(user_id, *msgspec.structs.astuple(stored))

    async def reset(self, user_id: UUID, *, version: datetime | Unset = UNSET) -> Preferences:
        """Put a user's preferences back to the defaults and return them.

        Raises StaleVersion, NotFound for an unknown user.
        """
        row = await queries.reset(self._executor, user_id=user_id, version=asked(version))
        if found(row, "user").removed == 0 and version is not UNSET:
            kept = await self.get(user_id)
            if version != (kept.updated_at or UNSTORED):
                raise_stale()
        return Preferences(user_id)

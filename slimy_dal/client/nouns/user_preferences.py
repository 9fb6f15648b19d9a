"""Generated from the routes of the service by `slimy client`; do not edit."""

from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation


_USER_PREFERENCES_GET = Operation[shapes.Preferences](
    "user_preferences_get",
    "GET",
    "/v1/users/{user_id}/preferences",
    shapes.Preferences,
)
_USER_PREFERENCES_CHANGE = Operation[shapes.Preferences](
    "user_preferences_change",
    "PATCH",
    "/v1/users/{user_id}/preferences",
    shapes.Preferences,
)
_USER_PREFERENCES_REPLACE = Operation[shapes.Preferences](
    "user_preferences_replace",
    "PUT",
    "/v1/users/{user_id}/preferences",
    shapes.Preferences,
)
_USER_PREFERENCES_RESET = Operation[None](
    "user_preferences_reset",
    "DELETE",
    "/v1/users/{user_id}/preferences",
    None,
)


class UserPreferences(Noun):
    """How users want to be served."""

    __slots__ = ()

    async def get(self, user_id: UUID) -> shapes.Preferences:
        """Return a user's preferences.

        `updatedAt` is null while all of them are the defaults.

        Who may: an API key with the scope `users:read`, or the session of that user.
        """
        return await self._transport.call(_USER_PREFERENCES_GET, path={"user_id": user_id})

    async def change(
        self,
        user_id: UUID,
        *,
        theme: Literal["light", "dark", "auto"] | UnsetType = UNSET,
        language: str | UnsetType = UNSET,
        notifications: bool | UnsetType = UNSET,
        chat_personality: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Preferences:
        """Change the given preferences of a user.

        Changes of different fields at the same time all last.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USER_PREFERENCES_CHANGE,
            path={"user_id": user_id},
            body=shapes.PreferencesChanges(
                theme=theme,
                language=language,
                notifications=notifications,
                chat_personality=chat_personality,
            ),
            if_match=if_match,
        )

    async def replace(
        self,
        user_id: UUID,
        *,
        theme: Literal["light", "dark", "auto"],
        language: str,
        notifications: bool,
        chat_personality: str | None,
        if_match: str | None = None,
    ) -> shapes.Preferences:
        """Put other preferences in the place of a user's.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USER_PREFERENCES_REPLACE,
            path={"user_id": user_id},
            body=shapes.AllPreferences(
                theme=theme,
                language=language,
                notifications=notifications,
                chat_personality=chat_personality,
            ),
            if_match=if_match,
        )

    async def reset(self, user_id: UUID, *, if_match: str | None = None) -> None:
        """Put a user's preferences back to the defaults.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USER_PREFERENCES_RESET,
            path={"user_id": user_id},
            if_match=if_match,
        )

"""User preferences over HTTP: how a user wants to be served (SPEC D11)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.auth import Own, Policy
from service.inputs import LEFT_OUT, Body, Id
from service.jsoninput import NO_NUL
from service.routes import Call, Routes
from slimy_dal.domain.user_preferences import Preferences, Theme

routes = Routes("user preferences", "How users want to be served.")

READ = Policy("users:read", (Own(),))
WRITE = Policy("users:write", (Own(),))

Language = Annotated[
    str,
    StringConstraints(max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*(?!\n)$"),
    Field(description="A BCP 47 tag, such as `en` or `pt-BR`."),
]
Mode = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]
Personality = Annotated[
    Mode | None, Field(description="Mode the bot speaks in; null for the guild's own.")
]

EXAMPLE = {
    "theme": "dark",
    "language": "pt-BR",
    "notifications": False,
    "chatPersonality": "scholar",
}


class PreferencesChanges(Body):
    """What to change of a user's preferences; a field that is left out stays as it is."""

    theme: Theme = LEFT_OUT
    language: Language = LEFT_OUT
    notifications: bool = LEFT_OUT
    chat_personality: Personality = None


class AllPreferences(Body):
    """Everything a user may prefer."""

    theme: Theme
    language: Language
    notifications: bool
    chat_personality: Personality


@routes.route("GET", "/v1/users/{user_id}/preferences", READ, "not_found")
async def get(call: Call, *, user_id: Id) -> Preferences:
    """Return a user's preferences.

    `updatedAt` is null while all of them are the defaults.
    """
    return await call.db.user_preferences.get(user_id)


@routes.route(
    "PATCH",
    "/v1/users/{user_id}/preferences",
    WRITE,
    "not_found",
    body_example=EXAMPLE,
    versioned=True,
)
async def change(call: Call, *, user_id: Id, body: PreferencesChanges) -> Preferences:
    """Change the given preferences of a user.

    Changes of different fields at the same time all last.
    """
    return await call.db.user_preferences.update(user_id, **body.given(), version=call.version)


@routes.route(
    "PUT",
    "/v1/users/{user_id}/preferences",
    WRITE,
    "not_found",
    body_example=EXAMPLE,
    versioned=True,
)
async def replace(call: Call, *, user_id: Id, body: AllPreferences) -> Preferences:
    """Put other preferences in the place of a user's."""
    return await call.db.user_preferences.update(user_id, **body.given(), version=call.version)


@routes.route(
    "DELETE",
    "/v1/users/{user_id}/preferences",
    WRITE,
    "not_found",
    versioned=True,
)
async def reset(call: Call, *, user_id: Id) -> None:
    """Put a user's preferences back to the defaults."""
    await call.db.user_preferences.reset(user_id, version=call.version)

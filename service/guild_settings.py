"""Guild settings over HTTP: where a guild's results go and who sees them (SPEC D12)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.auth import InGuild, Policy
from service.inputs import LEFT_OUT, Body, Name, Snowflake
from service.jsoninput import NO_NUL
from service.routes import Call, Routes
from slimy_dal.domain.guild_settings import Settings, ViewMode

routes = Routes("guild settings", "Where guilds' results go, and who sees them.")

# Reading too: the notes are for the guild's admins, and whoever knows the sheet's key may open it.
READ = Policy("guilds:read", (InGuild("manage_guild"),))
MANAGE = Policy("guilds:write", (InGuild("manage_guild"),))

SheetId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}(?!\n)$")]
Notes = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=NO_NUL)]


class GuildSettingsChanges(Body):
    """What to change of a guild's settings; a field that is left out stays as it is, null takes one back."""

    sheet_id: Annotated[
        SheetId | None,
        Field(description="Key of the Google sheet that results go to; not its address."),
    ] = None
    sheet_tab: Annotated[
        Name | None, Field(description="Tab of that sheet; null for the first one.")
    ] = None
    view_mode: Annotated[
        ViewMode, Field(description="What pages show: against the baseline, or the latest.")
    ] = LEFT_OUT
    allow_public: Annotated[
        bool, Field(description="Whether people outside the guild may see its pages.")
    ] = LEFT_OUT
    screenshot_channel_id: Snowflake | None = None
    uploads_enabled: Annotated[bool, Field(description="Whether members may send screenshots.")] = (
        LEFT_OUT
    )
    notes: Annotated[Notes | None, Field(description="For the guild's admins.")] = None


@routes.route("GET", "/v1/guilds/{guild_id}/guild-settings", READ, "not_found")
async def get(call: Call, *, guild_id: Snowflake) -> Settings:
    """Return what the platform's own settings are in a guild.

    `updatedAt` is null while all of them are the defaults. The guild's own free object is at
    `/v1/guilds/{guild_id}/settings`.
    """
    return await call.db.guild_settings.get(guild_id)


@routes.route(
    "PATCH",
    "/v1/guilds/{guild_id}/guild-settings",
    MANAGE,
    "not_found",
    body_example={
        "sheetId": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
        "viewMode": "latest",
        "screenshotChannelId": "381870553235193857",
        "notes": None,
    },
    audit="guild_settings.update",
    versioned=True,
)
async def change(call: Call, *, guild_id: Snowflake, body: GuildSettingsChanges) -> Settings:
    """Change the given settings of a guild.

    Changes of different fields at the same time all last.
    """
    return await call.db.guild_settings.update(guild_id, **body.given(), version=call.version)


@routes.route(
    "DELETE",
    "/v1/guilds/{guild_id}/guild-settings",
    MANAGE,
    "not_found",
    audit="guild_settings.reset",
    versioned=True,
)
async def reset(call: Call, *, guild_id: Snowflake) -> None:
    """Put a guild's settings back to the defaults."""
    await call.db.guild_settings.reset(guild_id, version=call.version)

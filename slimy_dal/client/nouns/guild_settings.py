"""Generated from the routes of the service by `slimy client`; do not edit."""

from typing import Literal

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Snowflake


_GUILD_SETTINGS_GET = Operation[shapes.Settings](
    "guild_settings_get",
    "GET",
    "/v1/guilds/{guild_id}/guild-settings",
    shapes.Settings,
)
_GUILD_SETTINGS_CHANGE = Operation[shapes.Settings](
    "guild_settings_change",
    "PATCH",
    "/v1/guilds/{guild_id}/guild-settings",
    shapes.Settings,
    texts=(("screenshotChannelId",),),
)
_GUILD_SETTINGS_RESET = Operation[None](
    "guild_settings_reset",
    "DELETE",
    "/v1/guilds/{guild_id}/guild-settings",
    None,
)


class GuildSettings(Noun):
    """Where guilds' results go, and who sees them."""

    __slots__ = ()

    async def get(self, guild_id: Snowflake) -> shapes.Settings:
        """Return what the platform's own settings are in a guild.

        `updatedAt` is null while all of them are the defaults. The guild's own free object is at
        `/v1/guilds/{guild_id}/settings`.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(_GUILD_SETTINGS_GET, path={"guild_id": guild_id})

    async def change(
        self,
        guild_id: Snowflake,
        *,
        sheet_id: str | None | UnsetType = UNSET,
        sheet_tab: str | None | UnsetType = UNSET,
        view_mode: Literal["baseline", "latest"] | UnsetType = UNSET,
        allow_public: bool | UnsetType = UNSET,
        screenshot_channel_id: Snowflake | None | UnsetType = UNSET,
        uploads_enabled: bool | UnsetType = UNSET,
        notes: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Settings:
        """Change the given settings of a guild.

        Changes of different fields at the same time all last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_SETTINGS_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.GuildSettingsChanges(
                sheet_id=sheet_id,
                sheet_tab=sheet_tab,
                view_mode=view_mode,
                allow_public=allow_public,
                screenshot_channel_id=screenshot_channel_id,
                uploads_enabled=uploads_enabled,
                notes=notes,
            ),
            if_match=if_match,
        )

    async def reset(self, guild_id: Snowflake, *, if_match: str | None = None) -> None:
        """Put a guild's settings back to the defaults.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_SETTINGS_RESET,
            path={"guild_id": guild_id},
            if_match=if_match,
        )

"""Generated from the routes of the service by `slimy client`; do not edit."""

from typing import Literal

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Snowflake


_GUILD_FEATURE_FLAGS_GET = Operation[shapes.FeatureFlags](
    "guild_feature_flags_get",
    "GET",
    "/v1/guilds/{guild_id}/flags",
    shapes.FeatureFlags,
)
_GUILD_FEATURE_FLAGS_CHANGE = Operation[shapes.FeatureFlags](
    "guild_feature_flags_change",
    "PATCH",
    "/v1/guilds/{guild_id}/flags",
    shapes.FeatureFlags,
)
_GUILD_FEATURE_FLAGS_RESET = Operation[None](
    "guild_feature_flags_reset",
    "DELETE",
    "/v1/guilds/{guild_id}/flags",
    None,
)


class GuildFeatureFlags(Noun):
    """What guilds have switched on, and how their pages look."""

    __slots__ = ()

    async def get(self, guild_id: Snowflake) -> shapes.FeatureFlags:
        """Return a guild's feature flags.

        `updatedAt` is null while all of them are the defaults.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_GUILD_FEATURE_FLAGS_GET, path={"guild_id": guild_id})

    async def change(
        self,
        guild_id: Snowflake,
        *,
        color_primary: str | None | UnsetType = UNSET,
        badge_style: Literal["rounded", "square", "pill"] | UnsetType = UNSET,
        ensemble_ocr: bool | UnsetType = UNSET,
        second_approver: bool | UnsetType = UNSET,
        ask_manus: bool | UnsetType = UNSET,
        public_stats: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.FeatureFlags:
        """Change the given feature flags of a guild.

        Changes of different flags at the same time all last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_FEATURE_FLAGS_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.FlagChanges(
                color_primary=color_primary,
                badge_style=badge_style,
                ensemble_ocr=ensemble_ocr,
                second_approver=second_approver,
                ask_manus=ask_manus,
                public_stats=public_stats,
            ),
            if_match=if_match,
        )

    async def reset(self, guild_id: Snowflake, *, if_match: str | None = None) -> None:
        """Put a guild's feature flags back to the defaults.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_FEATURE_FLAGS_RESET,
            path={"guild_id": guild_id},
            if_match=if_match,
        )

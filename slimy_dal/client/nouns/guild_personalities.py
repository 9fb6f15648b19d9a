"""Generated from the routes of the service by `slimy client`; do not edit."""

from typing import Literal

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Snowflake


_GUILD_PERSONALITIES_LIST_PRESETS = Operation[shapes.PersonalityPresets](
    "guild_personalities_list_presets",
    "GET",
    "/v1/personality-presets",
    shapes.PersonalityPresets,
)
_GUILD_PERSONALITIES_GET = Operation[shapes.Personality](
    "guild_personalities_get",
    "GET",
    "/v1/guilds/{guild_id}/personality",
    shapes.Personality,
)
_GUILD_PERSONALITIES_CHANGE = Operation[shapes.Personality](
    "guild_personalities_change",
    "PATCH",
    "/v1/guilds/{guild_id}/personality",
    shapes.Personality,
)
_GUILD_PERSONALITIES_REPLACE = Operation[shapes.Personality](
    "guild_personalities_replace",
    "PUT",
    "/v1/guilds/{guild_id}/personality",
    shapes.Personality,
)
_GUILD_PERSONALITIES_RESET = Operation[shapes.Personality](
    "guild_personalities_reset",
    "POST",
    "/v1/guilds/{guild_id}/personality:reset",
    shapes.Personality,
)


class GuildPersonalities(Noun):
    """How the bot speaks in guilds."""

    __slots__ = ()

    async def list_presets(self) -> shapes.PersonalityPresets:
        """List the presets that a personality may begin with: a handful, so there are no pages.

        Who may: an API key with the scope `guilds:read`, or any session.
        """
        return await self._transport.call(_GUILD_PERSONALITIES_LIST_PRESETS)

    async def get(self, guild_id: Snowflake) -> shapes.Personality:
        """Return how the bot speaks in a guild.

        `updatedAt` is null while nothing was chosen: then it speaks as the preset `default` does.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(_GUILD_PERSONALITIES_GET, path={"guild_id": guild_id})

    async def change(
        self,
        guild_id: Snowflake,
        *,
        system_prompt: str | None | UnsetType = UNSET,
        temperature: float | UnsetType = UNSET,
        top_p: float | UnsetType = UNSET,
        tone: Literal["neutral", "friendly", "playful", "serious"] | UnsetType = UNSET,
        formality: Literal["casual", "neutral", "formal"] | UnsetType = UNSET,
        humor: bool | UnsetType = UNSET,
        emojis: bool | UnsetType = UNSET,
        preset: Literal["default", "helper", "jester", "scholar"] | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Personality:
        """Change how the bot speaks in a guild, as far as it is given.

        A preset replaces everything by its own, except what is given beside it. Changes of
        different fields at the same time all last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_PERSONALITIES_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.PersonalityChanges(
                system_prompt=system_prompt,
                temperature=temperature,
                top_p=top_p,
                tone=tone,
                formality=formality,
                humor=humor,
                emojis=emojis,
                preset=preset,
            ),
            if_match=if_match,
        )

    async def replace(
        self,
        guild_id: Snowflake,
        *,
        preset: Literal["default", "helper", "jester", "scholar"],
        system_prompt: str | None | UnsetType = UNSET,
        temperature: float | UnsetType = UNSET,
        top_p: float | UnsetType = UNSET,
        tone: Literal["neutral", "friendly", "playful", "serious"] | UnsetType = UNSET,
        formality: Literal["casual", "neutral", "formal"] | UnsetType = UNSET,
        humor: bool | UnsetType = UNSET,
        emojis: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Personality:
        """Let the bot speak in a guild as a preset says, except for what is given beside it.

        Whatever was changed before is forgotten.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_PERSONALITIES_REPLACE,
            path={"guild_id": guild_id},
            body=shapes.PersonalityChoice(
                system_prompt=system_prompt,
                temperature=temperature,
                top_p=top_p,
                tone=tone,
                formality=formality,
                humor=humor,
                emojis=emojis,
                preset=preset,
            ),
            if_match=if_match,
        )

    async def reset(
        self,
        guild_id: Snowflake,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> shapes.Personality:
        """Take back every change to a guild's preset; which preset it is stays.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_PERSONALITIES_RESET,
            path={"guild_id": guild_id},
            key=idempotency_key or new_key(),
            if_match=if_match,
        )

"""Guild personalities: how the bot speaks in a guild, from a preset and what was changed on it (SPEC D12)."""

from datetime import datetime
from typing import Final, get_args

import msgspec

from slimy_dal.domain.patch import given, required
from slimy_dal.domain.versions import UNSTORED, asked, changed, raise_stale
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Snowflake, Unset
from slimy_dal.queries import guild_personalities as queries
from slimy_dal.queries.guild_personalities import Formality, Preset, Tone
from slimy_dal.queries.guild_personalities import ListPresetsRow as PersonalityPreset

__all__ = [
    "Formality",
    "GuildPersonalities",
    "Personality",
    "PersonalityPreset",
    "Preset",
    "Tone",
]

PRESETS: Final[tuple[Preset, ...]] = get_args(Preset)


class Personality(msgspec.Struct, frozen=True, rename="camel"):
    """How the bot speaks in a guild; `updated_at` is None while nothing was chosen."""

    guild_id: Snowflake
    preset: Preset = "default"
    system_prompt: str | None = None
    temperature: float = 0.7
    top_p: float = 1.0
    tone: Tone = "friendly"
    formality: Formality = "neutral"
    humor: bool = True
    emojis: bool = True
    updated_at: datetime | None = None


class GuildPersonalities:
    """Everything about personalities, over one executor."""

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def list_presets(self) -> list[PersonalityPreset]:
        """Return every preset with what it says, by name."""
        return await queries.list_presets(self._executor)

    async def get(self, guild_id: int) -> Personality:
        """Return a guild's personality. Raises NotFound for an unknown guild."""
        stored = found(await queries.get(self._executor, guild_id=guild_id), "guild").stored
        if stored is None:
            return Personality(guild_id)
        return Personality(guild_id, *msgspec.structs.astuple(stored))

    async def update(
        self,
        guild_id: int,
        *,
        preset: Preset | Unset = UNSET,
        system_prompt: str | Unset | None = UNSET,
        temperature: float | Unset = UNSET,
        top_p: float | Unset = UNSET,
        tone: Tone | Unset = UNSET,
        formality: Formality | Unset = UNSET,
        humor: bool | Unset = UNSET,
        emojis: bool | Unset = UNSET,
        version: datetime | Unset = UNSET,
    ) -> Personality:
        """Change what is given; None takes back the system prompt. Concurrent changes all last.

        A preset replaces everything by its own, except what is given beside it. Raises NotFound for an unknown guild,
        StaleVersion, InvalidValue (preset), CheckViolated, MissingValue.
        """
        if not isinstance(preset, Unset) and preset is not None and preset not in PRESETS:
            raise InvalidValue("preset", f"is not one of {', '.join(PRESETS)}")
        row = await queries.update(
            self._executor,
            guild_id=guild_id,
            preset=required("preset", preset),
            system_prompt=given(system_prompt),
            set_system_prompt=system_prompt is not UNSET,
            temperature=required("temperature", temperature),
            top_p=required("top_p", top_p),
            tone=required("tone", tone),
            formality=required("formality", formality),
            humor=required("humor", humor),
            emojis=required("emojis", emojis),
            version=asked(version),
        )
        stored = await changed(row, "guild", version, lambda: self.get(guild_id))
        return Personality(guild_id, *msgspec.structs.astuple(stored))

    async def reset(self, guild_id: int, *, version: datetime | Unset = UNSET) -> Personality:
        """Take back every change to the guild's preset. Raises StaleVersion, NotFound for an unknown guild."""
        row = await queries.reset(self._executor, guild_id=guild_id, version=asked(version))
        if row is None:
            kept = await self.get(guild_id)
            if version not in (UNSET, kept.updated_at or UNSTORED):
                raise_stale()
            return kept
        return Personality(guild_id, *msgspec.structs.astuple(row))

"""Feature flags of guilds: what is switched on, the defaults until something is changed (SPEC D11)."""

from datetime import datetime

import msgspec

from slimy_dal.domain.patch import given, required
from slimy_dal.domain.versions import UNSTORED, asked, changed, raise_stale
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Snowflake, Unset
from slimy_dal.queries import guild_feature_flags as queries
from slimy_dal.queries.guild_feature_flags import BadgeStyle

__all__ = ["BadgeStyle", "FeatureFlags", "GuildFeatureFlags"]


class FeatureFlags(msgspec.Struct, frozen=True, rename="camel"):
    """A guild's feature flags; `updated_at` is None while all of them are the defaults."""

    guild_id: Snowflake
    color_primary: str | None = None
    badge_style: BadgeStyle = "rounded"
    ensemble_ocr: bool = False
    second_approver: bool = False
    ask_manus: bool = False
    public_stats: bool = True
    updated_at: datetime | None = None


class GuildFeatureFlags:
    """Everything about feature flags, over one executor."""

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def get(self, guild_id: int) -> FeatureFlags:
        """Return a guild's flags. Raises NotFound for an unknown guild."""
        stored = found(await queries.get(self._executor, guild_id=guild_id), "guild").stored
        if stored is None:
            return FeatureFlags(guild_id)
        return FeatureFlags(guild_id, *msgspec.structs.astuple(stored))

    async def update(
        self,
        guild_id: int,
        *,
        color_primary: str | Unset | None = UNSET,
        badge_style: BadgeStyle | Unset = UNSET,
        ensemble_ocr: bool | Unset = UNSET,
        second_approver: bool | Unset = UNSET,
        ask_manus: bool | Unset = UNSET,
        public_stats: bool | Unset = UNSET,
        version: datetime | Unset = UNSET,
    ) -> FeatureFlags:
        """Change the given flags; None takes back the colour. Concurrent changes all last.

        A colour is #rrggbb, in whatever case. Raises NotFound for an unknown guild, StaleVersion, CheckViolated,
        MissingValue.
        """
        color = given(color_primary)
        row = await queries.update(
            self._executor,
            guild_id=guild_id,
            color_primary=color.lower() if isinstance(color, str) else color,
            set_color_primary=color_primary is not UNSET,
            badge_style=required("badge_style", badge_style),
            ensemble_ocr=required("ensemble_ocr", ensemble_ocr),
            second_approver=required("second_approver", second_approver),
            ask_manus=required("ask_manus", ask_manus),
            public_stats=required("public_stats", public_stats),
            version=asked(version),
        )
        stored = await changed(row, "guild", version, lambda: self.get(guild_id))
        return FeatureFlags(guild_id, *msgspec.structs.astuple(stored))

    async def reset(self, guild_id: int, *, version: datetime | Unset = UNSET) -> FeatureFlags:
        """Put a guild's flags back to the defaults and return them.

        Raises StaleVersion, NotFound for an unknown guild.
        """
        row = await queries.reset(self._executor, guild_id=guild_id, version=asked(version))
        if found(row, "guild").removed == 0 and version is not UNSET:
            kept = await self.get(guild_id)
            if version != (kept.updated_at or UNSTORED):
                raise_stale()
        return FeatureFlags(guild_id)

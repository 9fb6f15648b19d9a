"""Guild settings: where a guild's results go and who sees them, the defaults until changed (SPEC D12)."""

from datetime import datetime

import msgspec

from slimy_dal.domain.patch import given, required
from slimy_dal.domain.versions import UNSTORED, asked, changed, raise_stale
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Snowflake, Unset
from slimy_dal.queries import guild_settings as queries
from slimy_dal.queries.guild_settings import ViewMode

__all__ = ["GuildSettings", "Settings", "ViewMode"]


class Settings(msgspec.Struct, frozen=True, rename="camel"):
    """A guild's settings; `updated_at` is None while all of them are the defaults."""

    guild_id: Snowflake
    sheet_id: str | None = None
    sheet_tab: str | None = None
    view_mode: ViewMode = "baseline"
    allow_public: bool = False
    screenshot_channel_id: Snowflake | None = None
    uploads_enabled: bool = True
    notes: str | None = None
    updated_at: datetime | None = None


class GuildSettings:
    """Everything about guild settings, over one executor."""

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def get(self, guild_id: int) -> Settings:
        """Return a guild's settings. Raises NotFound for an unknown guild."""
        stored = found(await queries.get(self._executor, guild_id=guild_id), "guild").stored
        if stored is None:
            return Settings(guild_id)
        return Settings(guild_id, *msgspec.structs.astuple(stored))

    async def update(
        self,
        guild_id: int,
        *,
        sheet_id: str | Unset | None = UNSET,
        sheet_tab: str | Unset | None = UNSET,
        view_mode: ViewMode | Unset = UNSET,
        allow_public: bool | Unset = UNSET,
        screenshot_channel_id: int | Unset | None = UNSET,
        uploads_enabled: bool | Unset = UNSET,
        notes: str | Unset | None = UNSET,
        version: datetime | Unset = UNSET,
    ) -> Settings:
        """Change the given settings; None takes back one that may be empty. Concurrent changes all last.

        Raises StaleVersion, NotFound for an unknown guild, CheckViolated, MissingValue.
        """
        row = await queries.update(
            self._executor,
            guild_id=guild_id,
            sheet_id=given(sheet_id),
            set_sheet_id=sheet_id is not UNSET,
            sheet_tab=given(sheet_tab),
            set_sheet_tab=sheet_tab is not UNSET,
            view_mode=required("view_mode", view_mode),
            allow_public=required("allow_public", allow_public),
            screenshot_channel_id=given(screenshot_channel_id),
            set_screenshot_channel_id=screenshot_channel_id is not UNSET,
            uploads_enabled=required("uploads_enabled", uploads_enabled),
            notes=given(notes),
            set_notes=notes is not UNSET,
            version=asked(version),
        )
        stored = await changed(row, "guild", version, lambda: self.get(guild_id))
        return Settings(guild_id, *msgspec.structs.astuple(stored))

    async def reset(self, guild_id: int, *, version: datetime | Unset = UNSET) -> Settings:
        """Put a guild's settings back to the defaults and return them.

        Raises StaleVersion, NotFound for an unknown guild.
        """
        row = await queries.reset(self._executor, guild_id=guild_id, version=asked(version))
        if found(row, "guild").removed == 0 and version is not UNSET:
            kept = await self.get(guild_id)
            if version != (kept.updated_at or UNSTORED):
                raise_stale()
        return Settings(guild_id)

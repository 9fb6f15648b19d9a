"""Guilds: Discord servers, their settings, and lists of them with counts (SPEC D3)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Unset
from slimy_dal.queries import guilds as queries
from slimy_dal.queries.guilds import Guild, GuildSummary

__all__ = ["Guild", "GuildSummary", "Guilds"]


class Guilds:
    """Everything about guilds, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        id: int,
        *,
        name: str,
        icon: str | None = None,
        owner_id: UUID | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Guild:
        """Add a guild. Raises AlreadyExists, CheckViolated, or InvalidReference for an unknown owner."""
        return await queries.create(
            self._executor,
            id=id,
            name=name,
            icon=icon,
            owner_id=owner_id,
            settings=_object("settings", {} if settings is None else settings),
        )

    async def upsert(
        self,
        id: int,
        *,
        name: str,
        icon: str | Unset | None = UNSET,
        owner_id: UUID | Unset | None = UNSET,
        owner_discord_id: int | Unset = UNSET,
    ) -> Guild:
        """Return the guild of a Discord server, made or brought up to date in one statement; idempotent.

        A field left UNSET keeps what is known. The owner is given by our id or by Discord's; a Discord account that is
        not one of our users leaves the guild without an owner. Raises CheckViolated, InvalidReference.
        """
        if owner_id is not UNSET and owner_discord_id is not UNSET:
            raise InvalidValue("owner_id", "is given twice, by our id and by Discord's")
        return await queries.upsert(
            self._executor,
            id=id,
            name=name,
            icon=None if icon is UNSET else icon,
            set_icon=icon is not UNSET,
            owner_id=None if owner_id is UNSET else owner_id,
            owner_discord_id=None if owner_discord_id is UNSET else owner_discord_id,
            set_owner=owner_id is not UNSET or owner_discord_id is not UNSET,
        )

    async def get(self, id: int) -> Guild:
        """Return a guild with the number of its members. Raises NotFound."""
        return found(await queries.get(self._executor, id=id), "guild")

    async def list(
        self, *, search: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[GuildSummary]:
        """Return one page of guilds, newest first, each with its member count, in one statement.

        With `search`, those with all its words in their name. Raises InvalidValue (limit, cursor).
        """
        if search is None:
            return await queries.list_newest(
                self._executor, self._cursors, cursor=cursor, limit=limit
            )
        return await queries.search(
            self._executor, self._cursors, words=search, cursor=cursor, limit=limit
        )

    async def update(
        self,
        id: int,
        *,
        name: str | Unset = UNSET,
        icon: str | Unset | None = UNSET,
        owner_id: UUID | Unset | None = UNSET,
    ) -> Guild:
        """Change the given fields; None erases one. Raises NotFound, CheckViolated, InvalidReference."""
        row = await queries.update(
            self._executor,
            id=id,
            name=name,
            icon=icon,
            owner_id=owner_id,
        )
        return found(row, "guild")

    async def merge_settings(self, id: int, patch: Mapping[str, Any]) -> Guild:
        """Change top-level keys of the settings; None removes one. Concurrent merges all last.

        Raises NotFound, CheckViolated (size), InvalidValue when the patch is not an object.
        """
        row = await queries.merge_settings(self._executor, id=id, patch=_object("settings", patch))
        return found(row, "guild")

    async def replace_settings(self, id: int, settings: Mapping[str, Any]) -> Guild:
        """Put other settings in the place of the guild's. Raises NotFound, CheckViolated, InvalidValue."""
        row = await queries.replace_settings(
            self._executor, id=id, settings=_object("settings", settings)
        )
        return found(row, "guild")

    async def delete(self, id: int) -> None:
        """Remove a guild with its memberships. Raises NotFound."""
        found(await queries.delete(self._executor, id=id) or None, "guild")


def _object(field: str, value: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidValue(field, "is not an object")
    return dict(value)

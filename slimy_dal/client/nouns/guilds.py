"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Json, Page, Snowflake


_GUILDS_LIST_GUILDS = Operation[Page[shapes.GuildSummary]](
    "guilds_list_guilds",
    "GET",
    "/v1/guilds",
    Page[shapes.GuildSummary],
)
_GUILDS_CREATE = Operation[shapes.Guild](
    "guilds_create",
    "POST",
    "/v1/guilds",
    shapes.Guild,
    texts=(("id",),),
)
_GUILDS_GET = Operation[shapes.Guild]("guilds_get", "GET", "/v1/guilds/{guild_id}", shapes.Guild)
_GUILDS_PUT = Operation[shapes.Guild]("guilds_put", "PUT", "/v1/guilds/{guild_id}", shapes.Guild)
_GUILDS_CHANGE = Operation[shapes.Guild](
    "guilds_change",
    "PATCH",
    "/v1/guilds/{guild_id}",
    shapes.Guild,
)
_GUILDS_REMOVE = Operation[None]("guilds_remove", "DELETE", "/v1/guilds/{guild_id}", None)
_GUILDS_LIST_DELETED = Operation[Page[shapes.DeletedGuild]](
    "guilds_list_deleted",
    "GET",
    "/v1/deleted-guilds",
    Page[shapes.DeletedGuild],
)
_GUILDS_RESTORE = Operation[shapes.Guild](
    "guilds_restore",
    "POST",
    "/v1/deleted-guilds/{guild_id}/restore",
    shapes.Guild,
)
_GUILDS_GET_SETTINGS = Operation[dict[str, Json]](
    "guilds_get_settings",
    "GET",
    "/v1/guilds/{guild_id}/settings",
    dict[str, Json],
)
_GUILDS_MERGE_SETTINGS = Operation[dict[str, Json]](
    "guilds_merge_settings",
    "PATCH",
    "/v1/guilds/{guild_id}/settings",
    dict[str, Json],
)
_GUILDS_REPLACE_SETTINGS = Operation[dict[str, Json]](
    "guilds_replace_settings",
    "PUT",
    "/v1/guilds/{guild_id}/settings",
    dict[str, Json],
)


class Guilds(Noun):
    """Discord servers."""

    __slots__ = ()

    def list_guilds(
        self,
        *,
        search: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.GuildSummary]:
        """List guilds, newest first, each with the numbers of its members and messages.

        Both are counted up to 1000: 1000 means 1000 or more. With `search`, those with all its
        words in their names, each word by its beginning.

        Who may: an API key with the scope `guilds:read`.
        """
        return Pages(
            self._transport,
            _GUILDS_LIST_GUILDS,
            query={"search": search, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def create(
        self,
        *,
        name: str,
        id: Snowflake,
        icon: str | None | UnsetType = UNSET,
        owner_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Guild:
        """Add a guild that is not known yet.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_CREATE,
            body=shapes.NewGuild(name=name, icon=icon, owner_id=owner_id, id=id),
            key=idempotency_key or new_key(),
        )

    async def get(self, guild_id: Snowflake) -> shapes.Guild:
        """Return a guild with its settings and the numbers of its members and messages.

        Both are counted up to 1000: 1000 means 1000 or more.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_GUILDS_GET, path={"guild_id": guild_id})

    async def put(
        self,
        guild_id: Snowflake,
        *,
        name: str,
        icon: str | None | UnsetType = UNSET,
        owner_id: UUID | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Guild:
        """Make sure a guild exists, and bring the given fields up to date.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_PUT,
            path={"guild_id": guild_id},
            body=shapes.GuildDetails(name=name, icon=icon, owner_id=owner_id),
            if_match=if_match,
        )

    async def change(
        self,
        guild_id: Snowflake,
        *,
        name: str | UnsetType = UNSET,
        icon: str | None | UnsetType = UNSET,
        owner_id: UUID | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Guild:
        """Change the given fields of a guild.

        A user's session may not change `ownerId`: whoever may manage a guild must not take it over
        by that.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILDS_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.GuildChanges(name=name, icon=icon, owner_id=owner_id),
            if_match=if_match,
        )

    async def remove(
        self,
        guild_id: Snowflake,
        *,
        permanent: bool | None = None,
        if_match: str | None = None,
    ) -> None:
        """Delete a guild: with all its data it is out of sight, and can be restored until it is
        purged.

        With `permanent=true` it is removed for good, deleted before or not, with everything that is
        its. Of a guild with very much data the rest may take longer than the call; the next purge
        finishes it.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_REMOVE,
            path={"guild_id": guild_id},
            query={"permanent": permanent},
            if_match=if_match,
        )

    def list_deleted(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.DeletedGuild]:
        """List deleted guilds, the latest deleted first.

        One whose `purgeStartedAt` is not null cannot be restored any more.

        Who may: an API key with the scope `guilds:read`.
        """
        return Pages(
            self._transport,
            _GUILDS_LIST_DELETED,
            query={"cursor": cursor, "limit": limit},
        )

    async def restore(
        self,
        guild_id: Snowflake,
        *,
        idempotency_key: str | None = None,
    ) -> shapes.Guild:
        """Bring a deleted guild back, with all its data.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_RESTORE,
            path={"guild_id": guild_id},
            key=idempotency_key or new_key(),
        )

    async def get_settings(self, guild_id: Snowflake) -> dict[str, Json]:
        """Return a guild's settings.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_GUILDS_GET_SETTINGS, path={"guild_id": guild_id})

    async def merge_settings(
        self,
        guild_id: Snowflake,
        settings: Mapping[str, Json],
        *,
        if_match: str | None = None,
    ) -> dict[str, Json]:
        """Change top-level keys of a guild's settings; null removes a key.

        Two merges at the same time both last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILDS_MERGE_SETTINGS,
            path={"guild_id": guild_id},
            body=dict(settings),
            if_match=if_match,
        )

    async def replace_settings(
        self,
        guild_id: Snowflake,
        settings: Mapping[str, Json],
        *,
        if_match: str | None = None,
    ) -> dict[str, Json]:
        """Put other settings in the place of a guild's.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILDS_REPLACE_SETTINGS,
            path={"guild_id": guild_id},
            body=dict(settings),
            if_match=if_match,
        )

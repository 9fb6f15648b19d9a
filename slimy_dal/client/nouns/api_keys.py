"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Page, Snowflake


_API_KEYS_LIST_KEYS = Operation[Page[shapes.ApiKey]](
    "api_keys_list_keys",
    "GET",
    "/v1/api-keys",
    Page[shapes.ApiKey],
)
_API_KEYS_CREATE = Operation[shapes.NewApiKey](
    "api_keys_create",
    "POST",
    "/v1/api-keys",
    shapes.NewApiKey,
    texts=(("guildIds", "*"),),
)
_API_KEYS_ROTATE = Operation[shapes.NewApiKey](
    "api_keys_rotate",
    "POST",
    "/v1/api-keys/{key_id}/rotate",
    shapes.NewApiKey,
)
_API_KEYS_REVOKE = Operation[None]("api_keys_revoke", "DELETE", "/v1/api-keys/{key_id}", None)


class ApiKeys(Noun):
    """What services prove themselves with."""

    __slots__ = ()

    def list_keys(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ApiKey]:
        """List API keys, newest first, revoked ones among them. Their secrets are not kept.

        Who may: an API key with the scope `keys:admin`.
        """
        return Pages(self._transport, _API_KEYS_LIST_KEYS, query={"cursor": cursor, "limit": limit})

    async def create(
        self,
        *,
        name: str,
        scopes: Sequence[shapes.Scope],
        guild_ids: Sequence[Snowflake] | None | UnsetType = UNSET,
        expires_at: datetime | None | UnsetType = UNSET,
    ) -> shapes.NewApiKey:
        """Make an API key.

        Its text is shown this once: only a hash of its secret is kept.

        Who may: an API key with the scope `keys:admin`.
        """
        return await self._transport.call(
            _API_KEYS_CREATE,
            body=shapes.ApiKeyRequest(
                name=name,
                scopes=scopes,
                guild_ids=guild_ids,
                expires_at=expires_at,
            ),
        )

    async def rotate(
        self,
        key_id: UUID,
        *,
        overlap_hours: int | UnsetType = UNSET,
        expires_at: datetime | None | UnsetType = UNSET,
    ) -> shapes.NewApiKey:
        """Make a key in the place of another, with its name, scopes and guilds.

        The old one stays good for `overlapHours`, so that whoever has it can change over. The new
        one's text is shown this once.

        Who may: an API key with the scope `keys:admin`.
        """
        return await self._transport.call(
            _API_KEYS_ROTATE,
            path={"key_id": key_id},
            body=shapes.Rotation(overlap_hours=overlap_hours, expires_at=expires_at),
        )

    async def revoke(self, key_id: UUID) -> None:
        """Withdraw an API key at once and for good.

        Who may: an API key with the scope `keys:admin`.
        """
        return await self._transport.call(_API_KEYS_REVOKE, path={"key_id": key_id})

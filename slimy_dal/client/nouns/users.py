"""Generated from the routes of the service by `slimy client`; do not edit."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Page, Snowflake


_USERS_LIST_USERS = Operation[Page[shapes.User]](
    "users_list_users",
    "GET",
    "/v1/users",
    Page[shapes.User],
)
_USERS_GET_BY_EMAIL = Operation[shapes.User](
    "users_get_by_email",
    "GET",
    "/v1/users/by-email",
    shapes.User,
)
_USERS_GET_BY_DISCORD = Operation[shapes.User](
    "users_get_by_discord",
    "GET",
    "/v1/users/by-discord/{discord_id}",
    shapes.User,
)
_USERS_PUT_BY_DISCORD = Operation[shapes.User](
    "users_put_by_discord",
    "PUT",
    "/v1/users/by-discord/{discord_id}",
    shapes.User,
)
_USERS_GET = Operation[shapes.User]("users_get", "GET", "/v1/users/{user_id}", shapes.User)
_USERS_CHANGE = Operation[shapes.User]("users_change", "PATCH", "/v1/users/{user_id}", shapes.User)
_USERS_REMOVE = Operation[None]("users_remove", "DELETE", "/v1/users/{user_id}", None)
_USERS_SET_LAST_ACTIVE_GUILD = Operation[shapes.User](
    "users_set_last_active_guild",
    "PUT",
    "/v1/users/{user_id}/last-active-guild",
    shapes.User,
    texts=(("guildId",),),
)
_USERS_PUT_DISCORD_TOKENS = Operation[None](
    "users_put_discord_tokens",
    "PUT",
    "/v1/users/{user_id}/discord-tokens",
    None,
)
_USERS_DELETE_DISCORD_TOKENS = Operation[None](
    "users_delete_discord_tokens",
    "DELETE",
    "/v1/users/{user_id}/discord-tokens",
    None,
)
_USERS_LIST_GUILDS = Operation[Page[shapes.UserGuild]](
    "users_list_guilds",
    "GET",
    "/v1/users/{user_id}/guilds",
    Page[shapes.UserGuild],
)


class Users(Noun):
    """People known by their Discord account."""

    __slots__ = ()

    def list_users(
        self,
        *,
        search: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.User]:
        """List users, newest first.

        With `search`, those with all its words in their names, each word by its beginning.

        Who may: an API key with the scope `users:read`.
        """
        return Pages(
            self._transport,
            _USERS_LIST_USERS,
            query={"search": search, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def get_by_email(self, *, email: str) -> shapes.User:
        """Return the user of a mailbox, written in whatever case.

        Who may: an API key with the scope `users:read`.
        """
        return await self._transport.call(_USERS_GET_BY_EMAIL, query={"email": email})

    async def get_by_discord(self, discord_id: Snowflake) -> shapes.User:
        """Return the user of a Discord account.

        Who may: an API key with the scope `users:read`.
        """
        return await self._transport.call(_USERS_GET_BY_DISCORD, path={"discord_id": discord_id})

    async def put_by_discord(
        self,
        discord_id: Snowflake,
        *,
        username: str | None | UnsetType = UNSET,
        global_name: str | None | UnsetType = UNSET,
        avatar: str | None | UnsetType = UNSET,
        email: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.User:
        """Make sure the user of a Discord account exists, and bring the given fields up to date.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_PUT_BY_DISCORD,
            path={"discord_id": discord_id},
            body=shapes.Profile(
                username=username,
                global_name=global_name,
                avatar=avatar,
                email=email,
            ),
            if_match=if_match,
        )

    async def get(self, user_id: UUID) -> shapes.User:
        """Return a user.

        Who may: an API key with the scope `users:read`, or the session of that user.
        """
        return await self._transport.call(_USERS_GET, path={"user_id": user_id})

    async def change(
        self,
        user_id: UUID,
        *,
        username: str | None | UnsetType = UNSET,
        global_name: str | None | UnsetType = UNSET,
        avatar: str | None | UnsetType = UNSET,
        email: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.User:
        """Change the given fields of a user.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_CHANGE,
            path={"user_id": user_id},
            body=shapes.Profile(
                username=username,
                global_name=global_name,
                avatar=avatar,
                email=email,
            ),
            if_match=if_match,
        )

    async def remove(self, user_id: UUID, *, if_match: str | None = None) -> None:
        """Erase a user with their memberships and sessions; guilds they own lose their owner.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_REMOVE,
            path={"user_id": user_id},
            if_match=if_match,
        )

    async def set_last_active_guild(
        self,
        user_id: UUID,
        *,
        last_active_guild_id: Snowflake | None,
        if_match: str | None = None,
    ) -> shapes.User:
        """Remember the guild a user was last active in.

        In a user's session, one they belong to: any other looks like one that does not exist.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USERS_SET_LAST_ACTIVE_GUILD,
            path={"user_id": user_id},
            body=shapes.LastActiveGuild(last_active_guild_id=last_active_guild_id),
            if_match=if_match,
        )

    async def put_discord_tokens(
        self,
        user_id: UUID,
        *,
        access_token: str,
        refresh_token: str | None | UnsetType = UNSET,
        expires_at: datetime | None | UnsetType = UNSET,
    ) -> None:
        """Keep a user's Discord tokens, encrypted; earlier ones are replaced.

        There is no way to read them back through this API.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_PUT_DISCORD_TOKENS,
            path={"user_id": user_id},
            body=shapes.DiscordTokensRequest(
                access_token=access_token,
                refresh_token=refresh_token,
                expires_at=expires_at,
            ),
        )

    async def delete_discord_tokens(self, user_id: UUID) -> None:
        """Forget a user's Discord tokens.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(_USERS_DELETE_DISCORD_TOKENS, path={"user_id": user_id})

    def list_guilds(
        self,
        user_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.UserGuild]:
        """List the guilds a user is a member of, with the user's roles there.

        Who may: an API key with the scope `members:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _USERS_LIST_GUILDS,
            path={"user_id": user_id},
            query={"cursor": cursor, "limit": limit},
        )

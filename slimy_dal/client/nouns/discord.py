"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Mapping

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Json, Snowflake


_DISCORD_PUT_USER = Operation[shapes.User](
    "discord_put_user",
    "PUT",
    "/v1/discord/users",
    shapes.User,
)
_DISCORD_PUT_GUILD = Operation[shapes.Guild](
    "discord_put_guild",
    "PUT",
    "/v1/discord/guilds",
    shapes.Guild,
)
_DISCORD_PUT_MEMBER = Operation[shapes.Membership](
    "discord_put_member",
    "PUT",
    "/v1/discord/guilds/{guild_id}/members/{discord_id}",
    shapes.Membership,
)


class Discord(Noun):
    """Discord's own objects, taken as Discord sends them."""

    __slots__ = ()

    async def put_user(self, body: Mapping[str, Json]) -> shapes.User:
        """Make sure the user of Discord's user object exists, and bring it up to date.

        Fields that our users do not have are ignored; fields that Discord leaves out stay as they
        are.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(_DISCORD_PUT_USER, body=dict(body))

    async def put_guild(self, body: Mapping[str, Json]) -> shapes.Guild:
        """Make sure the guild of Discord's guild object exists, and bring it up to date.

        `owner_id` is a Discord id: the guild belongs to our user of that account, or to nobody
        while there is none. Partial guild objects, without `owner_id`, leave the owner as it is.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(_DISCORD_PUT_GUILD, body=dict(body))

    async def put_member(
        self,
        guild_id: Snowflake,
        discord_id: Snowflake,
        body: Mapping[str, Json],
    ) -> shapes.Membership:
        """Make the user of a Discord account a member of a guild, as Discord's member object says.

        The account stands in the path, because Discord often leaves `user` out or empty. A user we
        do not know yet is created. Discord's roles become ours in two ways: by `permissions`, where
        Discord sends them (administrator and manage guild: admin; kick, ban or time out:
        moderator), and by the guild's setting `discordRoles`, an object from Discord's role ids to
        our roles. Where neither is there, the roles of an existing member stay as they are.

        Who may: an API key with the scopes `members:write` and `users:write`.
        """
        return await self._transport.call(
            _DISCORD_PUT_MEMBER,
            path={"guild_id": guild_id, "discord_id": discord_id},
            body=dict(body),
        )

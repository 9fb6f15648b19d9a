"""Generated from the routes of the service by `slimy client`; do not edit."""

from datetime import datetime

from slimy_dal.client.lines import Lines
from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Json, Snowflake


_EXPORTS_MESSAGES = Operation[dict[str, Json]](
    "exports_messages",
    "GET",
    "/v1/guilds/{guild_id}/exports/messages",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_ANALYSES = Operation[dict[str, Json]](
    "exports_analyses",
    "GET",
    "/v1/guilds/{guild_id}/exports/analyses",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_MEMBERS = Operation[dict[str, Json]](
    "exports_members",
    "GET",
    "/v1/guilds/{guild_id}/exports/members",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_STATS_OF_GUILD = Operation[dict[str, Json]](
    "exports_stats_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/exports/stats",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_STATS = Operation[dict[str, Json]](
    "exports_stats",
    "GET",
    "/v1/exports/stats",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_AUDIT_LOGS = Operation[dict[str, Json]](
    "exports_audit_logs",
    "GET",
    "/v1/exports/audit-logs",
    dict[str, Json],
    media="application/x-ndjson",
)


class Exports(Noun):
    """All there is, oldest first, as lines of JSON (`Accept: application/x-ndjson`) or as CSV
    (`text/csv`). The last line proves the end: `{"end":true,"rows":200000}`, or `#end,200000`.
    An export without it was cut off: ask again with `since` of the last row. In CSV, null is an
    empty cell, and what is no text or number stands there as JSON.
    """

    __slots__ = ()

    def messages(
        self,
        guild_id: Snowflake,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export a guild's messages, those for its admins only among them.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `chat:read`, or the session of a user with `manage_guild`
        in the guild.
        """
        return Lines(
            self._transport,
            _EXPORTS_MESSAGES,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    def analyses(
        self,
        guild_id: Snowflake,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export a guild's club analyses with their images and metrics.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `analyses:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Lines(
            self._transport,
            _EXPORTS_ANALYSES,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    def members(self, guild_id: Snowflake) -> Lines[dict[str, Json]]:
        """Export a guild's members with their roles.

        Who may: an API key with the scope `members:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Lines(self._transport, _EXPORTS_MEMBERS, path={"guild_id": guild_id})

    def stats_of_guild(
        self,
        guild_id: Snowflake,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export a guild's statistics.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Lines(
            self._transport,
            _EXPORTS_STATS_OF_GUILD,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    def stats(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export all statistics.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `stats:read`.
        """
        return Lines(self._transport, _EXPORTS_STATS, query={"since": since, "until": until})

    def audit_logs(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export the audit log.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `audit-logs:read`.
        """
        return Lines(self._transport, _EXPORTS_AUDIT_LOGS, query={"since": since, "until": until})

"""Exports over HTTP: all of a guild, or of a period, in one answer that is as long as it takes (SPEC H1)."""

from service import streams
from service.auth import InGuild, Policy
from service.inputs import Moment, Snowflake, asked
from service.routes import Call, Routes
from slimy_dal.domain.api_keys import Scope
from slimy_dal.domain.exports import (
    ExportedAnalysis,
    ExportedAuditLog,
    ExportedMember,
    ExportedMessage,
    ExportedStat,
)

routes = Routes(
    "exports",
    "All there is, oldest first, as lines of JSON (`Accept: application/x-ndjson`) or as CSV (`text/csv`). The last "
    'line proves the end: `{"end":true,"rows":200000}`, or `#end,200000`. An export without it was cut off: ask again '
    "with `since` of the last row. In CSV, null is an empty cell, and what is no text or number stands there as JSON.",
)

FORMS = {"media": streams.NDJSON, "also_media": (streams.CSV,)}


def _of_guild(scope: Scope) -> Policy:
    return Policy(scope, (InGuild("manage_guild"),))


@routes.route(
    "GET",
    "/v1/guilds/{guild_id}/exports/messages",
    _of_guild("chat:read"),
    "not_found",
    "not_acceptable",
    **FORMS,
)
async def messages(
    call: Call, *, guild_id: Snowflake, since: Moment | None = None, until: Moment | None = None
) -> streams.Stream:
    """Export a guild's messages, those for its admins only among them.

    From `since` to before `until`, or to now.
    """
    await call.db.guilds.get(guild_id)
    pages = call.db.exports.messages(guild_id, since=asked(since), until=asked(until))
    return await streams.stream(call, ExportedMessage, pages, f"messages-{guild_id}")


@routes.route(
    "GET",
    "/v1/guilds/{guild_id}/exports/analyses",
    _of_guild("analyses:read"),
    "not_found",
    "not_acceptable",
    **FORMS,
)
async def analyses(
    call: Call, *, guild_id: Snowflake, since: Moment | None = None, until: Moment | None = None
) -> streams.Stream:
    """Export a guild's club analyses with their images and metrics.

    From `since` to before `until`, or to now.
    """
    await call.db.guilds.get(guild_id)
    pages = call.db.exports.analyses(guild_id, since=asked(since), until=asked(until))
    return await streams.stream(call, ExportedAnalysis, pages, f"analyses-{guild_id}")


@routes.route(
    "GET",
    "/v1/guilds/{guild_id}/exports/members",
    _of_guild("members:read"),
    "not_found",
    "not_acceptable",
    **FORMS,
)
async def members(call: Call, *, guild_id: Snowflake) -> streams.Stream:
    """Export a guild's members with their roles."""
    await call.db.guilds.get(guild_id)
    pages = call.db.exports.members(guild_id)
    return await streams.stream(call, ExportedMember, pages, f"members-{guild_id}")


@routes.route(
    "GET",
    "/v1/guilds/{guild_id}/exports/stats",
    _of_guild("stats:read"),
    "not_found",
    "not_acceptable",
    **FORMS,
)
async def stats_of_guild(
    call: Call, *, guild_id: Snowflake, since: Moment | None = None, until: Moment | None = None
) -> streams.Stream:
    """Export a guild's statistics.

    From `since` to before `until`, or to now.
    """
    await call.db.guilds.get(guild_id)
    pages = call.db.exports.stats(guild_id=guild_id, since=asked(since), until=asked(until))
    return await streams.stream(call, ExportedStat, pages, f"stats-{guild_id}")


@routes.route("GET", "/v1/exports/stats", Policy("stats:read"), "not_acceptable", **FORMS)
async def stats(
    call: Call, *, since: Moment | None = None, until: Moment | None = None
) -> streams.Stream:
    """Export all statistics.

    From `since` to before `until`, or to now.
    """
    pages = call.db.exports.stats(since=asked(since), until=asked(until))
    return await streams.stream(call, ExportedStat, pages, "stats")


@routes.route("GET", "/v1/exports/audit-logs", Policy("audit-logs:read"), "not_acceptable", **FORMS)
async def audit_logs(
    call: Call, *, since: Moment | None = None, until: Moment | None = None
) -> streams.Stream:
    """Export the audit log.

    From `since` to before `until`, or to now.
    """
    pages = call.db.exports.audit_logs(since=asked(since), until=asked(until))
    return await streams.stream(call, ExportedAuditLog, pages, "audit-logs")

"""Feature flags over HTTP: what a guild has switched on, and how its pages look (SPEC D11)."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.auth import InGuild, Policy
from service.inputs import LEFT_OUT, Body, Snowflake
from service.routes import Call, Routes
from slimy_dal.domain.guild_feature_flags import BadgeStyle, FeatureFlags

routes = Routes("feature flags", "What guilds have switched on, and how their pages look.")

READ = Policy("guilds:read", (InGuild("view_members"),))
MANAGE = Policy("guilds:write", (InGuild("manage_guild"),))

Color = Annotated[
    str,
    StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}(?!\n)$"),
    Field(description="#rrggbb; kept in lower case.", examples=["#5865f2"]),
]


class FlagChanges(Body):
    """What to change of a guild's flags; a field that is left out stays as it is."""

    color_primary: Annotated[
        Color | None, Field(description="null for the platform's own colour.")
    ] = None
    badge_style: BadgeStyle = LEFT_OUT
    ensemble_ocr: Annotated[
        bool, Field(description="Read each screenshot with several engines and let them vote.")
    ] = LEFT_OUT
    second_approver: Annotated[
        bool, Field(description="Ask a second person before an analysis is published.")
    ] = LEFT_OUT
    ask_manus: Annotated[
        bool, Field(description="Let members put questions to the Manus assistant.")
    ] = LEFT_OUT
    public_stats: Annotated[
        bool, Field(description="Whether people outside the guild may see its statistics.")
    ] = LEFT_OUT


@routes.route("GET", "/v1/guilds/{guild_id}/flags", READ, "not_found")
async def get(call: Call, *, guild_id: Snowflake) -> FeatureFlags:
    """Return a guild's feature flags.

    `updatedAt` is null while all of them are the defaults.
    """
    return await call.db.guild_feature_flags.get(guild_id)


@routes.route(
    "PATCH",
    "/v1/guilds/{guild_id}/flags",
    MANAGE,
    "not_found",
    body_example={"colorPrimary": "#5865f2", "badgeStyle": "pill", "publicStats": False},
    audit="guild_feature_flags.update",
    versioned=True,
)
async def change(call: Call, *, guild_id: Snowflake, body: FlagChanges) -> FeatureFlags:
    """Change the given feature flags of a guild.

    Changes of different flags at the same time all last.
    """
    return await call.db.guild_feature_flags.update(guild_id, **body.given(), version=call.version)


@routes.route(
    "DELETE",
    "/v1/guilds/{guild_id}/flags",
    MANAGE,
    "not_found",
    audit="guild_feature_flags.reset",
    versioned=True,
)
async def reset(call: Call, *, guild_id: Snowflake) -> None:
    """Put a guild's feature flags back to the defaults."""
    await call.db.guild_feature_flags.reset(guild_id, version=call.version)

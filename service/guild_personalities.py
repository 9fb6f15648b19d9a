"""Guild personalities over HTTP: how the bot speaks in a guild (SPEC D12)."""

from typing import Annotated

import msgspec
from pydantic import Field, StringConstraints

from service.auth import Anyone, InGuild, Policy
from service.inputs import LEFT_OUT, Body, Snowflake
from service.jsoninput import NO_NUL
from service.routes import Call, Routes
from slimy_dal.domain.guild_personalities import (
    Formality,
    Personality,
    PersonalityPreset,
    Preset,
    Tone,
)

routes = Routes("personalities", "How the bot speaks in guilds.")

# Reading too: a member who knows what the model is told can talk it out of that more easily.
READ = Policy("guilds:read", (InGuild("manage_guild"),))
MANAGE = Policy("guilds:write", (InGuild("manage_guild"),))

PATH = "/v1/guilds/{guild_id}/personality"

Prompt = Annotated[str, StringConstraints(min_length=1, max_length=8000, pattern=NO_NUL)]
Temperature = Annotated[
    float, Field(ge=0, le=2, description="0 always says the likeliest, 2 is close to noise.")
]
TopP = Annotated[
    float, Field(ge=0, le=1, description="Share of the likeliest words that is drawn from.")
]


class Traits(Body):
    """What there is to say about a personality beside its preset."""

    system_prompt: Annotated[
        Prompt | None, Field(description="What the model is told before every conversation.")
    ] = None
    temperature: Temperature = LEFT_OUT
    top_p: TopP = LEFT_OUT
    tone: Tone = LEFT_OUT
    formality: Formality = LEFT_OUT
    humor: bool = LEFT_OUT
    emojis: bool = LEFT_OUT


class PersonalityChanges(Traits):
    """What to change of a personality.

    A field that is left out stays as it is; where a preset is given, it becomes what that says.
    """

    preset: Annotated[
        Preset, Field(description="Replaces everything by its own, except what is given beside it.")
    ] = LEFT_OUT


class PersonalityChoice(Traits):
    """A preset, and what is to be other than it says."""

    preset: Annotated[Preset, Field(description="Says what is left out.")]


class PersonalityPresets(msgspec.Struct, frozen=True, rename="camel"):
    """Every preset with what it says, by name."""

    data: list[PersonalityPreset]


@routes.route("GET", "/v1/personality-presets", Policy("guilds:read", (Anyone(),)))
async def list_presets(call: Call) -> PersonalityPresets:
    """List the presets that a personality may begin with: a handful, so there are no pages."""
    return PersonalityPresets(await call.db.guild_personalities.list_presets())


@routes.route("GET", PATH, READ, "not_found")
async def get(call: Call, *, guild_id: Snowflake) -> Personality:
    """Return how the bot speaks in a guild.

    `updatedAt` is null while nothing was chosen: then it speaks as the preset `default` does.
    """
    return await call.db.guild_personalities.get(guild_id)


@routes.route(
    "PATCH",
    PATH,
    MANAGE,
    "not_found",
    body_example={"temperature": 1.1, "tone": "playful"},
    audit="guild_personality.update",
    versioned=True,
)
async def change(call: Call, *, guild_id: Snowflake, body: PersonalityChanges) -> Personality:
    """Change how the bot speaks in a guild, as far as it is given.

    A preset replaces everything by its own, except what is given beside it. Changes of different fields at the same
    time all last.
    """
    return await call.db.guild_personalities.update(guild_id, **body.given(), version=call.version)


@routes.route(
    "PUT",
    PATH,
    MANAGE,
    "not_found",
    body_example={"preset": "scholar", "emojis": True},
    audit="guild_personality.replace",
    versioned=True,
)
async def replace(call: Call, *, guild_id: Snowflake, body: PersonalityChoice) -> Personality:
    """Let the bot speak in a guild as a preset says, except for what is given beside it.

    Whatever was changed before is forgotten.
    """
    return await call.db.guild_personalities.update(guild_id, **body.given(), version=call.version)


@routes.route(
    "POST",
    f"{PATH}:reset",
    MANAGE,
    "not_found",
    audit="guild_personality.reset",
    versioned=True,
)
async def reset(call: Call, *, guild_id: Snowflake) -> Personality:
    """Take back every change to a guild's preset; which preset it is stays."""
    return await call.db.guild_personalities.reset(guild_id, version=call.version)

"""Generated from sql/queries/guild_personalities.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values
from slimy_dal.engine.types import Snowflake

Formality: TypeAlias = Literal["casual", "neutral", "formal"]
Preset: TypeAlias = Literal["default", "helper", "jester", "scholar"]
Tone: TypeAlias = Literal["neutral", "friendly", "playful", "serious"]


class GetRowStored(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `get`."""

    preset: Preset
    system_prompt: str | None
    temperature: float
    top_p: float
    tone: Tone
    formality: Formality
    humor: bool
    emojis: bool
    updated_at: datetime


class GetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `get`."""

    guild_id: Snowflake
    stored: GetRowStored | None


def _get_row_stored(row: Row, /) -> GetRowStored:
    return GetRowStored(row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9])


def _get_row(row: Row, /) -> GetRow:
    return GetRow(row[0], None if row[1] is None else _get_row_stored(row))


class ListPresetsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_presets`."""

    preset: str
    system_prompt: str | None
    temperature: float
    top_p: float
    tone: str
    formality: str
    humor: bool
    emojis: bool


class ResetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `reset`."""

    preset: Preset
    system_prompt: str | None
    temperature: float
    top_p: float
    tone: Tone
    formality: Formality
    humor: bool
    emojis: bool
    updated_at: datetime


class UpdateRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `update`."""

    preset: Preset
    system_prompt: str | None
    temperature: float
    top_p: float
    tone: Tone
    formality: Formality
    humor: bool
    emojis: bool
    updated_at: datetime


GET = Statement(
    name="guild_personalities.get",
    sql="""\
SELECT
    g.id AS guild_id,
    p.preset AS "stored.preset",
    p.system_prompt AS "stored.system_prompt",
    p.temperature AS "stored.temperature",
    p.top_p AS "stored.top_p",
    p.tone AS "stored.tone",
    p.formality AS "stored.formality",
    p.humor AS "stored.humor",
    p.emojis AS "stored.emojis",
    p.updated_at AS "stored.updated_at"
FROM slimy.guilds AS g
LEFT JOIN slimy.guild_personalities AS p ON g.id = p.guild_id
WHERE g.id = $1 AND g.deleted_at IS NULL""",
    parameters=(Parameter("guild_id", "bigint"),),
    columns=(
        "guild_id",
        "stored.preset",
        "stored.system_prompt",
        "stored.temperature",
        "stored.top_p",
        "stored.tone",
        "stored.formality",
        "stored.humor",
        "stored.emojis",
        "stored.updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, guild_id: int, timeout: float | None = None) -> GetRow | None:
    """A guild's personality; nothing stored means the preset `default`. No row when there is no such
    guild.
    """
    row = await db.row(GET, guild_id, timeout=timeout)
    return None if row is None else _get_row(row)


LIST_PRESETS = Statement(
    name="guild_personalities.list_presets",
    sql="""\
SELECT
    b.preset,
    b.system_prompt,
    b.temperature,
    b.top_p,
    b.tone,
    b.formality,
    b.humor,
    b.emojis
FROM slimy.personality_presets() AS b
ORDER BY b.preset""",
    columns=(
        "preset",
        "system_prompt",
        "temperature",
        "top_p",
        "tone",
        "formality",
        "humor",
        "emojis",
    ),
    replica=True,
)


async def list_presets(db: Executor, /, *, timeout: float | None = None) -> list[ListPresetsRow]:
    """Every preset with what it says."""
    rows = await db.rows(LIST_PRESETS, timeout=timeout)
    return list(starmap(ListPresetsRow, map(values, rows)))


LOAD = Statement(
    name="guild_personalities.load",
    sql="""\
INSERT INTO slimy.guild_personalities (
    guild_id,
    preset,
    system_prompt,
    temperature,
    top_p,
    tone,
    formality,
    humor,
    emojis,
    created_at,
    updated_at
)
VALUES (
    $1,
    $2,
    $3,
    $4,
    $5,
    $6,
    $7,
    $8,
    $9,
    $10,
    $11
)""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("preset", "text"),
        Parameter("system_prompt", "text", nullable=True),
        Parameter("temperature", "double precision"),
        Parameter("top_p", "double precision"),
        Parameter("tone", "text"),
        Parameter("formality", "text"),
        Parameter("humor", "boolean"),
        Parameter("emojis", "boolean"),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    guild_id: int
    preset: Preset
    system_prompt: str | None
    temperature: float
    top_p: float
    tone: Tone
    formality: Formality
    humor: bool
    emojis: bool
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads personalities in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "guild_personalities"),
        (
            "guild_id",
            "preset",
            "system_prompt",
            "temperature",
            "top_p",
            "tone",
            "formality",
            "humor",
            "emojis",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


RESET = Statement(
    name="guild_personalities.reset",
    sql="""\
UPDATE slimy.guild_personalities AS p
SET
    (system_prompt, temperature, top_p, tone, formality, humor, emojis) = (
        SELECT
            b.system_prompt,
            b.temperature,
            b.top_p,
            b.tone,
            b.formality,
            b.humor,
            b.emojis
        FROM slimy.personality_presets() AS b
        WHERE b.preset = p.preset
    )
WHERE
    p.guild_id = $1
    AND p.updated_at = coalesce($2, p.updated_at)
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )
RETURNING
    p.preset,
    p.system_prompt,
    p.temperature,
    p.top_p,
    p.tone,
    p.formality,
    p.humor,
    p.emojis,
    p.updated_at""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "preset",
        "system_prompt",
        "temperature",
        "top_p",
        "tone",
        "formality",
        "humor",
        "emojis",
        "updated_at",
    ),
    writes=True,
)


async def reset(
    db: Executor,
    /,
    *,
    guild_id: int,
    version: datetime | None,
    timeout: float | None = None,
) -> ResetRow | None:
    """Takes back every change to the preset that a guild has. No row where nothing is stored, or the
    guild is deleted. The preset is looked up for the row as it is when its turn has come, so that a
    choice made at the same time is kept.
    """
    row = await db.row(RESET, guild_id, version, timeout=timeout)
    return None if row is None else ResetRow(*values(row))


UPDATE = Statement(
    name="guild_personalities.update",
    sql="""\
WITH held AS (
    SELECT h.guild_id
    FROM slimy.guild_personalities AS h
    WHERE h.guild_id = $1 AND h.updated_at = $2
    FOR UPDATE
)

INSERT INTO slimy.guild_personalities AS p (
    guild_id, preset, system_prompt, temperature, top_p, tone, formality, humor, emojis
)
SELECT
    g.id,
    b.preset,
    CASE WHEN $3 THEN $4 ELSE b.system_prompt END AS system_prompt,
    coalesce($5, b.temperature) AS temperature,
    coalesce($6, b.top_p) AS top_p,
    coalesce($7, b.tone) AS tone,
    coalesce($8, b.formality) AS formality,
    coalesce($9, b.humor) AS humor,
    coalesce($10, b.emojis) AS emojis
FROM slimy.guilds AS g
INNER JOIN slimy.personality_presets() AS b ON b.preset = coalesce($11, 'default')
WHERE
    g.id = $1
    AND g.deleted_at IS NULL
    AND (
        coalesce($2, 'epoch') = 'epoch'
        OR EXISTS (SELECT h.guild_id FROM held AS h)
    )
ON CONFLICT (guild_id) DO UPDATE
    SET
        preset = coalesce($11, p.preset),
        system_prompt = CASE
            WHEN $11 IS NOT NULL OR $3 THEN excluded.system_prompt
            ELSE p.system_prompt
        END,
        temperature = CASE
            WHEN $11 IS NULL THEN coalesce($5, p.temperature)
            ELSE excluded.temperature
        END,
        top_p = CASE
            WHEN $11 IS NULL THEN coalesce($6, p.top_p) ELSE excluded.top_p
        END,
        tone = CASE WHEN $11 IS NULL THEN coalesce($7, p.tone) ELSE excluded.tone END,
        formality = CASE
            WHEN $11 IS NULL THEN coalesce($8, p.formality) ELSE excluded.formality
        END,
        humor = CASE WHEN $11 IS NULL THEN coalesce($9, p.humor) ELSE excluded.humor END,
        emojis = CASE
            WHEN $11 IS NULL THEN coalesce($10, p.emojis) ELSE excluded.emojis
        END
    WHERE p.updated_at = coalesce($2, p.updated_at)
RETURNING
    p.preset,
    p.system_prompt,
    p.temperature,
    p.top_p,
    p.tone,
    p.formality,
    p.humor,
    p.emojis,
    p.updated_at""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
        Parameter("set_system_prompt", "boolean"),
        Parameter("system_prompt", "text", nullable=True),
        Parameter("temperature", "double precision", nullable=True),
        Parameter("top_p", "double precision", nullable=True),
        Parameter("tone", "text", nullable=True),
        Parameter("formality", "text", nullable=True),
        Parameter("humor", "boolean", nullable=True),
        Parameter("emojis", "boolean", nullable=True),
        Parameter("preset", "text", nullable=True),
    ),
    columns=(
        "preset",
        "system_prompt",
        "temperature",
        "top_p",
        "tone",
        "formality",
        "humor",
        "emojis",
        "updated_at",
    ),
    writes=True,
)


async def update(
    db: Executor,
    /,
    *,
    guild_id: int,
    version: datetime | None,
    set_system_prompt: bool,
    system_prompt: str | None,
    temperature: float | None,
    top_p: float | None,
    tone: Tone | None,
    formality: Formality | None,
    humor: bool | None,
    emojis: bool | None,
    preset: Preset | None,
    timeout: float | None = None,
) -> UpdateRow | None:
    """Changes what is given. A preset brings all of its own, below what is given beside it; without one
    the rest stays as it is. One statement, so that changes of different fields at the same time all
    last. No row when there is no such guild.
    """
    row = await db.row(
        UPDATE,
        guild_id,
        version,
        set_system_prompt,
        system_prompt,
        temperature,
        top_p,
        tone,
        formality,
        humor,
        emojis,
        preset,
        timeout=timeout,
    )
    return None if row is None else UpdateRow(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_personalities", "created_at", "timestamp with time zone", True,
     (), ("load",)),
    ("slimy", "guild_personalities", "emojis", "boolean", True,
     ("get", "reset", "update"), ("load", "reset", "update")),
    ("slimy", "guild_personalities", "formality", "text", True,
     ("get", "reset", "update"), ("load", "reset", "update")),
    ("slimy", "guild_personalities", "guild_id", "bigint", True,
     ("get", "reset", "update"), ("load", "update")),
    ("slimy", "guild_personalities", "humor", "boolean", True,
     ("get", "reset", "update"), ("load", "reset", "update")),
    ("slimy", "guild_personalities", "preset", "text", True,
     ("get", "reset", "update"), ("load", "update")),
    ("slimy", "guild_personalities", "system_prompt", "text", False,
     ("get", "reset", "update"), ("load", "reset", "update")),
    ("slimy", "guild_personalities", "temperature", "double precision", True,
     ("get", "reset", "update"), ("load", "reset", "update")),
    ("slimy", "guild_personalities", "tone", "text", True,
     ("get", "reset", "update"), ("load", "reset", "update")),
    ("slimy", "guild_personalities", "top_p", "double precision", True,
     ("get", "reset", "update"), ("load", "reset", "update")),
    ("slimy", "guild_personalities", "updated_at", "timestamp with time zone", True,
     ("get", "reset", "update"), ("load",)),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("get", "reset", "update"), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("get", "reset", "update"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_personalities", "table",
     ("get", "reset", "update"), ("load", "reset", "update"), ()),
    ("slimy", "guilds", "table",
     ("get", "reset", "update"), (), ()),
    ("slimy", "personality_presets", "function",
     ("list_presets", "reset", "update"), (), ()),
)
# fmt: on

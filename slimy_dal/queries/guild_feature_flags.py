"""Generated from sql/queries/guild_feature_flags.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values
from slimy_dal.engine.types import Snowflake

BadgeStyle: TypeAlias = Literal["rounded", "square", "pill"]


class GetRowStored(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `get`."""

    color_primary: str | None
    badge_style: BadgeStyle
    ensemble_ocr: bool
    second_approver: bool
    ask_manus: bool
    public_stats: bool
    updated_at: datetime


class GetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `get`."""

    guild_id: Snowflake
    stored: GetRowStored | None


def _get_row_stored(row: Row, /) -> GetRowStored:
    return GetRowStored(row[1], row[2], row[3], row[4], row[5], row[6], row[7])


def _get_row(row: Row, /) -> GetRow:
    return GetRow(row[0], None if row[2] is None else _get_row_stored(row))


class ResetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `reset`."""

    removed: int


class UpdateRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `update`."""

    color_primary: str | None
    badge_style: BadgeStyle
    ensemble_ocr: bool
    second_approver: bool
    ask_manus: bool
    public_stats: bool
    updated_at: datetime


GET = Statement(
    name="guild_feature_flags.get",
    sql="""\
SELECT
    g.id AS guild_id,
    f.color_primary AS "stored.color_primary",
    f.badge_style AS "stored.badge_style",
    f.ensemble_ocr AS "stored.ensemble_ocr",
    f.second_approver AS "stored.second_approver",
    f.ask_manus AS "stored.ask_manus",
    f.public_stats AS "stored.public_stats",
    f.updated_at AS "stored.updated_at"
FROM slimy.guilds AS g
LEFT JOIN slimy.guild_feature_flags AS f ON g.id = f.guild_id
WHERE g.id = $1 AND g.deleted_at IS NULL""",
    parameters=(Parameter("guild_id", "bigint"),),
    columns=(
        "guild_id",
        "stored.color_primary",
        "stored.badge_style",
        "stored.ensemble_ocr",
        "stored.second_approver",
        "stored.ask_manus",
        "stored.public_stats",
        "stored.updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, guild_id: int, timeout: float | None = None) -> GetRow | None:
    """A guild's feature flags; nothing stored means the defaults. No row when there is no such
    guild.
    """
    row = await db.row(GET, guild_id, timeout=timeout)
    return None if row is None else _get_row(row)


LOAD = Statement(
    name="guild_feature_flags.load",
    sql="""\
INSERT INTO slimy.guild_feature_flags (
    guild_id,
    color_primary,
    badge_style,
    ensemble_ocr,
    second_approver,
    ask_manus,
    public_stats,
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
    $9
)""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("color_primary", "text", nullable=True),
        Parameter("badge_style", "text"),
        Parameter("ensemble_ocr", "boolean"),
        Parameter("second_approver", "boolean"),
        Parameter("ask_manus", "boolean"),
        Parameter("public_stats", "boolean"),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    guild_id: int
    color_primary: str | None
    badge_style: BadgeStyle
    ensemble_ocr: bool
    second_approver: bool
    ask_manus: bool
    public_stats: bool
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads feature flags in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "guild_feature_flags"),
        (
            "guild_id",
            "color_primary",
            "badge_style",
            "ensemble_ocr",
            "second_approver",
            "ask_manus",
            "public_stats",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


RESET = Statement(
    name="guild_feature_flags.reset",
    sql="""\
WITH removed AS (
    DELETE FROM slimy.guild_feature_flags
    WHERE
        guild_id = $1
        AND updated_at = coalesce($2, updated_at)
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NULL
        )
    RETURNING guild_id
)

SELECT (SELECT count(*) FROM removed) AS removed
FROM slimy.guilds AS g
WHERE g.id = $1 AND g.deleted_at IS NULL""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=("removed",),
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
    """Puts a guild's feature flags back to the defaults. No row when there is no such guild."""
    row = await db.row(RESET, guild_id, version, timeout=timeout)
    return None if row is None else ResetRow(*values(row))


UPDATE = Statement(
    name="guild_feature_flags.update",
    sql="""\
WITH held AS (
    SELECT h.guild_id
    FROM slimy.guild_feature_flags AS h
    WHERE h.guild_id = $1 AND h.updated_at = $2
    FOR UPDATE
)

INSERT INTO slimy.guild_feature_flags AS f (
    guild_id,
    color_primary,
    badge_style,
    ensemble_ocr,
    second_approver,
    ask_manus,
    public_stats
)
SELECT
    g.id,
    $3,
    coalesce($4, 'rounded') AS badge_style,
    coalesce($5, FALSE) AS ensemble_ocr,
    coalesce($6, FALSE) AS second_approver,
    coalesce($7, FALSE) AS ask_manus,
    coalesce($8, TRUE) AS public_stats
FROM slimy.guilds AS g
WHERE
    g.id = $1
    AND g.deleted_at IS NULL
    AND (
        coalesce($2, 'epoch') = 'epoch'
        OR EXISTS (SELECT h.guild_id FROM held AS h)
    )
ON CONFLICT (guild_id) DO UPDATE
    SET
        color_primary = CASE
            WHEN $9 THEN excluded.color_primary ELSE f.color_primary
        END,
        badge_style = coalesce($4, f.badge_style),
        ensemble_ocr = coalesce($5, f.ensemble_ocr),
        second_approver = coalesce($6, f.second_approver),
        ask_manus = coalesce($7, f.ask_manus),
        public_stats = coalesce($8, f.public_stats)
    WHERE f.updated_at = coalesce($2, f.updated_at)
RETURNING
    f.color_primary,
    f.badge_style,
    f.ensemble_ocr,
    f.second_approver,
    f.ask_manus,
    f.public_stats,
    f.updated_at""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
        Parameter("color_primary", "text", nullable=True),
        Parameter("badge_style", "text", nullable=True),
        Parameter("ensemble_ocr", "boolean", nullable=True),
        Parameter("second_approver", "boolean", nullable=True),
        Parameter("ask_manus", "boolean", nullable=True),
        Parameter("public_stats", "boolean", nullable=True),
        Parameter("set_color_primary", "boolean"),
    ),
    columns=(
        "color_primary",
        "badge_style",
        "ensemble_ocr",
        "second_approver",
        "ask_manus",
        "public_stats",
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
    color_primary: str | None,
    badge_style: BadgeStyle | None,
    ensemble_ocr: bool | None,
    second_approver: bool | None,
    ask_manus: bool | None,
    public_stats: bool | None,
    set_color_primary: bool,
    timeout: float | None = None,
) -> UpdateRow | None:
    """Changes the flags that are given, on top of the defaults at the first time. One statement, so
    that changes of different flags at the same time all last. No row when there is no such guild.
    """
    row = await db.row(
        UPDATE,
        guild_id,
        version,
        color_primary,
        badge_style,
        ensemble_ocr,
        second_approver,
        ask_manus,
        public_stats,
        set_color_primary,
        timeout=timeout,
    )
    return None if row is None else UpdateRow(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_feature_flags", "ask_manus", "boolean", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_feature_flags", "badge_style", "text", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_feature_flags", "color_primary", "text", False,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_feature_flags", "created_at", "timestamp with time zone", True,
     (), ("load",)),
    ("slimy", "guild_feature_flags", "ensemble_ocr", "boolean", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_feature_flags", "guild_id", "bigint", True,
     ("get", "reset", "update"), ("load", "update")),
    ("slimy", "guild_feature_flags", "public_stats", "boolean", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_feature_flags", "second_approver", "boolean", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_feature_flags", "updated_at", "timestamp with time zone", True,
     ("get", "reset", "update"), ("load",)),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("get", "reset", "update"), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("get", "reset", "update"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_feature_flags", "table",
     ("get", "reset", "update"), ("load", "update"), ("reset",)),
    ("slimy", "guilds", "table",
     ("get", "reset", "update"), (), ()),
)
# fmt: on

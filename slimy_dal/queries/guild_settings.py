"""Generated from sql/queries/guild_settings.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values
from slimy_dal.engine.types import Snowflake

ViewMode: TypeAlias = Literal["baseline", "latest"]


class GetRowStored(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `get`."""

    sheet_id: str | None
    sheet_tab: str | None
    view_mode: ViewMode
    allow_public: bool
    screenshot_channel_id: Snowflake | None
    uploads_enabled: bool
    notes: str | None
    updated_at: datetime


class GetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `get`."""

    guild_id: Snowflake
    stored: GetRowStored | None


def _get_row_stored(row: Row, /) -> GetRowStored:
    return GetRowStored(row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8])


def _get_row(row: Row, /) -> GetRow:
    return GetRow(row[0], None if row[3] is None else _get_row_stored(row))


class ResetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `reset`."""

    removed: int


class UpdateRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `update`."""

    sheet_id: str | None
    sheet_tab: str | None
    view_mode: ViewMode
    allow_public: bool
    screenshot_channel_id: Snowflake | None
    uploads_enabled: bool
    notes: str | None
    updated_at: datetime


GET = Statement(
    name="guild_settings.get",
    sql="""\
SELECT
    g.id AS guild_id,
    s.sheet_id AS "stored.sheet_id",
    s.sheet_tab AS "stored.sheet_tab",
    s.view_mode AS "stored.view_mode",
    s.allow_public AS "stored.allow_public",
    s.screenshot_channel_id AS "stored.screenshot_channel_id",
    s.uploads_enabled AS "stored.uploads_enabled",
    s.notes AS "stored.notes",
    s.updated_at AS "stored.updated_at"
FROM slimy.guilds AS g
LEFT JOIN slimy.guild_settings AS s ON g.id = s.guild_id
WHERE g.id = $1 AND g.deleted_at IS NULL""",
    parameters=(Parameter("guild_id", "bigint"),),
    columns=(
        "guild_id",
        "stored.sheet_id",
        "stored.sheet_tab",
        "stored.view_mode",
        "stored.allow_public",
        "stored.screenshot_channel_id",
        "stored.uploads_enabled",
        "stored.notes",
        "stored.updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, guild_id: int, timeout: float | None = None) -> GetRow | None:
    """A guild's settings; nothing stored means the defaults. No row when there is no such guild."""
    row = await db.row(GET, guild_id, timeout=timeout)
    return None if row is None else _get_row(row)


LOAD = Statement(
    name="guild_settings.load",
    sql="""\
INSERT INTO slimy.guild_settings (
    guild_id,
    sheet_id,
    sheet_tab,
    view_mode,
    allow_public,
    screenshot_channel_id,
    uploads_enabled,
    notes,
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
    $10
)""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("sheet_id", "text", nullable=True),
        Parameter("sheet_tab", "text", nullable=True),
        Parameter("view_mode", "text"),
        Parameter("allow_public", "boolean"),
        Parameter("screenshot_channel_id", "bigint", nullable=True),
        Parameter("uploads_enabled", "boolean"),
        Parameter("notes", "text", nullable=True),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    guild_id: int
    sheet_id: str | None
    sheet_tab: str | None
    view_mode: ViewMode
    allow_public: bool
    screenshot_channel_id: int | None
    uploads_enabled: bool
    notes: str | None
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads settings in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "guild_settings"),
        (
            "guild_id",
            "sheet_id",
            "sheet_tab",
            "view_mode",
            "allow_public",
            "screenshot_channel_id",
            "uploads_enabled",
            "notes",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


RESET = Statement(
    name="guild_settings.reset",
    sql="""\
WITH removed AS (
    DELETE FROM slimy.guild_settings
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
    """Puts a guild's settings back to the defaults. No row when there is no such guild."""
    row = await db.row(RESET, guild_id, version, timeout=timeout)
    return None if row is None else ResetRow(*values(row))


UPDATE = Statement(
    name="guild_settings.update",
    sql="""\
WITH held AS (
    SELECT h.guild_id
    FROM slimy.guild_settings AS h
    WHERE h.guild_id = $1 AND h.updated_at = $2
    FOR UPDATE
)

INSERT INTO slimy.guild_settings AS s (
    guild_id,
    sheet_id,
    sheet_tab,
    view_mode,
    allow_public,
    screenshot_channel_id,
    uploads_enabled,
    notes
)
SELECT
    g.id,
    $3,
    $4,
    coalesce($5, 'baseline') AS view_mode,
    coalesce($6, FALSE) AS allow_public,
    $7,
    coalesce($8, TRUE) AS uploads_enabled,
    $9
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
        sheet_id = CASE WHEN $10 THEN excluded.sheet_id ELSE s.sheet_id END,
        sheet_tab = CASE WHEN $11 THEN excluded.sheet_tab ELSE s.sheet_tab END,
        view_mode = coalesce($5, s.view_mode),
        allow_public = coalesce($6, s.allow_public),
        screenshot_channel_id = CASE
            WHEN $12 THEN excluded.screenshot_channel_id
            ELSE s.screenshot_channel_id
        END,
        uploads_enabled = coalesce($8, s.uploads_enabled),
        notes = CASE WHEN $13 THEN excluded.notes ELSE s.notes END
    WHERE s.updated_at = coalesce($2, s.updated_at)
RETURNING
    s.sheet_id,
    s.sheet_tab,
    s.view_mode,
    s.allow_public,
    s.screenshot_channel_id,
    s.uploads_enabled,
    s.notes,
    s.updated_at""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("version", "timestamp with time zone", nullable=True),
        Parameter("sheet_id", "text", nullable=True),
        Parameter("sheet_tab", "text", nullable=True),
        Parameter("view_mode", "text", nullable=True),
        Parameter("allow_public", "boolean", nullable=True),
        Parameter("screenshot_channel_id", "bigint", nullable=True),
        Parameter("uploads_enabled", "boolean", nullable=True),
        Parameter("notes", "text", nullable=True),
        Parameter("set_sheet_id", "boolean"),
        Parameter("set_sheet_tab", "boolean"),
        Parameter("set_screenshot_channel_id", "boolean"),
        Parameter("set_notes", "boolean"),
    ),
    columns=(
        "sheet_id",
        "sheet_tab",
        "view_mode",
        "allow_public",
        "screenshot_channel_id",
        "uploads_enabled",
        "notes",
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
    sheet_id: str | None,
    sheet_tab: str | None,
    view_mode: ViewMode | None,
    allow_public: bool | None,
    screenshot_channel_id: int | None,
    uploads_enabled: bool | None,
    notes: str | None,
    set_sheet_id: bool,
    set_sheet_tab: bool,
    set_screenshot_channel_id: bool,
    set_notes: bool,
    timeout: float | None = None,
) -> UpdateRow | None:
    """Changes the settings that are given, on top of the defaults at the first time. One statement, so
    that changes of different settings at the same time all last. No row when there is no such guild.
    """
    row = await db.row(
        UPDATE,
        guild_id,
        version,
        sheet_id,
        sheet_tab,
        view_mode,
        allow_public,
        screenshot_channel_id,
        uploads_enabled,
        notes,
        set_sheet_id,
        set_sheet_tab,
        set_screenshot_channel_id,
        set_notes,
        timeout=timeout,
    )
    return None if row is None else UpdateRow(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_settings", "allow_public", "boolean", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_settings", "created_at", "timestamp with time zone", True,
     (), ("load",)),
    ("slimy", "guild_settings", "guild_id", "bigint", True,
     ("get", "reset", "update"), ("load", "update")),
    ("slimy", "guild_settings", "notes", "text", False,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_settings", "screenshot_channel_id", "bigint", False,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_settings", "sheet_id", "text", False,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_settings", "sheet_tab", "text", False,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_settings", "updated_at", "timestamp with time zone", True,
     ("get", "reset", "update"), ("load",)),
    ("slimy", "guild_settings", "uploads_enabled", "boolean", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guild_settings", "view_mode", "text", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("get", "reset", "update"), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("get", "reset", "update"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guild_settings", "table",
     ("get", "reset", "update"), ("load", "update"), ("reset",)),
    ("slimy", "guilds", "table",
     ("get", "reset", "update"), (), ()),
)
# fmt: on

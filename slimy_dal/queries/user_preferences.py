"""Generated from sql/queries/user_preferences.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values

Theme: TypeAlias = Literal["light", "dark", "auto"]


class GetRowStored(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `get`."""

    theme: Theme
    language: str
    notifications: bool
    chat_personality: str | None
    updated_at: datetime


class GetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `get`."""

    user_id: UUID
    stored: GetRowStored | None


def _get_row_stored(row: Row, /) -> GetRowStored:
    return GetRowStored(row[1], row[2], row[3], row[4], row[5])


def _get_row(row: Row, /) -> GetRow:
    return GetRow(row[0], None if row[1] is None else _get_row_stored(row))


class ResetRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `reset`."""

    removed: int


class UpdateRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `update`."""

    theme: Theme
    language: str
    notifications: bool
    chat_personality: str | None
    updated_at: datetime


GET = Statement(
    name="user_preferences.get",
    sql="""\
SELECT
    u.id AS user_id,
    p.theme AS "stored.theme",
    p.language AS "stored.language",
    p.notifications AS "stored.notifications",
    p.chat_personality AS "stored.chat_personality",
    p.updated_at AS "stored.updated_at"
FROM slimy.users AS u
LEFT JOIN slimy.user_preferences AS p ON u.id = p.user_id
WHERE u.id = $1""",
    parameters=(Parameter("user_id", "uuid"),),
    columns=(
        "user_id",
        "stored.theme",
        "stored.language",
        "stored.notifications",
        "stored.chat_personality",
        "stored.updated_at",
    ),
    replica=True,
)


async def get(db: Executor, /, *, user_id: UUID, timeout: float | None = None) -> GetRow | None:
    """A user's preferences; nothing stored means the defaults. No row when there is no such user."""
    row = await db.row(GET, user_id, timeout=timeout)
    return None if row is None else _get_row(row)


LOAD = Statement(
    name="user_preferences.load",
    sql="""\
INSERT INTO slimy.user_preferences (
    user_id, theme, language, notifications, chat_personality, created_at, updated_at
)
VALUES (
    $1, $2, $3, $4, $5, $6, $7
)""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("theme", "text"),
        Parameter("language", "text"),
        Parameter("notifications", "boolean"),
        Parameter("chat_personality", "text", nullable=True),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    user_id: UUID
    theme: Theme
    language: str
    notifications: bool
    chat_personality: str | None
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads preferences in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "user_preferences"),
        (
            "user_id",
            "theme",
            "language",
            "notifications",
            "chat_personality",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


RESET = Statement(
    name="user_preferences.reset",
    sql="""\
WITH removed AS (
    DELETE FROM slimy.user_preferences
    WHERE user_id = $1 AND updated_at = coalesce($2, updated_at)
    RETURNING user_id
)

SELECT (SELECT count(*) FROM removed) AS removed
FROM slimy.users AS u
WHERE u.id = $1""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=("removed",),
    writes=True,
)


async def reset(
    db: Executor,
    /,
    *,
    user_id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> ResetRow | None:
    """Puts a user's preferences back to the defaults. No row when there is no such user."""
    row = await db.row(RESET, user_id, version, timeout=timeout)
    return None if row is None else ResetRow(*values(row))


UPDATE = Statement(
    name="user_preferences.update",
    sql="""\
WITH held AS (
    SELECT h.user_id
    FROM slimy.user_preferences AS h
    WHERE h.user_id = $1 AND h.updated_at = $2
    FOR UPDATE
)

INSERT INTO slimy.user_preferences AS p (user_id, theme, language, notifications, chat_personality)
SELECT
    $1,
    coalesce($3, 'auto') AS theme,
    coalesce($4, 'en') AS language,
    coalesce($5, TRUE) AS notifications,
    $6
WHERE
    coalesce($2, 'epoch') = 'epoch'
    OR EXISTS (SELECT h.user_id FROM held AS h)
ON CONFLICT (user_id) DO UPDATE
    SET
        theme = coalesce($3, p.theme),
        language = coalesce($4, p.language),
        notifications = coalesce($5, p.notifications),
        chat_personality = CASE
            WHEN $7 THEN excluded.chat_personality ELSE p.chat_personality
        END
    WHERE p.updated_at = coalesce($2, p.updated_at)
RETURNING p.theme, p.language, p.notifications, p.chat_personality, p.updated_at""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
        Parameter("theme", "text", nullable=True),
        Parameter("language", "text", nullable=True),
        Parameter("notifications", "boolean", nullable=True),
        Parameter("chat_personality", "text", nullable=True),
        Parameter("set_chat_personality", "boolean"),
    ),
    columns=("theme", "language", "notifications", "chat_personality", "updated_at"),
    writes=True,
)


async def update(
    db: Executor,
    /,
    *,
    user_id: UUID,
    version: datetime | None,
    theme: Theme | None,
    language: str | None,
    notifications: bool | None,
    chat_personality: str | None,
    set_chat_personality: bool,
    timeout: float | None = None,
) -> UpdateRow | None:
    """Changes the preferences that are given, on top of the defaults at the first time. One statement,
    so that changes of different fields at the same time all last. No row when they are not, or not
    any more, in the version that is given.
    """
    row = await db.row(
        UPDATE,
        user_id,
        version,
        theme,
        language,
        notifications,
        chat_personality,
        set_chat_personality,
        timeout=timeout,
    )
    return None if row is None else UpdateRow(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "user_preferences", "chat_personality", "text", False,
     ("get", "update"), ("load", "update")),
    ("slimy", "user_preferences", "created_at", "timestamp with time zone", True,
     (), ("load",)),
    ("slimy", "user_preferences", "language", "text", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "user_preferences", "notifications", "boolean", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "user_preferences", "theme", "text", True,
     ("get", "update"), ("load", "update")),
    ("slimy", "user_preferences", "updated_at", "timestamp with time zone", True,
     ("get", "reset", "update"), ("load",)),
    ("slimy", "user_preferences", "user_id", "uuid", True,
     ("get", "reset", "update"), ("load", "update")),
    ("slimy", "users", "id", "uuid", True,
     ("get", "reset"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "user_preferences", "table",
     ("get", "reset", "update"), ("load", "update"), ("reset",)),
    ("slimy", "users", "table",
     ("get", "reset"), (), ()),
)
# fmt: on

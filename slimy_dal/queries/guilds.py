"""Generated from sql/queries/guilds.sql by `slimy generate`; do not edit."""

from datetime import datetime
from itertools import starmap
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Json, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice, Patched

ListNewestSort: TypeAlias = Literal["newest"]
SearchSort: TypeAlias = Literal["newest"]


class Guild(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 6 queries."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    settings: Json
    member_count: int
    created_at: datetime
    updated_at: datetime


class GuildSummary(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    member_count: int
    created_at: datetime
    updated_at: datetime


CREATE = Statement(
    name="guilds.create",
    sql="""\
INSERT INTO slimy.guilds AS g (id, name, icon, owner_id, settings)
VALUES ($1, $2, $3, $4, $5)
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at""",
    parameters=(
        Parameter("id", "bigint"),
        Parameter("name", "text"),
        Parameter("icon", "text", nullable=True),
        Parameter("owner_id", "uuid", nullable=True),
        Parameter("settings", "jsonb"),
    ),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    id: int,
    name: str,
    icon: str | None,
    owner_id: UUID | None,
    settings: Json,
    timeout: float | None = None,
) -> Guild:
    """A new guild; one that is known already is refused by guilds_pkey.

    Raises NotFound where there is no row.
    """
    row = await db.row(CREATE, id, name, icon, owner_id, settings, timeout=timeout)
    if row is None:
        raise NotFound("guilds.create found no row", query="guilds.create")
    return Guild(*values(row))


DELETE = Statement(
    name="guilds.delete",
    sql="""\
DELETE FROM slimy.guilds
WHERE id = $1""",
    parameters=(Parameter("id", "bigint"),),
    writes=True,
)


async def delete(db: Executor, /, *, id: int, timeout: float | None = None) -> int:
    """Removes a guild with its memberships."""
    return await db.execute(DELETE, id, timeout=timeout)


GET = Statement(
    name="guilds.get",
    sql="""\
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g
WHERE g.id = $1""",
    parameters=(Parameter("id", "bigint"),),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "created_at",
        "updated_at",
    ),
)


async def get(db: Executor, /, *, id: int, timeout: float | None = None) -> Guild | None:
    """A guild by its Discord id, with the number of its members."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else Guild(*values(row))


LIST_NEWEST = Listing(
    name="guilds.list_newest",
    head="""\
SELECT
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at
FROM slimy.guilds AS g""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="g.created_at DESC, g.id DESC",
    tail="\nLIMIT $1",
    sorts=(
        Sort(
            "newest",
            ("g.created_at", "g.id"),
            (5, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "bigint")),
            descending=True,
        ),
    ),
    parameters=(Parameter("row_limit", "bigint"),),
    columns=("id", "name", "icon", "owner_id", "member_count", "created_at", "updated_at"),
)


async def list_newest(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    sort: ListNewestSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[GuildSummary]:
    """One page of guilds, newest first, each with the number of its members, counted for the page only.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_NEWEST.ask(cursors, (), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(GuildSummary, map(values, rows))), *asked.cursors)


MERGE_SETTINGS = Statement(
    name="guilds.merge_settings",
    sql="""\
UPDATE slimy.guilds AS g
SET
    settings = (g.settings || $1::jsonb)
    - ARRAY(SELECT e.key FROM jsonb_each($1::jsonb) AS e WHERE jsonb_typeof(e.value) = 'null')
WHERE g.id = $2
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at""",
    parameters=(Parameter("patch", "jsonb"), Parameter("id", "bigint")),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def merge_settings(
    db: Executor,
    /,
    *,
    patch: Json,
    id: int,
    timeout: float | None = None,
) -> Guild | None:
    """Changes top-level keys of a guild's settings; a null in the patch removes its key. One statement,
    so that two merges at the same time both last.
    """
    row = await db.row(MERGE_SETTINGS, patch, id, timeout=timeout)
    return None if row is None else Guild(*values(row))


REPLACE_SETTINGS = Statement(
    name="guilds.replace_settings",
    sql="""\
UPDATE slimy.guilds AS g
SET settings = $1
WHERE g.id = $2
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at""",
    parameters=(Parameter("settings", "jsonb"), Parameter("id", "bigint")),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def replace_settings(
    db: Executor,
    /,
    *,
    settings: Json,
    id: int,
    timeout: float | None = None,
) -> Guild | None:
    """Puts other settings in the place of a guild's."""
    row = await db.row(REPLACE_SETTINGS, settings, id, timeout=timeout)
    return None if row is None else Guild(*values(row))


SEARCH = Listing(
    name="guilds.search",
    head="""\
WITH found AS MATERIALIZED (
    SELECT
        g.id,
        g.name,
        g.icon,
        g.owner_id,
        g.created_at,
        g.updated_at
    FROM slimy.guilds AS g
    WHERE to_tsvector('simple', g.name) @@ slimy.words_query($1)
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.name,
    f.icon,
    f.owner_id,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = f.id) AS member_count,
    f.created_at,
    f.updated_at
FROM found AS f""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="f.created_at DESC, f.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("f.created_at", "f.id"),
            (5, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "bigint")),
            descending=True,
        ),
    ),
    parameters=(Parameter("words", "text"), Parameter("row_limit", "bigint")),
    columns=("id", "name", "icon", "owner_id", "member_count", "created_at", "updated_at"),
)


async def search(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    words: str,
    sort: SearchSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[GuildSummary]:
    """One page of guilds whose name has all the words, each by its beginning, newest first. Ten
    thousand finds are put in order, not more. The words are looked up apart from the order: walking
    guilds_newest_idx in search of a rare word would read all of it.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = SEARCH.ask(cursors, (words,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(GuildSummary, map(values, rows))), *asked.cursors)


UPDATE = Patched(
    name="guilds.update",
    head="""\
UPDATE slimy.guilds AS g
SET
    """,
    tail="""\

WHERE g.id = $1
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at""",
    nothing="name = g.name",
    choices=(
        Choice("name", ("name = ", ""), Parameter("name", "text")),
        Choice("icon", ("icon = ", ""), Parameter("icon", "text", nullable=True)),
        Choice("owner_id", ("owner_id = ", ""), Parameter("owner_id", "uuid", nullable=True)),
    ),
    parameters=(Parameter("id", "bigint"),),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def update(
    db: Executor,
    /,
    *,
    id: int,
    name: str | Unset = UNSET,
    icon: str | None | Unset = UNSET,
    owner_id: UUID | None | Unset = UNSET,
    timeout: float | None = None,
) -> Guild | None:
    """Changes the fields that are given."""
    statement, given = UPDATE.choose((name, icon, owner_id))
    row = await db.row(statement, id, *given, timeout=timeout)
    return None if row is None else Guild(*values(row))


UPSERT = Statement(
    name="guilds.upsert",
    sql="""\
INSERT INTO slimy.guilds AS g (id, name, icon, owner_id)
VALUES (
    $1,
    $2,
    $3,
    coalesce(
        $4,
        (SELECT u.id FROM slimy.users AS u WHERE u.discord_id = $5)
    )
)
ON CONFLICT (id) DO UPDATE
    SET
        name = excluded.name,
        icon = CASE WHEN $6 THEN excluded.icon ELSE g.icon END,
        owner_id = CASE WHEN $7 THEN excluded.owner_id ELSE g.owner_id END
RETURNING
    g.id,
    g.name,
    g.icon,
    g.owner_id,
    g.settings,
    (SELECT count(*) FROM slimy.user_guilds AS m WHERE m.guild_id = g.id) AS member_count,
    g.created_at,
    g.updated_at""",
    parameters=(
        Parameter("id", "bigint"),
        Parameter("name", "text"),
        Parameter("icon", "text", nullable=True),
        Parameter("owner_id", "uuid", nullable=True),
        Parameter("owner_discord_id", "bigint", nullable=True),
        Parameter("set_icon", "boolean"),
        Parameter("set_owner", "boolean"),
    ),
    columns=(
        "id",
        "name",
        "icon",
        "owner_id",
        "settings",
        "member_count",
        "created_at",
        "updated_at",
    ),
    writes=True,
)


async def upsert(
    db: Executor,
    /,
    *,
    id: int,
    name: str,
    icon: str | None,
    owner_id: UUID | None,
    owner_discord_id: int | None,
    set_icon: bool,
    set_owner: bool,
    timeout: float | None = None,
) -> Guild:
    """The guild of a Discord server, made at the first call; a field whose flag is off keeps what is
    known. An owner that is given by Discord id and is not one of our users leaves the guild without
    one.

    Raises NotFound where there is no row.
    """
    row = await db.row(
        UPSERT,
        id,
        name,
        icon,
        owner_id,
        owner_discord_id,
        set_icon,
        set_owner,
        timeout=timeout,
    )
    if row is None:
        raise NotFound("guilds.upsert found no row", query="guilds.upsert")
    return Guild(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guilds", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_newest", "merge_settings", "replace_settings", "search", "update",
      "upsert"),
     ()),
    ("slimy", "guilds", "icon", "text", False,
     ("create", "get", "list_newest", "merge_settings", "replace_settings", "search", "update",
      "upsert"),
     ("create", "update", "upsert")),
    ("slimy", "guilds", "id", "bigint", True,
     ("create", "delete", "get", "list_newest", "merge_settings", "replace_settings", "search",
      "update", "upsert"),
     ("create", "upsert")),
    ("slimy", "guilds", "name", "text", True,
     ("create", "get", "list_newest", "merge_settings", "replace_settings", "search", "update",
      "upsert"),
     ("create", "update", "upsert")),
    ("slimy", "guilds", "owner_id", "uuid", False,
     ("create", "get", "list_newest", "merge_settings", "replace_settings", "search", "update",
      "upsert"),
     ("create", "update", "upsert")),
    ("slimy", "guilds", "settings", "jsonb", True,
     ("create", "get", "merge_settings", "replace_settings", "update", "upsert"),
     ("create", "merge_settings", "replace_settings")),
    ("slimy", "guilds", "updated_at", "timestamp with time zone", True,
     ("create", "get", "list_newest", "merge_settings", "replace_settings", "search", "update",
      "upsert"),
     ()),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("create", "get", "list_newest", "merge_settings", "replace_settings", "search", "update",
      "upsert"),
     ()),
    ("slimy", "users", "discord_id", "bigint", True,
     ("upsert",), ()),
    ("slimy", "users", "id", "uuid", True,
     ("upsert",), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guilds", "table",
     ("create", "delete", "get", "list_newest", "merge_settings", "replace_settings", "search",
      "update", "upsert"),
     ("create", "merge_settings", "replace_settings", "update", "upsert"),
     ("delete",)),
    ("slimy", "user_guilds", "table",
     ("create", "get", "list_newest", "merge_settings", "replace_settings", "search", "update",
      "upsert"),
     (),
     ()),
    ("slimy", "users", "table",
     ("upsert",), (), ()),
    ("slimy", "words_query", "function",
     ("search",), (), ()),
)
# fmt: on

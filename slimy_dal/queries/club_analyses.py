"""Generated from sql/queries/club_analyses.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Json, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice, Patched

ListOfGuildSort: TypeAlias = Literal["newest", "oldest"]
ListOfUserSort: TypeAlias = Literal["newest", "oldest"]
Role: TypeAlias = Literal["owner", "admin", "moderator", "member"]
SearchGuildSort: TypeAlias = Literal["newest", "oldest"]
SearchUserSort: TypeAlias = Literal["newest", "oldest"]


class ClubAnalysis(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 3 queries."""

    id: UUID
    guild_id: Snowflake
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    created_at: datetime
    updated_at: datetime
    images: Json
    metrics: Json


class ClubAnalysisSummary(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 4 queries."""

    id: UUID
    guild_id: Snowflake
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    created_at: datetime
    updated_at: datetime


class FindAuthorityRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_authority`."""

    is_creator: bool
    is_owner: bool
    roles: list[Role] | None


CREATE = Statement(
    name="club_analyses.create",
    sql="""\
WITH analysis AS (
    INSERT INTO slimy.club_analyses AS a (guild_id, user_id, title, summary, confidence)
    SELECT
        $1,
        $2,
        $3,
        $4,
        $5
    WHERE
        NOT EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NOT NULL
        )
    RETURNING
        a.id,
        a.guild_id,
        a.user_id,
        a.title,
        a.summary,
        a.confidence,
        a.created_at,
        a.updated_at
),

images AS (
    INSERT INTO slimy.club_analysis_images AS i (analysis_id, image_url, original_name, file_size)
    SELECT
        a.id,
        e.image_url,
        e.original_name,
        e.file_size
    FROM analysis AS a
    CROSS JOIN
        jsonb_to_recordset($6::jsonb)
            AS e (image_url text, original_name text, file_size bigint)
    RETURNING i.id, i.image_url, i.original_name, i.file_size, i.uploaded_at
),

metrics AS (
    INSERT INTO slimy.club_metrics AS m (analysis_id, name, value, unit, category)
    SELECT
        a.id,
        e.name,
        e.value,
        e.unit,
        e.category
    FROM analysis AS a
    CROSS JOIN
        jsonb_to_recordset($7::jsonb)
            AS e (name text, value jsonb, unit text, category text)
    RETURNING m.name, m.value, m.unit, m.category
)

SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'imageUrl', i.image_url,
                        'originalName', i.original_name,
                        'fileSize', i.file_size,
                        'uploadedAt', i.uploaded_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM images AS i
    ) AS images,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'name', m.name, 'value', m.value, 'unit', m.unit, 'category', m.category
                    )
                    ORDER BY m.name
                ),
                '[]'
            )
        FROM metrics AS m
    ) AS metrics
FROM analysis AS a""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("user_id", "uuid"),
        Parameter("title", "text", nullable=True),
        Parameter("summary", "text"),
        Parameter("confidence", "double precision"),
        Parameter("images", "jsonb"),
        Parameter("metrics", "jsonb"),
    ),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "created_at",
        "updated_at",
        "images",
        "metrics",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    guild_id: int,
    user_id: UUID,
    title: str | None,
    summary: str,
    confidence: float,
    images: Json,
    metrics: Json,
    timeout: float | None = None,
) -> ClubAnalysis | None:
    """A new analysis with its images and metrics, all or nothing; a metric that stands there twice is
    refused by club_metrics_pkey. No row when the guild is deleted.
    """
    row = await db.row(
        CREATE,
        guild_id,
        user_id,
        title,
        summary,
        confidence,
        images,
        metrics,
        timeout=timeout,
    )
    return None if row is None else ClubAnalysis(*values(row))


DELETE = Statement(
    name="club_analyses.delete",
    sql="""\
DELETE FROM slimy.club_analyses AS a
USING slimy.guilds AS g
WHERE
    a.id = $1
    AND a.updated_at = coalesce($2, a.updated_at)
    AND a.guild_id = g.id
    AND g.deleted_at IS NULL""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def delete(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Removes an analysis with its images and metrics; none of a deleted guild, which is restored as it
    was.
    """
    return await db.execute(DELETE, id, version, timeout=timeout)


FIND_AUTHORITY = Statement(
    name="club_analyses.find_authority",
    sql="""\
SELECT
    (a.user_id = $1) AS is_creator,
    coalesce(g.owner_id = $1, FALSE) AS is_owner,
    m.roles
FROM slimy.club_analyses AS a
INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
LEFT JOIN slimy.user_guilds AS m ON a.guild_id = m.guild_id AND m.user_id = $1
WHERE a.id = $2 AND g.deleted_at IS NULL""",
    parameters=(Parameter("user_id", "uuid"), Parameter("id", "uuid")),
    columns=("is_creator", "is_owner", "roles"),
)


async def find_authority(
    db: Executor,
    /,
    *,
    user_id: UUID,
    id: UUID,
    timeout: float | None = None,
) -> FindAuthorityRow | None:
    """What a user is to an analysis: its creator, the owner of its guild, a member there with roles, or
    none of these. No row when there is no such analysis or its guild is deleted.
    """
    row = await db.row(FIND_AUTHORITY, user_id, id, timeout=timeout)
    return None if row is None else FindAuthorityRow(*values(row))


FIND_GUILD = Statement(
    name="club_analyses.find_guild",
    sql="""\
SELECT a.guild_id
FROM slimy.club_analyses AS a
INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
WHERE a.id = $1 AND g.deleted_at IS NULL""",
    parameters=(Parameter("id", "uuid"),),
    columns=("guild_id",),
)


async def find_guild(
    db: Executor,
    /,
    *,
    id: UUID,
    timeout: float | None = None,
) -> Snowflake | None:
    """The guild of an analysis. No row when there is no such analysis or its guild is deleted."""
    row = await db.row(FIND_GUILD, id, timeout=timeout)
    value: Snowflake | None = None if row is None else row[0]
    return value


GET = Statement(
    name="club_analyses.get",
    sql="""\
SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'imageUrl', i.image_url,
                        'originalName', i.original_name,
                        'fileSize', i.file_size,
                        'uploadedAt', i.uploaded_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.club_analysis_images AS i
        WHERE i.analysis_id = a.id
    ) AS images,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'name', m.name, 'value', m.value, 'unit', m.unit, 'category', m.category
                    )
                    ORDER BY m.name
                ),
                '[]'
            )
        FROM slimy.club_metrics AS m
        WHERE m.analysis_id = a.id
    ) AS metrics
FROM slimy.club_analyses AS a
INNER JOIN slimy.guilds AS g ON a.guild_id = g.id
WHERE a.id = $1 AND g.deleted_at IS NULL""",
    parameters=(Parameter("id", "uuid"),),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "created_at",
        "updated_at",
        "images",
        "metrics",
    ),
    replica=True,
)


async def get(db: Executor, /, *, id: UUID, timeout: float | None = None) -> ClubAnalysis | None:
    """An analysis with its images and metrics; none of a deleted guild."""
    row = await db.row(GET, id, timeout=timeout)
    return None if row is None else ClubAnalysis(*values(row))


class ListOfGuildFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_guild` may be narrowed to: whatever is given, together."""

    min_confidence: float | Unset = UNSET
    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_OF_GUILD = Listing(
    name="club_analyses.list_of_guild",
    head="""\
SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at
FROM slimy.club_analyses AS a
WHERE
    a.guild_id = $1
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("a.created_at", "a.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice(
            "min_confidence",
            ("a.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
        Choice("since", ("a.created_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("a.created_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def list_of_guild(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    filter: ListOfGuildFilter = ListOfGuildFilter(),
    sort: ListOfGuildSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ClubAnalysisSummary]:
    """One page of a guild's analyses, newest first, without images and metrics; none when it is
    deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_GUILD.ask(
        cursors,
        (guild_id,),
        given=(filter.min_confidence, filter.since, filter.until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ClubAnalysisSummary, map(values, rows))), *asked.cursors)


class ListOfUserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_of_user` may be narrowed to: whatever is given, together."""

    min_confidence: float | Unset = UNSET
    since: datetime | Unset = UNSET
    until: datetime | Unset = UNSET


LIST_OF_USER = Listing(
    name="club_analyses.list_of_user",
    head="""\
SELECT
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at
FROM slimy.club_analyses AS a
WHERE
    a.user_id = $1
    AND NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = a.guild_id AND g.deleted_at IS NOT NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="a.created_at DESC, a.id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("a.created_at", "a.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("a.created_at", "a.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice(
            "min_confidence",
            ("a.confidence >= ", ""),
            Parameter("min_confidence", "double precision"),
        ),
        Choice("since", ("a.created_at >= ", ""), Parameter("since", "timestamp with time zone")),
        Choice("until", ("a.created_at < ", ""), Parameter("until", "timestamp with time zone")),
    ),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def list_of_user(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    user_id: UUID,
    filter: ListOfUserFilter = ListOfUserFilter(),
    sort: ListOfUserSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ClubAnalysisSummary]:
    """One page of the analyses that a user had made, newest first, without images and metrics, and
    without those of deleted guilds.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(
        cursors,
        (user_id,),
        given=(filter.min_confidence, filter.since, filter.until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ClubAnalysisSummary, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="club_analyses.load",
    sql="""\
INSERT INTO slimy.club_analyses (
    id,
    guild_id,
    user_id,
    title,
    summary,
    confidence,
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
    $8
)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("guild_id", "bigint"),
        Parameter("user_id", "uuid"),
        Parameter("title", "text", nullable=True),
        Parameter("summary", "text"),
        Parameter("confidence", "double precision"),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    guild_id: int
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads analyses in bulk, as they are, without images and metrics."""
    return await db.copy(
        LOAD,
        ("slimy", "club_analyses"),
        ("id", "guild_id", "user_id", "title", "summary", "confidence", "created_at", "updated_at"),
        items,
        timeout=timeout,
    )


SEARCH_GUILD = Listing(
    name="club_analyses.search_guild",
    head="""\
WITH found AS MATERIALIZED (
    SELECT
        a.id,
        a.guild_id,
        a.user_id,
        a.title,
        a.summary,
        a.confidence,
        a.created_at,
        a.updated_at
    FROM slimy.club_analyses AS a
    WHERE
        slimy.words_within('guild ' || a.guild_id::text, coalesce(a.title, '') || ' ' || a.summary)
        @@ slimy.words_query_within('guild ' || $1::bigint::text, $2)
        AND (
            a.confidence >= $3
            AND a.created_at >= $4
            AND a.created_at < $5
        ) IS TRUE
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NULL
        )
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.guild_id,
    f.user_id,
    f.title,
    f.summary,
    f.confidence,
    f.created_at,
    f.updated_at
FROM found AS f""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="f.created_at DESC, f.id DESC",
    tail="\nLIMIT $6",
    sorts=(
        Sort(
            "newest",
            ("f.created_at", "f.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("f.created_at", "f.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("words", "text"),
        Parameter("min_confidence", "double precision"),
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def search_guild(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    words: str,
    min_confidence: float,
    since: datetime,
    until: datetime,
    sort: SearchGuildSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ClubAnalysisSummary]:
    """One page of a guild's analyses with all the words in title or summary, each by its beginning. The
    words are looked up before the page is cut: walking the guild's index in search of a rare word
    would read all of it. Of more than 10,000 that are sure enough and of that time any 10,000 are
    paged. IS TRUE keeps the period away from indexes, which would be read through all guilds. Whole
    rows are taken along: to look them up once more takes far longer than to find them. None when the
    guild is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = SEARCH_GUILD.ask(
        cursors,
        (guild_id, words, min_confidence, since, until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ClubAnalysisSummary, map(values, rows))), *asked.cursors)


SEARCH_USER = Listing(
    name="club_analyses.search_user",
    head="""\
WITH found AS MATERIALIZED (
    SELECT
        a.id,
        a.guild_id,
        a.user_id,
        a.title,
        a.summary,
        a.confidence,
        a.created_at,
        a.updated_at
    FROM slimy.club_analyses AS a
    WHERE
        slimy.words_within('user ' || a.user_id::text, coalesce(a.title, '') || ' ' || a.summary)
        @@ slimy.words_query_within('user ' || $1::uuid::text, $2)
        AND (
            a.confidence >= $3
            AND a.created_at >= $4
            AND a.created_at < $5
        ) IS TRUE
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.id,
    f.guild_id,
    f.user_id,
    f.title,
    f.summary,
    f.confidence,
    f.created_at,
    f.updated_at
FROM found AS f
WHERE
    NOT EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = f.guild_id AND g.deleted_at IS NOT NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="f.created_at DESC, f.id DESC",
    tail="\nLIMIT $6",
    sorts=(
        Sort(
            "newest",
            ("f.created_at", "f.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("f.created_at", "f.id"),
            (6, 0),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("words", "text"),
        Parameter("min_confidence", "double precision"),
        Parameter("since", "timestamp with time zone"),
        Parameter("until", "timestamp with time zone"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "created_at",
        "updated_at",
    ),
    replica=True,
)


async def search_user(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    user_id: UUID,
    words: str,
    min_confidence: float,
    since: datetime,
    until: datetime,
    sort: SearchUserSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ClubAnalysisSummary]:
    """One page of a user's analyses with all the words in title or summary, each by its beginning. The
    words are looked up before the page is cut: walking the user's index in search of a rare word
    would read all of it. Of more than 10,000 that are sure enough and of that time any 10,000 are
    paged. IS TRUE keeps the period away from indexes, which would be read through all guilds. Whole
    rows are taken along: to look them up once more takes far longer than to find them. Analyses of
    deleted guilds are left out.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = SEARCH_USER.ask(
        cursors,
        (user_id, words, min_confidence, since, until),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ClubAnalysisSummary, map(values, rows))), *asked.cursors)


UPDATE = Patched(
    name="club_analyses.update",
    head="""\
UPDATE slimy.club_analyses AS a
SET
    """,
    tail="""\

WHERE
    a.id = $1
    AND a.updated_at = coalesce($2, a.updated_at)
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = a.guild_id AND g.deleted_at IS NULL
    )
RETURNING
    a.id,
    a.guild_id,
    a.user_id,
    a.title,
    a.summary,
    a.confidence,
    a.created_at,
    a.updated_at,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'id', i.id,
                        'imageUrl', i.image_url,
                        'originalName', i.original_name,
                        'fileSize', i.file_size,
                        'uploadedAt', i.uploaded_at
                    )
                    ORDER BY i.id
                ),
                '[]'
            )
        FROM slimy.club_analysis_images AS i
        WHERE i.analysis_id = a.id
    ) AS images,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'name', m.name, 'value', m.value, 'unit', m.unit, 'category', m.category
                    )
                    ORDER BY m.name
                ),
                '[]'
            )
        FROM slimy.club_metrics AS m
        WHERE m.analysis_id = a.id
    ) AS metrics""",
    nothing="title = a.title",
    choices=(
        Choice("title", ("title = ", ""), Parameter("title", "text", nullable=True)),
        Choice("summary", ("summary = ", ""), Parameter("summary", "text")),
        Choice("confidence", ("confidence = ", ""), Parameter("confidence", "double precision")),
    ),
    parameters=(
        Parameter("id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "guild_id",
        "user_id",
        "title",
        "summary",
        "confidence",
        "created_at",
        "updated_at",
        "images",
        "metrics",
    ),
    writes=True,
)


async def update(
    db: Executor,
    /,
    *,
    id: UUID,
    version: datetime | None,
    title: str | None | Unset = UNSET,
    summary: str | Unset = UNSET,
    confidence: float | Unset = UNSET,
    timeout: float | None = None,
) -> ClubAnalysis | None:
    """Changes the columns that are given; what is left out stays. None of a deleted guild."""
    statement, given = UPDATE.choose((title, summary, confidence))
    row = await db.row(statement, id, version, *given, timeout=timeout)
    return None if row is None else ClubAnalysis(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_analyses", "confidence", "double precision", True,
     ("create", "get", "list_of_guild", "list_of_user", "search_guild", "search_user", "update"),
     ("create", "load", "update")),
    ("slimy", "club_analyses", "created_at", "timestamp with time zone", True,
     ("create", "get", "list_of_guild", "list_of_user", "search_guild", "search_user", "update"),
     ("load",)),
    ("slimy", "club_analyses", "guild_id", "bigint", True,
     ("create", "delete", "find_authority", "find_guild", "get", "list_of_guild", "list_of_user",
      "search_guild", "search_user", "update"),
     ("create", "load")),
    ("slimy", "club_analyses", "id", "uuid", True,
     ("create", "delete", "find_authority", "find_guild", "get", "list_of_guild", "list_of_user",
      "search_guild", "search_user", "update"),
     ("load",)),
    ("slimy", "club_analyses", "summary", "text", True,
     ("create", "get", "list_of_guild", "list_of_user", "search_guild", "search_user", "update"),
     ("create", "load", "update")),
    ("slimy", "club_analyses", "title", "text", False,
     ("create", "get", "list_of_guild", "list_of_user", "search_guild", "search_user", "update"),
     ("create", "load", "update")),
    ("slimy", "club_analyses", "updated_at", "timestamp with time zone", True,
     ("create", "delete", "get", "list_of_guild", "list_of_user", "search_guild", "search_user",
      "update"),
     ("load",)),
    ("slimy", "club_analyses", "user_id", "uuid", True,
     ("create", "find_authority", "get", "list_of_guild", "list_of_user", "search_guild",
      "search_user", "update"),
     ("create", "load")),
    ("slimy", "club_analysis_images", "analysis_id", "uuid", True,
     ("get", "update"), ("create",)),
    ("slimy", "club_analysis_images", "file_size", "bigint", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "club_analysis_images", "id", "uuid", True,
     ("create", "get", "update"), ()),
    ("slimy", "club_analysis_images", "image_url", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "club_analysis_images", "original_name", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "club_analysis_images", "uploaded_at", "timestamp with time zone", True,
     ("create", "get", "update"), ()),
    ("slimy", "club_metrics", "analysis_id", "uuid", True,
     ("get", "update"), ("create",)),
    ("slimy", "club_metrics", "category", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "club_metrics", "name", "text", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "club_metrics", "unit", "text", False,
     ("create", "get", "update"), ("create",)),
    ("slimy", "club_metrics", "value", "jsonb", True,
     ("create", "get", "update"), ("create",)),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("create", "delete", "find_authority", "find_guild", "get", "list_of_guild", "list_of_user",
      "search_guild", "search_user", "update"),
     ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("create", "delete", "find_authority", "find_guild", "get", "list_of_guild", "list_of_user",
      "search_guild", "search_user", "update"),
     ()),
    ("slimy", "guilds", "owner_id", "uuid", False,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "roles", "text[]", True,
     ("find_authority",), ()),
    ("slimy", "user_guilds", "user_id", "uuid", True,
     ("find_authority",), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "club_analyses", "table",
     ("create", "delete", "find_authority", "find_guild", "get", "list_of_guild", "list_of_user",
      "search_guild", "search_user", "update"),
     ("create", "load", "update"),
     ("delete",)),
    ("slimy", "club_analysis_images", "table",
     ("create", "get", "update"), ("create",), ()),
    ("slimy", "club_metrics", "table",
     ("create", "get", "update"), ("create",), ()),
    ("slimy", "guilds", "table",
     ("create", "delete", "find_authority", "find_guild", "get", "list_of_guild", "list_of_user",
      "search_guild", "search_user", "update"),
     (),
     ()),
    ("slimy", "user_guilds", "table",
     ("find_authority",), (), ()),
    ("slimy", "words_query_within", "function",
     ("search_guild", "search_user"), (), ()),
    ("slimy", "words_within", "function",
     ("search_guild", "search_user"), (), ()),
)
# fmt: on

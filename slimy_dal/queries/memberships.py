"""Generated from sql/queries/memberships.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values
from slimy_dal.engine.types import UNSET, Page, Snowflake, Unset
from slimy_dal.engine.variants import Choice

ListGuildsSort: TypeAlias = Literal["guild"]
ListMembersSort: TypeAlias = Literal["newest", "oldest"]
Role: TypeAlias = Literal["owner", "admin", "moderator", "member"]
Roles: TypeAlias = Literal["owner", "admin", "moderator", "member"]
SearchMembersSort: TypeAlias = Literal["newest", "oldest"]


class FindAuthorityRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_authority`."""

    is_owner: bool
    roles: list[Role] | None


class ListGuildsRowGuild(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `list_guilds`."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    created_at: datetime
    updated_at: datetime


class ListGuildsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_guilds`."""

    roles: list[Role]
    joined_at: datetime
    guild: ListGuildsRowGuild


def _list_guilds_row(row: Row, /) -> ListGuildsRow:
    return ListGuildsRow(
        row[0],
        row[1],
        ListGuildsRowGuild(row[2], row[3], row[4], row[5], row[6], row[7]),
    )


class MemberUser(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `list_members`."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None


class Member(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_members`."""

    roles: list[Role]
    joined_at: datetime
    user: MemberUser


def _member(row: Row, /) -> Member:
    return Member(row[0], row[1], MemberUser(row[2], row[3], row[4], row[5], row[6]))


class Membership(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 4 queries."""

    user_id: UUID
    guild_id: Snowflake
    roles: list[Role]
    joined_at: datetime
    updated_at: datetime


class Outcome(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 3 queries."""

    user_id: UUID
    is_done: bool


class SearchMembersRowUser(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `search_members`."""

    id: UUID
    discord_id: int
    username: str | None
    global_name: str | None
    avatar: str | None


class SearchMembersRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `search_members`."""

    roles: list[Role]
    joined_at: datetime
    user: SearchMembersRowUser


def _search_members_row(row: Row, /) -> SearchMembersRow:
    return SearchMembersRow(
        row[0],
        row[1],
        SearchMembersRowUser(row[2], row[3], row[4], row[5], row[6]),
    )


ADD = Statement(
    name="memberships.add",
    sql="""\
INSERT INTO slimy.user_guilds AS m (user_id, guild_id, roles)
SELECT
    $1,
    g.id,
    $2
FROM slimy.guilds AS g
WHERE g.id = $3 AND g.deleted_at IS NULL
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("roles", "text[]"),
        Parameter("guild_id", "bigint"),
    ),
    columns=("user_id", "guild_id", "roles", "joined_at", "updated_at"),
    writes=True,
)


async def add(
    db: Executor,
    /,
    *,
    user_id: UUID,
    roles: Sequence[Role],
    guild_id: int,
    timeout: float | None = None,
) -> Membership | None:
    """A new membership; one that exists already is refused by user_guilds_pkey. No row when there is no
    such guild or it is deleted.
    """
    row = await db.row(ADD, user_id, roles, guild_id, timeout=timeout)
    return None if row is None else Membership(*values(row))


ADD_MANY = Statement(
    name="memberships.add_many",
    sql="""\
WITH entries AS (
    SELECT
        e.user_id,
        string_to_array(e.roles, ',') AS roles
    FROM unnest($1::uuid[], $2::text[]) AS e (user_id, roles)
),

known AS (
    SELECT u.id
    FROM slimy.users AS u
    WHERE
        u.id = ANY($1::uuid[])
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $3 AND g.deleted_at IS NULL
        )
    ORDER BY u.id
    FOR NO KEY UPDATE
),

added AS (
    INSERT INTO slimy.user_guilds (user_id, guild_id, roles)
    SELECT
        e.user_id,
        $3,
        e.roles
    FROM entries AS e
    INNER JOIN known AS k ON e.user_id = k.id
    ORDER BY e.user_id
    ON CONFLICT (user_id, guild_id) DO NOTHING
    RETURNING user_id
)

SELECT
    k.id AS user_id,
    (a.user_id IS NOT NULL) AS is_done
FROM known AS k
LEFT JOIN added AS a ON k.id = a.user_id""",
    parameters=(
        Parameter("user_ids", "uuid[]"),
        Parameter("roles", "text[]"),
        Parameter("guild_id", "bigint"),
    ),
    columns=("user_id", "is_done"),
    writes=True,
)


async def add_many(
    db: Executor,
    /,
    *,
    user_ids: Sequence[UUID],
    roles: Sequence[str],
    guild_id: int,
    timeout: float | None = None,
) -> list[Outcome]:
    """Adds members, each on its own: the outcome says who was added, who was one already, and whom we
    do not know. Users are locked in key order, so that two such calls never wait for each other in a
    circle. No rows when there is no such guild or it is deleted.
    """
    rows = await db.rows(ADD_MANY, user_ids, roles, guild_id, timeout=timeout)
    return list(starmap(Outcome, map(values, rows)))


COUNT_MEMBERS = Statement(
    name="memberships.count_members",
    sql="""\
SELECT count(*) AS member_count
FROM (
    SELECT m.user_id
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NULL
        )
    ORDER BY m.joined_at DESC, m.user_id DESC
    LIMIT $2
) AS counted""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("at_most", "bigint")),
    columns=("member_count",),
    replica=True,
)


async def count_members(
    db: Executor,
    /,
    *,
    guild_id: int,
    at_most: int,
    timeout: float | None = None,
) -> int:
    """How many members a guild has, counted up to a bound and no further; 0 when it is deleted."""
    row = await db.row(COUNT_MEMBERS, guild_id, at_most, timeout=timeout)
    if row is None:
        raise NotFound("memberships.count_members found no row", query="memberships.count_members")
    value: int = row[0]
    return value


FIND = Statement(
    name="memberships.find",
    sql="""\
SELECT
    m.user_id,
    m.guild_id,
    m.roles,
    m.joined_at,
    m.updated_at
FROM slimy.user_guilds AS m
WHERE
    m.user_id = $1
    AND m.guild_id = $2
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $2 AND g.deleted_at IS NULL
    )""",
    parameters=(Parameter("user_id", "uuid"), Parameter("guild_id", "bigint")),
    columns=("user_id", "guild_id", "roles", "joined_at", "updated_at"),
    replica=True,
)


async def find(
    db: Executor,
    /,
    *,
    user_id: UUID,
    guild_id: int,
    timeout: float | None = None,
) -> Membership | None:
    """A membership; none in a deleted guild."""
    row = await db.row(FIND, user_id, guild_id, timeout=timeout)
    return None if row is None else Membership(*values(row))


FIND_AUTHORITY = Statement(
    name="memberships.find_authority",
    sql="""\
SELECT
    coalesce(g.owner_id = $1, FALSE) AS is_owner,
    m.roles
FROM slimy.guilds AS g
LEFT JOIN slimy.user_guilds AS m ON g.id = m.guild_id AND m.user_id = $1
WHERE g.id = $2 AND g.deleted_at IS NULL""",
    parameters=(Parameter("user_id", "uuid"), Parameter("guild_id", "bigint")),
    columns=("is_owner", "roles"),
)


async def find_authority(
    db: Executor,
    /,
    *,
    user_id: UUID,
    guild_id: int,
    timeout: float | None = None,
) -> FindAuthorityRow | None:
    """What a user is in a guild: its owner, a member with roles, or neither. No row when there is no
    such guild or it is deleted.
    """
    row = await db.row(FIND_AUTHORITY, user_id, guild_id, timeout=timeout)
    return None if row is None else FindAuthorityRow(*values(row))


HAS_OTHER_OWNER = Statement(
    name="memberships.has_other_owner",
    sql="""\
SELECT
    (
        EXISTS (
            SELECT m.user_id
            FROM slimy.user_guilds AS m
            WHERE
                m.guild_id = $1
                AND m.roles @> ARRAY['owner']::text[]
                AND m.user_id != $2
        )
    ) AS is_kept""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("user_id", "uuid")),
    columns=("is_kept",),
)


async def has_other_owner(
    db: Executor,
    /,
    *,
    guild_id: int,
    user_id: UUID,
    timeout: float | None = None,
) -> bool:
    """Whether a guild has an owner beside a member, who may then leave it."""
    row = await db.row(HAS_OTHER_OWNER, guild_id, user_id, timeout=timeout)
    if row is None:
        raise NotFound(
            "memberships.has_other_owner found no row",
            query="memberships.has_other_owner",
        )
    value: bool = row[0]
    return value


LIST_GUILDS = Listing(
    name="memberships.list_guilds",
    head="""\
SELECT
    m.roles,
    m.joined_at,
    m.guild_id AS "guild.id",
    g.name AS "guild.name",
    g.icon AS "guild.icon",
    g.owner_id AS "guild.owner_id",
    g.created_at AS "guild.created_at",
    g.updated_at AS "guild.updated_at"
FROM slimy.user_guilds AS m
INNER JOIN slimy.guilds AS g ON m.guild_id = g.id
WHERE m.user_id = $1 AND g.deleted_at IS NULL""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.guild_id",
    tail="\nLIMIT $2",
    sorts=(Sort("guild", ("m.guild_id",), (2,), (Parameter("cursor", "bigint"),)),),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=(
        "roles",
        "joined_at",
        "guild.id",
        "guild.name",
        "guild.icon",
        "guild.owner_id",
        "guild.created_at",
        "guild.updated_at",
    ),
    replica=True,
)


async def list_guilds(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    user_id: UUID,
    sort: ListGuildsSort = "guild",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[ListGuildsRow]:
    """One page of a user's guilds with the guild's details, in order of the guilds' ids; deleted guilds
    are not among them.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_GUILDS.ask(cursors, (user_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page([_list_guilds_row(row) for row in rows], *asked.cursors)


class ListMembersFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What `list_members` may be narrowed to: whatever is given, together."""

    staff_role: Roles | Unset = UNSET
    plain_members: bool = False


LIST_MEMBERS = Listing(
    name="memberships.list_members",
    head="""\
SELECT
    m.roles,
    m.joined_at,
    m.user_id AS "user.id",
    u.discord_id AS "user.discord_id",
    u.username AS "user.username",
    u.global_name AS "user.global_name",
    u.avatar AS "user.avatar"
FROM slimy.user_guilds AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE
    m.guild_id = $1
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    joint="AND",
    middle="\nORDER BY ",
    order="m.joined_at DESC, m.user_id DESC",
    tail="\nLIMIT $2",
    sorts=(
        Sort(
            "newest",
            ("m.joined_at", "m.user_id"),
            (1, 2),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("m.joined_at", "m.user_id"),
            (1, 2),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    choices=(
        Choice(
            "staff_role",
            ("m.roles && '{owner,admin,moderator}' AND ", " = ANY(m.roles)"),
            Parameter("staff_role", "text"),
        ),
        Choice("plain_members", ("m.roles = '{member}'",)),
    ),
    parameters=(Parameter("guild_id", "bigint"), Parameter("row_limit", "bigint")),
    columns=(
        "roles",
        "joined_at",
        "user.id",
        "user.discord_id",
        "user.username",
        "user.global_name",
        "user.avatar",
    ),
    replica=True,
)


async def list_members(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    filter: ListMembersFilter = ListMembersFilter(),
    sort: ListMembersSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[Member]:
    """One page of a guild's members, newest or oldest first. Staff have an index of their own: among
    the millions of a large guild they are a handful. None when the guild is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_MEMBERS.ask(
        cursors,
        (guild_id,),
        given=(filter.staff_role, filter.plain_members),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page([_member(row) for row in rows], *asked.cursors)


LOAD = Statement(
    name="memberships.load",
    sql="""\
INSERT INTO slimy.user_guilds (user_id, guild_id, roles, joined_at, updated_at)
VALUES ($1, $2, $3, $4, $5)""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("guild_id", "bigint"),
        Parameter("roles", "text[]"),
        Parameter("joined_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    user_id: UUID
    guild_id: int
    roles: Sequence[Role]
    joined_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads memberships in bulk, as they are."""
    return await db.copy(
        LOAD,
        ("slimy", "user_guilds"),
        ("user_id", "guild_id", "roles", "joined_at", "updated_at"),
        items,
        timeout=timeout,
    )


PUT = Statement(
    name="memberships.put",
    sql="""\
WITH known AS MATERIALIZED (
    SELECT u.id
    FROM slimy.users AS u
    WHERE
        u.id = $1
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $2 AND g.deleted_at IS NULL
        )
    FOR NO KEY UPDATE
)

INSERT INTO slimy.user_guilds AS m (user_id, guild_id, roles, joined_at)
SELECT
    k.id,
    $2,
    $3,
    coalesce($4, now()) AS joined_at
FROM known AS k
WHERE
    CASE
        WHEN $5 THEN slimy.has_other_owner($2, ARRAY[k.id]) IS NOT NULL ELSE TRUE
    END
ON CONFLICT (user_id, guild_id) DO UPDATE
    SET
        roles = CASE WHEN $5 THEN excluded.roles ELSE m.roles END,
        joined_at = coalesce($4, m.joined_at)
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("guild_id", "bigint"),
        Parameter("roles", "text[]"),
        Parameter("joined_at", "timestamp with time zone", nullable=True),
        Parameter("set_roles", "boolean"),
    ),
    columns=("user_id", "guild_id", "roles", "joined_at", "updated_at"),
    writes=True,
)


async def put(
    db: Executor,
    /,
    *,
    user_id: UUID,
    guild_id: int,
    roles: Sequence[Role],
    joined_at: datetime | None,
    set_roles: bool,
    timeout: float | None = None,
) -> Membership | None:
    """A membership with these roles, whether it existed or not; the day of joining is kept once known.
    Taking the role owner from the guild's last one is refused by user_guilds_last_owner_check. The
    user is locked first, then the guild where roles are given. No row when there is no such user or
    guild, or the guild is deleted.
    """
    row = await db.row(PUT, user_id, guild_id, roles, joined_at, set_roles, timeout=timeout)
    return None if row is None else Membership(*values(row))


REMOVE = Statement(
    name="memberships.remove",
    sql="""\
DELETE FROM slimy.user_guilds AS m
USING slimy.has_other_owner($1, ARRAY[$2]::uuid[]) AS o (is_kept)
WHERE
    m.user_id = $2
    AND m.guild_id = $1
    AND m.updated_at = coalesce($3, m.updated_at)
    AND o.is_kept IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $1 AND g.deleted_at IS NULL
    )""",
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("user_id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    writes=True,
)


async def remove(
    db: Executor,
    /,
    *,
    guild_id: int,
    user_id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> int:
    """Ends a membership; the guild's last owner is refused by user_guilds_last_owner_check. The
    guild is locked before the membership, as everywhere, so that nobody waits in a circle. None ends
    in a deleted guild, which is restored as it was.
    """
    return await db.execute(REMOVE, guild_id, user_id, version, timeout=timeout)


REMOVE_MANY = Statement(
    name="memberships.remove_many",
    sql="""\
WITH owners AS MATERIALIZED (
    SELECT slimy.has_other_owner($1, $2::uuid[]) AS is_kept
),

locked AS (
    SELECT
        m.user_id,
        m.roles
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = $1
        AND m.user_id = ANY($2::uuid[])
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NULL
        )
        AND (SELECT o.is_kept FROM owners AS o) IS NOT NULL
    ORDER BY m.user_id
    FOR UPDATE
),

removed AS (
    DELETE FROM slimy.user_guilds AS m
    USING locked AS l, owners AS o
    WHERE
        m.guild_id = $1
        AND m.user_id = l.user_id
        AND (o.is_kept OR NOT l.roles @> ARRAY['owner']::text[])
    RETURNING m.user_id
)

SELECT
    l.user_id,
    (r.user_id IS NOT NULL) AS is_done
FROM locked AS l
LEFT JOIN removed AS r ON l.user_id = r.user_id""",
    parameters=(Parameter("guild_id", "bigint"), Parameter("user_ids", "uuid[]")),
    columns=("user_id", "is_done"),
    writes=True,
)


async def remove_many(
    db: Executor,
    /,
    *,
    guild_id: int,
    user_ids: Sequence[UUID],
    timeout: float | None = None,
) -> list[Outcome]:
    """Ends memberships, each on its own; who was no member is not in the answer. Owners stay where the
    guild would have none without them. The guild is locked first, then the rows in key order, so
    that two such calls never wait for each other in a circle. Nobody is in the answer when the guild
    is deleted.
    """
    rows = await db.rows(REMOVE_MANY, guild_id, user_ids, timeout=timeout)
    return list(starmap(Outcome, map(values, rows)))


SEARCH_MEMBERS = Listing(
    name="memberships.search_members",
    head="""\
WITH found AS MATERIALIZED (
    SELECT
        m.guild_id,
        m.user_id,
        m.roles,
        m.joined_at
    FROM slimy.user_guilds AS m
    WHERE
        slimy.names_within(m.guild_id, m.names)
        @@ slimy.names_query_within($1, $2)
        AND m.roles && $3::text[]
        AND m.roles <@ $4::text[]
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $1 AND g.deleted_at IS NULL
        )
    LIMIT 10000 -- noqa: AM09
)

SELECT
    f.roles,
    f.joined_at,
    f.user_id AS "user.id",
    (SELECT u.discord_id FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.discord_id",
    (SELECT u.username FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.username",
    (SELECT u.global_name FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.global_name",
    (SELECT u.avatar FROM slimy.users AS u WHERE u.id = f.user_id) AS "user.avatar"
FROM found AS f
WHERE f.guild_id = $1""",
    joint="AND",
    middle="\nORDER BY ",
    order="f.joined_at DESC, f.user_id DESC",
    tail="\nLIMIT $5",
    sorts=(
        Sort(
            "newest",
            ("f.joined_at", "f.user_id"),
            (1, 2),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
            descending=True,
        ),
        Sort(
            "oldest",
            ("f.joined_at", "f.user_id"),
            (1, 2),
            (Parameter("cursor", "timestamp with time zone"), Parameter("cursor", "uuid")),
        ),
    ),
    parameters=(
        Parameter("guild_id", "bigint"),
        Parameter("words", "text"),
        Parameter("wanted", "text[]"),
        Parameter("within", "text[]"),
        Parameter("row_limit", "bigint"),
    ),
    columns=(
        "roles",
        "joined_at",
        "user.id",
        "user.discord_id",
        "user.username",
        "user.global_name",
        "user.avatar",
    ),
    replica=True,
)


async def search_members(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    guild_id: int,
    words: str,
    wanted: Sequence[str],
    within: Sequence[str],
    sort: SearchMembersSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[SearchMembersRow]:
    """One page of a guild's members with all the words in their names, each by its beginning, newest
    or oldest first; of more than ten thousand any ten thousand. The words are looked up before the
    page is cut: walking the guild's roster in search of a rare word would read all of it. Members
    have one of the roles wanted and none that are not within; a filter behind the ten thousand would
    miss the only owner of a large guild. The users of the page only are looked up, one by one: a
    join would look up all the finds. None when the guild is deleted.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = SEARCH_MEMBERS.ask(
        cursors,
        (guild_id, words, wanted, within),
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page([_search_members_row(row) for row in rows], *asked.cursors)


SET_ROLES = Statement(
    name="memberships.set_roles",
    sql="""\
UPDATE slimy.user_guilds AS m
SET roles = $1
FROM slimy.has_other_owner($2, ARRAY[$3]::uuid[]) AS o (is_kept)
WHERE
    m.user_id = $3
    AND m.guild_id = $2
    AND m.updated_at = coalesce($4, m.updated_at)
    AND o.is_kept IS NOT NULL
    AND EXISTS (
        SELECT g.id
        FROM slimy.guilds AS g
        WHERE g.id = $2 AND g.deleted_at IS NULL
    )
RETURNING m.user_id, m.guild_id, m.roles, m.joined_at, m.updated_at""",
    parameters=(
        Parameter("roles", "text[]"),
        Parameter("guild_id", "bigint"),
        Parameter("user_id", "uuid"),
        Parameter("version", "timestamp with time zone", nullable=True),
    ),
    columns=("user_id", "guild_id", "roles", "joined_at", "updated_at"),
    writes=True,
)


async def set_roles(
    db: Executor,
    /,
    *,
    roles: Sequence[Role],
    guild_id: int,
    user_id: UUID,
    version: datetime | None,
    timeout: float | None = None,
) -> Membership | None:
    """Gives a member other roles; taking the role owner from the guild's last one is refused by
    user_guilds_last_owner_check. The guild is locked before the membership. No row when it is
    deleted.
    """
    row = await db.row(SET_ROLES, roles, guild_id, user_id, version, timeout=timeout)
    return None if row is None else Membership(*values(row))


SET_ROLES_MANY = Statement(
    name="memberships.set_roles_many",
    sql="""\
WITH entries AS (
    SELECT
        e.user_id,
        string_to_array(e.roles, ',') AS roles
    FROM unnest($1::uuid[], $2::text[]) AS e (user_id, roles)
),

owners AS MATERIALIZED (
    SELECT
        slimy.has_other_owner(
            $3,
            ARRAY(SELECT e.user_id FROM entries AS e WHERE NOT e.roles @> ARRAY['owner']::text[])
        )
        OR EXISTS (
            SELECT
            FROM entries AS e
            INNER JOIN slimy.user_guilds AS m ON e.user_id = m.user_id
            WHERE m.guild_id = $3 AND e.roles @> ARRAY['owner']::text[]
        ) AS is_kept
),

locked AS (
    SELECT
        m.user_id,
        m.roles
    FROM slimy.user_guilds AS m
    WHERE
        m.guild_id = $3
        AND m.user_id = ANY($1::uuid[])
        AND EXISTS (
            SELECT g.id
            FROM slimy.guilds AS g
            WHERE g.id = $3 AND g.deleted_at IS NULL
        )
        AND (SELECT o.is_kept FROM owners AS o) IS NOT NULL
    ORDER BY m.user_id
    FOR UPDATE
),

changed AS (
    UPDATE slimy.user_guilds AS m
    SET roles = e.roles
    FROM entries AS e
    INNER JOIN locked AS l ON e.user_id = l.user_id
    CROSS JOIN owners AS o
    WHERE
        m.guild_id = $3
        AND m.user_id = l.user_id
        AND (
            o.is_kept
            OR e.roles @> ARRAY['owner']::text[]
            OR NOT l.roles @> ARRAY['owner']::text[]
        )
    RETURNING m.user_id
)

SELECT
    l.user_id,
    (c.user_id IS NOT NULL) AS is_done
FROM locked AS l
LEFT JOIN changed AS c ON l.user_id = c.user_id""",
    parameters=(
        Parameter("user_ids", "uuid[]"),
        Parameter("roles", "text[]"),
        Parameter("guild_id", "bigint"),
    ),
    columns=("user_id", "is_done"),
    writes=True,
)


async def set_roles_many(
    db: Executor,
    /,
    *,
    user_ids: Sequence[UUID],
    roles: Sequence[str],
    guild_id: int,
    timeout: float | None = None,
) -> list[Outcome]:
    """Gives members other roles, each on its own; who is no member is not in the answer. Owners keep
    their roles where the guild would have no owner otherwise. The guild is locked first, then the
    rows in key order, so that two such calls never wait for each other in a circle. Nobody is in the
    answer when the guild is deleted.
    """
    rows = await db.rows(SET_ROLES_MANY, user_ids, roles, guild_id, timeout=timeout)
    return list(starmap(Outcome, map(values, rows)))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guilds", "created_at", "timestamp with time zone", True,
     ("list_guilds",), ()),
    ("slimy", "guilds", "deleted_at", "timestamp with time zone", False,
     ("add", "add_many", "count_members", "find", "find_authority", "list_guilds",
      "list_members", "put", "remove", "remove_many", "search_members", "set_roles",
      "set_roles_many"),
     ()),
    ("slimy", "guilds", "icon", "text", False,
     ("list_guilds",), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("add", "add_many", "count_members", "find", "find_authority", "list_guilds",
      "list_members", "put", "remove", "remove_many", "search_members", "set_roles",
      "set_roles_many"),
     ()),
    ("slimy", "guilds", "name", "text", True,
     ("list_guilds",), ()),
    ("slimy", "guilds", "owner_id", "uuid", False,
     ("find_authority", "list_guilds"), ()),
    ("slimy", "guilds", "updated_at", "timestamp with time zone", True,
     ("list_guilds",), ()),
    ("slimy", "user_guilds", "guild_id", "bigint", True,
     ("add", "add_many", "count_members", "find", "find_authority", "has_other_owner",
      "list_guilds", "list_members", "put", "remove", "remove_many", "search_members",
      "set_roles", "set_roles_many"),
     ("add", "add_many", "load", "put")),
    ("slimy", "user_guilds", "joined_at", "timestamp with time zone", True,
     ("add", "count_members", "find", "list_guilds", "list_members", "put", "search_members",
      "set_roles"),
     ("load", "put")),
    ("slimy", "user_guilds", "names", "text", True,
     ("search_members",), ()),
    ("slimy", "user_guilds", "roles", "text[]", True,
     ("add", "find", "find_authority", "has_other_owner", "list_guilds", "list_members", "put",
      "remove_many", "search_members", "set_roles", "set_roles_many"),
     ("add", "add_many", "load", "put", "set_roles", "set_roles_many")),
    ("slimy", "user_guilds", "updated_at", "timestamp with time zone", True,
     ("add", "find", "put", "remove", "set_roles"), ("load",)),
    ("slimy", "user_guilds", "user_id", "uuid", True,
     ("add", "add_many", "count_members", "find", "find_authority", "has_other_owner",
      "list_guilds", "list_members", "put", "remove", "remove_many", "search_members",
      "set_roles", "set_roles_many"),
     ("add", "add_many", "load", "put")),
    ("slimy", "users", "avatar", "text", False,
     ("list_members", "search_members"), ()),
    ("slimy", "users", "discord_id", "bigint", True,
     ("list_members", "search_members"), ()),
    ("slimy", "users", "global_name", "text", False,
     ("list_members", "search_members"), ()),
    ("slimy", "users", "id", "uuid", True,
     ("add_many", "list_members", "put", "search_members"), ()),
    ("slimy", "users", "username", "text", False,
     ("list_members", "search_members"), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "guilds", "table",
     ("add", "add_many", "count_members", "find", "find_authority", "list_guilds",
      "list_members", "put", "remove", "remove_many", "search_members", "set_roles",
      "set_roles_many"),
     (),
     ()),
    ("slimy", "has_other_owner", "function",
     ("put", "remove", "remove_many", "set_roles", "set_roles_many"), (), ()),
    ("slimy", "names_query_within", "function",
     ("search_members",), (), ()),
    ("slimy", "names_within", "function",
     ("search_members",), (), ()),
    ("slimy", "user_guilds", "table",
     ("add", "add_many", "count_members", "find", "find_authority", "has_other_owner",
      "list_guilds", "list_members", "put", "remove", "remove_many", "search_members",
      "set_roles", "set_roles_many"),
     ("add", "add_many", "load", "put", "set_roles", "set_roles_many"),
     ("remove", "remove_many")),
    ("slimy", "users", "table",
     ("add_many", "list_members", "put", "search_members"), (), ()),
)
# fmt: on

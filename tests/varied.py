"""Queries with filters, orders, pages and patches, generated and imported for tests that run them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import msgspec

from slimy_dal.compiler import generate
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.queryfile import load
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.types import UNSET
from tests.ad_hoc import script, settings
from tests.generated import imported

QUERIES = """\
-- name: count_members :scalar
-- How many members a guild has.
-- filter: m.roles @> ARRAY[:role]::text[]
-- filter: recent: m.joined_at >= '2020-01-03 00:00:00+00' OR m.user_id IS NULL
SELECT count(*) AS member_count
FROM slimy.user_guilds AS m
WHERE m.guild_id = :guild_id;

-- name: list_all :many
-- Every user.
-- filter: u.username = ANY(:usernames::text[])
-- filter: u.discord_id > :discord_id AND u.discord_id <> :discord_id + 1
-- returns: Person
SELECT
    u.discord_id,
    u.username
FROM slimy.users AS u
ORDER BY u.discord_id;

-- name: list_members :many
-- One page of a guild's members.
-- filter: m.roles @> ARRAY[:role]::text[]
-- filter: u.username = :username
-- filter: m.joined_at >= :since
-- filter: nameless: u.username IS NULL
-- sort: newest: m.joined_at DESC, m.user_id DESC
-- sort: oldest: m.joined_at ASC, m.user_id ASC
-- sort: by_discord_id: u.discord_id
SELECT
    m.user_id,
    m.roles,
    m.joined_at,
    u.discord_id AS "user.discord_id",
    u.username AS "user.username"
FROM slimy.user_guilds AS m
INNER JOIN slimy.users AS u ON m.user_id = u.id
WHERE m.guild_id = :guild_id -- of one guild
ORDER BY m.joined_at DESC, m.user_id DESC
LIMIT :row_limit;

-- name: list_people :many
-- One page of all users, with no WHERE and no filter.
-- sort: by_discord_id: u.discord_id
-- returns: Person
SELECT
    u.discord_id,
    u.username
FROM slimy.users AS u
ORDER BY u.discord_id
LIMIT :row_limit;

-- name: update :opt
-- Changes the given fields.
-- patch: username, global_name, avatar
UPDATE slimy.users AS u
SET
    username = :username,
    global_name = :global_name,
    avatar = :avatar
WHERE u.id = :id
RETURNING u.username, u.global_name, u.avatar, u.updated_at, u.xmin::text AS version;

-- name: update_always :execrows
-- Changes the given fields, and one always.
-- patch: username
UPDATE slimy.users
SET
    email = lower(:email),
    username = :username
WHERE id = :id;
"""
ROLES = ("owner", "admin", "moderator", "member")
NAMES = ("a", "b", None)
START = datetime(2020, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
GUILD, OTHER = 2**53 + 1, 7
SECRET = Cursors(b"of the tests")

_text: dict[str, str] = {}


class Entry(msgspec.Struct, frozen=True):
    """A member as the tests have put it there."""

    user_id: UUID
    discord_id: int
    username: str | None
    joined_at: datetime
    role: str


def entries(count: int = 23) -> list[Entry]:
    """Return members of whom many joined at one moment."""
    return [
        Entry(
            UUID(int=(n * 7919) % 1009 + 1),
            2**53 + n,
            NAMES[n % 3],
            START + timedelta(days=n % 4, microseconds=n % 2),
            ROLES[n % 4],
        )
        for n in range(count)
    ]


def queries(folder: Path, text: str = QUERIES) -> tuple[Query, ...]:
    """Load query text, which must have no errors."""
    path = folder / "members.sql"
    path.write_text(text)
    loaded = load(path)
    assert loaded.errors == ()
    return loaded.queries


def query(folder: Path, name: str) -> Query:
    """Return one of the queries."""
    return next(query for query in queries(folder) if query.name == name)


async def module(url: str, folder: Path) -> ModuleType:
    """Generate the queries' module, once for the run, and import it."""
    if not _text:
        _text.update(await generate.modules(url, queries(folder)))
    return imported(folder, _text["members.py"])


@asynccontextmanager
async def filled(url: str, members: list[Entry], **more: Any) -> AsyncIterator[Pool]:
    """Give a pool on a database with these members in one guild, and one of them in another."""
    values = ", ".join(
        f"('{m.user_id}', {m.discord_id}, {'NULL' if m.username is None else repr(m.username)})"
        for m in members
    )
    links = ", ".join(
        f"('{m.user_id}', {guild}, '{{{m.role}}}', '{m.joined_at.isoformat()}')"
        for n, m in enumerate(members)
        for guild in (GUILD, OTHER)[: 2 if n == 0 else 1]
    )
    await script(
        url,
        f"INSERT INTO slimy.guilds (id, name) VALUES ({GUILD}, 'g'), ({OTHER}, 'o');"
        f"INSERT INTO slimy.users (id, discord_id, username) VALUES {values};"
        "INSERT INTO slimy.user_guilds (user_id, guild_id, roles, joined_at) VALUES " + links,
    )
    async with Pool.open(url, settings(**more)) as pool:
        yield pool


def expected(
    members: list[Entry],
    *,
    sort: str = "newest",
    role: Any = UNSET,
    username: Any = UNSET,
    since: Any = UNSET,
    nameless: bool = False,
) -> list[UUID]:
    """Return whom a list must give, by plain Python."""
    found = [
        m
        for m in members
        if (role is UNSET or m.role == role)
        and (username is UNSET or m.username == username)
        and (since is UNSET or m.joined_at >= since)
        and (not nameless or m.username is None)
    ]
    if sort == "by_discord_id":
        found.sort(key=lambda m: m.discord_id)
    else:
        found.sort(key=lambda m: (m.joined_at, m.user_id), reverse=sort == "newest")
    return [m.user_id for m in found]


async def forwards(page_at: Any, cursor: str | None = None) -> tuple[list[UUID], list[Any]]:
    """Walk to the end; return the ids met, and the pages."""
    pages = [await page_at(cursor=cursor)]
    while pages[-1].next_cursor is not None:
        pages.append(await page_at(cursor=pages[-1].next_cursor))
        assert len(pages) < 100
    return [row.user_id for page in pages for row in page.items], pages


async def backwards(page_at: Any, cursor: str | None) -> tuple[list[UUID], list[Any]]:
    """Walk to the beginning; return the ids met in the list's order, and the pages."""
    pages: list[Any] = []
    while cursor is not None:
        pages.insert(0, await page_at(cursor=cursor))
        cursor = pages[0].prev_cursor
        assert len(pages) < 100
    return [row.user_id for page in pages for row in page.items], pages


def pager(made: ModuleType, pool: Pool, **arguments: Any) -> Any:
    """Return what gives a page of the members by a cursor."""
    chosen = {
        k: arguments.pop(k) for k in ("role", "username", "since", "nameless") if k in arguments
    }
    chosen_filter = made.ListMembersFilter(**chosen)
    return partial(
        made.list_members, pool, SECRET, **{"guild_id": GUILD, "filter": chosen_filter, **arguments}
    )

"""Generated from sql/queries/sessions.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable
from datetime import datetime
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Row, Statement, values
from slimy_dal.engine.types import Page, Snowflake

ListOfUserSort: TypeAlias = Literal["newest"]


class FindByTokenRowUser(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of a row of `find_by_token`."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    last_active_guild_id: Snowflake | None
    created_at: datetime
    updated_at: datetime


class FindByTokenRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_by_token`."""

    id: UUID
    expires_at: datetime
    created_at: datetime
    user: FindByTokenRowUser


def _find_by_token_row(row: Row, /) -> FindByTokenRow:
    return FindByTokenRow(
        row[0],
        row[1],
        row[2],
        FindByTokenRowUser(
            row[3],
            row[4],
            row[5],
            row[6],
            row[7],
            row[8],
            row[9],
            row[10],
            row[11],
        ),
    )


class Session(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 2 queries."""

    id: UUID
    user_id: UUID
    expires_at: datetime
    created_at: datetime


CREATE = Statement(
    name="sessions.create",
    sql="""\
INSERT INTO slimy.sessions AS s (user_id, token_hash, expires_at)
VALUES ($1, $2, $3)
RETURNING s.id, s.user_id, s.expires_at, s.created_at""",
    parameters=(
        Parameter("user_id", "uuid"),
        Parameter("token_hash", "bytea"),
        Parameter("expires_at", "timestamp with time zone"),
    ),
    columns=("id", "user_id", "expires_at", "created_at"),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    user_id: UUID,
    token_hash: bytes,
    expires_at: datetime,
    timeout: float | None = None,
) -> Session:
    """Opens a session; an end that is not in the future is refused by sessions_expires_at_future_check.

    Raises NotFound where there is no row.
    """
    row = await db.row(CREATE, user_id, token_hash, expires_at, timeout=timeout)
    if row is None:
        raise NotFound("sessions.create found no row", query="sessions.create")
    return Session(*values(row))


DELETE = Statement(
    name="sessions.delete",
    sql="""\
DELETE FROM slimy.sessions
WHERE id = $1 AND user_id = $2""",
    parameters=(Parameter("id", "uuid"), Parameter("user_id", "uuid")),
    writes=True,
)


async def delete(db: Executor, /, *, id: UUID, user_id: UUID, timeout: float | None = None) -> int:
    """Ends one session of a user; somebody else's is left alone."""
    return await db.execute(DELETE, id, user_id, timeout=timeout)


DELETE_BY_TOKEN = Statement(
    name="sessions.delete_by_token",
    sql="""\
DELETE FROM slimy.sessions
WHERE token_hash = $1""",
    parameters=(Parameter("token_hash", "bytea"),),
    writes=True,
)


async def delete_by_token(
    db: Executor,
    /,
    *,
    token_hash: bytes,
    timeout: float | None = None,
) -> int:
    """Ends the session of a token."""
    return await db.execute(DELETE_BY_TOKEN, token_hash, timeout=timeout)


DELETE_OF_USER = Statement(
    name="sessions.delete_of_user",
    sql="""\
DELETE FROM slimy.sessions
WHERE user_id = $1""",
    parameters=(Parameter("user_id", "uuid"),),
    writes=True,
)


async def delete_of_user(db: Executor, /, *, user_id: UUID, timeout: float | None = None) -> int:
    """Ends every session of a user."""
    return await db.execute(DELETE_OF_USER, user_id, timeout=timeout)


FIND_BY_TOKEN = Statement(
    name="sessions.find_by_token",
    sql="""\
SELECT
    s.id,
    s.expires_at,
    s.created_at,
    u.id AS "user.id",
    u.discord_id AS "user.discord_id",
    u.username AS "user.username",
    u.global_name AS "user.global_name",
    u.avatar AS "user.avatar",
    u.email AS "user.email",
    u.last_active_guild_id AS "user.last_active_guild_id",
    u.created_at AS "user.created_at",
    u.updated_at AS "user.updated_at"
FROM slimy.sessions AS s
INNER JOIN slimy.users AS u ON s.user_id = u.id
WHERE s.token_hash = $1 AND s.expires_at > now()""",
    parameters=(Parameter("token_hash", "bytea"),),
    columns=(
        "id",
        "expires_at",
        "created_at",
        "user.id",
        "user.discord_id",
        "user.username",
        "user.global_name",
        "user.avatar",
        "user.email",
        "user.last_active_guild_id",
        "user.created_at",
        "user.updated_at",
    ),
)


async def find_by_token(
    db: Executor,
    /,
    *,
    token_hash: bytes,
    timeout: float | None = None,
) -> FindByTokenRow | None:
    """The open session of a token with its user. The database's clock decides whether it is still
    open.
    """
    row = await db.row(FIND_BY_TOKEN, token_hash, timeout=timeout)
    return None if row is None else _find_by_token_row(row)


LIST_OF_USER = Listing(
    name="sessions.list_of_user",
    head="""\
SELECT
    s.id,
    s.user_id,
    s.expires_at,
    s.created_at
FROM slimy.sessions AS s
WHERE s.user_id = $1 AND s.expires_at > now()""",
    joint="AND",
    middle="\nORDER BY ",
    order="s.id DESC",
    tail="\nLIMIT $2",
    sorts=(Sort("newest", ("s.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),),
    parameters=(Parameter("user_id", "uuid"), Parameter("row_limit", "bigint")),
    columns=("id", "user_id", "expires_at", "created_at"),
)


async def list_of_user(
    db: Executor,
    /,
    cursors: Cursors,
    *,
    user_id: UUID,
    sort: ListOfUserSort = "newest",
    cursor: str | None = None,
    limit: int = 50,
    timeout: float | None = None,
) -> Page[Session]:
    """One page of a user's open sessions, newest first.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_OF_USER.ask(cursors, (user_id,), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(Session, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="sessions.load",
    sql="""\
INSERT INTO slimy.sessions (id, user_id, token_hash, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5)""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("user_id", "uuid"),
        Parameter("token_hash", "bytea"),
        Parameter("expires_at", "timestamp with time zone"),
        Parameter("created_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    user_id: UUID
    token_hash: bytes
    expires_at: datetime
    created_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads sessions in bulk, as they are, ended ones too."""
    return await db.copy(
        LOAD,
        ("slimy", "sessions"),
        ("id", "user_id", "token_hash", "expires_at", "created_at"),
        items,
        timeout=timeout,
    )


PURGE_EXPIRED = Statement(
    name="sessions.purge_expired",
    sql="""\
DELETE FROM slimy.sessions
WHERE id = ANY(
    ARRAY(
        SELECT s.id
        FROM slimy.sessions AS s
        WHERE s.expires_at <= now()
        ORDER BY s.expires_at
        LIMIT $1
        FOR UPDATE SKIP LOCKED
    )
)""",
    parameters=(Parameter("batch_size", "bigint"),),
    writes=True,
)


async def purge_expired(db: Executor, /, *, batch_size: int, timeout: float | None = None) -> int:
    """Removes one batch of ended sessions, the longest ended first. Rows that another purge holds are
    skipped, so that two of them share the work.
    """
    return await db.execute(PURGE_EXPIRED, batch_size, timeout=timeout)


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "sessions", "created_at", "timestamp with time zone", True,
     ("create", "find_by_token", "list_of_user"), ("load",)),
    ("slimy", "sessions", "expires_at", "timestamp with time zone", True,
     ("create", "find_by_token", "list_of_user", "purge_expired"), ("create", "load")),
    ("slimy", "sessions", "id", "uuid", True,
     ("create", "delete", "find_by_token", "list_of_user", "purge_expired"), ("load",)),
    ("slimy", "sessions", "token_hash", "bytea", True,
     ("delete_by_token", "find_by_token"), ("create", "load")),
    ("slimy", "sessions", "user_id", "uuid", True,
     ("create", "delete", "delete_of_user", "find_by_token", "list_of_user"), ("create", "load")),
    ("slimy", "users", "avatar", "text", False,
     ("find_by_token",), ()),
    ("slimy", "users", "created_at", "timestamp with time zone", True,
     ("find_by_token",), ()),
    ("slimy", "users", "discord_id", "bigint", True,
     ("find_by_token",), ()),
    ("slimy", "users", "email", "text", False,
     ("find_by_token",), ()),
    ("slimy", "users", "global_name", "text", False,
     ("find_by_token",), ()),
    ("slimy", "users", "id", "uuid", True,
     ("find_by_token",), ()),
    ("slimy", "users", "last_active_guild_id", "bigint", False,
     ("find_by_token",), ()),
    ("slimy", "users", "updated_at", "timestamp with time zone", True,
     ("find_by_token",), ()),
    ("slimy", "users", "username", "text", False,
     ("find_by_token",), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "sessions", "table",
     ("create", "delete", "delete_by_token", "delete_of_user", "find_by_token", "list_of_user",
      "purge_expired"),
     ("create", "load"),
     ("delete", "delete_by_token", "delete_of_user", "purge_expired")),
    ("slimy", "users", "table",
     ("find_by_token",), (), ()),
)
# fmt: on

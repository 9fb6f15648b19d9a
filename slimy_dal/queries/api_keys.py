"""Generated from sql/queries/api_keys.sql by `slimy generate`; do not edit."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import starmap
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.statement import Executor, Parameter, Statement, values
from slimy_dal.engine.types import Page, Snowflake

ListNewestSort: TypeAlias = Literal["newest"]
Scope: TypeAlias = Literal[
    "analyses:read",
    "analyses:write",
    "audit-logs:read",
    "audit-logs:write",
    "chat:read",
    "chat:write",
    "club-members:read",
    "club-members:write",
    "code-reports:read",
    "code-reports:write",
    "guilds:read",
    "guilds:write",
    "keys:admin",
    "members:read",
    "members:write",
    "screenshots:read",
    "screenshots:write",
    "sessions:read",
    "sessions:write",
    "stats:read",
    "stats:write",
    "users:act",
    "users:read",
    "users:write",
]


class ApiKey(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of 3 queries."""

    id: UUID
    public_id: str
    name: str
    scopes: list[Scope]
    guild_ids: list[Snowflake] | None
    expires_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


class FindByPublicIdRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find_by_public_id`."""

    id: UUID
    secret_hash: bytes
    name: str
    scopes: list[Scope]
    guild_ids: list[Snowflake] | None
    expires_at: datetime | None


CREATE = Statement(
    name="api_keys.create",
    sql="""\
INSERT INTO slimy.api_keys AS k (public_id, secret_hash, name, scopes, guild_ids, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING
    k.id,
    k.public_id,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at,
    k.revoked_at,
    k.created_at""",
    parameters=(
        Parameter("public_id", "text"),
        Parameter("secret_hash", "bytea"),
        Parameter("name", "text"),
        Parameter("scopes", "text[]"),
        Parameter("guild_ids", "bigint[]", nullable=True),
        Parameter("expires_at", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "public_id",
        "name",
        "scopes",
        "guild_ids",
        "expires_at",
        "revoked_at",
        "created_at",
    ),
    writes=True,
)


async def create(
    db: Executor,
    /,
    *,
    public_id: str,
    secret_hash: bytes,
    name: str,
    scopes: Sequence[Scope],
    guild_ids: Sequence[int] | None,
    expires_at: datetime | None,
    timeout: float | None = None,
) -> ApiKey:
    """A new key, of which only the hash of its secret is kept.

    Raises NotFound where there is no row.
    """
    row = await db.row(
        CREATE,
        public_id,
        secret_hash,
        name,
        scopes,
        guild_ids,
        expires_at,
        timeout=timeout,
    )
    if row is None:
        raise NotFound("api_keys.create found no row", query="api_keys.create")
    return ApiKey(*values(row))


FIND_BY_PUBLIC_ID = Statement(
    name="api_keys.find_by_public_id",
    sql="""\
SELECT
    k.id,
    k.secret_hash,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at
FROM slimy.api_keys AS k
WHERE
    k.public_id = $1
    AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now())""",
    parameters=(Parameter("public_id", "text"),),
    columns=("id", "secret_hash", "name", "scopes", "guild_ids", "expires_at"),
)


async def find_by_public_id(
    db: Executor,
    /,
    *,
    public_id: str,
    timeout: float | None = None,
) -> FindByPublicIdRow | None:
    """The good key with this public part, with the hash to hold the secret against; none when it was
    revoked or has ended, by the database's clock.
    """
    row = await db.row(FIND_BY_PUBLIC_ID, public_id, timeout=timeout)
    return None if row is None else FindByPublicIdRow(*values(row))


LIST_NEWEST = Listing(
    name="api_keys.list_newest",
    head="""\
SELECT
    k.id,
    k.public_id,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at,
    k.revoked_at,
    k.created_at
FROM slimy.api_keys AS k""",
    joint="WHERE",
    middle="\nORDER BY ",
    order="k.id DESC",
    tail="\nLIMIT $1",
    sorts=(Sort("newest", ("k.id",), (0,), (Parameter("cursor", "uuid"),), descending=True),),
    parameters=(Parameter("row_limit", "bigint"),),
    columns=(
        "id",
        "public_id",
        "name",
        "scopes",
        "guild_ids",
        "expires_at",
        "revoked_at",
        "created_at",
    ),
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
) -> Page[ApiKey]:
    """One page of keys, newest first, revoked ones among them.

    Raises InvalidValue for a limit outside 1 to 200, an order that is none of these, and a cursor that is
    not of this list with this filter and order.
    """
    asked = LIST_NEWEST.ask(cursors, (), sort=sort, cursor=cursor, limit=limit)
    found = await db.rows(asked.statement, *asked.arguments, timeout=timeout)
    rows = asked.cut(found)
    return Page(list(starmap(ApiKey, map(values, rows))), *asked.cursors)


LOAD = Statement(
    name="api_keys.load",
    sql="""\
INSERT INTO slimy.api_keys (
    id,
    public_id,
    secret_hash,
    name,
    scopes,
    guild_ids,
    expires_at,
    revoked_at,
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
        Parameter("id", "uuid"),
        Parameter("public_id", "text"),
        Parameter("secret_hash", "bytea"),
        Parameter("name", "text"),
        Parameter("scopes", "text[]"),
        Parameter("guild_ids", "bigint[]", nullable=True),
        Parameter("expires_at", "timestamp with time zone", nullable=True),
        Parameter("revoked_at", "timestamp with time zone", nullable=True),
        Parameter("created_at", "timestamp with time zone"),
        Parameter("updated_at", "timestamp with time zone"),
    ),
    writes=True,
)


class LoadItem(NamedTuple):
    """The parameters of one item of `load`."""

    id: UUID
    public_id: str
    secret_hash: bytes
    name: str
    scopes: Sequence[Scope]
    guild_ids: Sequence[int] | None
    expires_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    updated_at: datetime


async def load(db: Executor, items: Iterable[LoadItem], /, *, timeout: float | None = None) -> int:
    """Loads keys in bulk, as they are: hashes, of which the secrets are not known."""
    return await db.copy(
        LOAD,
        ("slimy", "api_keys"),
        (
            "id",
            "public_id",
            "secret_hash",
            "name",
            "scopes",
            "guild_ids",
            "expires_at",
            "revoked_at",
            "created_at",
            "updated_at",
        ),
        items,
        timeout=timeout,
    )


REVOKE = Statement(
    name="api_keys.revoke",
    sql="""\
UPDATE slimy.api_keys
SET revoked_at = now()
WHERE id = $1 AND revoked_at IS NULL""",
    parameters=(Parameter("id", "uuid"),),
    writes=True,
)


async def revoke(db: Executor, /, *, id: UUID, timeout: float | None = None) -> int:
    """Withdraws a key; one that is withdrawn already stays as it was."""
    return await db.execute(REVOKE, id, timeout=timeout)


ROTATE = Statement(
    name="api_keys.rotate",
    sql="""\
WITH old AS MATERIALIZED (
    SELECT
        k.id,
        k.name,
        k.scopes,
        k.guild_ids
    FROM slimy.api_keys AS k
    WHERE
        k.id = $1
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
    FOR UPDATE
),

ending AS (
    UPDATE slimy.api_keys AS k
    SET expires_at = least(k.expires_at, now() + $2::interval)
    FROM old AS o
    WHERE k.id = o.id
)

INSERT INTO slimy.api_keys AS k (public_id, secret_hash, name, scopes, guild_ids, expires_at)
SELECT
    $3,
    $4,
    o.name,
    o.scopes,
    o.guild_ids,
    $5
FROM old AS o
RETURNING
    k.id,
    k.public_id,
    k.name,
    k.scopes,
    k.guild_ids,
    k.expires_at,
    k.revoked_at,
    k.created_at""",
    parameters=(
        Parameter("id", "uuid"),
        Parameter("overlap", "interval"),
        Parameter("public_id", "text"),
        Parameter("secret_hash", "bytea"),
        Parameter("expires_at", "timestamp with time zone", nullable=True),
    ),
    columns=(
        "id",
        "public_id",
        "name",
        "scopes",
        "guild_ids",
        "expires_at",
        "revoked_at",
        "created_at",
    ),
    writes=True,
)


async def rotate(
    db: Executor,
    /,
    *,
    id: UUID,
    overlap: timedelta,
    public_id: str,
    secret_hash: bytes,
    expires_at: datetime | None,
    timeout: float | None = None,
) -> ApiKey | None:
    """A new key in the place of a good one, with its name, scopes and guilds. The old one stays good
    for a while, so that whoever has it can change over. No row when it is unknown, withdrawn or
    over.
    """
    row = await db.row(ROTATE, id, overlap, public_id, secret_hash, expires_at, timeout=timeout)
    return None if row is None else ApiKey(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "api_keys", "created_at", "timestamp with time zone", True,
     ("create", "list_newest", "rotate"), ("load",)),
    ("slimy", "api_keys", "expires_at", "timestamp with time zone", False,
     ("create", "find_by_public_id", "list_newest", "rotate"), ("create", "load", "rotate")),
    ("slimy", "api_keys", "guild_ids", "bigint[]", False,
     ("create", "find_by_public_id", "list_newest", "rotate"), ("create", "load", "rotate")),
    ("slimy", "api_keys", "id", "uuid", True,
     ("create", "find_by_public_id", "list_newest", "revoke", "rotate"), ("load",)),
    ("slimy", "api_keys", "name", "text", True,
     ("create", "find_by_public_id", "list_newest", "rotate"), ("create", "load", "rotate")),
    ("slimy", "api_keys", "public_id", "text", True,
     ("create", "find_by_public_id", "list_newest", "rotate"), ("create", "load", "rotate")),
    ("slimy", "api_keys", "revoked_at", "timestamp with time zone", False,
     ("create", "find_by_public_id", "list_newest", "revoke", "rotate"), ("load", "revoke")),
    ("slimy", "api_keys", "scopes", "text[]", True,
     ("create", "find_by_public_id", "list_newest", "rotate"), ("create", "load", "rotate")),
    ("slimy", "api_keys", "secret_hash", "bytea", True,
     ("find_by_public_id",), ("create", "load", "rotate")),
    ("slimy", "api_keys", "updated_at", "timestamp with time zone", True,
     (), ("load",)),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "api_keys", "table",
     ("create", "find_by_public_id", "list_newest", "revoke", "rotate"),
     ("create", "load", "revoke", "rotate"),
     ()),
)
# fmt: on

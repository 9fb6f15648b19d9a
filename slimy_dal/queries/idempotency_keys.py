"""Generated from sql/queries/idempotency_keys.sql by `slimy generate`; do not edit."""

import msgspec

from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.statement import Executor, Parameter, Statement, values


class Answer(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `find`."""

    request_hash: bytes
    status: int | None
    location: str | None
    body: bytes | None


class ClaimRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `claim`."""

    is_free: bool
    is_claimed: bool


CLAIM = Statement(
    name="idempotency_keys.claim",
    sql="""\
WITH held AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0)) AS is_free
),

swept AS (
    DELETE FROM slimy.idempotency_keys AS k
    USING (
        SELECT
            o.caller,
            o.key
        FROM slimy.idempotency_keys AS o
        WHERE o.expires_at <= now() AND (o.caller, o.key) != ($1, $2)
        ORDER BY o.expires_at
        LIMIT 2
        FOR UPDATE SKIP LOCKED
    ) AS old
    WHERE k.caller = old.caller AND k.key = old.key
),

claimed AS (
    INSERT INTO slimy.idempotency_keys AS k (caller, key, request_hash)
    SELECT
        $1,
        $2,
        $3
    FROM held AS h
    WHERE h.is_free
    ON CONFLICT (caller, key) DO UPDATE
        SET
            request_hash = excluded.request_hash,
            status = NULL,
            location = NULL,
            body = NULL,
            expires_at = excluded.expires_at,
            created_at = excluded.created_at
        WHERE k.expires_at <= now()
    RETURNING k.key
)

SELECT
    h.is_free,
    (EXISTS (SELECT c.key FROM claimed AS c)) AS is_claimed
FROM held AS h""",
    parameters=(
        Parameter("caller", "text"),
        Parameter("key", "text"),
        Parameter("request_hash", "bytea"),
    ),
    columns=("is_free", "is_claimed"),
    writes=True,
)


async def claim(
    db: Executor,
    /,
    *,
    caller: str,
    key: str,
    request_hash: bytes,
    timeout: float | None = None,
) -> ClaimRow:
    """Takes a key for the transaction it runs in. `is_free` says that nobody else is at work with it,
    `is_claimed` that it was not used in the last day, and is the caller's now. Nobody waits: a lock
    that others hold is an answer too. On the way two rows that are over are removed, more than one
    claim adds, so that the table never holds much more than a day.

    Raises NotFound where there is no row.
    """
    row = await db.row(CLAIM, caller, key, request_hash, timeout=timeout)
    if row is None:
        raise NotFound("idempotency_keys.claim found no row", query="idempotency_keys.claim")
    return ClaimRow(*values(row))


COMPLETE = Statement(
    name="idempotency_keys.complete",
    sql="""\
UPDATE slimy.idempotency_keys
SET
    status = $1,
    location = $2,
    body = $3
WHERE caller = $4 AND key = $5""",
    parameters=(
        Parameter("status", "bigint", nullable=True),
        Parameter("location", "text", nullable=True),
        Parameter("body", "bytea", nullable=True),
        Parameter("caller", "text"),
        Parameter("key", "text"),
    ),
    writes=True,
)


async def complete(
    db: Executor,
    /,
    *,
    status: int | None,
    location: str | None,
    body: bytes | None,
    caller: str,
    key: str,
    timeout: float | None = None,
) -> int:
    """Keeps what a claimed key was answered."""
    return await db.execute(COMPLETE, status, location, body, caller, key, timeout=timeout)


FIND = Statement(
    name="idempotency_keys.find",
    sql="""\
SELECT
    k.request_hash,
    k.status,
    k.location,
    k.body
FROM slimy.idempotency_keys AS k
WHERE k.caller = $1 AND k.key = $2""",
    parameters=(Parameter("caller", "text"), Parameter("key", "text")),
    columns=("request_hash", "status", "location", "body"),
)


async def find(
    db: Executor,
    /,
    *,
    caller: str,
    key: str,
    timeout: float | None = None,
) -> Answer | None:
    """What a key was answered."""
    row = await db.row(FIND, caller, key, timeout=timeout)
    return None if row is None else Answer(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "idempotency_keys", "body", "bytea", False,
     ("find",), ("claim", "complete")),
    ("slimy", "idempotency_keys", "caller", "text", True,
     ("claim", "complete", "find"), ("claim",)),
    ("slimy", "idempotency_keys", "created_at", "timestamp with time zone", True,
     ("claim",), ("claim",)),
    ("slimy", "idempotency_keys", "expires_at", "timestamp with time zone", True,
     ("claim",), ("claim",)),
    ("slimy", "idempotency_keys", "key", "text", True,
     ("claim", "complete", "find"), ("claim",)),
    ("slimy", "idempotency_keys", "location", "text", False,
     ("find",), ("claim", "complete")),
    ("slimy", "idempotency_keys", "request_hash", "bytea", True,
     ("claim", "find"), ("claim",)),
    ("slimy", "idempotency_keys", "status", "bigint", False,
     ("find",), ("claim", "complete")),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("slimy", "idempotency_keys", "table",
     ("claim", "complete", "find"), ("claim", "complete"), ("claim",)),
)
# fmt: on

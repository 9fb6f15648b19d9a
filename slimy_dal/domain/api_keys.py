"""API keys: what services prove themselves with; a key is shown once and kept as a hash."""

import hmac
import re
import secrets
import string
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, cast, get_args
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.secrets import new_token, token_hash
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import api_keys as queries
from slimy_dal.queries.api_keys import ApiKey

__all__ = ["ApiKey", "ApiKeys", "NewApiKey", "Scope", "VerifiedKey"]

Scope = Literal[
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
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

PUBLIC_ALPHABET: Final = string.ascii_lowercase + string.digits
PUBLIC_LENGTH: Final = 12
KEY: Final = re.compile(r"slimy_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
"""The prefix lets scanners for leaked secrets find a key; the public part may be logged."""

OVERLAP: Final = timedelta(days=1)
"""How long a rotated key stays good where its owner does not say."""
LONGEST_OVERLAP: Final = timedelta(days=30)


def _public_id() -> str:
    return "".join(secrets.choice(PUBLIC_ALPHABET) for _ in range(PUBLIC_LENGTH))


class NewApiKey(msgspec.Struct, frozen=True, rename="camel"):
    """A key just made, with the only copy of its text; its repr does not show it."""

    api_key: ApiKey
    key: str

    def __repr__(self) -> str:
        return f"NewApiKey({self.api_key!r})"


class VerifiedKey(msgspec.Struct, frozen=True):
    """A key that was presented and is good."""

    id: UUID
    name: str
    scopes: frozenset[str]
    guild_ids: frozenset[int] | None
    """The only guilds it reaches; None for all."""


class ApiKeys:
    """Everything about API keys, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(
        self,
        name: str,
        scopes: Sequence[str],
        *,
        guild_ids: Collection[int] | None = None,
        expires_at: datetime | None = None,
    ) -> NewApiKey:
        """Make a key and return it with its text, which is not kept and cannot be shown again.

        `guild_ids` are the only guilds it reaches (at most 1000); None for all. Raises InvalidValue (scopes),
        CheckViolated (name, guild_ids, an end that is not in the future).
        """
        if isinstance(scopes, str) or not scopes or not set(scopes) <= set(SCOPES):
            raise InvalidValue("scopes", f"takes one or more of {', '.join(SCOPES)}")
        public_id, secret = _public_id(), new_token()
        row = await queries.create(
            self._executor,
            public_id=public_id,
            secret_hash=token_hash(secret),
            name=name,
            scopes=[cast("Scope", scope) for scope in sorted(set(scopes))],
            guild_ids=None if guild_ids is None else sorted(set(guild_ids)),
            expires_at=expires_at,
        )
        return NewApiKey(row, f"slimy_{public_id}_{secret}")

    async def rotate(
        self, id: UUID, *, overlap: timedelta = OVERLAP, expires_at: datetime | None = None
    ) -> NewApiKey:
        """Make a key in the place of a good one, with its name, scopes and guilds; the old one ends after `overlap`.

        Raises NotFound for one that is unknown, withdrawn or over, InvalidValue (overlap), CheckViolated (expires_at).
        """
        if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
            raise InvalidValue("overlap", f"is not between none and {LONGEST_OVERLAP.days} days")
        public_id, secret = _public_id(), new_token()
        row = await queries.rotate(
            self._executor,
            id=id,
            overlap=overlap,
            public_id=public_id,
            secret_hash=token_hash(secret),
            expires_at=expires_at,
        )
        return NewApiKey(found(row, "API key"), f"slimy_{public_id}_{secret}")

    async def verify(self, key: str) -> VerifiedKey | None:
        """Return whose key a text is, or None when it is malformed, unknown, wrong, revoked or over."""
        match = KEY.fullmatch(key)
        if match is None:
            return None
        row = await queries.find_by_public_id(self._executor, public_id=match[1])
        if row is None or not hmac.compare_digest(row.secret_hash, token_hash(match[2])):
            return None
        guild_ids = None if row.guild_ids is None else frozenset(row.guild_ids)
        return VerifiedKey(row.id, row.name, frozenset(row.scopes), guild_ids)

    async def list(self, *, cursor: str | None = None, limit: int = 50) -> Page[ApiKey]:
        """Return one page of keys, newest first, revoked ones among them. Raises InvalidValue (limit, cursor)."""
        return await queries.list_newest(self._executor, self._cursors, cursor=cursor, limit=limit)

    async def revoke(self, id: UUID) -> None:
        """Withdraw a key at once and for good. Raises NotFound for an unknown or withdrawn one."""
        found(await queries.revoke(self._executor, id=id) or None, "API key")

"""Who is calling: a service, a user, or a service for a user."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

from aiohttp.hdrs import AUTHORIZATION
from multidict import istr

from service.problems import Refusal, in_parameter
from slimy_dal.domain.api_keys import Scope
from slimy_dal.engine.tenant import Tenant

if TYPE_CHECKING:
    from slimy_dal.domain.database import Database
    from slimy_dal.domain.sessions import OpenSession

KEY_PREFIX = "slimy_"
MAX_CREDENTIAL = 512
CACHED_KEYS = 1024

ACTING: Final = "X-Acting-User"
_ACTING: Final = istr(ACTING)
ACT: Final[Scope] = "users:act"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that showed an API key."""

    key_id: UUID
    name: str
    scopes: frozenset[str]
    guild_ids: frozenset[int] | None = None
    """The only guilds it reaches; None for all."""
    label: str = field(init=False, compare=False)
    """How logs name it."""

    def __post_init__(self) -> None:
        # Once for all its calls: to write a UUID takes as long as to look the key up.
        object.__setattr__(self, "label", f"key:{self.key_id}")

    @property
    def account(self) -> str:
        """Whose calls are counted."""
        return self.label

    @property
    def tenant(self) -> Tenant | None:
        """What the database lets it reach; None for all there is."""
        return None if self.guild_ids is None else Tenant(guild_ids=self.guild_ids)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A user who showed a session token."""

    user_id: UUID
    session: "OpenSession | None"
    """None where a service acts for them."""

    @property
    def label(self) -> str:
        """How logs name them."""
        return f"user:{self.user_id}"

    @property
    def account(self) -> str:
        """Whose calls are counted."""
        return self.label

    @property
    def tenant(self) -> Tenant:
        """What the database lets them reach."""
        return Tenant(self.user_id)


@dataclass(frozen=True, slots=True)
class Acting(Visitor):
    """A user for whom a service acts: what either may not, it may not."""

    service: Service

    @property
    def label(self) -> str:
        """How logs name both."""
        return f"{self.service.label}+user:{self.user_id}"

    @property
    def account(self) -> str:
        """Whose calls are counted: users cost the service nothing that it has not."""
        return self.service.label

    @property
    def tenant(self) -> Tenant:
        """What the database lets them reach: what both may."""
        return Tenant(self.user_id, self.service.guild_ids)


Principal = Service | Visitor


class Gate:
    """Finds out who is calling, and remembers verified API keys for a moment.

    A key that was withdrawn, by whichever process, is believed for at most `remember` seconds more.
    """

    def __init__(
        self, db: "Database", *, remember: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._remember = remember
        self._clock = clock
        self._known: dict[bytes, tuple[float, Service]] = {}
        self._forgotten = 0

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """Return who the headers of a request stand for.

        Raises Refusal: unauthenticated; insufficient_scope and invalid_header for who would act for a user.
        """
        header = headers.get(AUTHORIZATION, "")
        # The cache holds digests: a memory dump of this process shows no usable key.
        digest = hashlib.sha256(header.encode(errors="surrogateescape")).digest()
        known = self._known.get(digest)
        if known is not None and known[0] > self._clock():
            found: Principal = known[1]
        else:
            found = await self._shown(header, digest)
        if (user := headers.get(_ACTING)) is None:
            return found
        if not isinstance(found, Service) or ACT not in found.scopes:
            raise Refusal("insufficient_scope", f"{ACTING} needs an API key with the scope {ACT}")
        try:
            return Acting(UUID(user), None, found)
        except ValueError:
            entry = in_parameter("header", ACTING, "invalid_header", "must be a user's id")
            raise Refusal("invalid_header", f"{ACTING} must be a user's id", [entry]) from None

    async def _shown(self, header: str, digest: bytes) -> Principal:
        scheme, _, credential = header.partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential or len(credential) > MAX_CREDENTIAL:
            raise _unauthenticated("this needs credentials: send `Authorization: Bearer …`")
        if not credential.isascii() or not credential.isprintable():
            raise _unauthenticated("the credentials are not valid")
        if credential.startswith(KEY_PREFIX):
            return await self._service(credential, digest)
        return await self._visitor(credential)

    async def _service(self, credential: str, digest: bytes) -> Service:
        # From before the database looked: an answer that was long under way is already that old.
        until, forgotten = self._clock() + self._remember, self._forgotten
        key = await self._db.api_keys.verify(credential)
        if key is None:
            self._known.pop(digest, None)
            raise _unauthenticated("the API key is wrong, expired or revoked")
        service = Service(key.id, key.name, key.scopes, key.guild_ids)
        if self._remember and forgotten == self._forgotten:
            if len(self._known) >= CACHED_KEYS:
                self._known.clear()
            self._known[digest] = (until, service)
        return service

    async def _visitor(self, credential: str) -> Visitor:
        found = await self._db.sessions.find_by_token(credential)
        if found is None:
            raise _unauthenticated("the session is unknown or over: sign in again")
        return Visitor(found.user.id, found)

    def forget(self, key_id: UUID) -> None:
        """Stop believing a key at once, because it was revoked here; what is being verified is not kept either."""
        self._forgotten += 1
        self._known = {
            digest: entry for digest, entry in self._known.items() if entry[1].key_id != key_id
        }


def _unauthenticated(detail: str) -> Refusal:
    return Refusal("unauthenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="slimy"'})

"""Sessions: logged-in visits of users, found by a token of which only a hash is kept (SPEC D2)."""

import time
from datetime import datetime
from uuid import UUID

import msgspec

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import DeadlineExceeded, InvalidReference
from slimy_dal.engine.rows import found
from slimy_dal.engine.secrets import new_token, token_hash
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import Page
from slimy_dal.queries import sessions as queries
from slimy_dal.queries.sessions import FindByTokenRow as OpenSession
from slimy_dal.queries.sessions import Session

__all__ = ["NewSession", "OpenSession", "Purged", "Session", "Sessions"]


class NewSession(msgspec.Struct, frozen=True, rename="camel"):
    """A session just opened, with the only copy of its token; its repr does not show it."""

    session: Session
    token: str

    def __repr__(self) -> str:
        return f"NewSession({self.session!r})"


class Purged(msgspec.Struct, frozen=True, rename="camel"):
    """How many ended sessions were removed, and whether there may be more of them."""

    ended: int
    more_left: bool


class Sessions:
    """Everything about sessions, over one executor."""

    __slots__ = ("_cursors", "_executor")

    def __init__(self, executor: Executor, cursors: Cursors) -> None:
        self._executor = executor
        self._cursors = cursors

    async def create(self, user_id: UUID, *, expires_at: datetime) -> NewSession:
        """Open a session and return it with its token, which is not kept and cannot be shown again.

        Raises NotFound for an unknown user, CheckViolated when the end is not in the future by the database's clock.
        """
        token = new_token()
        try:
            session = await queries.create(
                self._executor,
                user_id=user_id,
                token_hash=token_hash(token),
                expires_at=expires_at,
            )
        except InvalidReference:
            session = None
        return NewSession(found(session, "user"), token)

    async def find_by_token(self, token: str) -> OpenSession | None:
        """Return the open session of a token with its user, in one query; None when it ended or never was."""
        return await queries.find_by_token(self._executor, token_hash=token_hash(token))

    async def list(
        self, user_id: UUID, *, cursor: str | None = None, limit: int = 50
    ) -> Page[Session]:
        """Return one page of a user's open sessions, newest first. Raises InvalidValue (limit, cursor)."""
        return await queries.list_of_user(
            self._executor, self._cursors, user_id=user_id, cursor=cursor, limit=limit
        )

    async def delete(self, user_id: UUID, id: UUID) -> None:
        """End one session of a user. Raises NotFound, also for somebody else's."""
        found(await queries.delete(self._executor, id=id, user_id=user_id) or None, "session")

    async def delete_by_token(self, token: str) -> None:
        """End the session of a token. Raises NotFound."""
        hashed = token_hash(token)
        found(await queries.delete_by_token(self._executor, token_hash=hashed) or None, "session")

    async def delete_all(self, user_id: UUID) -> int:
        """End every session of a user and return how many; none is no error."""
        return await queries.delete_of_user(self._executor, user_id=user_id)

    async def purge_expired(self, *, batch_size: int = 1000) -> int:
        """Remove ended sessions in batches, each its own transaction outside one of the caller's; return how many.

        Several purges at a time share the work. Safe to stop anywhere.
        """
        purged = 0
        while batch := await queries.purge_expired(self._executor, batch_size=batch_size):
            purged += batch
        return purged

    async def purge_expired_for(self, seconds: float, *, batch_size: int = 1000) -> Purged:
        """Remove ended sessions in batches like `purge_expired`, but begin none after so many seconds.

        What is removed is kept and counted, also where a later batch runs into the caller's deadline.
        """
        end, purged = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            try:
                batch = await queries.purge_expired(self._executor, batch_size=batch_size)
            except DeadlineExceeded:
                if not purged:
                    raise
                break
            if not batch:
                return Purged(purged, more_left=False)
            purged += batch
        return Purged(purged, more_left=True)

"""Generated from the routes of the service by `slimy client`; do not edit."""

from datetime import datetime
from uuid import UUID

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Page


_SESSIONS_CREATE = Operation[shapes.NewSession](
    "sessions_create",
    "POST",
    "/v1/sessions",
    shapes.NewSession,
)
_SESSIONS_GET_CURRENT = Operation[shapes.OpenSession](
    "sessions_get_current",
    "GET",
    "/v1/sessions/current",
    shapes.OpenSession,
)
_SESSIONS_END_CURRENT = Operation[None](
    "sessions_end_current",
    "DELETE",
    "/v1/sessions/current",
    None,
)
_SESSIONS_PURGE_EXPIRED = Operation[shapes.Purged](
    "sessions_purge_expired",
    "POST",
    "/v1/sessions:purge-expired",
    shapes.Purged,
)
_SESSIONS_LIST_OF_USER = Operation[Page[shapes.Session]](
    "sessions_list_of_user",
    "GET",
    "/v1/users/{user_id}/sessions",
    Page[shapes.Session],
)
_SESSIONS_END_ALL = Operation[shapes.EndedSessions](
    "sessions_end_all",
    "DELETE",
    "/v1/users/{user_id}/sessions",
    shapes.EndedSessions,
)
_SESSIONS_END = Operation[None](
    "sessions_end",
    "DELETE",
    "/v1/users/{user_id}/sessions/{session_id}",
    None,
)


class Sessions(Noun):
    """Logged-in visits of users."""

    __slots__ = ()

    async def create(self, *, user_id: UUID, expires_at: datetime) -> shapes.NewSession:
        """Open a session for a user.

        The token is shown this once: only its hash is kept. `expiresAt` must be in the future.

        Who may: an API key with the scope `sessions:write`.
        """
        return await self._transport.call(
            _SESSIONS_CREATE,
            body=shapes.SessionRequest(user_id=user_id, expires_at=expires_at),
        )

    async def get_current(self) -> shapes.OpenSession:
        """Return the caller's session and user.

        Who may: any session.
        """
        return await self._transport.call(_SESSIONS_GET_CURRENT)

    async def end_current(self) -> None:
        """End the caller's session: its token is worthless from now on.

        Who may: any session.
        """
        return await self._transport.call(_SESSIONS_END_CURRENT)

    async def purge_expired(self) -> shapes.Purged:
        """Remove the sessions that are over.

        It stops after half the time a request may take: repeat it while `moreLeft` is true.

        Who may: an API key with the scope `sessions:write`.
        """
        return await self._transport.call(_SESSIONS_PURGE_EXPIRED)

    def list_of_user(
        self,
        user_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Session]:
        """List a user's open sessions, newest first.

        Who may: an API key with the scope `sessions:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SESSIONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={"cursor": cursor, "limit": limit},
        )

    async def end_all(
        self,
        user_id: UUID,
        *,
        max_affected: int | None = None,
    ) -> shapes.EndedSessions:
        """End every session of a user: signed out everywhere.

        Who may: an API key with the scope `sessions:write`, or the session of that user.
        """
        return await self._transport.call(
            _SESSIONS_END_ALL,
            path={"user_id": user_id},
            max_affected=max_affected,
        )

    async def end(self, user_id: UUID, session_id: UUID) -> None:
        """End one session of a user.

        Who may: an API key with the scope `sessions:write`, or the session of that user.
        """
        return await self._transport.call(
            _SESSIONS_END,
            path={"user_id": user_id, "session_id": session_id},
        )

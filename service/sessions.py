"""Sessions over HTTP: a service opens them for users, and users see and end their own (SPEC D2)."""

import msgspec

from service.auth import Anyone, Own, Policy
from service.examples import USER
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, Moment
from service.principals import Visitor
from service.problems import missing_reference
from service.routes import Call, Created, Routes
from slimy_dal.domain.sessions import NewSession, OpenSession, Purged, Session
from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.types import Page

routes = Routes("sessions", "Logged-in visits of users.")

WRITE = Policy("sessions:write")
CALLER = Policy(session=(Anyone(),))


class SessionRequest(Body):
    """For whom a session is opened, and until when."""

    user_id: Id
    expires_at: Moment


class EndedSessions(msgspec.Struct, frozen=True, rename="camel"):
    """How many sessions were ended."""

    ended: int


@routes.route(
    "POST",
    "/v1/sessions",
    WRITE,
    "missing_reference",
    keeps_answer=False,
    body_example={
        "userId": USER,
        "expiresAt": "2030-01-31T12:00:00Z",
    },
    audit="session.create",
)
async def create(call: Call, *, body: SessionRequest) -> Created[NewSession]:
    """Open a session for a user.

    The token is shown this once: only its hash is kept. `expiresAt` must be in the future.
    """
    try:
        opened = await call.db.sessions.create(body.user_id, expires_at=body.expires_at)
    except NotFound:
        raise missing_reference("/userId", "user") from None
    call.about, call.details["userId"] = str(opened.session.id), str(body.user_id)
    return Created(opened, "/v1/sessions/current")


@routes.route("GET", "/v1/sessions/current", CALLER)
async def get_current(call: Call) -> OpenSession:
    """Return the caller's session and user."""
    return _session(call)


@routes.route(
    "DELETE",
    "/v1/sessions/current",
    CALLER,
    audit="session.delete",
)
async def end_current(call: Call) -> None:
    """End the caller's session: its token is worthless from now on."""
    session = _session(call)
    call.about = str(session.id)
    await call.db.sessions.delete(session.user.id, session.id)


@routes.route("POST", "/v1/sessions:purge-expired", WRITE, keeps_answer=False)
async def purge_expired(call: Call) -> Purged:
    """Remove the sessions that are over.

    It stops after half the time a request may take: repeat it while `moreLeft` is true.
    """
    return await call.db.sessions.purge_expired_for(call.state.settings.request_timeout / 2)


@routes.route(
    "GET",
    "/v1/users/{user_id}/sessions",
    Policy("sessions:read", (Own(),)),
    "not_found",
    "invalid_cursor",
)
async def list_of_user(
    call: Call, *, user_id: Id, cursor: Cursor | None = None, limit: Limit = DEFAULT_LIMIT
) -> Page[Session]:
    """List a user's open sessions, newest first."""
    return await call.db.sessions.list(user_id, cursor=cursor, limit=limit)


@routes.route(
    "DELETE",
    "/v1/users/{user_id}/sessions",
    Policy("sessions:write", (Own(),)),
    audit="session.delete_all",
    affects=lambda made: made.ended,
)
async def end_all(call: Call, *, user_id: Id) -> EndedSessions:
    """End every session of a user: signed out everywhere."""
    return EndedSessions(await call.db.sessions.delete_all(user_id))


@routes.route(
    "DELETE",
    "/v1/users/{user_id}/sessions/{session_id}",
    Policy("sessions:write", (Own(),)),
    "not_found",
    audit="session.delete",
)
async def end(call: Call, *, user_id: Id, session_id: Id) -> None:
    """End one session of a user."""
    await call.db.sessions.delete(user_id, session_id)


def _session(call: Call) -> OpenSession:
    principal = call.principal
    assert isinstance(principal, Visitor)  # noqa: S101 -- CALLER lets nobody else in
    assert principal.session is not None  # noqa: S101 -- nor who acts for a user
    return principal.session

"""Says that there is no list of what is not there: an empty one is looked into before it is sent to a service.

Sessions are asked for their rights in the guild first, which tells a guild that is none. A service has none to ask
for; so only an answer without a single entry costs it a second statement.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from service.principals import Service
from service.routes import Call
from slimy_dal.engine.types import Page

if TYPE_CHECKING:
    from slimy_dal.domain.database import Nouns

__all__ = ["PARENTS", "must_be_there"]

PARENTS: Final[Mapping[str, Callable[["Nouns", Any], Awaitable[object]]]] = {
    "guild_id": lambda db, key: db.guilds.get(key),
    "user_id": lambda db, key: db.users.get(key),
    "conversation_id": lambda db, key: db.conversations.get(key),
    "analysis_id": lambda db, key: db.club_analyses.get(key),
    "screenshot_id": lambda db, key: db.screenshot_analyses.get(key),
}
"""How the domain is asked for what a list is of, by the name of the path's parameter; each raises NotFound."""


async def must_be_there(
    call: Call, names: Iterable[str], given: Mapping[str, Any], value: object
) -> None:
    """Raise NotFound where a service is about to get an empty list of something that does not exist, or is deleted.

    `names`: the parameters of the path; a filter of the same name asks for what may well be nothing. Idempotent.
    """
    entries = value.items if isinstance(value, Page) else value
    if entries != [] or not isinstance(call.principal, Service):
        return
    for name in names:
        if name in PARENTS:
            await PARENTS[name](call.unbound, given[name])

"""What a change of members is checked against, and what the audit log is told of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from service.routes import Call
from slimy_dal.domain.memberships import EntryResult, RolesEntry
from slimy_dal.domain.versions import raise_stale
from slimy_dal.engine.errors import SerializationConflict, StaleVersion
from slimy_dal.engine.types import UNSET

OWNER = "owner"


async def authority(guild_id: int, user_id: UUID, call: Call) -> tuple[frozenset[str], datetime]:
    """Return a member's roles, with owner for the guild's owner, whatever roles they have, and their version.

    Raises NotFound, and StaleVersion where the caller asked for another version.
    """
    member = await call.unbound.memberships.get(guild_id, user_id)
    if call.version not in (UNSET, member.updated_at):
        raise_stale()
    roles = frozenset[str](member.roles)
    guild = await call.unbound.guilds.get(guild_id)
    return roles | {OWNER} if guild.owner_id == user_id else roles, member.updated_at


@contextmanager
def as_it_was(call: Call) -> Iterator[None]:
    """Let what was checked be what is changed: a role given in between has all of it done again, check included."""
    try:
        yield
    except StaleVersion:
        if call.version is not UNSET:
            raise
        raise SerializationConflict("others were changing the member's roles") from None


def told(
    call: Call, results: list[EntryResult], entries: Sequence[RolesEntry] = ()
) -> list[EntryResult]:
    """Return the results of a bulk call; the audit log is told of those that were done, by the roles given."""
    roles = {entry.user_id: ",".join(entry.roles) for entry in entries}
    done: dict[str, list[str]] = {}
    for result in results:
        if result.ok:
            done.setdefault(roles.get(result.user_id, "none"), []).append(str(result.user_id))
    call.details["done"] = done
    return results

"""What the entries of a bulk call on memberships ask for, what became of each, and what a refusal of one means."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, NoReturn, TypeVar, cast, get_args
from uuid import UUID

import msgspec

from slimy_dal.engine.errors import CheckViolated, Conflict, InvalidReference, InvalidValue
from slimy_dal.engine.rows import found
from slimy_dal.engine.transaction import Transaction

__all__ = [
    "ROLES",
    "EntryResult",
    "Role",
    "RolesEntry",
    "decided",
    "known_roles",
    "problem_of",
    "raise_last_owner",
    "raise_not_found",
    "refused_entries",
    "result_of_adding",
    "results_of_changing",
    "wanted_roles",
]

T = TypeVar("T")
Role = Literal["owner", "admin", "moderator", "member"]

ROLES: Final = frozenset(get_args(Role))
MAX_ENTRIES: Final = 1000
LAST_OWNER: Final = "user_guilds_last_owner_check"


class LastOwner(Conflict):
    """A guild would be left without an owner."""

    code = "last_owner"


class RolesEntry(msgspec.Struct, frozen=True):
    """One entry of a bulk call: a user and the roles to give."""

    user_id: UUID
    roles: tuple[str, ...] = ("member",)


class EntryResult(msgspec.Struct, frozen=True, rename="camel"):
    """What became of one entry of a bulk call, in the order of the entries.

    `code` is None where it was done, else one of: already_exists, unknown_user, not_a_member, last_owner,
    duplicate_entry, invalid_roles; `detail` says it in words.
    """

    user_id: UUID
    ok: bool
    code: str | None = None
    detail: str | None = None


def known_roles(roles: Sequence[str], field: str = "roles") -> list[Role]:
    """Narrow roles to the known ones, before the database would say the same with less detail."""
    problem = problem_of(roles)
    if problem is not None:
        raise InvalidValue(field, problem)
    return [cast("Role", role) for role in roles]


def wanted_roles(role: str | None) -> tuple[list[Role], list[Role]]:
    """Return the roles of which a member must have one, and those beside which a member may have none.

    "member" stands for those who have no other role, None for everybody. Raises InvalidValue (role).
    """
    every: list[Role] = list(get_args(Role))
    if role is None:
        return every, every
    [known] = known_roles((role,), "role")
    return [known], ["member"] if known == "member" else every


def problem_of(roles: Sequence[str]) -> str | None:
    """Return what is wrong with roles, None when nothing is."""
    if isinstance(roles, str) or not roles:
        return "holds no role: give at least one"
    if unknown := sorted(str(role) for role in set(roles) - ROLES):
        return (
            f"holds unknown roles ({len(unknown)}): the known ones are {', '.join(get_args(Role))}"
        )
    return "holds a role twice" if len(set(roles)) < len(roles) else None


def refused_entries(entries: Sequence[RolesEntry]) -> dict[int, EntryResult]:
    """Return the results of the entries that need not be sent, by index."""
    if len(entries) > MAX_ENTRIES:
        raise InvalidValue("entries", f"holds more than {MAX_ENTRIES} entries")
    refused, seen = {}, set[UUID]()
    for index, entry in enumerate(entries):
        problem = problem_of(entry.roles)
        if entry.user_id in seen:
            refused[index] = EntryResult(
                entry.user_id, ok=False, code="duplicate_entry", detail="the user stands here twice"
            )
        elif problem is not None:
            refused[index] = EntryResult(
                entry.user_id, ok=False, code="invalid_roles", detail=f"roles: {problem}"
            )
        seen.add(entry.user_id)
    return refused


def result_of_adding(user_id: UUID, known: Mapping[UUID, bool]) -> EntryResult:
    """Return what became of an entry to add; `known` says of each known user whether it was."""
    if user_id not in known:
        return EntryResult(user_id, ok=False, code="unknown_user", detail="there is no such user")
    if not known[user_id]:
        return EntryResult(user_id, ok=False, code="already_exists", detail="is a member already")
    return EntryResult(user_id, ok=True)


def results_of_changing(
    entries: Iterable[RolesEntry],
    refused: Mapping[int, EntryResult],
    known: Mapping[UUID, bool],
) -> list[EntryResult]:
    """Return what became of entries that change members; `known` says of each member whether it was done."""
    return [
        refused.get(index) or _result_of_changing(entry.user_id, known)
        for index, entry in enumerate(entries)
    ]


def _result_of_changing(user_id: UUID, known: Mapping[UUID, bool]) -> EntryResult:
    if user_id not in known:
        detail = "is not a member of the guild"
        return EntryResult(user_id, ok=False, code="not_a_member", detail=detail)
    if not known[user_id]:
        detail = "the guild would be left without an owner"
        return EntryResult(user_id, ok=False, code="last_owner", detail=detail)
    return EntryResult(user_id, ok=True)


def raise_last_owner(error: CheckViolated) -> NoReturn:
    """Nothing is wrong with the values: who else is in the guild decides."""
    if error.constraint != LAST_OWNER:
        raise error
    raise LastOwner(
        "the guild would be left without an owner: give another member the role owner first",
        query=error.query,
        sqlstate=error.sqlstate,
    ) from error


async def decided(executor: object, change: Callable[[], Awaitable[T]]) -> T:
    """Make a change of several members that spares the last owner, and return its result.

    Erasing a user waits for nobody: an owner who stays when the change looks may be gone when it is made. That
    refuses all of it, so it looks once more; inside a transaction, which is over then, it raises LastOwner.
    """
    try:
        return await change()
    except CheckViolated as error:
        if error.constraint != LAST_OWNER or isinstance(executor, Transaction):
            raise_last_owner(error)
    try:
        return await change()
    except CheckViolated as error:
        raise_last_owner(error)


def raise_not_found(error: InvalidReference) -> NoReturn:
    """Both sides of a membership stand in its address: what is missing there is not found."""
    found(None, "user" if "user_id" in error.fields else "guild")
    raise error

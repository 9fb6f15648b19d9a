"""What the routes of members share: who is sent with which roles, and what is answered."""

from typing import Annotated, Literal

import msgspec
from pydantic import Field

from service.inputs import Body, Id, Roles
from slimy_dal.domain.memberships import MAX_ENTRIES, EntryResult


class NewRoles(Body):
    """The roles a member has from now on."""

    roles: Roles


class NewMember(Body):
    """A user and the roles to give."""

    user_id: Id
    roles: Roles = ["member"]  # noqa: RUF012 -- pydantic copies defaults


class RolesOfMember(Body):
    """A member and the roles to give."""

    user_id: Id
    roles: Roles


class NewMembers(Body):
    """Users to add, each with roles."""

    entries: Annotated[list[NewMember], Field(min_length=1, max_length=MAX_ENTRIES)]


class MemberRoles(Body):
    """Members and the roles each has from now on."""

    entries: Annotated[list[RolesOfMember], Field(min_length=1, max_length=MAX_ENTRIES)]


class FormerMembers(Body):
    """Members to remove."""

    user_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_ENTRIES)]


class BulkResults(msgspec.Struct, frozen=True, rename="camel"):
    """What became of each entry, in their order; an entry that failed did not stop the others."""

    results: list[EntryResult]


class MemberCount(msgspec.Struct, frozen=True, rename="camel"):
    """A number of members, up to 10,000."""

    count: int


class PermissionAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """Whether a user has a permission in a guild."""

    permission: Literal["manage_guild", "manage_members", "view_members"]
    allowed: bool


def changed(results: BulkResults) -> int:
    """Return of how many entries a bulk call made what was asked for."""
    return sum(one.ok for one in results.results)

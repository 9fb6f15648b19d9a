"""For whom a transaction runs: one user, the guilds of a key, or both; the database then shows nothing else."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

__all__ = ["OWN_RIGHT", "ROLE", "Tenant", "become"]

ROLE: Final = "slimy_visitor"
"""The role whose policies decide which rows there are; made by a migration."""

OWN_RIGHT: Final = "SET LOCAL role TO DEFAULT"
"""What makes the rest of a transaction run as whoever signed in."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A user, some guilds, or a user in none but some guilds.

    Raises TypeError for what is neither: these values become part of a command, which takes no parameters.
    """

    user_id: UUID | None = None
    guild_ids: frozenset[int] | None = None
    """None: all guilds of the user."""

    def __post_init__(self) -> None:
        if self.user_id is None and self.guild_ids is None:
            raise TypeError("a tenant is a user, some guilds, or both")
        if self.user_id is not None and not isinstance(self.user_id, UUID):
            raise TypeError("user_id must be a UUID")
        if self.guild_ids is not None and not all(type(one) is int for one in self.guild_ids):
            raise TypeError("guild_ids must be integers")


def become(tenant: Tenant) -> str:
    """Return the commands that make the rest of a transaction run for a tenant.

    All of them end with the transaction, so that a connection never carries a tenant. Each says everything: nothing
    is left over from the tenant before.
    """
    # Made anew of its number and not of its text: a subclass may print itself as it likes.
    user = "" if tenant.user_id is None else str(UUID(int=tenant.user_id.int))
    guilds = (
        "" if tenant.guild_ids is None else f"{{{','.join(map(str, sorted(tenant.guild_ids)))}}}"
    )
    return (
        f"SET LOCAL ROLE {ROLE}; SET LOCAL slimy.user_id = '{user}'; "
        f"SET LOCAL slimy.guild_ids = '{guilds}'"
    )

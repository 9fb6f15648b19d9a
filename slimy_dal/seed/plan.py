"""How much is made: the profiles, what each says of every table, and the time the data is set in."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, Literal

__all__ = ["BEGIN", "END", "PROFILES", "SPAN", "Plan", "ProfileName", "plan"]

ProfileName = Literal["demo", "test", "large"]

BEGIN: Final = datetime(2024, 11, 6, 10, tzinfo=UTC)
END: Final = datetime(2025, 11, 1, tzinfo=UTC)
SPAN: Final = END - BEGIN
"""The year that everything happens in. Fixed, and not up to now: the same seed makes the same rows tomorrow."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many of everything; `seed` decides the rest."""

    users: int
    guilds: int
    messages: int
    seed: int = 1

    def random(self, *place: object) -> Random:
        """Return a source of chance of its own for a place, so that one table's rows do not hang on another's."""
        return Random("/".join(map(str, (self.seed, *place))))  # noqa: S311 -- made-up data, no secrets

    @property
    def code_reports(self) -> int:
        """A report for every fourth user, and at least one of every kind."""
        return max(24, self.users // 4)

    @property
    def conversations(self) -> int:
        """Talks of some thirty messages."""
        return max(4, self.messages // 30)

    @property
    def events(self) -> int:
        """Statistics and audit logs, each: as many as a tenth of the messages."""
        return max(48, self.messages // 10)

    @property
    def analyses(self) -> int:
        """Club analyses, and screenshot analyses: a handful for each guild."""
        return max(8, self.guilds * 3)


PROFILES: Final[dict[ProfileName, Plan]] = {
    "demo": Plan(users=8, guilds=4, messages=120),
    "test": Plan(users=200, guilds=24, messages=3_000),
    "large": Plan(users=50_000, guilds=2_000, messages=1_000_000),
}


def plan(
    profile: ProfileName,
    *,
    users: int | None = None,
    guilds: int | None = None,
    messages: int | None = None,
    seed: int = 1,
) -> Plan:
    """Return a profile's plan with other numbers where they are given."""
    chosen = PROFILES[profile]
    return Plan(
        users=chosen.users if users is None else users,
        guilds=chosen.guilds if guilds is None else guilds,
        messages=chosen.messages if messages is None else messages,
        seed=seed,
    )


def moment(place: int, of: int) -> datetime:
    """Return when the one at `place` of so many happens: spread evenly, the first at the beginning."""
    return BEGIN + timedelta(microseconds=SPAN // timedelta(microseconds=1) * place // max(of, 1))

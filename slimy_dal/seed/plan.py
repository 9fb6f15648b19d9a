"""How much is made: the profiles, what each says of every table, and the year the data is set in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final, Literal

from slimy_dal.engine.errors import InvalidValue

__all__ = ["AS_OF", "PROFILES", "SPAN", "Plan", "ProfileName", "plan"]

ProfileName = Literal["demo", "test", "large"]

AS_OF: Final = datetime(2025, 11, 1, tzinfo=UTC)
"""When everything has just happened. Fixed, and not now: the same seed makes the same rows tomorrow."""

EARLIEST: Final = datetime(2017, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2098, 1, 1, tzinfo=UTC)
"""Discord opened in 2015, and the tables take no time from 2100 on; a year lies before, and some end lies after."""

SPAN: Final = timedelta(days=359, hours=14)
MICROSECOND: Final = timedelta(microseconds=1)
SPAN_US: Final = SPAN // MICROSECOND

GROWTH: Final = 0.6
"""Half of what happens happens in the last third of the year: people come, and stay."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many of everything, and until when; `seed` decides the rest."""

    users: int
    guilds: int
    messages: int
    seed: int = 1
    as_of: datetime = AS_OF

    def random(self, *place: object) -> Random:
        """Return a source of chance of its own for a place, so that one table's rows do not hang on another's."""
        return Random("/".join(map(str, (self.seed, *place))))  # noqa: S311 -- made-up data, no secrets

    @property
    def begin(self) -> datetime:
        """The moment nothing lies before."""
        return self.as_of - SPAN

    @property
    def months(self) -> list[date]:
        """The months, from that of `begin` to that of `as_of`, that something may lie in."""
        first, last = (time.year * 12 + time.month - 1 for time in (self.begin, self.as_of))
        return [date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1)]

    @property
    def deleted_guilds(self) -> int:
        """One guild in twenty more, and at least two: one that can be restored, one that is being purged."""
        return max(2, self.guilds // 20) if self.guilds else 0

    @property
    def code_reports(self) -> int:
        """A report for every fourth user, and at least one of every kind."""
        return max(24, self.users // 4)

    @property
    def conversations(self) -> int:
        """Talks of some fifteen messages: half of all messages are said in one."""
        return max(8, self.messages // 30) if self.users else 0

    @property
    def events(self) -> int:
        """Statistics and audit logs, each: as many as a tenth of the messages."""
        return max(48, self.messages // 10)

    @property
    def analyses(self) -> int:
        """Club analyses, and screenshot analyses: a handful for each guild. Even: screenshots come in pairs."""
        return max(12, self.guilds * 3 + self.guilds % 2)

    def moment(self, place: int, of: int) -> datetime:
        """Return when the one at `place` of so many happens: spread evenly, the first at the beginning."""
        return self.begin + timedelta(microseconds=SPAN_US * place // max(of, 1))

    def busier(self, place: int, of: int) -> datetime:
        """Return the same, where more and more happens as time goes by."""
        return self.begin + timedelta(microseconds=int(SPAN_US * (place / max(of, 1)) ** GROWTH))


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
    as_of: datetime = AS_OF,
) -> Plan:
    """Return a profile's plan with other numbers where they are given.

    Raises InvalidValue for a moment that no table would take, or one without a zone.
    """
    if as_of.tzinfo is None or not EARLIEST <= as_of < LATEST:
        raise InvalidValue("as_of", f"is not a moment with a zone from {EARLIEST:%Y} to 2097")
    chosen = PROFILES[profile]
    return Plan(
        users=chosen.users if users is None else users,
        guilds=chosen.guilds if guilds is None else guilds,
        messages=chosen.messages if messages is None else messages,
        seed=seed,
        as_of=as_of,
    )

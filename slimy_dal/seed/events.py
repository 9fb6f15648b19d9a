"""Rows of what happened: statistics, audit logs, and the powers of club members as they were read."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

from slimy_dal.queries.audit_logs import LoadItem as AuditItem
from slimy_dal.queries.club_members import LoadItem as ObservationItem
from slimy_dal.queries.stats import LoadItem as StatItem
from slimy_dal.seed.keys import key
from slimy_dal.seed.plan import SPAN, moment
from slimy_dal.seed.words import EDGE_TEXTS
from slimy_dal.seed.world import World

__all__ = ["audit_logs", "observations", "stats"]

VALUES: Final[tuple[tuple[str, Any], ...]] = (
    ("message_count", 17),
    ("response_ms", 12.5),
    ("login", {"client": "web"}),
    ("level", -3),
    ("tags", ["a", "b", None]),
    ("note", "👍"),
    ("enabled", True),
    ("zero", 0),
)
"""A type of statistic for every kind of value there is."""

ACTIONS: Final = (
    ("user.login", "session"),
    ("guild.settings.update", "guild"),
    ("member.roles.update", "membership"),
    ("club.analysis.create", "club_analysis"),
    ("code_report.review", "code_report"),
)

WEEKS: Final = 6
"""Observations of each member of a club: enough for a history with a change in it."""

CLUB: Final = 60
"""The most members of a club that are observed."""


def stats(world: World) -> Iterator[StatItem]:
    """Return statistics of every type, by somebody or nobody, in a guild or in none."""
    randomness, count = world.plan.random("stats"), world.plan.events
    for number in range(count):
        time = moment(number, count)
        type_, value = VALUES[number % len(VALUES)]
        if isinstance(value, int | float) and not isinstance(value, bool) and value:
            value = round(value * randomness.random() * 8, 1)
        yield StatItem(
            id=key(time, randomness),
            recorded_at=time,
            user_id=randomness.choice(world.users) if world.users and number % 5 else None,
            guild_id=randomness.choice(world.guilds) if world.guilds and number % 3 else None,
            type=type_,
            value=value,
        )


def audit_logs(world: World) -> Iterator[AuditItem]:
    """Return audit logs of every action, of people and of the system; one in ten tells of a failure."""
    randomness, count = world.plan.random("audit_logs"), world.plan.events
    for number in range(count):
        time, failed = moment(number, count), number % 10 == 9  # noqa: PLR2004 -- the tenth of ten
        action, resource = ACTIONS[number % len(ACTIONS)]
        bare = number % 6 == 0
        address = IPv4Address(0x0A000000 + number % 0xFFFF)
        yield AuditItem(
            id=key(time, randomness),
            occurred_at=time,
            user_id=randomness.choice(world.users) if world.users and not bare else None,
            action=action,
            resource_type=resource,
            resource_id=None if bare else str(randomness.getrandbits(60)),
            details={} if bare else {"number": number, "text": EDGE_TEXTS[number % 8][:200]},
            ip_address=None if bare else IPv6Address(number + 1) if number % 4 else address,
            user_agent=None if bare else "Mozilla/5.0",
            session_id=None if bare else key(time, randomness),
            request_id=None if bare else f"{randomness.getrandbits(64):016x}",
            success=not failed,
            error_message="e" * 4000 if failed and number < 10 else "refused" if failed else None,  # noqa: PLR2004
        )


def observations(world: World) -> Iterator[ObservationItem]:
    """Return what was read of the members of every second guild's club, week by week; some was not legible."""
    randomness = world.plan.random("observations")
    for number in range(0, len(world.guilds), 2):
        count = min(CLUB, len(world.members[number]))
        powers = [randomness.randint(10_000, 5_000_000) for _ in range(count)]
        for week in range(WEEKS):
            time = world.guild_times[number] + SPAN // 2 + timedelta(days=7 * week)
            for member in range(count):
                powers[member] = max(0, powers[member] + randomness.randint(-5_000, 40_000))
                legible = (member + week) % 11
                yield ObservationItem(
                    guild_id=world.guilds[number],
                    member_key=f"member {member}",
                    observed_at=time,
                    name=f"Member {member}" + " 🦎" * (member == 0),
                    sim_power=powers[member] // 3 if legible else None,
                    total_power=powers[member] if legible != 1 else None,
                )

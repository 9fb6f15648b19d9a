"""Rows of what happened: statistics, audit logs, and the powers of club members as they were read."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

from slimy_dal.queries.audit_logs import LoadItem as AuditItem
from slimy_dal.queries.club_members import LoadItem as ObservationItem
from slimy_dal.queries.club_members import LoadLatestItem as LatestItem
from slimy_dal.queries.stats import LoadItem as StatItem
from slimy_dal.seed.keys import key
from slimy_dal.seed.plan import SPAN
from slimy_dal.seed.words import EDGE_TEXTS, filled, hexadecimal, longest
from slimy_dal.seed.world import World

__all__ = ["audit_logs", "latest", "observations", "stats"]

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

OFTEN: Final = (60, 5, 15, 12, 8)
"""How often each happens, of a hundred."""

LONGEST: Final = 9
"""The event with the longest of everything; a failure, so that the reason is long too."""

NAMES: Final = ("Member 🦎", "حارس البوابة", longest(100))

WEEKS: Final = 6
"""Observations of each member of a club: enough for a history with a change in it."""

CLUB: Final = 60
"""The most members of a club that are observed."""


def stats(world: World) -> Iterator[StatItem]:
    """Return statistics of every type, by somebody or nobody, in a guild or in none."""
    plan = world.plan
    randomness, count = plan.random("stats"), plan.events
    for number in range(count):
        time = plan.busier(number, count)
        type_, value = VALUES[number % len(VALUES)]
        if isinstance(value, int | float) and not isinstance(value, bool) and value:
            value = round(value * randomness.random() * 8, 1)
        if number == LONGEST:
            type_, value = longest(100), filled(8192)
        guild = world.busy_guild(randomness) if world.inhabited and number % 3 else None
        yield StatItem(
            id=key(time, randomness),
            recorded_at=time,
            user_id=world.users[world.active_user(randomness)]
            if world.users and number % 5
            else None,
            guild_id=None if guild is None else world.guilds[guild],
            type=type_,
            value=value,
        )


def audit_logs(world: World) -> Iterator[AuditItem]:
    """Return audit logs of every action, of people and of the system; one in ten tells of a failure."""
    plan = world.plan
    randomness, count = plan.random("audit_logs"), plan.events
    for number in range(count):
        time, failed = plan.busier(number, count), number % 10 == 9  # noqa: PLR2004 -- the tenth of ten
        action, resource = randomness.choices(ACTIONS, OFTEN)[0]
        most, bare = number == LONGEST, number % 6 == 0
        address = IPv4Address(0x0A000000 + number % 0xFFFF)
        details = {"number": number, "text": EDGE_TEXTS[number % 8][:200]}
        user = world.users[world.active_user(randomness)] if world.users and not bare else None
        yield AuditItem(
            id=key(time, randomness),
            occurred_at=time,
            user_id=user,
            action="a" * 100 if most else action,
            resource_type="r" * 100 if most else resource,
            resource_id=_unless(bare, longest(200) if most else str(randomness.getrandbits(60))),
            details=filled(65_536) if most else {} if bare else details,
            ip_address=None if bare else IPv6Address(number + 1) if number % 4 else address,
            user_agent=_unless(bare, longest(1024) if most else "Mozilla/5.0"),
            session_id=None if bare else key(time, randomness),
            request_id=_unless(bare, longest(200) if most else hexadecimal(16, randomness)),
            success=not failed,
            error_message=_unless(not failed, longest(4000) if most else "refused"),
        )


def _unless(missing: bool, text: str) -> str | None:  # noqa: FBT001 -- the one thing it asks
    return None if missing else text


def observations(world: World) -> Iterator[ObservationItem]:
    """Return what was read of the members of every second guild's club, week by week; some was not legible."""
    return (observed for observed, _ in _observed(world))


def latest(world: World) -> Iterator[LatestItem]:
    """Return what was read last of each member, dated by then and not by the day it came to this database."""
    for observed, last in _observed(world):
        if last:
            yield LatestItem(
                guild_id=observed.guild_id,
                member_key=observed.member_key,
                name=observed.name,
                sim_power=observed.sim_power,
                total_power=observed.total_power,
                last_seen_at=observed.observed_at,
                updated_at=observed.observed_at,
            )


def _observed(world: World) -> Iterator[tuple[ObservationItem, bool]]:
    """Give every observation, and whether it is the last one of its member."""
    randomness = world.plan.random("observations")
    for number in range(0, len(world.guilds), 2):
        count = min(CLUB, len(world.members[number]))
        powers = [int(randomness.paretovariate(1.2) * 10_000) for _ in range(count)]
        for week in range(WEEKS):
            time = world.guild_times[number] + SPAN // 2 + timedelta(days=7 * week)
            for member in range(count):
                powers[member] = max(0, powers[member] + randomness.randint(-500, 4_000))
                legible = (member + week) % 7
                yield (
                    ObservationItem(
                        guild_id=world.guilds[number],
                        member_key=longest(100) if member == 2 else f"member {member}",  # noqa: PLR2004
                        observed_at=time,
                        name=NAMES[member] if member < len(NAMES) else f"Member {member}",
                        sim_power=powers[member] // 3 if legible else None,
                        total_power=powers[member] if legible != 1 else None,
                    ),
                    week == WEEKS - 1,
                )

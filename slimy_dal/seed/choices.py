"""Rows of what guilds have chosen: settings, flags and personalities; and of reports about codes."""

from collections.abc import Iterator
from typing import get_args

from slimy_dal.queries.code_reports import LoadItem as ReportItem
from slimy_dal.queries.code_reports import Reason, Status
from slimy_dal.queries.guild_feature_flags import BadgeStyle
from slimy_dal.queries.guild_feature_flags import LoadItem as FlagsItem
from slimy_dal.queries.guild_personalities import Formality, Preset, Tone
from slimy_dal.queries.guild_personalities import LoadItem as PersonalityItem
from slimy_dal.queries.guild_settings import LoadItem as SettingsItem
from slimy_dal.queries.guild_settings import ViewMode
from slimy_dal.seed.keys import key
from slimy_dal.seed.words import longest, sentence
from slimy_dal.seed.world import World

__all__ = ["code_reports", "flags", "personalities", "settings"]


def settings(world: World) -> Iterator[SettingsItem]:
    """Return the settings of every second guild; the others have never changed any."""
    modes = get_args(ViewMode)
    for number in range(0, len(world.guilds), 2):
        time, full = world.guild_times[number], number % 4 == 0
        yield SettingsItem(
            guild_id=world.guilds[number],
            sheet_id=f"1aBcD_-{number}".ljust(128 if number == 0 else 0, "x") if full else None,
            sheet_tab=(longest(100) if number == 0 else "Week 🗓") if full else None,
            view_mode=modes[number // 2 % len(modes)],
            allow_public=number % 6 == 0,
            screenshot_channel_id=world.guilds[number] + 1 if full else None,
            uploads_enabled=number % 10 != 0,
            notes=longest(4000) if number == 0 else None,
            created_at=time,
            updated_at=time,
        )


def flags(world: World) -> Iterator[FlagsItem]:
    """Return the flags of two guilds of three."""
    styles = get_args(BadgeStyle)
    for number, (id_, time) in enumerate(zip(world.guilds, world.guild_times, strict=True)):
        if number % 3 == 2:  # noqa: PLR2004 -- the third of three
            continue
        yield FlagsItem(
            guild_id=id_,
            color_primary=None if number % 2 else f"#{number * 7919 % 0x1000000:06x}",
            badge_style=styles[number % len(styles)] if number != 1 else "pill",
            ensemble_ocr=number % 2 == 0,
            second_approver=number % 4 == 0,
            ask_manus=number % 5 == 0,
            public_stats=number % 4 != 1,
            created_at=time,
            updated_at=time,
        )


def personalities(world: World) -> Iterator[PersonalityItem]:
    """Return the personality of every guild but each fifth; the first ones reach both ends of the scales."""
    presets, tones, formalities = get_args(Preset), get_args(Tone), get_args(Formality)
    for number, (id_, time) in enumerate(zip(world.guilds, world.guild_times, strict=True)):
        if number % 5 == 4:  # noqa: PLR2004 -- the fifth of five
            continue
        yield PersonalityItem(
            guild_id=id_,
            preset=presets[number % len(presets)],
            system_prompt=longest(8000) if number == 0 else None if number % 2 else "Be brief.",
            temperature=(0.0, 2.0, 0.7, 1.2)[number % 4],
            top_p=(1.0, 0.0, 0.9, 0.5)[number % 4],
            tone=tones[number % len(tones)],
            formality=formalities[number % len(formalities)],
            humor=number % 2 == 0,
            emojis=number % 3 == 0,
            created_at=time,
            updated_at=time,
        )


def code_reports(world: World) -> Iterator[ReportItem]:
    """Return reports of every reason in every status; some by nobody, some reviewed by nobody we still know."""
    randomness = world.plan.random("code_reports")
    reasons, statuses = get_args(Reason), get_args(Status)
    count = world.plan.code_reports
    for number in range(count):
        time, reviewed = world.plan.moment(number, count), world.plan.moment(number + 1, count)
        status = statuses[number % len(statuses)]
        user = world.users[world.active_user(randomness)] if world.users else None
        code = f"SLIME{number % max(1, count // 3)}"
        yield ReportItem(
            id=key(time, randomness),
            code=code.ljust(100, "X") if number == 0 else code,
            reason=reasons[number // len(statuses) % len(reasons)],
            details=None if number % 3 else sentence(randomness) if number else longest(2000),
            status=status,
            reporter_id=user if number % 5 else None,
            reviewer_id=user if number % 7 and status != "pending" else None,
            reviewed_at=None if status == "pending" else reviewed,
            created_at=time,
            updated_at=time if status == "pending" else reviewed,
        )

import asyncio
from typing import Any

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.guild_feature_flags import FeatureFlags
from slimy_dal.engine.errors import CheckViolated, MissingValue, NotFound
from tests import make

FLAGS = ("ensemble_ocr", "second_approver", "ask_manus", "public_stats")


async def test_a_guild_has_the_defaults_until_something_is_changed(db: Database) -> None:
    guild = await make.guild(db)
    flags = await db.guild_feature_flags.get(guild.id)
    assert flags == FeatureFlags(guild.id)
    assert [getattr(flags, flag) for flag in FLAGS] == [False, False, False, True]
    changed = await db.guild_feature_flags.update(
        guild.id, color_primary="#AbCdEf", badge_style="pill", ask_manus=True
    )
    assert (changed.color_primary, changed.badge_style) == ("#abcdef", "pill")
    assert [getattr(changed, flag) for flag in FLAGS] == [False, False, True, True]
    assert (await db.guild_feature_flags.update(guild.id, color_primary=None)).ask_manus
    assert (await db.guild_feature_flags.get(guild.id)).color_primary is None
    assert await db.guild_feature_flags.reset(guild.id) == FeatureFlags(guild.id)
    assert await db.guild_feature_flags.get(guild.id) == FeatureFlags(guild.id)


async def test_the_defaults_of_the_table_are_those_of_the_first_update(
    db: Database, database_url: str
) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO slimy.guild_feature_flags (guild_id) VALUES (%s)", (guild.id,)
        )
    stored = await db.guild_feature_flags.get(guild.id)
    updated = await db.guild_feature_flags.update(other.id)
    for field in ("color_primary", "badge_style", *FLAGS):
        values = {getattr(one, field) for one in (stored, updated, FeatureFlags(guild.id))}
        assert len(values) == 1, field


async def test_a_guild_that_is_unknown_or_deleted_has_no_flags(db: Database) -> None:
    deleted = await make.guild(db)
    await db.guilds.delete(deleted.id)
    for unknown in (1, deleted.id):
        for call in (
            db.guild_feature_flags.get(unknown),
            db.guild_feature_flags.update(unknown, ask_manus=True),
            db.guild_feature_flags.reset(unknown),
        ):
            with pytest.raises(NotFound, match="there is no such guild"):
                await call


@pytest.mark.parametrize("color", ["red", "#fff", "#12345g", "#1234567", ""])
async def test_a_colour_is_six_hexadecimal_digits(
    db: Database, database_url: str, color: str
) -> None:
    guild = await make.guild(db)
    with pytest.raises(CheckViolated) as refused:
        await db.guild_feature_flags.update(guild.id, color_primary=color)
    assert refused.value.fields == ("color_primary",)
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="color_primary_hex_check"),
    ):
        connection.execute(
            "INSERT INTO slimy.guild_feature_flags (guild_id, color_primary) VALUES (%s, %s)",
            (guild.id, color),
        )


async def test_a_badge_has_one_of_three_styles(db: Database) -> None:
    guild = await make.guild(db)
    style: Any = "round"
    with pytest.raises(CheckViolated) as refused:
        await db.guild_feature_flags.update(guild.id, badge_style=style)
    assert refused.value.fields == ("badge_style",)


@pytest.mark.parametrize("field", ["badge_style", *FLAGS])
async def test_absent_is_not_null(db: Database, field: str) -> None:
    guild = await make.guild(db)
    nothing: Any = {field: None}
    with pytest.raises(MissingValue, match=f"{field}: may not be null"):
        await db.guild_feature_flags.update(guild.id, **nothing)


async def test_flags_set_at_the_same_time_all_last(db: Database) -> None:
    guild = await make.guild(db)
    changes: list[dict[str, Any]] = [
        {"ensemble_ocr": True},
        {"second_approver": True},
        {"ask_manus": True},
        {"public_stats": False},
        {"badge_style": "square"},
        {"color_primary": "#000000"},
    ]
    await asyncio.gather(
        *(db.guild_feature_flags.update(guild.id, **changes[n % len(changes)]) for n in range(32))
    )
    kept = await db.guild_feature_flags.get(guild.id)
    assert [getattr(kept, flag) for flag in FLAGS] == [True, True, True, False]
    assert (kept.badge_style, kept.color_primary) == ("square", "#000000")


async def test_a_deleted_guild_keeps_its_row_as_it_was(db: Database) -> None:
    guild = await make.guild(db)
    before = await db.guild_feature_flags.update(guild.id, badge_style="pill")
    await db.guilds.soft_delete(guild.id)
    for call in (
        db.guild_feature_flags.reset(guild.id),
        db.guild_feature_flags.update(guild.id, badge_style="square"),
    ):
        with pytest.raises(NotFound, match="there is no such guild"):
            await call
    await db.guilds.restore(guild.id)
    assert await db.guild_feature_flags.get(guild.id) == before

import asyncio
from typing import Any

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.guild_settings import Settings
from slimy_dal.engine.errors import CheckViolated, InvalidValue, MissingValue, NotFound
from tests import make

FIELDS = (
    "sheet_id",
    "sheet_tab",
    "view_mode",
    "allow_public",
    "screenshot_channel_id",
    "uploads_enabled",
    "notes",
)


async def test_a_guild_has_the_defaults_until_something_is_changed(db: Database) -> None:
    guild = await make.guild(db)
    assert await db.guild_settings.get(guild.id) == Settings(guild.id)
    changed = await db.guild_settings.update(
        guild.id, sheet_id="1aB_c-9", sheet_tab="Week 1", view_mode="latest", notes="📌 ask Ann"
    )
    assert (changed.sheet_id, changed.view_mode, changed.uploads_enabled) == (
        "1aB_c-9",
        "latest",
        True,
    )
    again = await db.guild_settings.update(
        guild.id, screenshot_channel_id=2**62, sheet_id=None, allow_public=True
    )
    assert (again.sheet_id, again.sheet_tab, again.notes) == (None, "Week 1", "📌 ask Ann")
    assert (again.screenshot_channel_id, again.allow_public) == (2**62, True)
    assert await db.guild_settings.get(guild.id) == again
    assert await db.guild_settings.reset(guild.id) == Settings(guild.id)
    assert await db.guild_settings.get(guild.id) == Settings(guild.id)


async def test_the_defaults_of_the_table_are_those_of_the_first_update(
    db: Database, database_url: str
) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO slimy.guild_settings (guild_id) VALUES (%s)", (guild.id,))
    stored = await db.guild_settings.get(guild.id)
    updated = await db.guild_settings.update(other.id)
    for field in FIELDS:
        values = {getattr(one, field) for one in (stored, updated, Settings(guild.id))}
        assert len(values) == 1, field


async def test_an_unknown_guild_has_no_settings(db: Database) -> None:
    for call in (
        db.guild_settings.get(1),
        db.guild_settings.update(1, notes="x"),
        db.guild_settings.reset(1),
    ):
        with pytest.raises(NotFound, match="there is no such guild"):
            await call


BAD: list[dict[str, Any]] = [
    {"sheet_id": ""},
    {"sheet_id": "https://docs.google.com/spreadsheets/d/1aB"},
    {"sheet_tab": ""},
    {"sheet_tab": "x" * 101},
    {"view_mode": "newest"},
    {"screenshot_channel_id": 0},
    {"screenshot_channel_id": -1},
    {"notes": ""},
    {"notes": "x" * 4001},
]


@pytest.mark.parametrize("change", BAD)
async def test_a_value_the_rules_refuse_is_named(
    db: Database, database_url: str, change: dict[str, Any]
) -> None:
    guild = await make.guild(db)
    with pytest.raises(CheckViolated) as refused:
        await db.guild_settings.update(guild.id, **change)
    assert refused.value.fields == tuple(change)
    ((column, value),) = change.items()
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match=f"guild_settings_{column}_"),
    ):
        connection.execute(
            f"INSERT INTO slimy.guild_settings (guild_id, {column}) VALUES (%s, %s)",
            (guild.id, value),
        )


async def test_a_channel_is_a_64_bit_number(db: Database) -> None:
    guild = await make.guild(db)
    for value in (2**63, 1.5, "5"):
        channel: Any = value
        with pytest.raises(InvalidValue, match="screenshot_channel_id"):
            await db.guild_settings.update(guild.id, screenshot_channel_id=channel)


@pytest.mark.parametrize("field", ["view_mode", "allow_public", "uploads_enabled"])
async def test_absent_is_not_null(db: Database, field: str) -> None:
    guild = await make.guild(db)
    nothing: Any = {field: None}
    with pytest.raises(MissingValue, match=f"{field}: may not be null"):
        await db.guild_settings.update(guild.id, **nothing)


async def test_settings_changed_at_the_same_time_all_last(db: Database) -> None:
    guild = await make.guild(db)
    changes: dict[str, Any] = {
        "sheet_id": "a",
        "sheet_tab": "b",
        "view_mode": "latest",
        "allow_public": True,
        "screenshot_channel_id": 7,
        "uploads_enabled": False,
        "notes": "c",
    }
    names = list(changes)
    await asyncio.gather(
        *(
            db.guild_settings.update(guild.id, **{names[n % 7]: changes[names[n % 7]]})
            for n in range(32)
        )
    )
    kept = await db.guild_settings.get(guild.id)
    assert {name: getattr(kept, name) for name in names} == changes


async def test_a_deleted_guild_keeps_its_row_as_it_was(db: Database) -> None:
    guild = await make.guild(db)
    before = await db.guild_settings.update(guild.id, notes="x")
    await db.guilds.soft_delete(guild.id)
    for call in (db.guild_settings.reset(guild.id), db.guild_settings.update(guild.id, notes="y")):
        with pytest.raises(NotFound, match="there is no such guild"):
            await call
    await db.guilds.restore(guild.id)
    assert await db.guild_settings.get(guild.id) == before

import asyncio
from typing import Any, get_args

import msgspec
import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.guild_personalities import Personality, Preset
from slimy_dal.engine.errors import CheckViolated, InvalidValue, MissingValue, NotFound
from tests import make

FIELDS = ("system_prompt", "temperature", "top_p", "tone", "formality", "humor", "emojis")


def spoken(personality: Any) -> dict[str, Any]:
    return {field: getattr(personality, field) for field in FIELDS}


async def test_a_guild_speaks_as_the_default_preset_until_something_is_changed(
    db: Database,
) -> None:
    guild = await make.guild(db)
    personality = await db.guild_personalities.get(guild.id)
    assert personality == Personality(guild.id)
    assert (personality.temperature, personality.top_p) == (0.7, 1.0)
    changed = await db.guild_personalities.update(guild.id, temperature=2.0, tone="serious")
    assert spoken(changed) == {**spoken(personality), "temperature": 2.0, "tone": "serious"}
    prompted = await db.guild_personalities.update(guild.id, system_prompt="Be brief.")
    assert spoken(prompted) == {**spoken(changed), "system_prompt": "Be brief."}
    silent = await db.guild_personalities.update(guild.id, system_prompt=None)
    assert spoken(silent) == spoken(changed)


async def test_the_default_preset_is_the_default_of_the_table(
    db: Database, database_url: str
) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO slimy.guild_personalities (guild_id) VALUES (%s)", (guild.id,)
        )
    presets = {preset.preset: preset for preset in await db.guild_personalities.list_presets()}
    assert set(presets) == set(get_args(Preset))
    stored = await db.guild_personalities.get(guild.id)
    updated = await db.guild_personalities.update(other.id)
    for one in (stored, updated, presets["default"]):
        assert spoken(one) == spoken(Personality(guild.id))
        assert one.preset == "default"


async def test_every_preset_can_be_chosen_and_brings_its_own(db: Database) -> None:
    guild = await make.guild(db)
    for preset in await db.guild_personalities.list_presets():
        await db.guild_personalities.update(guild.id, system_prompt="mine", temperature=0.1)
        name: Any = preset.preset
        chosen = await db.guild_personalities.update(guild.id, preset=name)
        assert (chosen.preset, spoken(chosen)) == (preset.preset, spoken(preset))


async def test_what_is_given_beside_a_preset_wins(db: Database) -> None:
    guild = await make.guild(db)
    for _ in range(2):
        chosen = await db.guild_personalities.update(
            guild.id, preset="scholar", emojis=True, system_prompt=None
        )
        assert (chosen.tone, chosen.emojis, chosen.system_prompt) == ("serious", True, None)


async def test_a_reset_goes_back_to_the_guilds_own_preset(db: Database) -> None:
    guild = await make.guild(db)
    assert await db.guild_personalities.reset(guild.id) == Personality(guild.id)
    chosen = await db.guild_personalities.update(guild.id, preset="jester")
    await db.guild_personalities.update(guild.id, tone="neutral", humor=False)
    reset = await db.guild_personalities.reset(guild.id)
    assert msgspec.structs.replace(reset, updated_at=None) == msgspec.structs.replace(
        chosen, updated_at=None
    )


async def test_an_unknown_guild_has_no_personality(db: Database) -> None:
    for call in (
        db.guild_personalities.get(1),
        db.guild_personalities.update(1, humor=False),
        db.guild_personalities.reset(1),
    ):
        with pytest.raises(NotFound, match="there is no such guild"):
            await call


NAN = float("nan")
BAD: list[dict[str, Any]] = [
    {"preset": "pirate"},
    {"system_prompt": ""},
    {"system_prompt": "x" * 8001},
    {"temperature": -0.1},
    {"temperature": 2.1},
    {"temperature": NAN},
    {"top_p": 1.1},
    {"top_p": -0.1},
    {"top_p": NAN},
    {"tone": "angry"},
    {"formality": "stiff"},
]


@pytest.mark.parametrize("change", BAD)
@pytest.mark.fault("V4")
async def test_a_value_the_rules_refuse_is_named(
    db: Database, database_url: str, change: dict[str, Any]
) -> None:
    guild = await make.guild(db)
    ((column, value),) = change.items()
    for first in (True, False):
        if not first:
            await db.guild_personalities.update(guild.id, emojis=False)
        with pytest.raises(InvalidValue) as refused:
            await db.guild_personalities.update(guild.id, **change)
        assert refused.value.field == column
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match=f"guild_personalities_{column}_"),
    ):
        connection.execute(f"UPDATE slimy.guild_personalities SET {column} = %s", (value,))
    assert isinstance(refused.value, CheckViolated | InvalidValue)


@pytest.mark.parametrize("field", ["preset", *FIELDS[1:]])
async def test_absent_is_not_null(db: Database, field: str) -> None:
    guild = await make.guild(db)
    nothing: Any = {field: None}
    with pytest.raises(MissingValue, match=f"{field}: may not be null"):
        await db.guild_personalities.update(guild.id, **nothing)


async def test_changes_at_the_same_time_all_last(db: Database) -> None:
    guild = await make.guild(db)
    changes: dict[str, Any] = {
        "system_prompt": "x",
        "temperature": 1.5,
        "top_p": 0.5,
        "tone": "serious",
        "formality": "formal",
        "humor": False,
        "emojis": False,
    }
    names = list(changes)
    await asyncio.gather(
        *(
            db.guild_personalities.update(guild.id, **{names[n % 7]: changes[names[n % 7]]})
            for n in range(32)
        )
    )
    assert spoken(await db.guild_personalities.get(guild.id)) == changes


async def test_a_reset_keeps_the_preset_that_was_chosen_at_the_same_time(db: Database) -> None:
    guild = await make.guild(db)
    await db.guild_personalities.update(guild.id, preset="helper", humor=True)
    async with db.transaction() as tx:
        await tx.guild_personalities.update(guild.id, preset="jester", tone="serious")
        reset = asyncio.create_task(db.guild_personalities.reset(guild.id))
        await asyncio.sleep(0.2)
        assert not reset.done()
    personality = await reset
    jester = next(
        preset
        for preset in await db.guild_personalities.list_presets()
        if preset.preset == "jester"
    )
    assert (personality.preset, spoken(personality)) == ("jester", spoken(jester))


async def test_a_deleted_guild_keeps_its_row_as_it_was(db: Database) -> None:
    guild = await make.guild(db)
    before = await db.guild_personalities.update(guild.id, humor=False)
    await db.guilds.soft_delete(guild.id)
    for call in (
        db.guild_personalities.reset(guild.id),
        db.guild_personalities.update(guild.id, preset="jester"),
    ):
        with pytest.raises(NotFound, match="there is no such guild"):
            await call
    await db.guilds.restore(guild.id)
    assert await db.guild_personalities.get(guild.id) == before

import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.user_preferences import Preferences
from slimy_dal.engine.errors import CheckViolated, InvalidValue, MissingValue, NotFound
from tests import make


async def test_a_user_has_the_defaults_until_something_is_changed(db: Database) -> None:
    user = await make.user(db)
    assert await db.user_preferences.get(user.id) == Preferences(user.id)
    changed = await db.user_preferences.update(user.id, theme="dark", chat_personality="pirate")
    assert (changed.theme, changed.language, changed.chat_personality) == ("dark", "en", "pirate")
    assert changed.updated_at is not None
    again = await db.user_preferences.update(user.id, language="pt-BR", notifications=False)
    assert (again.theme, again.language, again.chat_personality) == ("dark", "pt-BR", "pirate")
    assert (await db.user_preferences.update(user.id, chat_personality=None)).theme == "dark"
    assert (await db.user_preferences.get(user.id)).chat_personality is None


async def test_the_defaults_of_the_table_are_those_of_the_first_update(
    db: Database, database_url: str
) -> None:
    user, other = await make.user(db), await make.user(db)
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO slimy.user_preferences (user_id) VALUES (%s)", (user.id,))
    stored = await db.user_preferences.get(user.id)
    updated = await db.user_preferences.update(other.id)
    defaults = Preferences(user.id)
    for field in ("theme", "language", "notifications", "chat_personality"):
        values = {getattr(one, field) for one in (stored, updated, defaults)}
        assert len(values) == 1, field


async def test_a_reset_forgets_what_was_changed(db: Database) -> None:
    user = await make.user(db)
    await db.user_preferences.update(user.id, theme="light")
    assert await db.user_preferences.reset(user.id) == Preferences(user.id)
    assert await db.user_preferences.get(user.id) == Preferences(user.id)


async def test_an_unknown_user_has_no_preferences(db: Database) -> None:
    for call in (
        db.user_preferences.get(uuid4()),
        db.user_preferences.update(uuid4(), theme="dark"),
        db.user_preferences.reset(uuid4()),
    ):
        with pytest.raises(NotFound, match="there is no such user"):
            await call


BAD: list[dict[str, Any]] = [
    {"theme": "blue"},
    {"language": ""},
    {"language": "English"},
    {"language": "en-" + "x" * 40},
    {"chat_personality": ""},
    {"chat_personality": "x" * 65},
]


@pytest.mark.parametrize("change", BAD)
async def test_a_value_the_rules_refuse_is_named(db: Database, change: dict[str, Any]) -> None:
    user = await make.user(db)
    with pytest.raises(InvalidValue) as refused:
        await db.user_preferences.update(user.id, **change)
    if isinstance(refused.value, CheckViolated):
        assert refused.value.fields == tuple(change)
    assert await db.user_preferences.get(user.id) == Preferences(user.id)


@pytest.mark.parametrize("change", BAD)
async def test_the_database_refuses_the_same_values(
    db: Database, database_url: str, change: dict[str, Any]
) -> None:
    user = await make.user(db)
    ((column, value),) = change.items()
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match=f"user_preferences_{column}_"),
    ):
        connection.execute(
            f"INSERT INTO slimy.user_preferences (user_id, {column}) VALUES (%s, %s)",
            (user.id, value),
        )


@pytest.mark.parametrize("field", ["theme", "language", "notifications"])
async def test_absent_is_not_null(db: Database, field: str) -> None:
    user = await make.user(db)
    nothing: Any = {field: None}
    with pytest.raises(MissingValue, match=f"{field}: may not be null"):
        await db.user_preferences.update(user.id, **nothing)


async def test_preferences_go_with_their_user(db: Database, database_url: str) -> None:
    user = await make.user(db)
    await db.user_preferences.update(user.id, theme="dark")
    await db.users.delete(user.id)
    with psycopg.connect(database_url) as connection:
        left = connection.execute("SELECT count(*) FROM slimy.user_preferences").fetchone()
    assert left == (0,)


async def test_first_changes_at_the_same_time_all_last(db: Database) -> None:
    user = await make.user(db)
    changes: list[dict[str, Any]] = [
        {"theme": "dark"},
        {"language": "de"},
        {"notifications": False},
        {"chat_personality": "pirate"},
    ]
    await asyncio.gather(
        *(db.user_preferences.update(user.id, **changes[n % len(changes)]) for n in range(32))
    )
    kept = await db.user_preferences.get(user.id)
    assert (kept.theme, kept.language, kept.notifications, kept.chat_personality) == (
        "dark",
        "de",
        False,
        "pirate",
    )

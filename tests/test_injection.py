"""Adversarial tests: no value, name or cursor reaches the text of a statement, and no cursor opens another list."""

import base64
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimy_dal.compiler.variants.shapes import shapes
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.types import UNSET
from tests import varied
from tests.varied import GUILD, OTHER, SECRET, START, entries, pager

MEMBERS = entries()
HOSTILE = [
    "'; DROP TABLE slimy.users; --",
    "a' OR '1'='1",
    "$1",
    "$3) OR (TRUE",
    "%s %(a)s {0} {role}",
    "\\'; SELECT pg_sleep(9); --",
    "E'\\x41'",
    "$$; DELETE FROM slimy.users; $$",
    "/* */ -- ",
    ":role",
    "newest; DROP TABLE slimy.users",
    "m.user_id",
    "user_id DESC, (SELECT 1)",
    "oldest\x00",
    "\u02bc OR 1=1",
    "\ud800",
    "1 AND 1=1) UNION SELECT NULL",
]
PREPARED = Statement("test.prepared", "SELECT statement FROM pg_prepared_statements")
ALL_OFF = (UNSET, UNSET, UNSET, False)


@pytest.fixture
async def made(database_url: str, tmp_path: Path) -> ModuleType:
    return await varied.module(database_url, tmp_path)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with varied.filled(database_url, MEMBERS, pool_size=1) as opened:
        yield opened


def storable(text: str) -> bool:
    return "\0" not in text and text.isprintable()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.fault("V12")
async def test_hostile_text_is_a_value_and_nothing_else(
    made: ModuleType, pool: Pool, text: str
) -> None:
    user = MEMBERS[0]
    for chosen in ({"username": text}, {"role": text}):
        page_at = pager(made, pool, **chosen)
        if storable(text):
            assert (await page_at()).items == []
        else:
            with pytest.raises(InvalidValue, match=next(iter(chosen))):
                await page_at()
            with pytest.raises(InvalidValue, match=next(iter(chosen))):
                await page_at(cursor="AAAA")
    for chosen in ({"sort": text}, {"cursor": text}):
        with pytest.raises(InvalidValue, match=rf"^{next(iter(chosen))}"):
            await pager(made, pool, **chosen)()
    if storable(text):
        changed = await made.update(pool, id=user.user_id, username=text, avatar=None)
        assert (changed.username, changed.avatar) == (text, None)
        page = await pager(made, pool, username=text)()
        assert [row.user_id for row in page.items] == [user.user_id]
        count = await made.count_members(
            pool, guild_id=GUILD, filter=made.CountMembersFilter(role=text)
        )
        assert count == 0
    assert await made.count_members(pool, guild_id=GUILD) == len(MEMBERS)


@given(st.text(max_size=60))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.fault("V13")
async def test_no_text_is_an_order_or_a_cursor(made: ModuleType, pool: Pool, text: str) -> None:
    with pytest.raises(InvalidValue, match=r"^cursor"):
        await pager(made, pool, cursor=text)()
    with pytest.raises(InvalidValue, match=r"^sort"):
        await pager(made, pool, sort=text)()


@pytest.mark.parametrize("value", [None, 1, ["newest"], {"a": 1}, b"newest", ("newest",), True])
async def test_what_is_no_text_is_no_order_and_no_cursor(
    made: ModuleType, pool: Pool, value: Any
) -> None:
    with pytest.raises(InvalidValue, match=r"^sort"):
        await pager(made, pool, sort=value)()
    if value is not None:
        with pytest.raises(InvalidValue, match=r"^cursor"):
            await pager(made, pool, cursor=value)()


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"role": 1}, "role"),
        ({"role": None}, "role"),
        ({"role": ["a"]}, "role"),
        ({"username": b"a"}, "username"),
        ({"since": "2020-01-01"}, "since"),
        ({"since": datetime(2020, 1, 1)}, "since"),  # noqa: DTZ001 -- that is the mistake
        ({"nameless": 1}, "nameless"),
        ({"nameless": "true"}, "nameless"),
        ({"nameless": None}, "nameless"),
    ],
)
async def test_a_filter_of_another_type_is_refused_by_name(
    made: ModuleType, pool: Pool, chosen: dict[str, Any], field: str
) -> None:
    for cursor in (None, "AAAA"):
        with pytest.raises(InvalidValue) as caught:
            await pager(made, pool, cursor=cursor, **chosen)()
        assert caught.value.field == field


async def a_cursor(made: ModuleType, pool: Pool, **arguments: Any) -> str:
    cursor = (await pager(made, pool, limit=1, **arguments)()).next_cursor
    assert isinstance(cursor, str)
    return cursor


@pytest.mark.fault("V10")
async def test_a_cursor_is_good_for_its_list_filter_order_and_secret_only(
    made: ModuleType, pool: Pool
) -> None:
    cursor = await a_cursor(made, pool, role="owner")
    same = pager(made, pool, limit=1, role="owner")
    assert (await same(cursor=cursor)).items != []
    others: list[dict[str, Any]] = [
        {},
        {"role": "admin"},
        {"username": "owner"},
        {"role": "owner", "nameless": True},
        {"role": "owner", "since": START},
        {"role": "owner", "sort": "oldest"},
        {"role": "owner", "sort": "by_discord_id"},
        {"role": "owner", "guild_id": OTHER},
        {"role": "owner", "guild_id": -GUILD},
    ]
    for other in others:
        with pytest.raises(InvalidValue, match=r"^cursor"):
            await pager(made, pool, cursor=cursor, **other)()
    arguments: dict[str, Any] = {"guild_id": GUILD, "filter": made.ListMembersFilter(role="owner")}
    with pytest.raises(InvalidValue, match=r"^cursor"):
        await made.list_members(pool, Cursors(b"other"), cursor=cursor, **arguments)
    with pytest.raises(InvalidValue, match=r"^cursor"):
        await made.list_people(pool, SECRET, cursor=cursor)


@pytest.mark.fault("V10")
async def test_a_cursor_with_any_bit_or_end_changed_is_refused(
    made: ModuleType, pool: Pool
) -> None:
    cursor = await a_cursor(made, pool)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    forged = [raw[:n] for n in range(len(raw))]
    forged += [
        bytes(byte ^ (1 << bit) if n == place else byte for n, byte in enumerate(raw))
        for place in range(len(raw))
        for bit in (0, 7)
    ]
    forged += [raw + b"\0", b"\0" + raw, raw * 2]
    page_at = pager(made, pool)
    for one in forged:
        with pytest.raises(InvalidValue, match=r"^cursor"):
            await page_at(cursor=base64.urlsafe_b64encode(one).rstrip(b"=").decode())


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"x",
        b"a",
        b"b",
        b"f[]",
        b"l[1]",
        b"a[]",
        b'a["2020-01-01T00:00:00Z"]',
        b'a["2020-01-01T00:00:00","00000000-0000-0000-0000-000000000000"]',
        b'a["2020-01-01T00:00:00Z",1]',
        b'a[1577836800,"00000000-0000-0000-0000-000000000000"]',
        b'a["2020-01-01T00:00:00Z",null]',
        b'a["2020-01-01T00:00:00Z","00000000-0000-0000-0000-000000000000",1]',
        b'a["0001-01-01T00:00:00Z","00000000-0000-0000-0000-000000000000"]',
        b'a{"a":1}',
        b"a[[",
        b"a\xff",
        b'["2020-01-01T00:00:00Z","00000000-0000-0000-0000-000000000000"]',
    ],
)
async def test_a_signed_cursor_of_another_form_is_refused(
    made: ModuleType, pool: Pool, payload: bytes
) -> None:
    asked = made.LIST_MEMBERS.ask(
        SECRET, (GUILD,), given=ALL_OFF, sort="newest", cursor=None, limit=1
    )
    signed = SECRET.seal(asked.place.named(), payload)
    with pytest.raises(InvalidValue) as caught:
        await pager(made, pool, cursor=signed)()
    assert caught.value.field == "cursor"


@pytest.mark.parametrize("key", [b"a[9223372036854775808]", b'a["1"]', b"a[1.5]", b"a[true]"])
async def test_a_signed_key_out_of_its_types_range_is_refused(
    made: ModuleType, pool: Pool, key: bytes
) -> None:
    asked = made.LIST_MEMBERS.ask(
        SECRET, (GUILD,), given=ALL_OFF, sort="by_discord_id", cursor=None, limit=1
    )
    signed = SECRET.seal(asked.place.named(), key)
    with pytest.raises(InvalidValue) as caught:
        await pager(made, pool, cursor=signed, sort="by_discord_id")()
    assert caught.value.field == "cursor"


@pytest.mark.fault("V12")
async def test_no_call_brings_a_text_that_was_not_proven(
    made: ModuleType, pool: Pool, tmp_path: Path
) -> None:
    proven = {shape.query.sql for query in varied.queries(tmp_path) for shape in shapes(query)}
    luck = random.Random(5)
    for _ in range(2000):
        await a_random_call(made, pool, luck)
    composed = [made.LIST_MEMBERS, made.COUNT_MEMBERS, made.UPDATE, made.LIST_ALL]
    texts = {statement.sql for variants in composed for statement in variants.made}
    assert texts <= proven
    assert len(made.LIST_MEMBERS.made) > 50
    seen = {row[0] for row in await pool.rows(PREPARED)} - {PREPARED.sql}
    assert len(seen) > 60
    assert seen <= proven


async def a_random_call(made: ModuleType, pool: Pool, luck: random.Random) -> None:
    """Call one of the queries with right and wrong values."""
    texts = [*HOSTILE, *varied.ROLES, "a", "b"]
    chosen = {
        "role": luck.choice([UNSET, luck.choice(texts), 5]),
        "username": luck.choice([UNSET, UNSET, luck.choice(texts)]),
        "since": luck.choice([UNSET, START + timedelta(days=luck.randint(0, 5)), "now()"]),
        "nameless": luck.choice([False, True, False, "true"]),
    }
    sort = luck.choice(["newest", "oldest", "by_discord_id", luck.choice(HOSTILE)])
    try:
        await made.count_members(
            pool,
            guild_id=GUILD,
            filter=made.CountMembersFilter(role=chosen["role"], recent=chosen["nameless"]),
        )
        await made.update(
            pool,
            id=MEMBERS[0].user_id,
            username=luck.choice([UNSET, None, "a"]),
            global_name=luck.choice([UNSET, luck.choice(HOSTILE), None]),
            avatar=luck.choice([UNSET, "x"]),
        )
    except InvalidValue:
        pass
    page_at = pager(made, pool, sort=sort, limit=luck.randint(1, 9), **chosen)
    try:
        page = await page_at()
        for cursor in (page.next_cursor, luck.choice([page.next_cursor, "AAAA"])):
            if cursor is not None:
                page = await page_at(cursor=cursor)
        if page.prev_cursor is not None:
            await page_at(cursor=page.prev_cursor)
    except InvalidValue:
        pass

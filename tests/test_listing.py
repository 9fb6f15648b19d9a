"""Tests of lists in pages: every row once, in order, both ways, whatever happens in between."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimy_dal.engine import driver
from slimy_dal.engine.cursors import MAX_LENGTH
from slimy_dal.engine.errors import InternalError, InvalidValue, UnreadableValue
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Parameter
from slimy_dal.engine.types import UNSET
from tests import varied
from tests.ad_hoc import script
from tests.varied import GUILD, SECRET, START, backwards, entries, expected, forwards, pager

MEMBERS = entries()
# Past the guard of a guild's last owner: here only rows are wanted gone.
GONE = "SET session_replication_role = replica; DELETE FROM slimy.user_guilds WHERE user_id IN {}"
QUICK = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(varied.ROLES),
        "username": st.sampled_from(["a", "b", "c"]),
        "since": st.sampled_from([START + timedelta(days=n) for n in range(5)]),
        "nameless": st.booleans(),
    },
)
sorts = st.sampled_from(["newest", "oldest", "by_discord_id"])


@pytest.fixture
async def made(database_url: str, tmp_path: Path) -> ModuleType:
    return await varied.module(database_url, tmp_path)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with varied.filled(database_url, MEMBERS) as opened:
        yield opened


@given(chosen=choices, sort=sorts, limit=st.integers(1, 25))
@QUICK
async def test_each_row_is_met_once_in_order_forwards_and_backwards(
    made: ModuleType, pool: Pool, chosen: dict[str, Any], sort: str, limit: int
) -> None:
    page_at = pager(made, pool, sort=sort, limit=limit, **chosen)
    wanted = expected(MEMBERS, sort=sort, **chosen)
    met, pages = await forwards(page_at)
    assert met == wanted
    assert all(len(page.items) == limit for page in pages[:-1])
    assert pages[0].prev_cursor is None
    back, again = await backwards(page_at, pages[-1].prev_cursor)
    assert back == [row.user_id for page in pages[:-1] for row in page.items]
    assert [page.items for page in again] == [page.items for page in pages[:-1]]
    if again:
        assert (await forwards(page_at, again[0].next_cursor))[0] == wanted[limit:]


async def test_a_list_that_fits_has_no_neighbours(made: ModuleType, pool: Pool) -> None:
    page = await pager(made, pool, limit=len(MEMBERS))()
    assert (len(page.items), page.next_cursor, page.prev_cursor) == (len(MEMBERS), None, None)
    page = await pager(made, pool, guild_id=1)()
    assert (page.items, page.next_cursor, page.prev_cursor) == ([], None, None)


@pytest.mark.fault("V11")
async def test_rows_that_come_and_go_repeat_and_lose_no_others(
    made: ModuleType, pool: Pool, database_url: str
) -> None:
    page_at = pager(made, pool, limit=5)
    wanted = expected(MEMBERS)
    first = await page_at()
    second = await page_at(cursor=first.next_cursor)
    # The last row of the page before, the first of this one and the one after are gone.
    gone = {first.items[-1].user_id, second.items[0].user_id, wanted[10]}
    await script(
        database_url,
        "DELETE FROM slimy.user_guilds WHERE user_id IN "
        + str(tuple(map(str, sorted(gone, key=str)))),
    )
    rest, _ = await forwards(page_at, second.next_cursor)
    assert rest == [one for one in wanted[10:] if one not in gone]
    before, _ = await backwards(page_at, second.prev_cursor)
    assert before == [one for one in wanted[:5] if one not in gone]


async def test_a_row_added_behind_the_last_one_seen_is_on_the_next_page(
    made: ModuleType, pool: Pool, database_url: str
) -> None:
    page_at = pager(made, pool, limit=3, sort="oldest")
    first = await page_at()
    last = first.items[-1]
    new = "00000000-0000-0000-0000-0000ffffffff"
    await script(
        database_url,
        f"INSERT INTO slimy.users (id, discord_id) VALUES ('{new}', 5);"
        "INSERT INTO slimy.user_guilds (user_id, guild_id, joined_at)"
        f" VALUES ('{new}', {GUILD}, '{last.joined_at.isoformat()}')",
    )
    second = await page_at(cursor=first.next_cursor)
    assert new in {str(row.user_id) for row in second.items} | {
        str(row.user_id) for row in (await page_at(cursor=second.next_cursor)).items
    }


async def test_a_page_whose_rows_are_all_gone_leads_back(
    made: ModuleType, pool: Pool, database_url: str
) -> None:
    page_at = pager(made, pool, limit=20)
    wanted = expected(MEMBERS)
    first = await page_at()
    second = await page_at(cursor=first.next_cursor)
    listed = str(tuple(map(str, wanted[20:])))
    await script(database_url, GONE.format(listed))
    empty = await page_at(cursor=first.next_cursor)
    assert (empty.items, empty.next_cursor) == ([], None)
    assert (await backwards(page_at, empty.prev_cursor))[0] == wanted[:20]
    listed = str(tuple(map(str, wanted[:20])))
    await script(database_url, GONE.format(listed))
    empty = await page_at(cursor=second.prev_cursor)
    assert (empty.items, empty.prev_cursor) == ([], None)
    assert (await page_at(cursor=empty.next_cursor)).items == []
    assert (await page_at(cursor=empty.next_cursor)).prev_cursor is None


async def test_keys_come_back_from_a_cursor_to_the_last_bit(made: ModuleType, pool: Pool) -> None:
    asked = made.LIST_MEMBERS.ask(
        SECRET, (GUILD,), given=(UNSET,) * 3 + (False,), sort="newest", cursor=None, limit=1
    )
    rows = await pool.rows(asked.statement, *asked.arguments)
    asked.cut(rows)
    again = made.LIST_MEMBERS.ask(
        SECRET,
        (GUILD,),
        given=(UNSET,) * 3 + (False,),
        sort="newest",
        cursor=asked.cursors[0],
        limit=1,
    )
    assert again.arguments[2:] == (rows[0][2], rows[0][0])
    assert again.arguments[2].microsecond == 123457
    page = await pager(made, pool, sort="by_discord_id", limit=1)()
    asked = made.LIST_MEMBERS.ask(
        SECRET,
        (GUILD,),
        given=(UNSET,) * 3 + (False,),
        sort="by_discord_id",
        cursor=page.next_cursor,
        limit=1,
    )
    assert asked.arguments[2:] == (2**53,)


async def test_a_list_without_filters_and_conditions_is_paged(made: ModuleType, pool: Pool) -> None:
    first = await made.list_people(pool, SECRET, limit=20)
    rest = await made.list_people(pool, SECRET, limit=20, cursor=first.next_cursor)
    met = [person.discord_id for person in (*first.items, *rest.items)]
    assert met == sorted(m.discord_id for m in MEMBERS)


@pytest.mark.parametrize("limit", [0, -1, 201, True, "1", None, 1.0])
@pytest.mark.fault("V9")
async def test_a_limit_outside_its_bounds_is_refused(
    made: ModuleType, pool: Pool, limit: Any
) -> None:
    with pytest.raises(InvalidValue, match="limit"):
        await pager(made, pool, limit=limit)()


LIST = Listing(
    "things.list",
    head="SELECT t.a FROM t",
    joint="WHERE",
    middle=" ORDER BY ",
    order="t.a",
    tail=" LIMIT $1",
    parameters=(Parameter("row_limit", "bigint"),),
    sorts=(Sort("by_time", ("t.a",), (0,), (Parameter("cursor", "timestamp with time zone"),)),),
)


def test_a_row_that_no_cursor_can_hold_is_an_error_at_once() -> None:
    asked = LIST.ask(SECRET, (), sort="by_time", cursor=None, limit=1)
    with pytest.raises(UnreadableValue, match="by_time"):
        asked.cut([(datetime.max.replace(tzinfo=UTC),), (START,)])


def test_a_cursor_belongs_to_its_query_and_to_the_columns_and_direction_of_its_order() -> None:
    when = Parameter("cursor", "timestamp with time zone")
    asked = LIST.ask(SECRET, (), sort="by_time", cursor=None, limit=1)
    asked.cut([(START,), (START,)])
    cursor = asked.cursors[0]
    assert LIST.ask(SECRET, (), sort="by_time", cursor=cursor, limit=1).arguments[-1] == START
    for name, order in (
        ("things.other", LIST.default),
        (LIST.name, Sort("by_time", ("t.b",), (0,), (when,))),
        (LIST.name, Sort("by_time", ("t.a",), (0,), (when,), descending=True)),
    ):
        other = Listing(
            name,
            head=LIST.head,
            joint="WHERE",
            middle=LIST.middle,
            order="",
            tail=LIST.tail,
            parameters=LIST.parameters,
            sorts=(order,),
        )
        with pytest.raises(InvalidValue, match=r"^cursor"):
            other.ask(SECRET, (), sort="by_time", cursor=cursor, limit=1)


def test_a_key_too_long_to_be_read_again_is_an_error_at_once() -> None:
    sort = Sort("by_name", ("t.a",), (0,), (Parameter("cursor", "text"),))
    listing = Listing(
        "things.list", head="", joint="WHERE", middle="", order="", tail="", sorts=(sort,)
    )
    asked = listing.ask(SECRET, (), sort="by_name", cursor=None, limit=1)
    with pytest.raises(InternalError, match="does not fit into a cursor"):
        asked.cut([("x" * MAX_LENGTH,), ("y",)])


async def test_a_key_is_one_condition_of_the_index(made: ModuleType, database_url: str) -> None:
    listing = made.LIST_MEMBERS
    async with await driver.connect(database_url) as connection:
        await connection.execute(
            "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;"
            "SET enable_hashjoin = off; SET enable_mergejoin = off;"
            "SET plan_cache_mode = force_generic_plan"
        )
        for position in ("after", "before"):
            sql = listing.page(0, listing.default, position).sql
            await connection.execute(f"PREPARE shape_{position} AS {sql}")
            nulls = "NULL, NULL, NULL, NULL"
            rows = await connection.fetch(f"EXPLAIN EXECUTE shape_{position} ({nulls})")
            plan = "\n".join(row[0] for row in rows)
            key = r"ROW\(m?\.?joined_at, m?\.?user_id\) [<>] ROW\(\$3, \$4\)"
            assert re.search(f"Index Cond: .*{key}", plan), plan
            assert "Sort" not in plan

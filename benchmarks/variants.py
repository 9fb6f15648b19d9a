"""Compares calls of composed statements with calls of static ones: what choosing a shape costs.

    python benchmarks/variants.py       about 20 seconds

Both run on one pool of one connection and one embedded PostgreSQL 18, in turns of 300 calls; each
figure is the median of the turns' ratios, composed to static. `scalar` is a point lookup with and
without a filter object, `page` the middle page of 50 rows with its two cursors, against the bare rows; `by hand`
compares it with a static statement whose caller reads a cursor and makes one.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from itertools import starmap

import msgspec

from slimy_dal.engine import driver, embedded
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.listing import Listing, Sort
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Parameter, Statement, values
from slimy_dal.engine.types import UNSET, Page
from slimy_dal.engine.variants import Choice, Filtered

TURNS, CALLS = 15, 300
SCHEMA = """
CREATE TABLE things (id bigint PRIMARY KEY, place bigint NOT NULL, name text NOT NULL);
INSERT INTO things SELECT n, n / 3, 'name ' || n FROM generate_series(1, 100000) AS n;
CREATE INDEX ON things (place DESC, id DESC);
ANALYZE things;
"""
ID, NAME = Parameter("id", "bigint"), Parameter("name", "text")
LIMIT = Parameter("row_limit", "bigint")
POINT = Statement(
    "point", "SELECT name FROM things WHERE id = $1 AND (name = $2)", (ID, NAME), ("name",)
)
FILTERED = Filtered(
    "filtered",
    head="SELECT name FROM things WHERE id = $1",
    joint="AND",
    choices=(Choice("name", ("name = ", ""), NAME), Choice("odd", ("id % 2 = 1",))),
    parameters=(ID,),
    columns=("name",),
)
PAGE = Statement(
    "page",
    "SELECT id, place, name FROM things WHERE (place, id) < ($2, $3)"
    " ORDER BY place DESC, id DESC LIMIT $1",
    (LIMIT, Parameter("place", "bigint"), ID),
    ("id", "place", "name"),
)
LISTING = Listing(
    "listing",
    head="SELECT id, place, name FROM things",
    joint="WHERE",
    middle=" ORDER BY ",
    order="place DESC, id DESC",
    tail=" LIMIT $1",
    sorts=(
        Sort(
            "newest",
            ("place", "id"),
            (1, 0),
            (Parameter("cursor", "bigint"), Parameter("cursor", "bigint")),
            descending=True,
        ),
    ),
    choices=FILTERED.choices,
    parameters=(LIMIT,),
    columns=("id", "place", "name"),
)
CURSORS = Cursors(b"benchmark")


class Thing(msgspec.Struct, frozen=True, gc=False):
    """A row."""

    id: int
    place: int
    name: str


async def static_point(pool: Pool) -> object:
    return await pool.row(POINT, 5000, "name 5000")


async def filtered_point(pool: Pool) -> object:
    statement, given = FILTERED.choose(("name 5000", False))
    return await pool.row(statement, 5000, *given)


async def static_page(pool: Pool) -> list[Thing]:
    rows = await pool.rows(PAGE, 51, 20000, 60000)
    return list(starmap(Thing, map(values, rows)))


def page_by_hand(cursor: str) -> Callable[[Pool], Awaitable[object]]:
    async def call(pool: Pool) -> Page[Thing]:
        place, thing = msgspec.json.decode(CURSORS.open("things", cursor), type=tuple[int, int])
        rows = await pool.rows(PAGE, 51, place, thing)
        items = list(starmap(Thing, map(values, rows)))
        last = msgspec.json.encode((items[49].place, items[49].id))
        return Page(items[:50], CURSORS.seal("things", last) if len(items) > 50 else None)

    return call


def listed_page(cursor: str) -> Callable[[Pool], Awaitable[object]]:
    async def call(pool: Pool) -> Page[Thing]:
        asked = LISTING.ask(
            CURSORS, (), given=(UNSET, False), sort="newest", cursor=cursor, limit=50
        )
        found = await pool.rows(asked.statement, *asked.arguments)
        rows = asked.cut(found)
        return Page(list(starmap(Thing, map(values, rows))), *asked.cursors)

    return call


async def turn(call: Callable[[Pool], Awaitable[object]], pool: Pool) -> float:
    begun = time.perf_counter()
    for _ in range(CALLS):
        await call(pool)
    return (time.perf_counter() - begun) / CALLS * 1e6


async def compare(
    title: str,
    static: Callable[[Pool], Awaitable[object]],
    composed: Callable[[Pool], Awaitable[object]],
    pool: Pool,
) -> None:
    pairs = [(await turn(static, pool), await turn(composed, pool)) for _ in range(TURNS)]
    ratio = statistics.median(b / a for a, b in pairs)
    more = statistics.median(b - a for a, b in pairs)
    best = min(b for _, b in pairs) / min(a for a, _ in pairs)
    print(
        f"{title:<8} static {min(a for a, _ in pairs):>6.0f} us  composed: median x {ratio:.2f}"
        f" (+{more:.1f} us), best x {best:.2f}"
    )


def alone(title: str, call: Callable[[], object]) -> None:
    """Print what a step without the database costs."""
    call()
    begun = time.perf_counter()
    for _ in range(20000):
        call()
    print(f"{title:<40} {(time.perf_counter() - begun) / 20000 * 1e6:>6.2f} us")


async def main() -> None:
    with embedded.temporary(18) as server:
        async with await driver.connect(server.dsn()) as connection:
            await connection.execute(SCHEMA)
        async with Pool.open(server.dsn(), PoolSettings(pool_size=1)) as pool:
            place = LISTING.ask(
                CURSORS, (), given=(UNSET, False), sort="newest", cursor=None, limit=50
            )
            cursor = place.place.seal("after", b"[20000,60000]")
            await compare("scalar", static_point, filtered_point, pool)
            await compare("page", static_page, listed_page(cursor), pool)
            by_hand = page_by_hand(CURSORS.seal("things", b"[20000,60000]"))
            await compare("by hand", by_hand, listed_page(cursor), pool)
            rows = await pool.rows(PAGE, 51, 20000, 60000)
    ask = {"given": (UNSET, False), "sort": "newest", "limit": 50}
    alone("choose a shape, memoised", lambda: FILTERED.choose(("name 5000", False)))
    alone("ask for the first page", lambda: LISTING.ask(CURSORS, (), cursor=None, **ask))
    alone("ask for a page by its cursor", lambda: LISTING.ask(CURSORS, (), cursor=cursor, **ask))
    asked = LISTING.ask(CURSORS, (), cursor=cursor, **ask)
    alone("cut a page and make two cursors", lambda: asked.cut(rows))
    alone("compose a text, not memoised", lambda: LISTING.page_text(1, LISTING.default, "after"))


if __name__ == "__main__":
    asyncio.run(main())

"""Transactions through the DAL have no anomaly that their isolation level excludes, with and without kills."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from slimy_dal.engine.isolation import Isolation
from slimy_dal.engine.pool import Pool
from slimy_dal.testing import FaultProxy
from tests.ad_hoc import script, settings
from tests.matrix.chance import seeded
from tests.matrix.elle import Attempt, anomalies
from tests.matrix.histories import LISTS, Histories
from tests.matrix.ledger import writes

NEVER = {"lost", "lied", "twice", "split", "aborted", "intermediate", "G0", "G1c"}
"""What no level allows."""
ALLOWED: dict[Isolation, set[str]] = {
    "read committed": {"unrepeatable", "G-single", "G2-item"},
    "repeatable read": {"G2-item"},
    "serializable": set(),
}


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    await script(database_url, LISTS)
    async with Pool.open(database_url, settings(pool_size=8)) as opened:
        yield opened


def transactions(default: int) -> int:
    """How many: no more than can be searched for circles, which takes the square of their number."""
    return min(writes(default), 5_000)


def told(found: dict[str, list[str]]) -> str:
    return ", ".join(f"{len(ways)} {name}" for name, ways in sorted(found.items())) or "none"


@pytest.mark.fault("D16")
@pytest.mark.parametrize("isolation", ALLOWED)
async def test_no_anomaly_is_seen_but_those_that_the_level_allows(
    pool: Pool, isolation: Isolation, record_property: Callable[[str, object], None]
) -> None:
    made = Histories(pool, isolation)
    await made.run(transactions(250))
    found = await made.anomalies()
    assert set(found) <= ALLOWED[isolation], found
    # What the budget for repeating does not cover is a conflict that its caller hears of.
    assert made.count("done") > 0.5 * transactions(250)
    # The controls: the same transactions show these where the level lets them.
    if isolation == "read committed":
        assert {"G-single"} <= set(found)
    if isolation == "repeatable read":
        assert {"G2-item"} <= set(found)
    record_property("figure", f"{isolation}: {made.count('done')} transactions, {told(found)}")


@pytest.mark.slow
@pytest.mark.fault("D16", "B1")
@pytest.mark.parametrize("isolation", ALLOWED)
async def test_kills_in_the_middle_of_transactions_add_no_anomaly(
    database_url: str, isolation: Isolation, record_property: Callable[[str, object], None]
) -> None:
    await script(database_url, LISTS)
    chance = seeded(7)
    async with (
        FaultProxy(database_url) as proxy,
        Pool.open(proxy.dsn, settings(pool_size=8)) as pool,
    ):
        made = Histories(pool, isolation)

        async def kill() -> None:
            while True:
                await asyncio.sleep(chance.random() * 0.3)
                for line in list(proxy.lines):
                    if chance.random() < 0.5:
                        line.cut(reset=chance.random() < 0.5)

        killer = asyncio.create_task(kill())
        await made.run(transactions(200))
        killer.cancel()
        found = await made.anomalies()
    assert set(found) <= ALLOWED[isolation], found
    assert made.count("failed")
    record_property(
        "figure",
        f"{isolation} under kills: {made.count('done')} done, {made.count('unknown')} unknown, "
        f"{made.count('failed')} attempts failed, {told(found)}",
    )


def did(*operations: tuple[str, int, int | tuple[int, ...]], outcome: str = "done") -> Attempt:
    return Attempt(list(operations), outcome)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("history", "final", "name"),
    [
        ([did(("append", 1, 1))], {}, "lost"),
        ([did(("append", 1, 1), outcome="failed")], {1: [1]}, "lied"),
        ([did(("append", 1, 1))], {1: [1, 1]}, "twice"),
        ([did(("append", 1, 1), outcome="unknown"), did(("read", 1, (1,)))], {}, "aborted"),
        (
            [did(("append", 1, 1), ("append", 1, 2)), did(("read", 1, (1,)))],
            {1: [1, 2]},
            "intermediate",
        ),
        (
            [did(("append", 1, 1)), did(("append", 1, 2)), did(("read", 1, (2,)))],
            {1: [1, 2]},
            "split",
        ),
        (
            [did(("append", 1, 1)), did(("read", 1, ()), ("read", 1, (1,)))],
            {1: [1]},
            "unrepeatable",
        ),
        (
            [did(("append", 1, 1), ("append", 2, 1)), did(("append", 1, 2), ("append", 2, 2))],
            {1: [1, 2], 2: [2, 1]},
            "G0",
        ),
        (
            [did(("append", 1, 1), ("read", 2, (2,))), did(("append", 2, 2), ("read", 1, (1,)))],
            {1: [1], 2: [2]},
            "G1c",
        ),
        (
            [did(("read", 1, ()), ("append", 1, 1)), did(("read", 1, ()), ("append", 1, 2))],
            {1: [1, 2]},
            "G-single",
        ),
        (
            [did(("read", 1, ()), ("append", 2, 1)), did(("read", 2, ()), ("append", 1, 2))],
            {1: [2], 2: [1]},
            "G2-item",
        ),
    ],
)
def test_each_anomaly_is_known_by_its_name(
    history: list[Attempt], final: dict[int, list[int]], name: str
) -> None:
    assert name in anomalies(history, final)
    assert anomalies([did(("append", 1, 1)), did(("read", 1, (1,)))], {1: [1]}) == {}

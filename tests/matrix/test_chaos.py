"""Everything at once: nothing is lost, denied or done twice, and without a guard something is."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from slimy_dal.testing import schedule
from tests.matrix.chance import seeded
from tests.matrix.chaos import Chaos, Without, chaos, timetable
from tests.matrix.happenings import LINES, SERVERS

Record = Callable[[str, object], None]


def test_the_same_seed_gives_the_same_timetable() -> None:
    servers, lines = timetable(7, 600)
    assert (servers, lines) == timetable(7, 600)
    assert servers != timetable(8, 600)[0]
    assert {one.kind for one in servers} == set(SERVERS)
    assert {one.kind for one in lines} == set(LINES)
    for table in (servers, lines):
        ends = [one.at + one.seconds for one in table]
        assert all(end < after.at for end, after in zip(ends, table[1:], strict=False))
        assert ends[-1] <= 600


def test_what_is_left_to_chance_follows_from_the_seed_of_the_soak(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def drawn(seed: str, number: int) -> float:
        monkeypatch.setenv("SLIMY_SOAK_SEED", seed)
        return seeded(number).random()

    assert drawn("3251430", 1) == drawn("3251430", 1)
    assert len({drawn(seed, number) for seed in ("0", "1", "2") for number in (1, 2)}) == 6
    folder = Path(__file__).parent
    assert "SLIMY_SOAK_SEED=" in (folder.parent.parent / "script/soak").read_text(encoding="utf-8")
    unseeded = re.compile(r"random\.(?!Random\b)[a-z]+\(|random\.Random\(\d")
    for path in folder.glob("*.py"):
        assert not unseeded.search(path.read_text(encoding="utf-8")), f"use seeded() in {path.name}"


def test_a_timetable_needs_something_that_can_happen() -> None:
    assert schedule(1, 0.1, {"a": (1, 2)}) == []
    with pytest.raises(ValueError, match="no kind of fault"):
        schedule(1, 10, {})


def settled(found: Chaos, record: Record) -> None:
    for line in found.summary:
        record("figure", line)


@pytest.mark.slow
@pytest.mark.fault("A5", "B1", "C3", "C5", "C6", "C11", "D10", "D12")
async def test_whatever_happens_nothing_is_lost_denied_or_done_twice(
    record_property: Record,
) -> None:
    found = await chaos(9, 14)
    settled(found, record_property)
    assert found.broken == []
    assert len(found.ledger.done) > 500
    assert len(found.callers.done) > 20


@pytest.mark.slow
@pytest.mark.fault("C2", "C3")
async def test_without_the_wait_for_a_standby_acknowledged_writes_are_lost(
    record_property: Record,
) -> None:
    found = await without("standby", record_property)
    assert any(line.startswith("lost: ") for line in found.broken)


@pytest.mark.slow
@pytest.mark.fault("A4")
async def test_repeating_what_is_unknown_does_it_twice(record_property: Record) -> None:
    found = await without("retry-guard", record_property)
    assert any(line.startswith("twice: ") for line in found.broken)


async def without(guard: Without, record: Record) -> Chaos:
    """Run the control on a timetable that has what it needs: a failover, or lines that break."""
    found = await chaos(20, 10, guard)
    settled(found, record)
    return found

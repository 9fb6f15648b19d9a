"""Turns at the database of operations whose calls do not end: what is left for the others (SPEC L6)."""

import asyncio
import time

import pytest

from service.admission import Admission, Priority
from service.flow import SOONEST, Flow
from service.problems import Refusal

LONG = 1.0
"""Seconds that turns of the operations take which go on: they have not stalled before four of them."""


class Gate(Admission):
    """Six turns for changes and seven with lists, of which operations that have stalled keep three."""

    def __init__(self, patience: float = 20.0, stalled: float = 0.5) -> None:
        super().__init__(100, 8, patience, lambda: 0.0, stalled=stalled)
        for operation, took in (("stuck", 0.001), ("stuck too", 0.001), ("slow", LONG)):
            self.teach(operation, took)

    def teach(self, operation: str, took: float, priority: Priority = "write") -> None:
        """Have had a turn that took so long."""
        self._begin(self._flow(priority, operation), time.monotonic())
        self.done(priority, time.monotonic() - took, operation)

    async def take(self, operation: str, many: int) -> list[float]:
        """Take turns that come at once."""
        async with asyncio.timeout(5):
            return [await self.turn("write", operation) for _ in range(many)]

    async def ask(self, operation: str) -> asyncio.Task[float]:
        """Ask for a turn that may not come at once."""
        asking = asyncio.create_task(self.turn("write", operation))
        for _ in range(3):
            await asyncio.sleep(0)
        return asking


async def stall() -> None:
    await asyncio.sleep(2 * SOONEST)


async def over(*asking: asyncio.Task[float]) -> None:
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_an_operation_whose_calls_do_not_end_leaves_half_of_the_turns_to_the_others() -> None:
    gate = Gate()
    await gate.take("stuck", 3)
    await stall()
    more = [await gate.ask("stuck") for _ in range(5)]
    assert not any(task.done() for task in more)
    began = await gate.take("slow", 3)
    gate.done("write", began[0], "slow")
    assert not any(task.done() for task in more), "the end of another's turn is no end of its own"
    await gate.take("slow", 1)
    await over(*more)


async def test_operations_that_have_stalled_share_that_half() -> None:
    gate = Gate()
    await gate.take("stuck", 2)
    await gate.take("stuck too", 1)
    await stall()
    more = [await gate.ask("stuck"), await gate.ask("stuck too")]
    assert not any(task.done() for task in more)
    await gate.take("slow", 3)
    await over(*more)


async def test_the_first_that_ends_as_usual_lets_all_of_them_go_on() -> None:
    gate = Gate()
    began = await gate.take("stuck", 3)
    await stall()
    more = [await gate.ask("stuck") for _ in range(3)]
    gate.done("write", began[0], "stuck")
    async with asyncio.timeout(5):
        await asyncio.gather(*more)


async def test_one_that_ends_by_a_failure_makes_room_for_one() -> None:
    gate = Gate()
    began = await gate.take("stuck", 3)
    await stall()
    more = [await gate.ask("stuck") for _ in range(3)]
    gate.done("write", began[0], "stuck", failed=True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert [task.done() for task in more] == [True, False, False]
    await gate.take("slow", 3)
    await over(*more)


async def test_where_all_of_them_fail_in_the_end_the_next_take_no_more_than_they_did() -> None:
    gate = Gate()
    began = await gate.take("stuck", 3)
    await stall()
    more = [await gate.ask("stuck") for _ in range(9)]
    for one in began:
        gate.done("write", one, "stuck", failed=True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert sum(task.done() for task in more) == 3
    await gate.take("slow", 3)
    await over(*more)


def flow(took: float) -> Flow:
    """An operation with three turns, of which nothing is known but one that took so long."""
    made = Flow(level=1)
    made.begin(0.0)
    made.end(0.0, took, failed=False)
    for _ in range(3):
        made.begin(0.0)
    return made


def test_a_failure_that_comes_at_once_is_an_end_like_others() -> None:
    made = flow(LONG)
    assert made.has_stalled(4.5 * LONG)
    made.end(4.5 * LONG, 0.5 * LONG, failed=True)
    assert not made.has_stalled(4.5 * LONG)
    made.end(9.0 * LONG, 9.0 * LONG, failed=True)
    assert made.has_stalled(9.0 * LONG)


def test_nothing_is_known_of_an_operation_at_first_and_it_is_given_time() -> None:
    made = Flow(level=1)
    made.begin(0.0)
    assert not made.has_stalled(0.2)
    assert made.has_stalled(0.3)


def test_an_operation_without_turns_has_not_stalled() -> None:
    made = flow(0.001)
    assert made.has_stalled(1.0)
    for _ in range(3):
        made.end(1.0, 1.0, failed=True)
    assert not made.has_stalled(9.0)
    made.begin(9.0)
    assert made.has_stalled(9.0), "all that is known of it is that its last ones were stuck"
    made.end(9.0, 0.001, failed=False)
    made.begin(9.0)
    assert not made.has_stalled(9.0)


async def test_an_operation_that_is_slow_and_goes_on_may_have_all_turns() -> None:
    gate = Gate()
    await gate.take("slow", 3)
    await stall()
    await gate.take("slow", 3)


async def test_who_waits_for_what_has_stalled_is_refused_in_time_and_the_next_at_once() -> None:
    gate = Gate(patience=0.5)
    began = await gate.take("stuck", 3)
    await stall()
    first = await gate.ask("stuck")
    await asyncio.sleep(0.1)
    for refused in (lambda: gate.turn("write", "stuck"), lambda: checked(gate)):
        with pytest.raises(Refusal, match="stalled"):
            await refused()
    gate.check("write", "slow")
    await gate.take("slow", 3)
    with pytest.raises(Refusal, match="stalled"):
        await first
    gate.check("write", "stuck")
    assert 'slimy_http_requests_shed_total{priority="write",reason="stalled"} 3' in [*gate.lines()]
    gate.done("write", began[0], "stuck")
    await gate.take("stuck", 1)


async def checked(gate: Gate) -> None:
    gate.check("write", "stuck")


async def test_who_leaves_while_held_leaves_nothing_behind() -> None:
    gate = Gate()
    began = await gate.take("stuck", 3)
    await stall()
    gone, stays = await gate.ask("stuck"), await gate.ask("stuck")
    waiting = 'slimy_http_requests_waiting{priority="write"} '
    assert waiting + "2" in [*gate.lines()]
    await over(gone)
    gate.done("write", began[0], "stuck")
    async with asyncio.timeout(5):
        await stays
    assert waiting + "0" in [*gate.lines()]
    await gate.take("slow", 3)


async def test_where_all_of_the_pool_may_be_stuck_nobody_is_held() -> None:
    """The control of the tests above."""
    gate = Gate(stalled=1.0)
    await gate.take("stuck", 3)
    await stall()
    await gate.take("stuck", 3)
    other = await gate.ask("slow")
    assert not other.done()
    await over(other)


@pytest.mark.parametrize(("failed", "let_go"), [(True, 1), (False, 3)])
async def test_work_within_a_turn_that_fails_is_told_from_work_that_is_done(
    *, failed: bool, let_go: int
) -> None:
    gate = Gate()

    async def work() -> str:
        await stall()
        more.extend([await gate.ask("stuck") for _ in range(3)])
        assert not any(task.done() for task in more)
        if failed:
            raise LookupError
        return "done"

    await gate.take("stuck", 2)
    more: list[asyncio.Task[float]] = []
    if failed:
        with pytest.raises(LookupError):
            await gate.within_turn("write", "stuck", work)
    else:
        assert await gate.within_turn("write", "stuck", work) == "done"
    for _ in range(3):
        await asyncio.sleep(0)
    assert sum(task.done() for task in more) == let_go
    await over(*more)

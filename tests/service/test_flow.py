"""Turns at the database of operations whose calls do not end: what is left for the others (SPEC L6)."""

import asyncio
import time
from contextlib import nullcontext

import pytest

from service.admission import Admission, Priority
from service.flow import SOONEST, Flow
from service.problems import Refusal
from slimy_dal.engine.errors import DeadlineExceeded, NotFound
from tests.matrix.chance import seeded

LONG = 1.0
"""Seconds that turns of the operation take which goes on: it has not stalled before three of them."""


class Gate(Admission):
    """Six turns for changes and seven with lists, of which operations that have stalled keep three."""

    def __init__(self, patience: float = 20.0, stalled: float = 0.5, at_once: float = 1.0) -> None:
        super().__init__(100, 8, patience, lambda: 0.0, stalled=stalled, at_once=at_once)
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


async def test_a_burst_of_a_fast_operation_has_a_few_turns_until_one_of_them_ends() -> None:
    gate = Gate(at_once=0.34)
    began = await gate.take("stuck", 2)
    more = [await gate.ask("stuck") for _ in range(6)]
    assert not any(task.done() for task in more)
    for ended, running in ((1, 2), (2, 4)):
        gate.done("write", began[ended - 1], "stuck")
        for _ in range(3):
            await asyncio.sleep(0)
        assert sum(task.done() for task in more) == running
    await gate.take("slow", 2)
    await over(*more)


async def test_a_burst_is_not_refused_as_stalled() -> None:
    gate = Gate(at_once=0.34)
    began = await gate.take("stuck", 2)
    more = [await gate.ask("stuck") for _ in range(40)]
    gate.check("write", "stuck")
    for one in began:
        gate.done("write", one, "stuck")
    for task in more:
        async with asyncio.timeout(5):
            gate.done("write", await task, "stuck")
    assert not [line for line in gate.lines() if "stalled" in line]


@pytest.mark.parametrize("connections", [2, 4, 8, 16])
async def test_a_fast_operation_has_all_turns_soon_where_many_ask_for_it(connections: int) -> None:
    gate = Admission(1000, connections, 600.0, lambda: 0.0)  # nobody is to be refused here
    running, most = 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    async def over_and_over() -> None:
        for _ in range(20):
            await gate.within_turn("write", "fast", work)

    await asyncio.gather(*(over_and_over() for _ in range(40)))
    assert most == max(1, connections * 3 // 4)


async def test_a_burst_of_slow_calls_has_all_turns_at_once() -> None:
    gate = Gate(at_once=0.34)
    await gate.take("slow", 6)


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
    gate.done("write", began[0], "stuck", stuck=True)
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
        gate.done("write", one, "stuck", stuck=True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert sum(task.done() for task in more) == 3
    await gate.take("slow", 3)
    await over(*more)


def flow(took: float) -> Flow:
    """An operation with three turns, of which nothing is known but one that took so long."""
    made = Flow(level=1)
    made.begin(0.0)
    made.end(0.0, took, stuck=False)
    for _ in range(3):
        made.begin(0.0)
    return made


def test_one_that_runs_out_of_time_at_once_is_an_end_like_others() -> None:
    made = flow(LONG)
    assert made.has_stalled(4.5 * LONG)
    made.end(4.5 * LONG, 0.5 * LONG, stuck=True)
    assert not made.has_stalled(4.5 * LONG)
    made.end(9.0 * LONG, 9.0 * LONG, stuck=True)
    assert made.has_stalled(9.0 * LONG)


def test_nothing_is_known_of_an_operation_at_first_and_it_is_given_time() -> None:
    made = Flow(level=1)
    made.begin(0.0)
    assert not made.has_stalled(0.2)
    assert made.has_stalled(0.3)


def test_an_operation_without_turns_has_stalled_if_the_last_of_them_were_stuck() -> None:
    made = flow(0.001)
    for _ in range(3):
        made.end(1.0, 1.0, stuck=True)
    assert made.has_stalled(1.0)
    made.begin(9.0)
    made.end(9.0, 0.001, stuck=False)
    assert not made.has_stalled(99.0)


def test_a_turn_that_was_not_used_says_nothing() -> None:
    made = flow(LONG)
    made.give_back()
    assert not made.has_stalled(2.5 * LONG)
    assert made.has_stalled(3.5 * LONG)


def test_what_slow_turns_take_is_forgotten_over_hundreds_of_fast_ones() -> None:
    made = flow(0.001)
    now = 0.0
    for _ in range(6):
        now += LONG
        made.end(now, LONG, stuck=False)
        made.begin(now)
    assert not made.has_stalled(now + 2.5 * LONG)
    for _ in range(600):
        made.end(now, 0.001, stuck=False)
        made.begin(now)
    assert made.has_stalled(now + 0.1 * LONG)


def test_turns_that_were_slow_together_are_one_reason_to_expect_slower_ones() -> None:
    made = flow(0.001)
    for _ in range(3):
        made.end(LONG, LONG, stuck=False)
        made.begin(LONG)
    assert made.has_stalled(1.1 * LONG)


async def test_an_operation_that_is_slow_and_goes_on_may_have_all_turns() -> None:
    gate = Gate()
    await gate.take("slow", 3)
    await stall()
    await gate.take("slow", 3)


async def test_who_waits_for_what_has_stalled_is_refused_in_time_and_the_next_at_once() -> None:
    gate = Gate(patience=2.0)
    began = await gate.take("stuck", 3)
    await stall()
    first = await gate.ask("stuck")
    await asyncio.sleep(0.25)
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


@pytest.mark.parametrize(
    ("error", "let_go"),
    [
        (None, 3),
        (NotFound("an answer"), 3),
        (DeadlineExceeded("no answer"), 1),
        (asyncio.CancelledError(), 1),
    ],
)
async def test_work_that_ran_out_of_time_is_told_from_work_that_got_an_answer(
    error: BaseException | None, let_go: int
) -> None:
    gate = Gate()
    more: list[asyncio.Task[float]] = []

    async def work() -> None:
        await stall()
        more.extend([await gate.ask("stuck") for _ in range(3)])
        assert not any(task.done() for task in more)
        if error is not None:
            raise error

    await gate.take("stuck", 2)
    with nullcontext() if error is None else pytest.raises(type(error)):
        await gate.within_turn("write", "stuck", work)
    for _ in range(3):
        await asyncio.sleep(0)
    assert sum(task.done() for task in more) == let_go
    await over(*more)


async def test_those_that_are_let_go_and_find_no_room_yet_keep_nobody_out() -> None:
    gate = Gate(patience=2.0)
    began = await gate.take("stuck", 3)
    await stall()
    more = [await gate.ask("stuck") for _ in range(12)]
    await asyncio.sleep(0.25)
    gate.done("write", began[0], "stuck")
    for _ in range(3):
        await asyncio.sleep(0)
    assert sum(task.done() for task in more) == 4
    gate.check("write", "slow")
    other = await gate.ask("slow")
    assert not other.done()
    await over(*more, other)


async def test_those_who_wait_get_their_turns_in_the_order_in_which_they_came() -> None:
    gate = Gate()
    slow, began = await gate.take("slow", 3), await gate.take("stuck", 3)
    first = await gate.ask("stuck")
    await stall()
    second = await gate.ask("stuck")
    gate.done("write", slow[0], "slow")
    assert not first.done()
    gate.done("write", began[0], "stuck", stuck=True)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (first.done(), second.done()) == (True, False)
    await over(second)


async def test_many_operations_that_were_stuck_take_no_more_than_their_share_again() -> None:
    gate = Gate()
    names = [f"stuck {number}" for number in range(6)]
    began = {}
    for name in names:
        gate.teach(name, 0.001)
        (began[name],) = await gate.take(name, 1)
    await stall()
    more = [await gate.ask(name) for name in names]
    for name in names:
        gate.done("write", began[name], name, stuck=True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert sum(task.done() for task in more) == 3
    await gate.take("slow", 3)
    await over(*more)


async def test_a_turn_that_comes_as_its_caller_leaves_goes_on_and_says_nothing() -> None:
    gate = Gate()
    slow = await gate.take("slow", 6)
    gone, stays = await gate.ask("slow"), await gate.ask("slow")
    gate.done("write", slow[0], "slow")
    await over(gone)
    async with asyncio.timeout(5):
        gate.done("write", slow[1], "slow")
        await stays
        await gate.take("slow", 1)


async def test_only_so_many_wait_for_what_has_stalled() -> None:
    gate = Gate()
    await gate.take("stuck", 3)
    await stall()
    more = [
        await gate.ask("stuck") for _ in range(13)
    ]  # a quarter of the fifty that may be in flight
    with pytest.raises(Refusal, match="stalled"):
        await gate.turn("write", "stuck")
    await over(*more)


async def test_random_turns_ends_and_departures_leave_nothing_behind_and_never_too_many() -> None:
    gate, chance = Gate(patience=0.2), seeded(6)
    most, running = [0], [0]

    async def work() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        try:
            await asyncio.sleep(chance.choice((0, 0, 0.001, 0.05)))
            if chance.random() < 0.3:
                raise chance.choice((NotFound("an answer"), DeadlineExceeded("no answer")))
        finally:
            running[0] -= 1

    async def call() -> None:
        name = chance.choice(("stuck", "stuck too", "slow", "new"))
        asking = asyncio.create_task(gate.within_turn("write", name, work))
        if chance.random() < 0.3:
            await asyncio.sleep(chance.uniform(0, 0.05))
            asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    for _ in range(10):
        await asyncio.gather(*(call() for _ in range(40)))
    assert most == [6]
    assert running == [0]
    assert 'slimy_http_requests_waiting{priority="write"} 0' in [*gate.lines()]
    assert len(await gate.take("fresh", 6)) == 6

"""Callers of the service who repeat a request under its idempotency key until it is done, and keep book of it."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import aiohttp

from tests.matrix.scene import MARGIN, REQUEST, Scene

__all__ = ["KEPT_CODES", "Callers"]

KEPT_CODES = "SELECT substr(code, 6) FROM slimy.code_reports WHERE code LIKE 'CHAOS%'"
GRACE = 0.5
"""Seconds that a request which ran out of time may take for its refusal."""
TRIES = 12
EXPECTED = {201, 409, 503, 504}


@dataclass
class Callers:
    """What was asked of one service; `guarded` callers send a key."""

    at: Scene
    guarded: bool = True
    done: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    longest: float = 0.0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def run(self, until: Callable[[], bool]) -> None:
        """Make one new thing after the other until it is enough."""
        while not until():
            number = next(self._numbers)
            self.asked.add(number)
            for _ in range(TRIES):
                if await self._try(number):
                    self.done.add(number)
                    break
                await asyncio.sleep(0.1)

    async def _try(self, number: int) -> bool:
        body = {"code": f"CHAOS{number}", "reason": "expired"}
        headers = {"Idempotency-Key": f"chaos-{number}"} if self.guarded else {}
        began = time.monotonic()
        try:
            answer = await self.at.http.post(
                f"{self.at.address}/v1/code-reports", json=body, headers=headers
            )
            said = {} if answer.status == 201 else await answer.json()
            await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.broken.append(f"request {number}: no answer: {type(error).__name__}")
            return False
        ended = time.monotonic()
        self.answers[f"{answer.status} {said.get('code', '')}".strip()] += 1
        if answer.status not in EXPECTED:
            self.broken.append(f"request {number}: {answer.status} {said.get('code')}")
        told = "Retry-After" in answer.headers or said.get("code") == "outcome_unknown"
        if answer.status == 503 and not told:
            self.broken.append(f"request {number}: 503 {said.get('code')} without Retry-After")
        took = ended - began - self.at.beats.between(began, ended)
        self.longest = max(self.longest, took)
        if took > REQUEST + GRACE + MARGIN:
            self.broken.append(f"request {number}: answered after {took:.2f} s")
        return answer.status == 201

    def wrong(self, kept: Iterable[int]) -> list[str]:
        """Return what is lost and what is there twice."""
        counts = Counter(kept)
        return [
            *(f"request {one}: 201 and lost" for one in sorted(self.done - counts.keys())),
            *(f"request {one}: done {n} times" for one, n in sorted(counts.items()) if n > 1),
        ]

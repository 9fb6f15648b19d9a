"""How often a caller may call: the generic cell rate algorithm, shared through Redis where there is one (SPEC L10)."""

import math
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self, get_args

from service.problems import Refusal
from slimy_dal.engine.redis import Away, Redis, Script

RateClass = Literal["read", "write", "bulk", "none"]
CLASSES: tuple[RateClass, ...] = get_args(RateClass)

MILLION = 1_000_000
CALLERS = 100_000
"""Callers remembered in a process without Redis; the one that called longest ago is forgotten first."""

# One number for a caller and class: the moment at which all that was taken is earned back. Redis's clock decides, so
# that processes whose clocks differ agree. What no call can have left there, garbage or a number beyond the window, is
# read as nothing: it would shut its caller out, or everybody by failing the script.
GCRA = Script("""
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local earned = now
local found = redis.pcall('GET', KEYS[1])
local number = type(found) == 'string' and tonumber(found)
if number and number > now and number <= now + window then
    earned = number
end
local ahead = earned + interval - now
if ahead > window then
    return {0, earned - now, math.ceil(ahead - window)}
end
redis.call('SET', KEYS[1], string.format('%.0f', earned + interval), 'PX', math.ceil(ahead / 1000))
return {1, ahead, 0}
""")


# Nothing is earned that was not taken: what is left of the time ahead ends now at the latest.
GIVE_BACK = Script("""
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local found = redis.pcall('GET', KEYS[1])
local number = type(found) == 'string' and tonumber(found)
local earned = (number and number <= now + window and number or now) - interval
if not (earned > now) then
    redis.call('DEL', KEYS[1])
    return {0}
end
redis.call('SET', KEYS[1], string.format('%.0f', earned), 'PX', math.ceil((earned - now) / 1000))
return {earned - now}
""")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds, at once or spread."""

    calls: int
    seconds: int
    interval: int = field(init=False, repr=False)
    """Microseconds in which one call is earned."""
    window: int = field(init=False, repr=False)
    """Microseconds in which all of them are."""

    def __post_init__(self) -> None:
        interval = max(1, self.seconds * MILLION // self.calls)
        object.__setattr__(self, "interval", interval)
        object.__setattr__(self, "window", interval * self.calls)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `600/60`; `off` is None. Raises ValueError."""
        if text == "off":
            return None
        match = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,4})", text)
        if match is None:
            raise ValueError("give calls/seconds, such as 600/60, or off")
        return cls(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may be made, and what is left."""

    allowed: bool
    ahead: int
    """Microseconds until everything taken is earned back."""
    wait: int
    """Microseconds until the next call may be made; 0 where this one may."""


class Limits:
    """The rates of one service and what its callers took of them."""

    def __init__(
        self,
        rates: Mapping[RateClass, Rate | None],
        redis: Redis | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates = {name: rate for name, rate in rates.items() if rate is not None}
        self._redis = redis
        self._clock = clock
        self._taken: OrderedDict[str, float] = OrderedDict()

    @property
    def counts_alone(self) -> bool:
        """Whether Redis, where there is one, did not answer a moment ago."""
        return self._redis is not None and self._redis.is_away

    async def take(self, caller: str, name: RateClass) -> dict[str, str]:
        """Count one call and return the headers that tell what is left. Raises Refusal("rate_limited")."""
        rate = self._rates.get(name)
        if rate is None:
            return {}
        key = _key(caller, name)
        verdict = await self._shared(key, rate) or self._own(key, rate)
        left = (rate.window - verdict.ahead) // rate.interval if verdict.allowed else 0
        headers = _headers(name, rate, left, verdict.ahead)
        if verdict.allowed:
            return headers
        wait = max(1, math.ceil(verdict.wait / MILLION))
        detail = f"at most {rate.calls} calls of this kind in {rate.seconds} seconds; wait {wait} s"
        raise Refusal("rate_limited", detail, headers={**headers, "Retry-After": str(wait)})

    async def give_back(self, caller: str, name: RateClass) -> dict[str, str]:
        """Take back that a call was counted, and return the headers anew: it gave its caller nothing new."""
        rate = self._rates.get(name)
        if rate is None:
            return {}
        key = _key(caller, name)
        try:
            if self._redis is None:
                ahead = self._give_back_own(key, rate)
            else:
                (ahead,) = await self._redis.run(GIVE_BACK, [key], [rate.interval, rate.window])
        except Away:
            ahead = self._give_back_own(key, rate)
        return _headers(name, rate, (rate.window - ahead) // rate.interval, ahead)

    async def _shared(self, key: str, rate: Rate) -> Verdict | None:
        """Ask Redis; None where there is none, or it is away: each process then counts for itself."""
        if self._redis is None:
            return None
        try:
            allowed, ahead, wait = await self._redis.run(GCRA, [key], [rate.interval, rate.window])
        except Away:
            return None
        return Verdict(bool(allowed), ahead, wait)

    def _give_back_own(self, key: str, rate: Rate) -> int:
        now = self._clock() * MILLION
        earned = max(self._taken.get(key, now) - rate.interval, now)
        self._taken[key] = earned
        return int(earned - now)

    def _own(self, key: str, rate: Rate) -> Verdict:
        now = self._clock() * MILLION
        earned = max(self._taken.pop(key, now), now)
        ahead = earned + rate.interval - now
        allowed = ahead <= rate.window
        self._taken[key] = earned + rate.interval if allowed else earned
        if len(self._taken) > CALLERS:
            self._taken.popitem(last=False)
        if allowed:
            return Verdict(allowed=True, ahead=int(ahead), wait=0)
        return Verdict(allowed=False, ahead=int(earned - now), wait=int(ahead - rate.window))


def _key(caller: str, name: RateClass) -> str:
    return f"slimy:rate:{name}:{caller}"


def _headers(name: RateClass, rate: Rate, left: int, ahead: int) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"{name}";q={rate.calls};w={rate.seconds}',
        "RateLimit": f'"{name}";r={left};t={math.ceil(ahead / MILLION)}',
    }

"""Bounds how much of a pool's work may be repetition, so that a storm of conflicts does not multiply its own load."""

import time
from collections.abc import Callable
from typing import Self

from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.metrics import Metrics
from slimy_dal.engine.settings import PoolSettings

__all__ = ["Budget"]

REGAIN = 10.0
"""Seconds in which an empty reserve fills by itself: a pool that does little may still repeat."""


class Budget:
    """Tokens: each repetition takes one, each call earns a `share` of one, and no more than `reserve` are kept.

    Calls are not counted a second time for it: how many there were is read off the metrics when a
    repetition is asked for, so that a call that succeeds pays nothing.
    """

    def __init__(
        self,
        metrics: Metrics,
        share: float,
        reserve: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._share, self._reserve, self._clock = metrics, share, reserve, clock
        self._tokens, self._calls, self._at = float(reserve), 0, clock()

    @classmethod
    def of(cls, settings: PoolSettings, metrics: Metrics) -> Self:
        """Return the budget of a pool: a restart of its server, which breaks all connections at once, is within it."""
        reserve = settings.retry_reserve and max(settings.retry_reserve, settings.pool_size)
        return cls(metrics, settings.retry_share, reserve)

    def spend(self) -> bool:
        """Take a token for one repetition and count it; False, and counted as refused, where none is left."""
        calls = sum(stats.calls for stats in self._metrics.queries.values())
        now = self._clock()
        earned = (calls - self._calls) * self._share
        earned += (now - self._at) / REGAIN * self._reserve
        self._tokens = min(self._tokens + earned, float(self._reserve))
        self._calls, self._at = calls, now
        if self._tokens < 1.0:
            self._metrics.events["retry_refused"] += 1
            return False
        self._tokens -= 1.0
        self._metrics.events["retried"] += 1
        return True

    def allows(self, failure: SlimyError) -> bool:
        """Take a token as `spend` does; where there is none, let the failure say why it is not tried again."""
        if self.spend():
            self._metrics.repeated(failure.query)
            return True
        failure.message += "; not tried again, as too many calls are: see SLIMY_RETRY_SHARE"
        failure.args = (failure.message,)
        return False

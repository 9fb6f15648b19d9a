"""The one place that knows Redis: scripts run in it, and nothing waits for one that is away."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from redis import asyncio as driver
from redis.exceptions import RedisError

__all__ = ["Away", "Redis", "Script"]

ANSWER_WITHIN = 0.05
"""Seconds; what is kept there only saves work, so waiting longer would cost more than it saves."""
PAUSE = 1.0
"""Seconds in which nobody asks again after it did not answer."""


class Away(Exception):
    """Redis did not answer, or did not a moment ago."""


class Script:
    """A Lua script, run as one step: nobody else's command comes in between."""

    def __init__(self, text: str) -> None:
        self.text = text


class Redis:
    """One server, for all tasks of a process."""

    def __init__(self, client: driver.Redis) -> None:
        self._client = client
        self._scripts: dict[Script, Any] = {}
        self._away_until = 0.0

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Give the server at `url` for the time of a block; it need not be there yet. Raises ValueError for no URL."""
        client = driver.Redis.from_url(
            url, socket_timeout=ANSWER_WITHIN, socket_connect_timeout=ANSWER_WITHIN
        )
        try:
            yield cls(client)
        finally:
            await client.aclose()

    @property
    def is_away(self) -> bool:
        """Whether it failed a moment ago and is left alone."""
        return time.monotonic() < self._away_until

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[int]) -> list[int]:
        """Run a script that returns whole numbers, in one round trip. Raises Away, soon."""
        if self.is_away:
            raise Away("Redis is left alone for a moment: it did not answer")
        if script not in self._scripts:
            self._scripts[script] = self._client.register_script(script.text)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                found: list[int] = await self._scripts[script](keys=keys, args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + PAUSE
            raise Away(f"Redis did not answer: {type(error).__name__}") from None
        return found

"""Opens the connections that a pool is short of, again and again while no server answers."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable

from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError, Unavailable
from slimy_dal.engine.hosts import Hosts
from slimy_dal.engine.metrics import Metrics
from slimy_dal.engine.settings import PoolSettings

__all__ = ["Opening"]

LOG = logging.getLogger("slimy_dal.background")

NEVER, FIRST_PAUSE, LONGEST_PAUSE = math.inf, 0.05, 0.5
"""Seconds: a pool whose last connection is being opened serves within a second of its server."""


class Opening:
    """What is being opened, and why that fails.

    `running` counts the attempts under way. `failure` is what the last one raised, None after a success, and
    `failing_since` the moment (time.monotonic) of the first failure since then. `home` is the event loop that they are
    opened on: another one's calls, or a forked process's, would be answered here, and their callers told of a failure.
    """

    def __init__(self, hosts: Hosts, settings: PoolSettings, metrics: Metrics) -> None:
        self._hosts = hosts
        self._settings = settings
        self._metrics = metrics
        self.home: asyncio.AbstractEventLoop | None = None
        self.running = 0
        self.failure: SlimyError | None = None
        self.failing_since = NEVER

    async def first(self, admit: Callable[[Connection], None]) -> None:
        """Open one connection and `admit` it, and raise what that raises: a wrong DSN is to be known at once.

        A server that is away is none where the settings are patient: calls wait for it.
        """
        self.home = asyncio.get_running_loop()
        self.running += 1
        try:
            admit(await self._connect())
        except Unavailable:
            if not self._settings.patient_start:
                raise
        finally:
            self.running -= 1

    async def until_open(
        self,
        needed: Callable[[], bool],
        admit: Callable[[Connection], None],
        hopeless: Callable[[SlimyError], None],
    ) -> None:
        """Open one connection and `admit` it, trying with growing pauses as long as it is `needed`.

        `hopeless` is called with an error that does not mend itself while calls wait: a wrong password, a missing
        database. Count it in `running` before this starts.
        """
        pause = FIRST_PAUSE
        try:
            while True:
                try:
                    connection = await self._connect()
                except SlimyError as error:
                    if not error.retryable:
                        hopeless(error)
                except Exception as error:  # noqa: BLE001 -- those who wait have nobody else
                    LOG.warning("a connection could not be opened: %s", type(error).__name__)
                else:
                    admit(connection)
                    return
                # Full jitter: after an outage the processes of a fleet must not return in step.
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 -- no secret
                pause = min(pause * 2, LONGEST_PAUSE)
                if not needed():
                    return
        finally:
            self.running -= 1

    async def _connect(self) -> Connection:
        settings = self._settings
        total, each = settings.connect_timeout, settings.host_timeout
        try:
            connection = await self._hosts.connect(total=total, each=each)
        except SlimyError as error:
            self._metrics.events["connect_failed"] += 1
            self.failure, self.failing_since = error, min(self.failing_since, time.monotonic())
            raise
        self._metrics.events["connected"] += 1
        self.failure, self.failing_since = None, NEVER
        spread = random.uniform(0.8, 1.0)  # noqa: S311 -- so that not all come back at once
        connection.retire_at = connection.opened_at + settings.max_lifetime * spread
        return connection

    def why(self) -> SlimyError | None:
        """Return a new error that says why nothing can be opened; None when the last attempt went well."""
        if self.failure is None:
            return None
        kind = type(self.failure) if isinstance(self.failure, Unavailable) else Unavailable
        return kind(self.failure.message, sqlstate=self.failure.sqlstate)

"""Notices when the event loop is blocked, and says by whom: a handler that computes or waits holds up everybody."""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from service import logs, metrics

__all__ = ["Stalls", "watching"]

BEAT: Final = 0.1
LIMIT: Final = 0.4
"""Seconds from which on it is told; a busy machine keeps the loop waiting for less."""
DEEPEST: Final = 8
"""Places that are told, the innermost last."""
LIBRARIES: Final = ("/site-packages/", "/lib/python", "<frozen")


@dataclass(slots=True)
class Stalls:
    """How often the loop was blocked, and for how long."""

    count: int = 0
    seconds: float = 0.0

    def lines(self) -> Iterator[str]:
        """Yield both as Prometheus reads them."""
        name = "slimy_loop_stalls_total"
        yield from metrics.family(name, "counter", "Times that the event loop was blocked.")
        yield metrics.sample(name, {}, self.count)
        name = "slimy_loop_stalled_seconds_total"
        yield from metrics.family(name, "counter", "Seconds for which the event loop was blocked.")
        yield metrics.sample(name, {}, self.seconds)


@contextmanager
def watching(stalls: Stalls) -> Iterator[None]:
    """Watch this thread's event loop for the time of a block: a thread looks whether the loop still beats."""
    watch = _Watch(stalls)
    watch.start()
    try:
        yield
    finally:
        watch.stop()


class _Watch:
    def __init__(self, stalls: Stalls) -> None:
        self._stalls = stalls
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._beaten = time.monotonic()
        self._seen: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._timer is not None:
            self._timer.cancel()
        self._thread.join()

    def _beat(self) -> None:
        # First the next beat: an error below must not be the last thing that is told.
        self._timer = self._loop.call_later(BEAT, self._beat)
        now = time.monotonic()
        late = now - self._beaten - BEAT
        self._beaten = now
        # Who saw nothing did not run either: it was the machine, and no handler.
        if late > LIMIT and self._seen:
            self._stalls.count += 1
            self._stalls.seconds += late
            words = f"the event loop was blocked for {late:.2f} seconds"
            logs.event(logging.WARNING, words, places=self._seen)
        self._seen = []

    def _look(self) -> None:
        """Remember where the loop's thread is while it does not beat."""
        while not self._over.wait(BEAT):
            if not self._seen and time.monotonic() - self._beaten > BEAT + LIMIT / 2:
                frame = sys._current_frames().get(self._watched)  # noqa: SLF001 -- there is no other way
                self._seen = _places(frame)


def _places(frame: FrameType | None) -> list[str]:
    """Return where a thread is, without the libraries it came through, the innermost last."""
    stack = traceback.extract_stack(frame) if frame is not None else []
    own = [one for one in stack if not any(part in one.filename for part in LIBRARIES)]
    return [f"{one.filename}:{one.lineno} {one.name}" for one in own[-DEEPEST:]]

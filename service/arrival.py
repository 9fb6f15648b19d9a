"""Compares the database with what the queries were proven against, as soon as it is there."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from service.settings import Settings
from service.state import State
from slimy_dal.domain.database import Database
from slimy_dal.engine.errors import Timeout, Unavailable

__all__ = ["DriftError", "compared"]

PAUSE: Final = 0.1
"""Seconds between two looks; the pool itself asks a server that is away less and less often."""
MOST: Final = 20
"""Differences that are logged one by one: of an empty database there are hundreds."""

_log = logging.getLogger("service")


class DriftError(Exception):
    """The database is not the one the queries were made for; the message says what differs."""


@asynccontextmanager
async def compared(state: State, asked: asyncio.Event) -> AsyncIterator[None]:
    """Compare before the block, or, where no server answers, within it as soon as one does.

    Until then the service lives and is not ready. Raises DriftError where what differs is to be refused; within the
    block it sets `asked`, so that the service ends, and raises at the end.
    """
    try:
        await _compare(state)
    except (Unavailable, Timeout) as error:
        _log.warning("the database does not answer yet, and is waited for: %s", error)
    else:
        yield
        return
    state.unproven = True
    waiting = asyncio.create_task(_wait(state, asked))
    try:
        yield
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])
    if not waiting.cancelled():
        waiting.result()


async def _wait(state: State, asked: asyncio.Event) -> None:
    while state.unproven:
        await asyncio.sleep(PAUSE)
        try:
            await _compare(state)
        except (Unavailable, Timeout):
            continue
        except BaseException:
            asked.set()
            raise
    _log.info("the database answers")


async def _compare(state: State) -> None:
    state.drift = await _drift(state.db, state.settings)
    state.unproven = False


async def _drift(db: Database, settings: Settings) -> str:
    """Return what differs, in words. Raises DriftError where the settings say so."""
    found = await db.health.drift()
    for difference in found[:MOST]:
        _log.warning("the database differs from what the queries need: %s", difference)
    if not found:
        return ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    words = f"the database differs from what the queries need: {found[0]}{more}"
    if settings.on_drift == "refuse":
        raise DriftError(
            f"{words}; apply the migrations, or set SLIMY_ON_DRIFT=warn to serve all the same"
        )
    return words

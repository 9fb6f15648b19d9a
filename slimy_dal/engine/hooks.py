"""Runs what is to happen after a commit; it cannot spoil the commit, which is done already."""

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from slimy_dal.engine.metrics import Metrics

__all__ = ["Hook", "run_hooks"]

LOG = logging.getLogger("slimy_dal.transaction")

Hook: TypeAlias = Callable[[], Awaitable[None] | None]


async def run_hooks(hooks: Sequence[Hook], metrics: Metrics) -> None:
    """Call the hooks in order; what one raises is logged and counted, never raised."""
    for hook in hooks:
        try:
            result = hook()
            if inspect.isawaitable(result):
                await result
        except Exception:
            metrics.events["hook_failed"] += 1
            LOG.exception("an after-commit hook failed; the transaction itself is committed")

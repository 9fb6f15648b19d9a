"""What one running service shares among its requests."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from service.problems import Refusal
from service.watchdog import Stalls

if TYPE_CHECKING:
    from pathlib import Path

    from service.admission import Admission
    from service.crowd import Crowd
    from service.limits import Limits
    from service.metrics import Metrics
    from service.principals import Gate
    from service.proxies import Networks
    from service.pulse import Pulses
    from service.settings import Settings
    from slimy_dal.domain.database import Database


@dataclass(slots=True)
class State:
    """One running service."""

    settings: "Settings"
    db: "Database"
    gate: "Gate"
    metrics: "Metrics"
    limits: "Limits"
    admission: "Admission"
    crowd: "Crowd"
    pulses: "Pulses"
    proxies: "Networks" = ()
    """Whose word on where a request came from is taken."""
    release: tuple[str, ...] = ()
    """The migrations of this release, in order."""
    document: bytes = b""
    """The OpenAPI document."""
    keeps_tokens: bool = True
    """Whether there are keys to encrypt Discord tokens with."""
    ending: list[str] = field(default_factory=list)
    """Tables that soon have no partition for new rows, in words."""
    missing: list[str] = field(default_factory=list)
    """Constraints, triggers and privileges of the release that the database has not, in words."""
    migrations: list[str] | None = None
    """Those that the database has; None where it keeps no record of them."""
    unproven: bool = False
    """No database has answered since the start, so that none was compared with what the queries need."""
    drift: str = ""
    """How the database differs from what the queries were proven against, in words."""
    look_at: float = 0.0
    """When to look at the database's tables again, by the monotonic clock."""
    worker: int | None = None
    """Which of several workers this is."""
    figures: "Path | None" = None
    """Where those of all workers are told."""
    draining: bool = False
    """The end was asked for: not ready any more, but still answering."""
    stalls: Stalls = field(default_factory=Stalls)
    """How often the event loop was blocked."""
    exports: int = 0
    """Exports being sent."""
    writes: set[asyncio.Task[Any]] = field(default_factory=set)
    """Writes under way: they go on although their callers may have left."""
    refusals: set[asyncio.Task[Any]] = field(default_factory=set)
    """Refused attempts on their way into the audit log."""

    @property
    def in_flight(self) -> int:
        """Requests worked on: writes whose callers have left, and exports being sent, among them."""
        return self.admission.in_flight

    def need_keyring(self) -> None:
        """Raise Refusal("tokens_not_kept") where Discord tokens could not be encrypted."""
        if not self.keeps_tokens:
            raise Refusal("tokens_not_kept", "this service was started without encryption keys")

    async def settle(self) -> None:
        """Wait for the writes that are still under way."""
        if self.writes:
            await asyncio.wait(self.writes, timeout=self.settings.shutdown_timeout)

"""Where a session begins: which host, which cluster, which line of its history, and how far on it."""

from dataclasses import dataclass

__all__ = ["NOWHERE", "Origin"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The host (None: what the environment says), the cluster's identifier (0: not known), its timeline, its WAL.

    The timeline is 0 on a standby; `flushed` counts the bytes of WAL that were on disk.
    """

    host: tuple[str, int] | None = None
    system: int = 0
    timeline: int = 0
    flushed: int = 0


NOWHERE = Origin()

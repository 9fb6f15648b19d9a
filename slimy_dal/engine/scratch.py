"""Where a throw-away server has its data: in memory, where there is plenty."""

import os
import re
from pathlib import Path

__all__ = ["folder"]

MEMORY = Path("/dev/shm")  # noqa: S108 -- only folders of its own are made in it
GIB = 1024**3
ROOM = 4 * GIB
"""More than any test of ours stores; a container often has 64 MB there."""
AVAILABLE = 8 * GIB
"""What is stored there is memory that nobody else has."""


def folder() -> str | None:
    """Return the folder for throw-away data; None for the system's own.

    Most of what such a server does is making and removing files, by the hundred for each database: in memory that
    takes a tenth of the time. A TMPDIR that somebody set is theirs to choose.
    """
    if os.environ.get("TMPDIR") or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    room = os.statvfs(MEMORY)
    if room.f_bavail * room.f_frsize < ROOM or _available() < AVAILABLE:
        return None
    return str(MEMORY)


def _available() -> int:
    """Return the bytes of memory that are not in use; 0 where the system does not say."""
    try:
        found = re.search(r"(?m)^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0

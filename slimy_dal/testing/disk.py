"""A small disk that a server keeps tables on, and that can be filled up."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from slimy_dal.engine.embedded import EmbeddedServerError, run_as
from slimy_dal.testing.node import Node

__all__ = ["SmallDisk", "small_disk"]


class SmallDisk:
    """A file system of a few megabytes with a tablespace named `tablespace` on it."""

    tablespace = "slimy_small"

    def __init__(self, place: Path) -> None:
        self._filler = place / "filler"

    def fill(self) -> None:
        """Leave no room on it, for anyone."""
        with self._filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(node: Node, megabytes: int = 16) -> Iterator[SmallDisk]:
    """Give a running server a small disk for the time of a `with` block: put tables there by TABLESPACE.

    They must be gone at the end of the block. Raises EmbeddedServerError where this process may not mount one (Linux
    and root, or CAP_SYS_ADMIN).
    """
    place, mount, unmount = node.root / "disk", shutil.which("mount"), shutil.which("umount")
    place.mkdir()
    if mount is None or unmount is None:
        raise EmbeddedServerError("no mount and umount on this machine")
    options = ("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs")
    done = subprocess.run([mount, *options, place], check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        place.rmdir()
        raise EmbeddedServerError(f"no disk can be made here: {done.stderr.strip()}")
    try:
        tables = place / "tables"
        tables.mkdir(mode=0o700)
        if account := run_as():
            os.chown(tables, account["user"], account["group"])
        node.sql(f"CREATE TABLESPACE {SmallDisk.tablespace} LOCATION '{tables}'")
        disk = SmallDisk(place)
        yield disk
        disk.free()
        node.sql(f"DROP TABLESPACE {SmallDisk.tablespace}")
    finally:
        subprocess.run([unmount, "-l", place], check=False, capture_output=True)  # noqa: S603
        place.rmdir()

"""Makes the files of tables and indexes as long as their pages ask for, as holes that take no disk."""

import math
import os
from pathlib import Path

from slimy_dal.compiler.scale.declared import ScaleError

__all__ = ["extend"]

PAGE = 8192
SEGMENT_PAGES = 131_072
"""PostgreSQL cuts its files at this: 1 GB."""

MOST_PAGES = 2**32 - 2


def extend(data: Path, file: str, pages: int, name: str = "") -> None:
    """Make a relation at least `pages` long; a page of zeros is a valid, empty one.

    What is there stays. New segments belong to the owner of the first: the server may run as another account.
    Raises ScaleError, which says the relation's `name`, for more pages than one can have, or where the disk does
    not let.
    """
    if pages > MOST_PAGES:
        raise ScaleError(
            f"{name or file} would be {pages * PAGE / 2**40:.0f} TB",
            "a table ends at 32 TB: partition it",
        )
    first = data / file
    try:
        owner = first.stat()
        for number in range(math.ceil(pages / SEGMENT_PAGES)):
            segment = first if number == 0 else first.with_name(f"{first.name}.{number}")
            length = min(SEGMENT_PAGES, pages - number * SEGMENT_PAGES) * PAGE
            _lengthen(segment, length, owner)
    except OSError as error:
        raise ScaleError(
            f"{first} cannot be made {pages} pages long: {error.strerror}",
            "put the server's data on a file system with sparse files (SLIMY_HOME)",
        ) from error


def _lengthen(segment: Path, length: int, owner: os.stat_result) -> None:
    if not segment.exists():
        segment.touch(mode=0o600)
        if os.geteuid() == 0:
            os.chown(segment, owner.st_uid, owner.st_gid)
    if segment.stat().st_size < length:
        os.truncate(segment, length)

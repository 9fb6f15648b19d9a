"""Gives the file of an empty B-tree the height that it would have: the planner charges every look-up by it."""

import math
import struct
from functools import cache
from pathlib import Path

from slimy_dal.compiler.scale.declared import ScaleError

__all__ = ["grow", "height"]

PAGE = 8192
HEADER = struct.Struct("<QHHHHHHI")
"""pd_lsn, pd_checksum, pd_flags, pd_lower, pd_upper, pd_special, size and version, pd_prune_xid."""
SPECIAL = struct.Struct("<IIIHH")
"""Of a B-tree page: left and right neighbour, level, flags, cycle."""
META = struct.Struct("<IIIIII")
"""Magic, version, root, its level, fast root, its level."""
MAGIC, VERSION = 0x053162, 4
LAYOUT = PAGE | 4
LEAF, ROOT = 1, 2
CHECKSUM_AT = 8
BODY = HEADER.size

# One entry that points down and has no key: it is before all others.
DOWN = struct.Struct("<HHHH")
NO_KEY = 8 | 0x2000
LINE_POINTER = struct.Struct("<I")

PRIME = 16_777_619
SEEDS = (
    *(0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2),
    *(0x83E13D2C, 0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C),
    *(0xF718902A, 0x0B1C9CDB, 0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979),
    *(0xCCA6C0B2, 0x304A0979, 0x85AA43D4, 0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E),
    *(0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756),
)
"""Where the 32 parallel sums of PostgreSQL's page checksum begin."""


def height(pages: int, per_page: float) -> int:
    """Return the levels above the leaves of a B-tree whose inner pages point at `per_page` others."""
    levels, width = 0, float(pages)
    while width > 1:
        width = math.ceil(width / max(2.0, per_page))
        levels += 1
    return levels


def grow(file: Path, levels: int, *, checksums: bool) -> None:
    """Write a root and one page per level below it, down to an empty leaf, and make the first page name the root.

    The file must be of an index just built, whose first page no session has read yet. Raises ScaleError for a
    page of another make.
    """
    with file.open("r+b") as opened:
        first = opened.read(PAGE)
        magic, version, *_ = META.unpack_from(first, BODY)
        if (magic, version) != (MAGIC, VERSION):
            raise ScaleError(
                f"{file.name} is no B-tree of PostgreSQL 18", "use the embedded server"
            )
        opened.seek(0)
        opened.write(_meta(bytes(8) + first[8:], levels, checksums))
        for block in range(1, levels + 2):
            opened.write(_page(block, levels, checksums))


@cache
def _meta(page: bytes, levels: int, checksums: bool) -> bytes:  # noqa: FBT001 -- a key of the cache
    changed = bytearray(page)
    META.pack_into(changed, BODY, MAGIC, VERSION, 1, levels, 1, levels)
    return _signed(changed, 0, checksums)


@cache
def _page(block: int, levels: int, checksums: bool) -> bytes:  # noqa: FBT001 -- likewise
    page = bytearray(PAGE)
    level = levels + 1 - block
    special = PAGE - SPECIAL.size
    lower, upper = BODY, special
    if level:
        lower, upper = BODY + LINE_POINTER.size, special - DOWN.size
        LINE_POINTER.pack_into(page, BODY, upper | 1 << 15 | DOWN.size << 17)
        DOWN.pack_into(page, upper, 0, block + 1, 0, NO_KEY)
    HEADER.pack_into(page, 0, 0, 0, 0, lower, upper, special, LAYOUT, 0)
    flags = (ROOT if block == 1 else 0) | (0 if level else LEAF)
    SPECIAL.pack_into(page, special, 0, 0, level, flags, 0)
    return _signed(page, block, checksums)


def _signed(page: bytearray, block: int, checksums: bool) -> bytes:  # noqa: FBT001 -- likewise
    struct.pack_into("<H", page, CHECKSUM_AT, 0)
    if checksums:
        struct.pack_into("<H", page, CHECKSUM_AT, checksum(bytes(page), block))
    return bytes(page)


def checksum(page: bytes, block: int) -> int:
    """Return PostgreSQL's checksum of a page whose own checksum field is zero: FNV-1a, 32 sums side by side."""
    words = struct.unpack(f"<{PAGE // 4}I", page)
    total = 0
    for place, seed in enumerate(SEEDS):
        value = seed
        for word in (*words[place :: len(SEEDS)], 0, 0):
            mixed = value ^ word
            value = (mixed * PRIME & 0xFFFFFFFF) ^ mixed >> 17
        total ^= value
    return (total ^ block) % 65535 + 1

"""Undoes the compression of a body, and never makes more of it than is wanted: a megabyte can stand for a thousand."""

import zlib

from service.problems import Refusal

KNOWN = frozenset({"identity", "gzip", "deflate"})

MEMBERS = 16
"""Parts that a gzip body may be put together of; one costs as much as kilobytes do, however little is in it."""

GZIP, ZLIB, RAW = 31, 15, -15
"""zlib's words for formats. `deflate` is zlib's by its standard, and bare to some clients."""


class TooLong(Exception):
    """More would come out than is wanted."""


def expand(data: bytes, encoding: str, limit: int) -> bytes:
    """Return what was compressed; the work is bounded by `limit`, whatever `data` claims to be.

    Raises TooLong, and Refusal("malformed_json") for what is cut off, goes on after its end, or fails its checksum.
    """
    if encoding == "identity":
        return data
    form = GZIP
    if encoding == "deflate":
        form = ZLIB if data[:1] and data[0] & 0x0F == 8 and not _number(data) % 31 else RAW  # noqa: PLR2004 -- RFC 1950
    found, left = b"", limit
    for _ in range(MEMBERS if form == GZIP else 1):
        part = zlib.decompressobj(form)
        try:
            made = part.decompress(data, left + 1)
        except zlib.error:
            raise _broken() from None
        if len(made) > left:
            raise TooLong
        if not part.eof:
            raise _broken()
        found, left, data = found + made if found else made, left - len(made), part.unused_data
        if not data:
            return found
    raise _broken()


def _number(data: bytes) -> int:
    return int.from_bytes(data[:2])


def _broken() -> Refusal:
    return Refusal("malformed_json", "the compressed body is cut off, or broken")

"""Refuses what there is too little memory left for: the checks of parameters and bodies cannot fail for want of it."""

import ctypes
from typing import Final

from service.jsoninput import MAX_VALUES
from service.problems import Refusal

__all__ = ["check", "refusal"]

LEAST: Final = 2 * 2**20
"""Bytes that must be left for checking anything at all."""
SMALL: Final = 1024
"""Bytes up to which a body needs no more than that."""
PER_VALUE, PER_BYTE = 1500, 3
"""Bytes that a value takes at most while it is checked, where each of them is wrong, and a byte of text."""

_libc = ctypes.CDLL(None)
_malloc, _free = _libc.malloc, _libc.free
_malloc.argtypes, _malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
_free.argtypes, _free.restype = [ctypes.c_void_p], None


def check(body: bytes = b"") -> None:
    """Let parameters, or a body, be checked where there is memory for it; call it right before. Raises Refusal.

    pydantic's core, like most of what is written in Rust, ends the process when it gets none. So what it may need is
    asked for here first, and given back: untouched, in one piece, from where it will take it.
    """
    needed = LEAST
    if len(body) > SMALL:
        # Commas within strings count too: a limit on memory that is so near is worth a refusal too many.
        values = body.count(b",") + body.count(b"[") + body.count(b"{")
        needed += min(values, MAX_VALUES) * PER_VALUE + len(body) * PER_BYTE
    place = _malloc(needed)
    if place is None:
        raise refusal()
    _free(place)


def refusal() -> Refusal:
    """Return the answer to what nothing was done of for want of memory."""
    detail = "this process has too little memory left for it; nothing was done"
    return Refusal("overloaded", detail, headers={"Retry-After": "1"})

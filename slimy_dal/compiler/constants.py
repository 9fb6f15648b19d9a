"""Reads stored values that stand in expressions: texts and arrays of texts."""

import struct

from slimy_dal.compiler.nodetree import Node, is_node

__all__ = ["array_length", "has_no_nulls", "text_array", "text_value"]

TEXTS = frozenset({25, 1042, 1043, 19, 705})
"""text, character, character varying, name, unknown"""
ARRAYS_OF_TEXT = frozenset({1009, 1014, 1015, 1003})
NAME = 19
CSTRING_LIKE = frozenset({705})


def _body(value: bytes) -> bytes:
    """Return a variable-length value without its length word."""
    return value[1:] if value[0] & 1 else value[4:]


def text_value(node: Node | None) -> str | None:
    """Return the text of a constant, None where it is no constant or no text."""
    if node is None or not is_node(node, "CONST") or node["constisnull"]:
        return None
    kind, value = node["consttype"], node["constvalue"]
    if kind not in TEXTS or not isinstance(value, bytes):
        return None
    raw = value.split(b"\0")[0] if kind == NAME or kind in CSTRING_LIKE else _body(value)
    return raw.decode("utf-8", "replace")


def has_no_nulls(node: Node) -> bool:
    """Say whether a constant array holds no NULL."""
    if node["constisnull"] or not isinstance(node["constvalue"], bytes) or node["constlen"] != -1:
        return False
    # A header's second word is the offset of the data, 0 where there is no bitmap of NULLs.
    return bool(struct.unpack_from("<i", node["constvalue"], 8)[0] == 0)


def array_length(value: bytes) -> int:
    """Return how many elements a stored array of one dimension has, 0 for any other."""
    dimensions = struct.unpack_from("<i", value, 4)[0]
    return int(struct.unpack_from("<i", value, 16)[0]) if dimensions == 1 else 0


def text_array(node: Node) -> tuple[str, ...] | None:
    """Return the texts of a constant array of one dimension."""
    if node["consttype"] not in ARRAYS_OF_TEXT or not has_no_nulls(node):
        return None
    value = node["constvalue"]
    found, at = [], 24
    for _ in range(array_length(value)):
        at = (at + 3) & ~3
        size = struct.unpack_from("<I", value, at)[0] >> 2
        found.append(value[at + 4 : at + size].decode("utf-8", "replace"))
        at += size
    return tuple(found)

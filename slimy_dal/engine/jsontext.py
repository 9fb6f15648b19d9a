"""How JSON crosses the wire: msgspec both ways, with a slower reader for numbers it cannot hold."""

import json
from decimal import Decimal
from typing import Any

import msgspec

__all__ = ["decode_json", "decode_jsonb", "encode_json", "encode_jsonb"]

VERSION = b"\x01"
"""The byte that begins every binary jsonb value."""

LONGEST_INT = 300
"""Digits; Python refuses to read integers of more than 4300, and a float ends at 308."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def encode_jsonb(value: Any) -> bytes:
    """Return the binary form of a jsonb value."""
    return VERSION + _encode(value)


def decode_jsonb(data: bytes) -> Any:
    """Return the value of a binary jsonb."""
    text = data[1:]
    try:
        return _decode(text)
    except (msgspec.DecodeError, ValueError):
        return _decode_any_number(text)


def encode_json(value: Any) -> bytes:
    """Return the binary form of a json value, which is its text."""
    return _encode(value)


def decode_json(data: bytes) -> Any:
    """Return the value of a binary json."""
    try:
        return _decode(data)
    except (msgspec.DecodeError, ValueError):
        return _decode_any_number(data)


def _decode_any_number(text: bytes) -> Any:
    """Read numbers beyond float and long integers as Decimal, so that one such number spoils no page.

    PostgreSQL keeps 1e400 and a hundred thousand digits in jsonb; Python's own limits do not.
    """
    return json.loads(text, parse_int=_integer, parse_float=_number)


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= LONGEST_INT else Decimal(digits)


def _number(text: str) -> float | Decimal:
    value = float(text)
    return value if value - value == 0 else Decimal(text)

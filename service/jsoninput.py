"""Refuses JSON that parsers read differently or PostgreSQL cannot keep, before anything looks at its meaning."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from service.problems import FieldError, Refusal, in_body, pointer

MAX_DEPTH = 64
MAX_VALUES = 100_000
"""More cost a second in which nothing else is answered, and a hundred times their length in memory."""
MAX_LENGTH = 30
"""Characters of a number: no double has as many."""

LOWEST, HIGHEST = -(2**63), 2**64 - 1
"""What every reader of 64-bit numbers can hold; JavaScript writes 1e20 as an integer of 21 digits."""

NO_NUL = r"^[^\x00]*$"
REFERENCE = "#/components/schemas/JsonValue"

SCHEMA: dict[str, Any] = {
    "description": "Any JSON value, at most 64 levels deep and of at most 100,000 values, with each key once.",
    "anyOf": [
        {"type": "null"},
        {"type": "boolean"},
        {"type": "number", "minimum": LOWEST, "maximum": HIGHEST},
        {"type": "string", "pattern": NO_NUL},
        {"type": "array", "items": {"$ref": REFERENCE}},
        {
            "type": "object",
            "propertyNames": {"pattern": NO_NUL},
            "additionalProperties": {"$ref": REFERENCE},
        },
    ],
}
"""What passes, as far as a schema can say it."""

_BRACKET_OR_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
"""A string without an end runs to the end of the text: trying again from each of its quotes takes hours."""
_MARK_OR_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[,\[{]', re.DOTALL)
"""Each value but the first has such a mark before it."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Suspect(Exception):
    """Something is wrong in the text; a slower look says what and where."""


class _Pairs(list[tuple[str, Any]]):
    """An object with its keys as they were written, repeats included."""


class _Number(str):
    """A number that JSON or PostgreSQL could not carry unchanged."""

    __slots__ = ()


def check(body: bytes) -> None:
    """Let `body` pass, or raise the Refusal that names the first thing wrong with it.

    Refused: what is not UTF-8 or not JSON, more than 64 levels or 100,000 values, a key twice in one object, NaN,
    numbers beyond 64 bits, NUL characters, surrogates without their partner.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(
            "malformed_json", f"the body is not UTF-8: byte {error.start} fits no character"
        ) from None
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > MAX_VALUES:
        _check_values(text)
    if opened > MAX_DEPTH:
        _check_depth(text)
    try:
        _FAST.decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(error) from None
    except (_Suspect, RecursionError):
        _explain(text)
    if "\\u" in text:
        _explain_if_wrong(text)


def _check_values(text: str) -> None:
    """Count before anything is built; strings may be full of commas, so they are skipped."""
    found = 0
    for match in _MARK_OR_STRING.finditer(text):
        if match.group()[0] != '"':
            found += 1
            if found > MAX_VALUES:
                detail = f"the body has more than {MAX_VALUES} values; send it in parts"
                raise Refusal("unacceptable_json", detail, [in_body("", "too_many_values", detail)])


def _check_depth(text: str) -> None:
    depth = 0
    for match in _BRACKET_OR_STRING.finditer(text):
        mark = match.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                detail = f"the body is nested more than {MAX_DEPTH} levels deep"
                raise Refusal("unacceptable_json", detail, [in_body("", "too_deep", detail)])
        elif mark in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Suspect
    return made


def _int(digits: str) -> int:
    if _unusable(digits):
        raise _Suspect
    return 0


def _float(text: str) -> float:
    if _unusable(text):
        raise _Suspect
    return 0.0


def _constant(_: str) -> NoReturn:
    raise _Suspect


def _number(text: str) -> Any:
    return _Number(text) if _unusable(text) else 0


def _unusable(text: str) -> bool:
    if len(text) > MAX_LENGTH:
        return True
    # As a float, 2**64 - 1 is 2**64: integers are compared as what they are.
    value = int(text) if text.lstrip("-").isdigit() else float(text)
    return not LOWEST <= value <= HIGHEST


# The fast one only finds out whether all is well; the slow one keeps what is needed to say what is not.
_FAST = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant
)
_SLOW = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=_number, parse_float=_number, parse_constant=_Number
)


def _explain(text: str) -> NoReturn:
    _explain_if_wrong(text)
    raise Refusal("malformed_json", "the body is not JSON that this service can read")


def _explain_if_wrong(text: str) -> None:
    try:
        value = _SLOW.decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(error) from None  # the fast one had stopped before
    for wrong in _wrong(value, ()):
        raise Refusal("unacceptable_json", wrong.detail, [wrong])


def _not_json(error: json.JSONDecodeError) -> Refusal:
    detail = f"the body is not JSON: line {error.lineno}, column {error.colno}"
    return Refusal("malformed_json", detail)


def _wrong(value: Any, path: tuple[str | int, ...]) -> Iterator[FieldError]:
    """Walk a value read by the slow decoder (at most 64 levels) and name what cannot be kept."""
    if isinstance(value, _Number):
        detail = f"a number must lie between -2^63 and 2^64 - 1, in at most {MAX_LENGTH} characters"
        yield in_body(pointer(path), "unusable_number", detail)
    elif isinstance(value, str):
        yield from _wrong_text(value, path)
    elif isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, inner in value:
            # A key that cannot be written down cannot be pointed at either: its object is.
            yield from _wrong_text(key, path)
            if key in seen:
                yield in_body(
                    pointer((*path, key)), "duplicate_key", "a key occurs twice in one object"
                )
            seen.add(key)
            yield from _wrong(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _wrong(inner, (*path, position))


def _wrong_text(text: str, path: tuple[str | int, ...]) -> Iterator[FieldError]:
    if "\x00" in text:
        yield in_body(pointer(path), "nul_character", "text must not contain the NUL character")
    if _SURROGATE.search(text):
        yield in_body(
            pointer(path), "lone_surrogate", "text must not contain half of a surrogate pair"
        )

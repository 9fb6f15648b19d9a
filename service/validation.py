"""What is wrong with a body or with parameters, from pydantic's words to ours, which never repeat a value."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from service.problems import FieldError, Refusal, in_body, in_parameter, pointer

MOST = 100
"""Entries about one body: an answer must not be many times its request."""

# pydantic's word → ours, and a sentence that never repeats the value.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("required", "must be given"),
    "extra_forbidden": ("unknown_field", "is not known here"),
    "string_type": ("wrong_type", "must be a string"),
    "bool_type": ("wrong_type", "must be true or false"),
    "int_type": ("wrong_type", "must be a whole number"),
    "float_type": ("wrong_type", "must be a number"),
    "list_type": ("wrong_type", "must be an array"),
    "dict_type": ("wrong_type", "must be an object"),
    "model_type": ("wrong_type", "must be an object"),
    "model_attributes_type": ("wrong_type", "must be an object"),
    "snowflake_type": (
        "wrong_type",
        "must be a string of digits: JSON numbers lose digits beyond 2^53",
    ),
    "time_type": ("wrong_type", "must be a string with an RFC 3339 time"),
    "none_required": ("wrong_type", "must be null"),
    "string_pattern_mismatch": ("invalid_text", "does not have the form the documentation shows"),
    "invalid_json_value": ("wrong_type", "must be a JSON value"),
}
_LIMITS: Mapping[str, tuple[str, str]] = {
    "string_too_long": ("too_long", "must have at most {max_length} characters"),
    "string_too_short": ("too_short", "must have at least {min_length} characters"),
    "too_long": ("too_long", "must have at most {max_length} entries"),
    "too_short": ("too_short", "must have at least {min_length} entries"),
    "greater_than_equal": ("out_of_range", "must be at least {ge}"),
    "less_than_equal": ("out_of_range", "must be at most {le}"),
}
_OWN_TYPES = frozenset(
    {
        *("snowflake", "uuid", "time", "limit", "cursor", "repeated", "flag"),
        *("wrong_type", "out_of_range"),
    }
)
"""Error types of `inputs`, whose messages are written for callers."""


def body_refusal(error: ValidationError) -> Refusal:
    """Return the problem of a body that is JSON but not the JSON that is wanted."""
    entries, found = [], error.errors(include_url=False, include_input=False)
    for item in found[:MOST]:
        if item["type"] == "json_invalid":
            return Refusal("malformed_json", "the body is not JSON")
        code, detail = _sentence(item)
        entries.append(in_body(pointer(item["loc"]), code, detail))
    return Refusal("validation_failed", summary(entries, "the body", len(found)), entries)


def parameter_refusal(error: ValidationError, place: Literal["path", "query"]) -> Refusal:
    """Return the problem of parameters that are there but wrong."""
    entries = []
    for item in error.errors(include_url=False, include_input=False):
        code, detail = _sentence(item)
        entries.append(in_parameter(place, str(item["loc"][0]), code, detail))
    return Refusal("invalid_parameter", summary(entries, f"the {place}"), entries)


def summary(entries: Sequence[FieldError], where: str, found: int = 0) -> str:
    """Return in a sentence what is wrong: the first of all, and how many more there are, or were found."""
    first = entries[0]
    name = first.name or first.pointer or where
    others = max(found, len(entries)) - 1
    more = f", and {others} more" if others else ""
    return f"{name} {first.detail}{more}"


def _sentence(item: Any) -> tuple[str, str]:
    kind, limits = str(item["type"]), item.get("ctx", {})
    if kind in _OWN_TYPES:
        return kind, str(item["msg"])
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind == "literal_error":
        return "unknown_value", f"must be {limits['expected']}"
    if kind in _LIMITS:
        code, sentence = _LIMITS[kind]
        return code, sentence.format(**limits)
    return "invalid", "is not what the documentation describes"

"""One call as data: which operation, with what, and whether it may be sent twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec

from slimy_dal.client.values import Answer

T = TypeVar("T")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

REPEATABLE: frozenset[Method] = frozenset({"GET", "PUT", "DELETE"})
"""Doing it twice is doing it once. A PATCH may be a merge of what was there before."""


@dataclass(frozen=True)
class Operation(Generic[T]):
    """What is known of a call before it is made."""

    id: str
    method: Method
    path: str
    result: Any
    """The type of its answer; None for none."""
    texts: tuple[tuple[str, ...], ...] = ()
    """Places in the body where whole numbers travel as strings; `*` is every entry of a list."""
    media: str = "application/json"

    def decode(self, body: bytes, headers: Mapping[str, str]) -> T:
        """Return the answer of a body. Raises msgspec.MsgspecError for one that is not of its type."""
        if self.result is None:
            return None  # type: ignore[return-value]
        if self.result is str:
            return body.decode()  # type: ignore[return-value]
        value: T = _decoder(self.result).decode(body)
        if isinstance(value, Answer):
            vars(value)["headers"] = headers
        return value


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, each time the call is tried."""

    method: Method
    target: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = False
    """Whether it may be sent again after a refusal that says so."""
    survives_loss: bool = False
    """Whether it may be sent again when nobody knows what became of it."""


def request(
    operation: Operation[Any],
    *,
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    key: str | None = None,
    if_match: str | None = None,
    count: str | None = None,
    max_affected: int | None = None,
) -> Request:
    """Return the request of a call. Raises ValueError for what no address can hold."""
    headers = {"Accept": f"{operation.media}, application/problem+json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if key is not None:
        headers["Idempotency-Key"] = key
    if if_match is not None:
        headers["If-Match"] = if_match
    # Strict, because a bound that is passed over is none.
    if max_affected is not None:
        headers["Prefer"] = f"handling=strict, max-affected={max_affected}"
    if count is not None:
        headers["Prefer"] = f"handling=strict, count={count}"
    repeatable = operation.method in REPEATABLE or key is not None
    return Request(
        operation.method,
        _target(operation.path, path or {}, query or {}),
        None if body is None else _encoded(body, operation.texts),
        headers,
        is_repeatable=repeatable,
        # A change that was made makes its own version stale: sent again, it would seem refused.
        survives_loss=repeatable and if_match is None,
    )


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    # Not strict: ids are strings on the wire and whole numbers here.
    return msgspec.json.Decoder(kind, strict=False)


def _target(template: str, path: Mapping[str, Any], query: Mapping[str, Any]) -> str:
    target = template.format_map({name: _segment(name, value) for name, value in path.items()})
    sent = {name: _text(value) for name, value in query.items() if value is not None}
    return f"{target}?{urlencode(sent, quote_via=quote)}" if sent else target


def _segment(name: str, value: Any) -> str:
    text = _text(value)
    if not text:
        raise ValueError(f"{name} stands in the address and cannot be empty")
    # Dots alone would be taken for this and the parent folder.
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("give times with their offset from UTC")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str | int | float | UUID):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot stand in an address")


def _encoded(body: Any, texts: Iterable[tuple[str, ...]]) -> bytes:
    plain = msgspec.to_builtins(body)
    for place in texts:
        _to_text(plain, place)
    return msgspec.json.encode(plain)


def _to_text(value: Any, place: tuple[str, ...]) -> None:
    """Turn the whole numbers at a place of a body into strings; what is absent or null stays so."""
    step, *rest = place
    keys: Iterable[Any] = range(len(value)) if step == "*" else [step] if step in value else []
    for key in keys:
        if value[key] is None:
            continue
        if rest:
            _to_text(value[key], tuple(rest))
        else:
            value[key] = str(value[key])

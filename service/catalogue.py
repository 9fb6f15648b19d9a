"""Every problem the service can answer with, read from `problems.toml`: what it means, and what to do about it."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal

import msgspec

Retry = Literal["never", "same", "after", "read_first"]

ADVICE: Mapping[Retry, str] = {
    "never": "Do not repeat it: the same request fails again until what caused it has changed.",
    "same": "Repeat the same request; nothing was done.",
    "after": "Wait the seconds of `Retry-After`, then repeat the same request; wait longer each time it fails.",
    "read_first": "Read the state first: it may have been done. Only a request that may be done twice (GET, PUT, "
    "DELETE, a POST with the same Idempotency-Key) can be repeated without that.",
}
"""What each word of `retry` says to a caller."""


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the catalogue."""

    code: str
    status: int
    title: str
    cause: str
    """Why it comes: all there is to choose from."""
    remedy: str
    """What its reader can do about it."""
    retry: Retry
    detail: str
    """The example's sentence."""
    errors: list[dict[str, str]] = []
    """The example's fields."""

    @property
    def retryable(self) -> bool:
        """Whether the very same request may succeed later, and does no harm."""
        return self.retry in {"same", "after"}


def _read() -> tuple[Kind, ...]:
    text = (files("service") / "problems.toml").read_text(encoding="utf-8")
    return tuple(
        msgspec.convert({"code": code, **entry}, Kind)
        for code, entry in tomllib.loads(text).items()
    )


KINDS = _read()

CATALOGUE: Mapping[str, Kind] = {kind.code: kind for kind in KINDS}

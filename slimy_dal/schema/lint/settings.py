"""What a project says about linting: lint.toml, beside its migrations or one folder up."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

__all__ = ["Allowed", "LintError", "Settings", "read", "with_small"]

NAME = "lint.toml"
KNOWN = frozenset({"allow", "conventions", "off", "on", "releases", "small"})
SMALL = 10_000
"""Rows that a machine of today reads or writes in a few hundredths of a second."""


class LintError(Exception):
    """Linting that cannot be done as asked; the message says what to do."""


@dataclass(slots=True)
class Allowed:
    """A waiver for a file that must not be edited any more, because it is applied."""

    file: str
    rule: str
    reason: str
    used: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """`releases` are the last migrations of each release; `off` and `on` rules with their reasons."""

    path: Path | None = None
    conventions: bool = False
    small: int = SMALL
    releases: tuple[str, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    on: tuple[str, ...] = ()
    allow: tuple[Allowed, ...] = ()


def read(folder: Path) -> Settings:
    """Return the settings of a folder of migrations; the defaults where there are none. Raises LintError."""
    path = next(
        (file for place in (folder, folder.parent) if (file := place / NAME).is_file()), None
    )
    if path is None:
        return Settings()
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise LintError(f"{path}: {error}") from error
    unknown = sorted(said.keys() - KNOWN)
    if unknown:
        raise LintError(f"{path}: unknown key {unknown[0]}: there are {', '.join(sorted(KNOWN))}")
    allow = tuple(_allowed(path, one) for one in _typed(path, said, "allow", list, []))
    return Settings(
        path,
        _typed(path, said, "conventions", bool, default=False),
        _typed(path, said, "small", int, SMALL),
        tuple(str(one) for one in _typed(path, said, "releases", list, [])),
        {name: str(reason) for name, reason in _typed(path, said, "off", dict, {}).items()},
        tuple(str(one) for one in _typed(path, said, "on", list, [])),
        allow,
    )


def _typed(path: Path, said: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
    value = said.get(key, default)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise LintError(f"{path}: {key} must be a {kind.__name__}")
    return value


def _allowed(path: Path, one: Any) -> Allowed:
    if not isinstance(one, dict) or one.keys() != {"file", "rule", "reason"}:
        raise LintError(f"{path}: [[allow]] takes file, rule and reason")
    file, rule, reason = (str(one[key]).strip() for key in ("file", "rule", "reason"))
    made = Allowed(file, rule, reason)
    if not made.reason:
        raise LintError(f"{path}: [[allow]] of {made.rule} for {made.file} gives no reason")
    return made


def with_small(said: Settings, small: int) -> Settings:
    """Return settings with another size up to which a table is small."""
    return replace(said, small=small)

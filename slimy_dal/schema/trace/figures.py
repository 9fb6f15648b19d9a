"""What a trace finds out, as plain data: of each statement, of each migration, and of the machine it ran on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = [
    "MODES",
    "Lock",
    "MigrationFigures",
    "Queue",
    "Stall",
    "StatementFigures",
    "TraceFigures",
    "strongest",
]

MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
"""Lock modes from the weakest to the strongest; from ShareLock on writers wait, at the last one readers too."""


def strongest(modes: Any) -> str | None:
    """Return the strongest of some lock modes, None of none."""
    return max(modes, key=MODES.index, default=None)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a relation; `existing` is false for one that the migration itself made."""

    relation: str
    mode: str
    existing: bool = True


@dataclass(frozen=True, slots=True)
class Stall:
    """The longest that one reader and one writer of a table was kept waiting, in milliseconds; None without one."""

    reader_ms: float | None = None
    writer_ms: float | None = None


@dataclass(slots=True)
class StatementFigures:
    """What one statement did.

    `locks` are those that are stronger than what the transaction held of the relation before. `rewrites` are relations
    whose rows were written anew into another file, `rebuilds` indexes. `ms` is under traffic where there was any,
    `alone_ms` without.
    """

    line: int
    text: str
    alone_ms: float
    locks: list[Lock]
    rewrites: list[str]
    rebuilds: list[str] = field(default_factory=list)
    wal_bytes: int = 0
    dead_rows: int = 0
    ms: float = 0.0
    reader_stall_ms: float | None = None
    writer_stall_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """What happened while a long transaction kept the migration waiting for a lock that it gave up after a while.

    `mode` and `relation` are what it waited for, `waited_ms` how long; the stalls are those of the others meanwhile.
    """

    relation: str
    mode: str
    waited_ms: float
    reader_ms: float
    writer_ms: float


@dataclass(slots=True)
class MigrationFigures:
    """What one migration did, in sum. `access_exclusive_ms` is how long it held that lock on what existed before."""

    id: str
    statements: list[StatementFigures]
    rows: dict[str, int] = field(default_factory=dict)
    stalls: dict[str, Stall] = field(default_factory=dict)
    noise: Stall = Stall()
    reader_stall_ms: float | None = None
    writer_stall_ms: float | None = None
    strongest_lock: str | None = None
    access_exclusive_ms: float = 0.0
    queue: Queue | None = None
    refused: dict[str, dict[str, int]] = field(default_factory=dict)
    """What readers and writers were refused, by who and SQLSTATE."""
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def existing_locks(self) -> Mapping[str, str]:
        """Return the strongest lock on each relation that was there before."""
        found: dict[str, str] = {}
        for statement in self.statements:
            for lock in statement.locks:
                if lock.existing:
                    held = found.get(lock.relation, lock.mode)
                    found[lock.relation] = strongest((held, lock.mode)) or lock.mode
        return found

    @property
    def ms(self) -> float:
        """The time of all statements."""
        return sum(statement.ms or statement.alone_ms for statement in self.statements)

    def to_json(self) -> dict[str, Any]:
        """Return it with the sums, rounded to what is measured."""
        sums = {
            "ms": self.ms,
            "wal_bytes": sum(one.wal_bytes for one in self.statements),
            "dead_rows": sum(one.dead_rows for one in self.statements),
        }
        found: dict[str, Any] = _rounded(asdict(self) | sums)
        return found


@dataclass(slots=True)
class TraceFigures:
    """A whole trace; `noise` is the longest stall of a reader and a writer while nothing migrated."""

    server: str
    migrations: list[MigrationFigures]
    noise: Stall = Stall()

    @property
    def findings(self) -> list[str]:
        """All findings, each with the migration it is of."""
        return [f"{one.id}: {text}" for one in self.migrations for text in one.findings]

    def to_json(self) -> dict[str, Any]:
        """Return the trace in the shape that `slimy migrate review` reads."""
        return {
            "server": self.server,
            "noise": _rounded(asdict(self.noise)),
            "migrations": [one.to_json() for one in self.migrations],
        }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 1)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value

"""Says what each statement of a migration locks, and how large that is in the database at hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from slimy_dal.schema.backend import Backend
from slimy_dal.schema.locks import Lock, understood
from slimy_dal.schema.migrationfiles import Direction, MigrationFile, checked_statements

__all__ = ["Effect", "Touched", "effects"]

KILO = 1024


@dataclass(frozen=True, slots=True)
class Touched:
    """A relation that a statement locks."""

    relation: str
    mode: str
    rows: int | None
    """The planner's estimate; None where it was never analysed, or is not there yet."""
    bytes: int | None
    """None where it is not there yet: nobody waits for it."""

    def __str__(self) -> str:
        rows = f"about {self.rows:,} rows, " if self.rows is not None else ""
        return f"{self.mode} on {self.relation} ({rows}{_readable(self.bytes or 0)})"


@dataclass(frozen=True, slots=True)
class Effect:
    """One statement of a file."""

    line: int
    kind: str
    """Its first words, such as CREATE INDEX CONCURRENTLY."""
    locks: tuple[Touched, ...]
    note: str | None = None
    """What cannot be known from the text."""

    @property
    def felt(self) -> tuple[Touched, ...]:
        """The locks on what is there already."""
        return tuple(lock for lock in self.locks if lock.bytes is not None)

    def __str__(self) -> str:
        parts = [*map(str, self.felt), *filter(None, [self.note])]
        return f"{self.kind}: " + (", ".join(parts) or "locks nothing that is there")


def _readable(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < KILO:
            return f"{size:.0f} {unit}"
        size /= KILO
    return f"{size:.1f} TB"


def effects(backend: Backend, file: MigrationFile, direction: Direction) -> tuple[Effect, ...]:
    """Return what a file's statements lock by PostgreSQL's rules; nothing is run."""
    read = [
        (statement.line, understood(statement.text))
        for statement in checked_statements(file, direction)
    ]
    sizes = _sizes(backend, sorted({lock.relation for _, one in read for lock in one.locks}))
    return tuple(Effect(line, one.kind, _touched(one.locks, sizes), one.note) for line, one in read)


def _touched(
    locks: Sequence[Lock], sizes: dict[str, tuple[int | None, int]]
) -> tuple[Touched, ...]:
    return tuple(
        Touched(lock.relation, lock.mode, *sizes.get(lock.relation, (None, None))) for lock in locks
    )


def _sizes(backend: Backend, names: list[str]) -> dict[str, tuple[int | None, int]]:
    """Return the estimated rows, and the bytes of those that exist; partitions count to their table."""
    rows = backend.rows(
        "SELECT w.name, (SELECT CASE WHEN bool_or(c.reltuples >= 0)"
        " THEN sum(greatest(c.reltuples, 0))::bigint END FROM pg_catalog.pg_class AS c"
        " WHERE c.oid = w.oid AND c.relkind <> 'p' OR c.oid IN ("
        "   SELECT t.relid FROM pg_partition_tree(w.oid) AS t WHERE t.isleaf)),"
        " coalesce((SELECT sum(pg_table_size(t.relid)) FROM pg_partition_tree(w.oid) AS t"
        "   WHERE t.isleaf), pg_table_size(w.oid))::bigint"
        " FROM (SELECT u.name, to_regclass(u.name) AS oid FROM unnest(%s::text[]) AS u (name)) AS w"
        " WHERE w.oid IS NOT NULL",
        names,
    )
    return {name: (count, size) for name, count, size in rows}

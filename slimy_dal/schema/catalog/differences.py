"""Compares two schemas, thing by thing and fact by fact."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from slimy_dal.schema.catalog.things import KINDS, Fact, Snapshot, Thing

__all__ = ["COLUMN_ORDER", "Difference", "compare"]

COLUMN_ORDER = "column_order"

FOLLOWING = frozenset(
    {
        *(
            "own_name",
            "owner_name",
            "of_domain",
            "points_at",
            "own_columns",
            "their_columns",
            "uses",
        ),
        *("grantee", "position", "privilege", "usual_storage"),
    }
)
"""Facts that follow from a thing's name or place, or are told otherwise."""


Told: TypeAlias = set[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is missing, extra or changed in the schema looked at; `fact` says which of a changed one's."""

    what: Literal["missing", "extra", "changed"]
    thing: Thing
    """As it is looked at; as it should be where it is missing."""
    fact: str = ""
    should: Fact = None
    found: Fact = None

    @property
    def key(self) -> tuple[str, str]:
        """What it is a difference of."""
        return self.thing.kind, self.thing.name


def compare(should: Snapshot, found: Snapshot, *, owners: bool = False) -> list[Difference]:
    """Return what `found` has otherwise than `should`: empty when there is nothing.

    Parts of what is missing or extra as a whole are not told again, nor what a partition has from its table. Owners
    are compared on demand: who migrates owns, and that differs from server to server.
    """
    differences = [*_absent(should, found, "missing"), *_absent(found, should, "extra")]
    for key, thing in found.things.items():
        other = should.things.get(key)
        if other is not None:
            differences += _changed(other, thing, owners=owners)
    differences += _reordered(should, found)
    told: Told = {(d.what, d.thing.kind, d.thing.name, d.fact) for d in differences}
    kept = [d for d in differences if not _is_told(d, told, found, should)]
    return sorted(kept, key=lambda d: KINDS.index(d.thing.kind))


def _absent(
    there: Snapshot, here: Snapshot, what: Literal["missing", "extra"]
) -> Iterator[Difference]:
    missing = {thing.name for key, thing in there.things.items() if key not in here.things}
    for thing in there:
        if thing.name not in missing or (thing.kind, thing.name) in here.things:
            continue
        if thing.parent in missing or thing.facts.get("owned_by") in missing:
            continue
        if (
            thing.kind == "indexes"
            and f"{thing.parent}.{thing.facts['constraint_name']}" in missing
        ):
            continue
        yield Difference(what, thing)


def _changed(should: Thing, found: Thing, *, owners: bool) -> Iterator[Difference]:
    names = [name for name in found.facts if found.facts[name] != should.facts[name]]
    names = [name for name in names if name not in FOLLOWING and (owners or name != "owner")]
    if found.kind == "functions" and len(names) > 1:
        # The whole statement tells nothing that the other facts do not.
        names = [name for name in names if name not in {"definition", "atomic"}]
    if found.kind == "indexes" and found.facts["constraint_name"]:
        # Its definition is that of its constraint, which tells it.
        names = [name for name in names if name != "definition"]
    for name in names:
        yield Difference("changed", found, name, should.facts[name], found.facts[name])


def _reordered(should: Snapshot, found: Snapshot) -> Iterator[Difference]:
    """Tell where columns that both have stand in another order: the physical one, which SELECT * shows."""
    wanted = _orders(should, found)
    for name, mine in _orders(found, should).items():
        theirs = wanted[name]
        if mine != theirs:
            # What stands where it should, in front and at the end, is not told.
            wrong = [i for i, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
            part = slice(wrong[0], wrong[-1] + 1)
            table = found.things["tables", name]
            yield Difference("changed", table, COLUMN_ORDER, theirs[part], mine[part])


def _orders(one: Snapshot, other: Snapshot) -> dict[str, tuple[str, ...]]:
    """Return the columns that both have, by table, in the order of the first."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for column in one.of("columns"):
        if other.get("columns", column.name) is not None:
            place = int(str(column.facts["position"]))
            table = str(column.parent)
            found[table].append((place, column.name.removeprefix(f"{table}.")))
    return {table: tuple(name for _, name in sorted(names)) for table, names in found.items()}


def _is_told(
    difference: Difference,
    told: Told,
    found: Snapshot,
    should: Snapshot,
) -> bool:
    """Say whether the same is told of the table that this one's table is a partition of."""
    thing = difference.thing
    if thing.kind == "indexes":
        above = thing.text("partition_of")
        return bool(above) and (difference.what, thing.kind, above, difference.fact) in told
    table = thing.name if thing.kind == "tables" else thing.parent
    whole = found.get("tables", table) or should.get("tables", table)
    if table is None or whole is None or (not whole.texts("inherits") and not whole.parent):
        return False
    return any(
        (difference.what, thing.kind, f"{above}{thing.name.removeprefix(table)}", difference.fact)
        in told
        for above in (*whole.texts("inherits"), whole.parent)
    )

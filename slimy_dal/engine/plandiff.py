"""Says in words how a plan differs from proven ones: other ways to a table's rows, other joins and sorts."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from slimy_dal.engine.explained import PARTITION
from slimy_dal.engine.proven import Step

__all__ = ["Difference", "compare", "summary"]

SCAN = re.compile(
    r"(?P<way>(?:Parallel )?(?:Seq|Index|Index Only|Bitmap Heap|Tid|Tid Range) Scan"
    r"(?: Backward)?(?: using (?P<index>\S+))?) on (?P<relation>.+)"
)
BITMAP = re.compile(r"(?:Parallel )?Bitmap Index Scan on (?P<index>\S+)")
UNTOLD = frozenset({"Append", "Merge Append", "Result", "BitmapAnd", "BitmapOr", "Materialize"})
"""Come and go with the number of partitions, of rows and of versions, and say nothing by themselves."""
CATALOGUE = "pg_"
"""How tables begin that the server reads as it likes: their sizes are those of the schema."""

Places = dict[str, list["_Way"]]


@dataclass(slots=True)
class _Way:
    """How the rows of one table are found."""

    text: str
    indexes: list[str]
    kinds: frozenset[str]
    known: set[str] = field(default_factory=set)
    """Of the indexes those that are called so on every server; partitions name their own."""

    @property
    def words(self) -> str:
        extra = [] if " using " in self.text else self.indexes
        return f"{self.text} using {' and '.join(extra)}" if extra else self.text


@dataclass(frozen=True, slots=True)
class Difference:
    """What is otherwise than proven: of each table in words, and of joins and sorts; and the indexes not used."""

    tables: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    unused: frozenset[str] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.tables or self.others)

    @property
    def words(self) -> tuple[str, ...]:
        """All of it."""
        return (*self.tables.values(), *self.others)

    def apart_from(self, small: Collection[str]) -> "Difference":
        """Return the same without these tables, which may be read in any way.

        Without joins and sorts too, where nothing else is left: how small tables are joined does not matter either.
        """
        left = {table: words for table, words in self.tables.items() if table not in small}
        others = self.others if left or not self.tables else ()
        return Difference(left, others, self.unused if left else frozenset())


def compare(present: Sequence[Step], proven: Sequence[Sequence[Step]]) -> Difference:
    """Return the difference of a plan from the nearest of those proven; an empty one where it is among them."""
    found = [_difference(present, one) for one in proven]
    return min(found, key=lambda one: len(one.words), default=Difference())


def summary(plan: Sequence[Step]) -> str:
    """Return a plan in one line: its nodes from the outside in, those of further partitions left out."""
    return " > ".join(dict.fromkeys(_plain(step.title) for step in plan))


def _plain(text: str) -> str:
    return PARTITION.sub("", text)


def _difference(present: Sequence[Step], proven: Sequence[Step]) -> Difference:
    here, there = _ways(present), _ways(proven)
    tables: dict[str, str] = {}
    unused = set[str]()
    for relation in sorted({*here, *there}):
        now, then = here.get(relation, []), there.get(relation, [])
        if relation.startswith(CATALOGUE) or {_key(way) for way in now} == {
            _key(way) for way in then
        }:
            continue
        table, words = relation.split(" ")[0], _otherwise(relation, now, then)
        tables[table] = f"{tables[table]}; {words}" if table in tables else words
        unused |= {index for way in then for index in way.known}
        unused -= {index for way in now for index in way.known}
    return Difference(tables, tuple(_rest(present, proven)), frozenset(unused))


def _key(way: _Way) -> tuple[str, frozenset[str]]:
    return way.words.removeprefix("Parallel "), way.kinds


def _ways(plan: Sequence[Step]) -> Places:
    """Return how the rows of each table are found, partitions as their table, bitmaps with their indexes."""
    found: Places = {}
    heap: _Way | None = None
    for step in plan:
        text = _plain(step.title)
        if match := SCAN.fullmatch(text):
            kinds = frozenset(kind for kind, _ in step.conditions) - {"Recheck Cond"}
            way = _Way(match["way"], [], kinds)
            found.setdefault(match["relation"], []).append(way)
            heap = way if "Bitmap" in way.text else heap
            _note(way, match["index"], step.title)
        elif heap is not None and (match := BITMAP.fullmatch(text)):
            _note(heap, match["index"], step.title)
    return found


def _note(way: _Way, index: str | None, written: str) -> None:
    if index is not None and index not in way.indexes:
        way.indexes.append(index)
    if index is not None and index in written:
        way.known.add(index)


def _otherwise(relation: str, now: Sequence[_Way], then: Sequence[_Way]) -> str:
    is_, was = (sorted({way.words for way in ways}) for ways in (now, then))
    if not is_:
        return f"no {' nor '.join(was)} on {relation}"
    if not was:
        return f"{' and '.join(is_)} on {relation}, which no proven plan has"
    if is_ != was:
        return f"{' and '.join(is_)} on {relation} instead of {' and '.join(was)}"
    more, less = (
        sorted({kind for way in one for kind in way.kinds} - {k for w in two for k in w.kinds})
        for one, two in ((now, then), (then, now))
    )
    changes = [*(f"with a {kind}" for kind in more), *(f"without its {kind}" for kind in less)]
    return f"{' and '.join(is_)} on {relation} {', '.join(changes) or 'otherwise'}"


def _rest(present: Sequence[Step], proven: Sequence[Step]) -> Iterator[str]:
    """Yield the joins, sorts and the like that one plan has and the other has not."""
    here, there = _others(present), _others(proven)
    more, less = sorted((here - there).elements()), sorted((there - here).elements())
    if more and less:
        yield f"{', '.join(more)} instead of {', '.join(less)}"
    elif more:
        yield f"{', '.join(more)} added"
    elif less:
        yield f"{', '.join(less)} left out"


def _others(plan: Sequence[Step]) -> Counter[str]:
    texts = (_plain(step.title) for step in plan)
    return Counter(
        {
            text: 1
            for text in texts
            if text not in UNTOLD
            and "Subquery Scan" not in text
            and not SCAN.fullmatch(text)
            and not BITMAP.fullmatch(text)
        }
    )

"""Looks for isolation anomalies in a history of transactions that append to lists and read them (after Elle).

Appends never repeat a value, so a list tells the order of the versions of its key, and with it which transaction wrote
before, read from, or was overtaken by which other one. A circle of these dependencies is an anomaly that has a name.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

__all__ = ["Attempt", "anomalies"]

Outcome: TypeAlias = Literal["done", "failed", "unknown"]
Kind: TypeAlias = Literal["ww", "wr", "rw"]
Edges: TypeAlias = dict[int, dict[int, set[Kind]]]


@dataclass
class Attempt:
    """One try of one transaction: what it appended and read, in its order, and how it ended."""

    operations: list[tuple[str, int, int | tuple[int, ...]]] = field(default_factory=list)
    """("append", key, value) or ("read", key, values)."""
    outcome: Outcome = "failed"

    def appends(self) -> list[tuple[int, int]]:
        """Return its (key, value) pairs."""
        return [(key, what) for kind, key, what in self.operations if kind == "append"]  # type: ignore[misc]

    def reads(self) -> "list[tuple[int, tuple[int, ...]]]":
        """Return (key, list) of each read, without what it had appended itself."""
        found, own = [], {value for _, value in self.appends()}
        for kind, key, what in self.operations:
            if kind == "read":
                assert isinstance(what, tuple)
                found.append((key, tuple(value for value in what if value not in own)))
        return found


def anomalies(
    history: Sequence[Attempt], final: Mapping[int, Sequence[int]]
) -> dict[str, list[str]]:
    """Return the anomalies of a history, by name; `final` is what the lists hold at the end.

    lost: an acknowledged append is not there. lied: one that was called failed is. twice: one is there twice.
    split: a read that is no beginning of the final list. aborted (G1a): a value read that was never kept. intermediate
    (G1b): a version read that its writer went on to change. unrepeatable: two reads of a transaction that differ.
    G0: a circle of writes; G1c: of writes and reads; G-single: with one overtaken read; G2-item: with several.
    """
    found: dict[str, list[str]] = defaultdict(list)
    writer = {pair: at for at, one in enumerate(history) for pair in one.appends()}
    _book(history, final, found)
    for at, one in enumerate(history):
        if one.outcome == "done":
            _reads(at, one, final, history, writer, found)
    _circles(_trimmed(_edges(history, final, writer)), found)
    return dict(found)


def _book(
    history: Sequence[Attempt],
    final: Mapping[int, Sequence[int]],
    found: dict[str, list[str]],
) -> None:
    for at, one in enumerate(history):
        for key, value in one.appends():
            times = list(final.get(key, ())).count(value)
            if times == 0 and one.outcome == "done":
                found["lost"].append(f"{at}: {value} of {key}")
            if times and one.outcome == "failed":
                found["lied"].append(f"{at}: {value} of {key}")
            if times > 1:
                found["twice"].append(f"{at}: {value} of {key}")


def _reads(
    at: int,
    one: Attempt,
    final: Mapping[int, Sequence[int]],
    history: Sequence[Attempt],
    writer: Mapping[tuple[int, int], int],
    found: dict[str, list[str]],
) -> None:
    seen: dict[int, tuple[int, ...]] = {}
    for key, values in one.reads():
        if seen.setdefault(key, values) != values:
            found["unrepeatable"].append(f"{at}: {key}")
        kept = set(final.get(key, ()))
        if any(value not in kept for value in values):
            found["aborted"].append(f"{at}: {key} {values}")
            continue
        own = {value for k, value in one.appends() if k == key}
        order = tuple(value for value in final[key] if value not in own)
        if values != order[: len(values)]:
            found["split"].append(f"{at}: {key} {values}")
        if values:
            by = history[writer[key, values[-1]]]
            if values[-1] != [value for k, value in by.appends() if k == key][-1]:
                found["intermediate"].append(f"{at}: {key} {values}")


def _edges(
    history: Sequence[Attempt],
    final: Mapping[int, Sequence[int]],
    writer: Mapping[tuple[int, int], int],
) -> Edges:
    """Return who depends on whom: wrote before (ww), read from (wr), was overtaken by (rw)."""
    edges: Edges = defaultdict(lambda: defaultdict(set))

    def add(one: int, other: int, kind: Kind) -> None:
        if one != other:
            edges[one][other].add(kind)

    for key, values in final.items():
        for before, after in itertools.pairwise(values):
            add(writer[key, before], writer[key, after], "ww")
    for at, one in enumerate(history):
        if one.outcome != "done":
            continue
        own = {value for _, value in one.appends()}
        for key, values in one.reads():
            order = [value for value in final.get(key, ()) if value not in own]
            if values and values[-1] in order:
                add(writer[key, values[-1]], at, "wr")
            if len(values) < len(order):
                add(at, writer[key, order[len(values)]], "rw")
    return edges


def _trimmed(edges: Edges) -> Edges:
    """Return the edges that may be part of a circle: who depends on nobody, or is nobody's need, is in none."""
    left = {one: dict(others) for one, others in edges.items() if others}
    while True:
        reached = {other for others in left.values() for other in others}
        kept = {
            one: {other: by for other, by in others.items() if other in left}
            for one, others in left.items()
            if one in reached
        }
        kept = {one: others for one, others in kept.items() if others}
        if kept == left:
            return left
        left = kept


def _circles(edges: Edges, found: dict[str, list[str]]) -> None:
    """Name the circles, each start under the narrowest name that fits."""
    first: tuple[tuple[str, set[Kind]], ...] = (("G0", {"ww"}), ("G1c", {"ww", "wr"}))
    for name, kinds in first:
        for one, others in edges.items():
            for other, by in others.items():
                if by & kinds and (path := _path(edges, other, one, kinds)):
                    found[name].append(" -> ".join(map(str, [one, *path])))
    every: set[Kind] = {"ww", "wr", "rw"}
    for one, others in edges.items():
        for other, by in others.items():
            if "rw" not in by:
                continue
            if path := _path(edges, other, one, {"ww", "wr"}):
                found["G-single"].append(" -> ".join(map(str, [one, *path])))
            elif path := _path(edges, other, one, every):
                found["G2-item"].append(" -> ".join(map(str, [one, *path])))


def _path(edges: Edges, start: int, end: int, kinds: Iterable[Kind]) -> list[int]:
    """Return the shortest way from one to another along edges of these kinds; empty where there is none."""
    wanted = set(kinds)
    came: dict[int, int] = {start: start}
    layer = [start]
    while layer and end not in came:
        following = []
        for one in layer:
            for other, by in edges.get(one, {}).items():
                if other not in came and by & wanted:
                    came[other] = one
                    following.append(other)
        layer = following
    if end not in came:
        return []
    path = [end]
    while path[-1] != start:
        path.append(came[path[-1]])
    return path[::-1]

"""Holds indexes against the queries that use them: each says whom it serves, serves them truly, and is needed."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.plans.changes import Guards, indexes_read
from slimy_dal.compiler.plans.definitions import Definitions
from slimy_dal.compiler.plans.explain import Plans
from slimy_dal.compiler.plans.relations import Index, Name, Relations
from slimy_dal.compiler.plans.words import plural
from slimy_dal.compiler.query import Location
from slimy_dal.compiler.scale.server import is_bookkeeping, quoted
from slimy_dal.engine.driver import Connection

__all__ = ["IndexFinding", "examine", "serves", "table", "to_json", "uses"]

SERVES = re.compile(r"serves\s+([^;]+?)\s*(?:;\s*(.*\S)\s*)?", re.DOTALL)
WORD = re.compile(r"\w+")
FULL_NAME = re.compile(r"[^\s.,;]+\.[^\s.,;]+")
STRICTER = "NULLS NOT DISTINCT"
"""A unique index with this lets one NULL in, and promises more than one without."""
MOST_NAMED = 4
"""Queries that a comment is offered with; it need not name all."""

Problem = Literal["comment", "unused", "redundant", "invalid"]
Found = Mapping[Name, set[str]]


@dataclass(frozen=True, slots=True)
class IndexFinding:
    """One thing wrong with an index: the problem, the place it is made at, what it is, what helps."""

    problem: Problem
    index: Name
    message: str
    help: str
    location: Location | None = None

    def __str__(self) -> str:
        place = "" if self.location is None else f"{self.location}: "
        return f"{place}{'.'.join(self.index)}: {self.message}; {self.help}"


async def uses(
    connection: Connection, every: Sequence[Plans], relations: Relations
) -> dict[Name, set[str]]:
    """Return the full names of what uses each index: queries, and functions; of a partitioned one the whole.

    Used is an index that a plan reads which the server may take, or that the server itself looks
    into: for uniqueness, for parents, and for the children of rows that go, as far as cascades reach.
    The actions of foreign keys are planned on `connection`, whose database pretends to be production.
    No plan shows what a function does inside: one that the index's comment names uses it where its body
    has the table and the index's first column.
    """
    guards = await Guards.read(connection, relations)
    found: dict[Name, set[str]] = {index.key: set() for index in _counted(relations)}
    for plans in every:
        for plan in plans.possible:
            changes = guards.changes(plan.root, plans.description)
            for name in indexes_read(plan.root) | await guards.of(changes):
                index = relations.indexes.get(name)
                if index is not None and index.root in found:
                    found[index.root].add(plans.description.query.full_name)
    bodies = {
        f"{row['schema']}.{row['name']}": set(WORD.findall(row["source"]))
        for row in await connection.fetch(catalog_query("plan_functions"))
    }
    for index in _counted(relations):
        words = {index.table[1], *WORD.findall(index.keys[0])[:1]}
        found[index.key] |= {
            name for name in serves(index.comment) if words <= bodies.get(name, set())
        }
    return found


def serves(comment: str | None) -> tuple[str, ...]:
    """Return the queries that a comment of an index names, none where it has another form."""
    match = SERVES.fullmatch((comment or "").strip())
    names = [] if match is None else [name.strip() for name in match[1].split(",")]
    return tuple(names) if all(map(FULL_NAME.fullmatch, names)) else ()


def examine(
    found: Found, relations: Relations, names: Collection[str], migrations: Path | None
) -> list[IndexFinding]:
    """Return what is wrong with the indexes that `uses` found users of.

    `names` are the full names of all queries; `migrations`, a folder or a file, tells where the
    indexes are made.
    """
    work = _Examination(found, relations, names, Definitions.read(migrations))
    return [finding for index in _counted(relations) for finding in work.findings(index)]


def to_json(found: Found, relations: Relations) -> str:
    """Return the map as JSON, the same for the same schema and queries."""
    indexes = [
        {
            "schema": index.key[0],
            "name": index.key[1],
            "table": ".".join(index.table),
            "definition": index.definition,
            "unique": index.unique,
            "predicate": index.predicate,
            "serves": list(serves(index.comment)),
            "used_by": sorted(found.get(index.key, ())),
        }
        for index in _counted(relations)
    ]
    return json.dumps({"indexes": indexes}, indent=2, ensure_ascii=False) + "\n"


def table(found: Found, relations: Relations) -> str:
    """Return the map for a reader: each index with its keys, whom it serves, and who else uses it."""
    lines: list[str] = []
    for index in _counted(relations):
        where = "" if index.predicate is None else f" WHERE {index.predicate}"
        kind = "unique " if index.unique else ""
        keys = ", ".join(index.keys)
        lines.append(f"{index}: {kind}{index.method} on {'.'.join(index.table)} ({keys}){where}")
        users, told = found.get(index.key, set()), serves(index.comment)
        lines += [f"    serves   {name}" for name in told if name in users]
        lines += [f"    used by  {name}" for name in sorted(users.difference(told))]
    return "\n".join(lines)


def _counted(relations: Relations) -> list[Index]:
    """Return the indexes that must have a reason, by name: those of partitions are parts of one."""
    return sorted(
        (
            index
            for index in relations.indexes.values()
            if index.key == index.root and not is_bookkeeping(index.table)
        ),
        key=lambda index: index.key,
    )


@dataclass(frozen=True, slots=True)
class _Examination:
    found: Found
    relations: Relations
    names: Collection[str]
    definitions: Definitions

    def findings(self, index: Index) -> Iterator[IndexFinding]:
        """Yield what is wrong with an index; one that no query uses need not be told from its comment."""
        users = sorted(self.found.get(index.key, ()))
        if not self._is_valid(index):
            yield self._finding(
                "invalid",
                index,
                "it is not valid, so no query can use it",
                f"build it again: REINDEX INDEX CONCURRENTLY {_sql(index)};"
                " an index of a partitioned table needs one on every partition",
            )
        elif not users:
            told = serves(index.comment)
            though = f", though its comment names {', '.join(told)}" if told else ""
            yield self._finding(
                "unused", index, f"no query uses it{though}", f"take it away: {_drop(index)}"
            )
        else:
            yield from self._comment(index, users)
        other = self._covering(index)
        if other is not None:
            same = "the same keys" if other.keys == index.keys else "keys that begin with its own"
            yield self._finding(
                "redundant",
                index,
                f"{'.'.join(other.key)} ({', '.join(other.keys)}) has {same}"
                f" ({', '.join(index.keys)}), and can stand in for it",
                f"take it away: {_drop(index)}",
            )

    def _finding(self, problem: Problem, index: Index, message: str, helps: str) -> IndexFinding:
        return IndexFinding(problem, index.key, message, helps, self.definitions.of(index))

    def _is_valid(self, index: Index) -> bool:
        return all(one.valid for one in self.relations.indexes.values() if one.root == index.key)

    def _comment(self, index: Index, users: Sequence[str]) -> Iterator[IndexFinding]:
        told = serves(index.comment)
        if not told:
            message = (
                "no comment says which queries it serves"
                if not index.comment
                else f"its comment does not say which queries it serves: {index.comment}"
            )
            yield self._finding("comment", index, message, _corrected(index, users))
            return
        wrong = [name for name in told if name not in users]
        if wrong:
            problems = "; ".join(self._wrong(name) for name in wrong)
            do = f"used by {', '.join(users)}"
            kept = [name for name in told if name in users]
            near = [self._close(name) for name in wrong if name not in self.names]
            kept += [name for name in near if name in users and name not in kept]
            helps = _corrected(index, kept or users)
            yield self._finding("comment", index, f"{problems}; it is {do}", helps)

    def _wrong(self, name: str) -> str:
        if name in self.names:
            return f"its comment names {name}, which does not use it"
        close = self._close(name)
        hint = f" (did you mean {close}?)" if close else ""
        return f"its comment names {name}, and there is no such query{hint}"

    def _close(self, name: str) -> str:
        """Return the query that a name may be a slip of the pen for, empty where none is near."""
        return next(iter(get_close_matches(name, sorted(self.names), n=1)), "")

    def _covering(self, index: Index) -> Index | None:
        """Return another index of the same table that does all that this one does."""
        others = sorted(self.relations.of(index.own_table), key=lambda other: other.key)
        return next((other for other in others if self._covers(other, index)), None)

    def _covers(self, other: Index, index: Index) -> bool:
        count = len(index.keys)
        if (
            other.key == index.key
            or not other.valid
            or (other.method, index.method) != ("btree", "btree")
            or other.predicate != index.predicate
            or (other.keys[:count], other.order[:count]) != (index.keys, index.order)
            or not set(index.included) <= {*other.keys, *other.included}
        ):
            return False
        if index.unique and STRICTER in index.definition and STRICTER not in other.definition:
            return False
        if len(other.keys) > count or other.included != index.included:
            return not index.unique or (other.unique and len(other.keys) == count)
        return self._outlives(other, index)

    def _outlives(self, other: Index, index: Index) -> bool:
        """Say which of two equal indexes stays: the one that promises more, that keys need, by name."""
        if index.unique and not other.unique:
            return False
        if other.unique and not index.unique:
            return True
        if STRICTER in other.definition and STRICTER not in index.definition:
            return True
        return self._rank(other) < self._rank(index)

    def _rank(self, index: Index) -> tuple[bool, bool, Name]:
        needed = {(key.parent[0], key.parent_index) for key in self.relations.foreign_keys}
        return index.key not in needed, not index.key[1].endswith("_pkey"), index.key


def _corrected(index: Index, users: Sequence[str]) -> str:
    """Return the line that puts a comment right, what it says in free words kept."""
    match = SERVES.fullmatch((index.comment or "").strip())
    free = f"; {match[2]}" if match is not None and match[2] else ""
    named, more = users[:MOST_NAMED], len(users) - MOST_NAMED
    text = f"serves {', '.join(named)}{free}".replace("'", "''")
    others = f" (or name others of the {plural(len(users), 'query').replace('querys', 'queries')})"
    return f"write COMMENT ON INDEX {_sql(index)} IS '{text}'{others if more > 0 else ''}"


def _sql(index: Index) -> str:
    return ".".join(map(_plain, index.key))


def _plain(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else quoted(name)


def _drop(index: Index) -> str:
    """Return how an index is dropped, by itself or with the constraint that it keeps."""
    table = ".".join(map(_plain, index.table))
    drop = f"DROP INDEX {_sql(index)}"
    if not index.unique:
        return drop
    return f"{drop}, or ALTER TABLE {table} DROP CONSTRAINT {_plain(index.key[1])}"

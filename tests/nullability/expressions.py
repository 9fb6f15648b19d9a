"""Random expressions over columns in sight; the queries inside them are made by the generator."""

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

Column = tuple[str, str]
"""How it is written, and its type."""

NAMES = re.compile(r"\b[rw]\d+\.\w+")
TYPES = ("int", "text", "bool")


@dataclass(slots=True)
class Select:
    """A query and the types of its columns, which are called x0, x1 …"""

    sql: str
    types: list[str]


class Expressions(ABC):
    """Makes expressions of a type; remembers those that conditions spoke of, to use them again."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.names = self.depth = 0
        self.ctes: list[tuple[str, list[str]]] = []
        self.said: list[tuple[str, str, frozenset[str]]] = []

    def name(self, prefix: str = "r") -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # -- expressions ----------------------------------------------------------------------------

    def value(self, kind: str, seen: list[Column], depth: int) -> str:
        found = [text for text, has in seen if has == kind]
        if self.said and self.chance(0.45):
            here = {text for text, _ in seen}
            again = [text for text, has, of in self.said[-8:] if has == kind and of <= here]
            if again:
                return self.rng.choice(again)
        if depth <= 0 or self.chance(0.35):
            if found and self.chance(0.85):
                return self.rng.choice(found)
            return self.literal(kind)
        return str(getattr(self, f"_{kind}")(seen, depth - 1))

    def fact(self, seen: list[Column]) -> str:
        """Return a condition that asks for a value, which is likely to be looked at again."""
        kind = self.rng.choice(("int", "int", "text"))
        value = self.value(kind, seen, self.rng.choice((0, 1)))
        self.said.append((value, kind, frozenset(NAMES.findall(value))))
        tests = [
            "{} IS NOT NULL",
            "{0} = {0}",
            "NOT ({} IS NULL)",
            "({}) IN (SELECT {})",
            "EXISTS (SELECT 1 WHERE {} IS NOT NULL)",
        ]
        tests += ["{} >= 0", "{} + 1 > 0"] if kind == "int" else ["{} <> 'y'", "length({}) >= 0"]
        return self.rng.choice(tests).format(value, value)

    def where(self, seen: list[Column], outer: Sequence[Column] = ()) -> str:
        if outer and self.chance(0.3):
            return self.fact(list(outer))
        if self.chance(0.5):
            return self.fact(seen)
        if self.chance(0.3):
            return f"{self.fact(seen)} {self.rng.choice(('AND', 'AND', 'OR'))} {self.value('bool', seen, 1)}"
        return self.value("bool", seen, 2)

    def literal(self, kind: str) -> str:
        if self.chance(0.15):
            return f"NULL::{kind.replace('bool', 'boolean')}"
        return {
            "int": str(self.rng.randrange(4)),
            "text": f"'{self.rng.choice('pqz')}'",
            "bool": self.rng.choice(("true", "false")),
        }[kind]

    def _either(self, kind: str, seen: list[Column], depth: int) -> str:
        def part(of: str = kind) -> str:
            return self.value(of, seen, depth)

        return self.rng.choice(
            (
                lambda: f"coalesce({part()}, {part()})",
                lambda: f"nullif({part()}, {part()})",
                lambda: f"CASE WHEN {part('bool')} THEN {part()} ELSE {part()} END",
                lambda: (
                    f"CASE WHEN {part('bool')} THEN {part()} WHEN {part('bool')} THEN {part()} ELSE {part()} END"
                ),
                lambda: f"CASE {part('int')} WHEN 1 THEN {part()} ELSE {part()} END",
                lambda: f"greatest({part()}, {part()})",
                lambda: self.scalar(kind, seen, depth),
            )
        )()

    def _int(self, seen: list[Column], depth: int) -> str:
        if self.chance(0.5):
            return self._either("int", seen, depth)
        one, two = self.value("int", seen, depth), self.value("int", seen, depth)
        return self.rng.choice(
            (
                f"({one} + {two})",
                f"abs({one})",
                f"length({self.value('text', seen, depth)})",
                f"({self.value('bool', seen, depth)})::int",
                f"(ARRAY[{one}, {two}])[{self.rng.randrange(1, 4)}]",
                f"num_nulls({one}, {two})",
            )
        )

    def _text(self, seen: list[Column], depth: int) -> str:
        if self.chance(0.5):
            return self._either("text", seen, depth)
        one = self.value("text", seen, depth)
        return self.rng.choice(
            (
                f"lower({one})",
                f"({one} || {self.value('text', seen, depth)})",
                f"concat({one}, {self.value('int', seen, depth)})",
                f"({self.value('int', seen, depth)})::text",
                f"substring({one} FROM 'p')",
            )
        )

    def _bool(self, seen: list[Column], depth: int) -> str:
        kind = self.rng.choice(("int", "text"))
        one, two = self.value(kind, seen, depth), self.value(kind, seen, depth)
        test = self.value("bool", seen, depth)
        return self.rng.choice(
            (
                lambda: f"({one} {self.rng.choice(('=', '<', '>=', '<>'))} {two})",
                lambda: f"({test} AND {self.value('bool', seen, depth)})",
                lambda: f"({test} OR {self.value('bool', seen, depth)})",
                lambda: f"(NOT {test})",
                lambda: f"({one} IS NULL)",
                lambda: f"({one} IS NOT NULL)",
                lambda: f"({one} IS DISTINCT FROM {two})",
                lambda: f"({one} IN ({two}, {self.literal(kind)}))",
                lambda: f"({one} NOT IN ({two}, {self.literal(kind)}))",
                lambda: f"({one} BETWEEN {two} AND {self.value(kind, seen, depth)})",
                lambda: (
                    f"({test} IS {self.rng.choice(('', 'NOT '))}{self.rng.choice(('TRUE', 'FALSE', 'UNKNOWN'))})"
                ),
                lambda: (
                    f"(({one}, 1) {self.rng.choice(('<', '=', '>='))} ({two}, {self.value('int', seen, depth)}))"
                ),
                lambda: f"(ROW({one}, {two}) IS NOT NULL)",
                lambda: f"coalesce({test}, {self.rng.choice(('true', 'false'))})",
                lambda: f"({one} IN ({self.select(seen, depth, [kind]).sql}))",
                lambda: f"({one} <> ALL ({self.select(seen, depth, [kind]).sql}))",
                lambda: f"EXISTS ({self.select(seen, depth, ['int']).sql})",
                lambda: self._either("bool", seen, depth) if depth > 0 else test,
            )
        )().replace("greatest(true", "coalesce(true")

    def scalar(self, kind: str, seen: list[Column], depth: int) -> str:
        inner = self.select(seen, depth, [kind], one=True)
        return f"({inner.sql})"

    @abstractmethod
    def select(
        self, outer: list[Column], depth: int, types: list[str] | None = None, *, one: bool = False
    ) -> Select:
        """Return a query."""

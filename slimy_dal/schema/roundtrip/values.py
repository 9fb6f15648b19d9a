"""Makes values of any PostgreSQL type, and picks those that a column's checks let through."""

import random
import re
import uuid
from typing import Any

import psycopg

from slimy_dal.schema.catalog.things import Snapshot, Thing
from slimy_dal.schema.roundtrip.patterns import sample

__all__ = ["Values"]

LITERAL = re.compile(r"'((?:[^']|'')*)'")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
PATTERN = re.compile(r"~\*? '((?:[^']|'')*)'")
SAMPLES = 4
FURTHER = 0.5
MINED = 40
"""A check with more literals than that is a list of which some will do."""

WORDS = (
    "word",
    "a",
    "someone@example.org",
    "https://example.org/a.png",
    "2024-06-15",
    "some.thing",
    "12345678",
    "en",
    "UTC",
    "EUR",
    "ab" * 16,
    "ab" * 32,
    "{}",
    "192.0.2.1",
    "#aabbcc",
)
NUMBERS = ("1", "0", "2", "10", "50", "1000", "197038439483310086", "0.5", "-1")
BYTES = tuple("\\x" + "ab" * length for length in (1, 12, 16, 20, 24, 28, 32, 33, 48, 64, 96))

OF_TYPE = tuple(
    (re.compile(name), given)
    for name, given in (
        ("boolean", ("true", "false")),
        ("smallint|integer|bigint|numeric|real|double precision", NUMBERS),
        ("timestamp.*|time .*", ("now", "yesterday", "2024-06-15 12:00:00+00")),
        ("bytea", BYTES),
        ("date", ("today", "2024-06-15")),
        ("interval", ("1 hour",)),
        ("jsonb?", ("{}", "[]", '{"a": 1}', '"a"', "1")),
        ("inet", ("192.0.2.1",)),
        ("cidr", ("192.0.2.0/24",)),
        ("macaddr", ("08:00:2b:01:02:03",)),
        ("tsvector|tsquery", ("word",)),
        ("xml", ("<a/>",)),
        ("point", ("(1,1)",)),
        ("money", ("1",)),
        (".*range", ("empty",)),
    )
)
"""Values by type; a type that is not here is tried with words."""


class Values:
    """What may stand in the columns of a schema; the same ones for the same schema.

    What was found for a column is kept for as long as its checks stay the same.
    """

    connection: psycopg.Connection[Any]
    schema: Snapshot

    def __init__(self) -> None:
        self.random = random.Random(0)  # noqa: S311 -- made-up rows
        self.known: dict[tuple[str, ...], list[str]] = {}
        self.number = 0

    def look_at(self, connection: psycopg.Connection[Any], schema: Snapshot) -> None:
        """Say which database the next values are for."""
        self.connection, self.schema = connection, schema

    def pick(self, column: Thing, checks: list[str], bounds: list[str]) -> str | None:
        """Return one of the values that the column's own checks let through, None where none is known.

        `bounds` are those of the table's partitions, where there are any.
        """
        kind = column.text("type")
        key = (kind, column.name if checks or bounds else "", *checks)
        if key not in self.known:
            name = column.name.removeprefix(f"{column.parent}.")
            self.known[key] = self._passing(kind, name, checks, bounds)
        fresh = self._fresh(kind)
        if fresh is not None and not checks:
            return fresh
        found = self.known[key]
        if not found:
            return None
        value = self.random.choice(found)
        if fresh is not None and value.isdecimal() and self.random.random() < FURTHER:
            # Keys of numbers with a range: the ones that the check names are soon used up.
            return str(int(value) + self.number)
        return value

    def _fresh(self, kind: str) -> str | None:
        """Return a value that was not given before, of a type that has many."""
        self.number += 1
        if kind == "uuid":
            return str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        if kind in {"text", "citext", "character varying"}:
            return f"word{self.number}"
        return str(self.number) if kind in {"bigint", "integer", "numeric"} else None

    def _passing(self, kind: str, name: str, checks: list[str], bounds: list[str]) -> list[str]:
        candidates = self._candidates(kind)
        for text in (*checks, *bounds):
            patterns = [found.replace("''", "'") for found in PATTERN.findall(text)]
            candidates += [sample(one, self.random) for one in patterns for _ in range(SAMPLES)]
            words = [found.replace("''", "'") for found in LITERAL.findall(text)][:MINED]
            candidates += words + NUMBER.findall(text)[:MINED]
            if kind.endswith("[]"):
                candidates += [f'{{"{word}"}}' for word in words]
        condition = " AND ".join(f"({check}) IS NOT FALSE" for check in checks) or "TRUE"
        # Without a use for it the server would leave the cast out.
        condition += f" AND t.{name} IS NOT NULL"
        condition = condition.replace("%", "%%")  # a parameter's mark, for the driver
        select = f"SELECT {condition} FROM (SELECT %s::text::{kind} AS {name}) AS t"  # noqa: S608 -- the server's own
        return [value for value in dict.fromkeys(candidates) if self._holds(select, value)]

    def _holds(self, select: str, value: str) -> bool:
        try:
            with self.connection.transaction():
                row = self.connection.execute(select.encode(), [value]).fetchone()
        except psycopg.Error:
            return False
        return bool(row and row[0])

    def _candidates(self, kind: str) -> list[str]:
        if kind.endswith("[]"):
            return ["{}", *(f'{{"{one}"}}' for one in self._candidates(kind.removesuffix("[]")))]
        named = self.schema.get("types", kind)
        if named is not None and named.facts["what"] == "enum":
            return list(named.texts("labels"))
        if named is not None and named.facts["what"] == "domain":
            mine = [check.text("definition") for check in self.schema.parts("constraints", kind)]
            mined = [word for text in mine for word in LITERAL.findall(text)]
            return self._candidates(named.text("domain_of")) + mined
        plain = re.sub(r"\(.*?\)", "", kind)
        size = re.search(r"\((\d+)\)", kind)
        if plain.endswith("vector") and size:
            return ["[" + ",".join(["1"] * int(size[1])) + "]"]
        return next((list(given) for name, given in OF_TYPE if name.fullmatch(plain)), list(WORDS))

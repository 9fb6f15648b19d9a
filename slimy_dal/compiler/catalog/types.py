"""The types of a database as the compiler sees them."""

from collections.abc import Iterable
from typing import Any, Literal

from slimy_dal.compiler.description import PgType
from slimy_dal.compiler.nodetree import Node, parse

__all__ = ["Types"]

Kind = Literal["base", "array", "enum", "domain", "composite", "range", "multirange", "pseudo"]
KINDS: dict[str, Kind] = {
    "b": "base",
    "c": "composite",
    "d": "domain",
    "e": "enum",
    "p": "pseudo",
    "r": "range",
    "m": "multirange",
}


class Types:
    """Types by OID."""

    def __init__(self) -> None:
        self._rows: dict[int, Any] = {}
        self._made: dict[int, PgType] = {}

    def missing(self, wanted: Iterable[int]) -> list[int]:
        """Return those that are not here yet."""
        return sorted(set(wanted) - self._rows.keys() - {0})

    def add(self, rows: Iterable[Any]) -> None:
        """Take in rows of the catalogue query `types`."""
        for row in rows:
            self._rows[row["oid"]] = row

    def get(self, oid: int) -> PgType:
        """Return a type, with those it is made of."""
        if oid not in self._made:
            self._made[oid] = self._make(oid, ())
        return self._made[oid]

    def _make(self, oid: int, around: tuple[int, ...]) -> PgType:
        row = self._rows[oid]
        inside = (*around, oid)
        fields = () if oid in around else zip(row["field_names"], row["field_types"], strict=True)
        return PgType(
            oid,
            row["name"],
            "array" if row["element"] else KINDS[row["kind"]],
            element=self._make(row["element"], inside) if row["element"] else None,
            base=self._make(row["base"], inside) if row["kind"] == "d" else None,
            labels=tuple(row["labels"]),
            fields=tuple((name, self._make(kind, inside)) for name, kind in fields),
        )

    def notnull_domain(self, oid: int) -> str | None:
        """Return the name of the domain that forbids NULL for a type, itself or one below it."""
        while oid in self._rows and self._rows[oid]["kind"] == "d":
            row = self._rows[oid]
            if row["is_not_null"]:
                return str(row["name"])
            oid = row["base"]
        return None

    def without_domains(self, oid: int) -> int:
        """Return the type under a domain."""
        while oid in self._rows and self._rows[oid]["kind"] == "d":
            oid = self._rows[oid]["base"]
        return oid

    def is_single(self, oid: int | None) -> bool:
        """Say whether a value is certainly no row: neither composite nor a domain over that."""
        base = 0 if oid is None else self.without_domains(oid)
        return base in self._rows and self._rows[base]["kind"] not in {"c", "p"}

    def domain_checks(self, oid: int) -> list[tuple[str, Node]]:
        """Return the CHECKs of a domain and of those below it, with the domain's name."""
        found = []
        while oid in self._rows and self._rows[oid]["kind"] == "d":
            row = self._rows[oid]
            found += [(str(row["name"]), parse(check)) for check in row["checks"]]
            oid = row["base"]
        return found

"""The part of a database's catalogue that statements use, read in a few queries and kept as plain data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from slimy_dal.compiler import builtins
from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.catalog.indexes import UniqueIndex, families_of, unique_index
from slimy_dal.compiler.catalog.types import Types
from slimy_dal.compiler.expression_types import result_type
from slimy_dal.compiler.nodetree import Node, parse, walk
from slimy_dal.engine.driver import Connection

__all__ = ["Catalog", "Function", "Relation", "TableColumn"]

VIEW, MATERIALIZED_VIEW, FOREIGN_TABLE, PARTITIONED = "v", "m", "f", "p"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table; `generated` is the expression of a generated one, `virtual` unstored."""

    number: int
    name: str
    type: int
    type_name: str
    notnull: bool
    generated: Node | None = None
    virtual: bool = False


@dataclass(slots=True)
class Relation:
    """A table or view. `family` are the tables that a read of it reaches, itself included."""

    oid: int
    schema: str
    name: str
    kind: str
    family: tuple[int, ...]
    has_triggers: bool
    has_rules: bool
    definition: Node | None
    unlogged: bool = False
    columns: dict[int, TableColumn] = field(default_factory=dict)
    checks: list[tuple[str, Node]] = field(default_factory=list)
    keys: set[int] = field(default_factory=set)
    uniques: list[UniqueIndex] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"

    def named(self, name: str) -> TableColumn | None:
        """Return the column of that name."""
        return next((column for column in self.columns.values() if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Function:
    """A function; `may_be_null` says that it may be NULL although no argument is."""

    oid: int
    schema: str
    name: str
    builtin: bool
    strict: bool
    repeatable: bool
    source: str
    may_be_null: bool


class Catalog:
    """What was read so far. `load` adds what further trees need."""

    def __init__(self) -> None:
        self.relations: dict[int, Relation] = {}
        self.functions: dict[int, Function] = {}
        self.operators: dict[int, tuple[str, int]] = {}
        self.equalities: dict[int, frozenset[int]] = {}
        self.loose_collations: frozenset[int] = frozenset()
        self.types = Types()
        self.proofs: dict[tuple[int, int], str | None] = {}

    async def load(self, connection: Connection, trees: Iterable[Any]) -> None:
        """Read everything that the trees mention, and what views mention in their turn."""
        waiting = list(trees)
        loose = await connection.fetch(catalog_query("collations"))
        self.loose_collations = frozenset(row["oid"] for row in loose)
        while waiting:
            wanted = _Mentioned(waiting)
            before = set(self.relations)
            await self._load_relations(connection, wanted.relations - before)
            waiting = [
                part
                for oid in self.relations.keys() - before
                for part in self._trees(self.relations[oid])
            ]
            await self.load_types(connection, wanted.types)
            await self._load_operators(connection, wanted.operators - self.operators.keys())
            functions = wanted.functions | {code for _, code in self.operators.values()}
            await self._load_functions(connection, functions - self.functions.keys())

    def _trees(self, relation: Relation) -> list[Any]:
        trees: list[Any] = [check for _, check in relation.checks]
        trees += [column.generated for column in relation.columns.values() if column.generated]
        trees += [tree for index in relation.uniques for tree in index.trees()]
        return [*trees, relation.definition] if relation.definition else trees

    async def load_types(self, connection: Connection, wanted: Iterable[int]) -> None:
        """Read types, with those that they are made of."""
        missing = self.types.missing(wanted)
        if missing:
            self.types.add(await connection.fetch(catalog_query("types"), missing))

    async def _load_relations(self, connection: Connection, wanted: set[int]) -> None:
        if not wanted:
            return
        fresh = []
        for row in await connection.fetch(catalog_query("relations"), sorted(wanted)):
            if row["oid"] in self.relations and row["oid"] not in wanted:
                continue
            definition = parse(row["definition"])[0] if row["definition"] else None
            fresh.append(row["oid"])
            self.relations[row["oid"]] = Relation(
                row["oid"],
                row["schema"],
                row["name"],
                row["kind"],
                tuple(row["family"]),
                row["has_triggers"],
                row["has_rules"],
                definition,
                row["is_unlogged"],
            )
        for row in await connection.fetch(catalog_query("columns"), fresh):
            self._add_column(row)
        for row in await connection.fetch(catalog_query("constraints"), fresh):
            relation = self.relations[row["relation"]]
            if row["kind"] == "c":
                relation.checks.append((row["name"], parse(row["expression"])))
            else:
                relation.keys.update(row["columns"])
        for row in await connection.fetch(catalog_query("unique_indexes"), fresh):
            relation = self.relations[row["relation"]]
            relation.uniques.append(unique_index(row))
            if not row["expressions"]:
                relation.keys.update(row["columns"])
        used = {c.type for oid in fresh for c in self.relations[oid].columns.values()}
        await self.load_types(connection, used)

    def _add_column(self, row: Any) -> None:
        self.relations[row["relation"]].columns[row["number"]] = TableColumn(
            row["number"],
            row["name"],
            row["type"],
            row["type_name"],
            row["is_not_null"],
            parse(row["generated"]) if row["generated"] else None,
            row["is_virtual"],
        )

    async def _load_operators(self, connection: Connection, wanted: set[int]) -> None:
        if wanted:
            for row in await connection.fetch(catalog_query("operators"), sorted(wanted)):
                self.operators[row["oid"]] = (row["name"], row["function"])
                self.equalities[row["oid"]] = families_of(row)

    async def _load_functions(self, connection: Connection, wanted: set[int]) -> None:
        if not wanted:
            return
        for row in await connection.fetch(catalog_query("functions"), sorted(wanted)):
            self.functions[row["oid"]] = Function(
                row["oid"],
                row["schema"],
                row["name"],
                row["builtin"],
                row["strict"],
                row["repeatable"],
                row["source"] if row["language"] != "sql" else row["name"],
                not row["builtin"]
                or builtins.may_return_null(row["source"], row["language"], row["name"]),
            )

    # -- questions ------------------------------------------------------------------------------

    def relation(self, oid: int) -> Relation:
        """Return a relation that was loaded."""
        return self.relations[oid]

    def function_of(self, node: Node) -> Function | None:
        """Return the function that a call or an operator runs."""
        if node.kind == "FUNCEXPR":
            return self.functions.get(node["funcid"])
        return self.operator_function(node["opno"]) if "opno" in node.fields else None

    def operator_function(self, operator: int) -> Function | None:
        """Return the function that an operator runs."""
        return self.functions.get(self.operators.get(operator, ("", 0))[1])

    def operator_name(self, node: Node) -> str:
        """Return how an operator is written."""
        return self.operators.get(node["opno"], ("", 0))[0]

    def is_strict(self, node: Node) -> bool:
        """Say whether a function or operator node is NULL whenever an argument is."""
        if node.kind == "ROWCOMPAREEXPR":
            # The comparison runs functions of an operator class; those of PostgreSQL are all strict.
            function = self.operator_function(node["opnos"][0])
            return function is not None and function.builtin
        function = self.function_of(node)
        return function is not None and function.strict

    def is_repeatable(self, node: Node) -> bool:
        """Say whether a node gives the same again within one statement."""
        if node.kind != "FUNCEXPR" and "opno" not in node.fields:
            return True
        function = self.function_of(node)
        return function is not None and function.repeatable


class _Mentioned:
    """The OIDs that trees mention."""

    def __init__(self, trees: list[Any]) -> None:
        self.relations: set[int] = set()
        self.functions: set[int] = set()
        self.operators: set[int] = set()
        self.types: set[int] = set()
        for node in walk(trees):
            fields = node.fields
            if node.kind == "RANGETBLENTRY" and fields.get("relid"):
                self.relations.add(fields["relid"])
            for name, found in (
                ("funcid", self.functions),
                ("aggfnoid", self.functions),
                ("winfnoid", self.functions),
                ("startInRangeFunc", self.functions),
                ("endInRangeFunc", self.functions),
                ("opno", self.operators),
                ("eqop", self.operators),
                ("resulttype", self.types),
            ):
                if fields.get(name):
                    found.add(fields[name])
            if node.kind == "RANGETBLFUNCTION":
                self.types.add(result_type(fields["funcexpr"]) or 0)
            if node.kind == "ROWCOMPAREEXPR":
                self.operators.update(fields["opnos"] or ())

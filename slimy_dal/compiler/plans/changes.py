"""Follows a change of rows to the indexes that guard it: uniqueness, foreign keys and what these set off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans.explain import explained
from slimy_dal.compiler.plans.plan import Node, tree
from slimy_dal.compiler.plans.relations import ForeignKey, Name, Relations
from slimy_dal.compiler.scale.server import quoted
from slimy_dal.engine.driver import Connection

__all__ = ["Change", "Guards", "indexes_read"]

CASCADE, SET_NULL, SET_DEFAULT = "c", "n", "d"

Columns = frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of a table that come, go, or get other values in some columns.

    `clear` is an update to NULL, which leaves no key behind to look for.
    """

    kind: Literal["insert", "update", "clear", "delete"]
    table: Name
    columns: Columns = frozenset()


def indexes_read(root: Node) -> set[Name]:
    """Return the indexes that a plan reads, or finds rows in conflict by."""
    found: set[Name] = set()
    waiting = [(root, "")]
    while waiting:
        node, schema = waiting.pop()
        schema = node.raw.get("Schema", schema)  # a Bitmap Index Scan leaves it to its Heap Scan
        arbiters = node.raw.get("Conflict Arbiter Indexes", ())
        found |= {(schema, name) for name in (node.index, *arbiters) if name is not None}
        waiting += [(child, schema) for child in node.children]
    return found


class Guards:
    """The indexes of a database that keep promises when rows change; made by `read`."""

    def __init__(
        self,
        connection: Connection,
        relations: Relations,
        kept: Mapping[Name, Columns],
        defaults: Iterable[tuple[str, str, str]],
    ) -> None:
        self._connection = connection
        self._relations = relations
        self._kept = kept
        self._defaults = frozenset(defaults)
        self._actions: dict[str, Node] = {}
        self._guards: dict[Change, set[Name]] = {}

    @classmethod
    async def read(cls, connection: Connection, relations: Relations) -> "Guards":
        """Read them from the catalogs of the database that the foreign keys' actions are planned on."""
        kept = await connection.fetch(catalog_query("plan_kept"))
        defaults = await connection.fetch(catalog_query("plan_defaults"))
        return cls(
            connection,
            relations,
            {(row["schema"], row["name"]): frozenset(row["columns"]) for row in kept},
            [(row["schema"], row["table_name"], row["name"]) for row in defaults],
        )

    def changes(self, root: Node, description: Description) -> set[Change]:
        """Return what a plan does to tables."""
        found: set[Change] = set()
        for node in root.walk():
            if node.kind == "ModifyTable" and node.table is not None:
                found.update(self._changes(node, node.table, description))
        return found

    def _changes(self, node: Node, target: Name, description: Description) -> Iterator[Change]:
        columns = frozenset(
            use.column
            for use in description.uses
            if use.written and (use.schema, use.table) == target
        )
        table, operation = self._relations.root(target), node.raw.get("Operation")
        if operation == "Insert":
            yield Change("insert", table, columns)
            if node.raw.get("Conflict Resolution") == "UPDATE":
                # What it inserts and what it sets are not told apart, but the key it meets stays.
                arbiters = node.raw.get("Conflict Arbiter Indexes", ())
                met = [self._kept.get((target[0], name), frozenset()) for name in arbiters]
                yield Change("update", table, columns.difference(*met))
        elif operation == "Update":
            yield Change("update", table, columns)
        elif operation == "Delete":
            yield Change("delete", table)
        else:  # MERGE: the plan does not say what it comes to
            if columns:
                yield Change("insert", table, columns)
                yield Change("update", table, columns)
            if any((t.schema, t.name) == target and t.deleted for t in description.touches):
                yield Change("delete", table)

    async def of(self, changes: Iterable[Change]) -> set[Name]:
        """Return the indexes that the server itself looks into, for these changes and those they set off."""
        found: set[Name] = set()
        for change in self._reached(changes):
            found |= await self._alone(change)
        return found

    async def actions(self, changes: Iterable[Change]) -> dict[ForeignKey, Node]:
        """Return the plans of what the server runs on children, for these changes and those they set off."""
        return {
            key: await self._plan(self._action(key, change), key.types)
            for change in self._reached(changes)
            for key in self._actions_of(change, all_of_them=True)
        }

    def _reached(self, changes: Iterable[Change]) -> list[Change]:
        """Return changes with all that foreign keys make of them, each once."""
        waiting, seen = list(changes), dict[Change, None]()
        while waiting:
            change = waiting.pop()
            if change not in seen:
                seen[change] = None
                waiting += [self._set_off(key, change) for key in self._actions_of(change)]
        return list(seen)

    async def _alone(self, change: Change) -> set[Name]:
        if change not in self._guards:
            found = set(self._unique(change)) | set(self._parents(change))
            for key in self._actions_of(change, all_of_them=True):
                found |= indexes_read(await self._plan(self._action(key, change), key.types))
            self._guards[change] = found
        return self._guards[change]

    def _unique(self, change: Change) -> Iterator[Name]:
        """Yield the indexes that keep a table's rows apart where a change puts new entries into them."""
        for index in self._relations.indexes.values():
            columns = self._kept.get(index.key)
            if columns is None or self._relations.root(index.own_table) != change.table:
                continue
            if change.kind == "insert" or columns & change.columns:
                yield index.key

    def _parents(self, change: Change) -> Iterator[Name]:
        """Yield the indexes that find the parents of rows that come, or get another parent."""
        for key in self._relations.foreign_keys:
            if key.parent_index is None or self._relations.root(key.table) != change.table:
                continue
            named = [self._is_given(change, key, column) for column in key.columns]
            # A key with a NULL in it has no parent to look for.
            if (change.kind == "insert" and all(named)) or (change.kind == "update" and any(named)):
                yield key.parent[0], key.parent_index

    def _is_given(self, change: Change, key: ForeignKey, column: str) -> bool:
        filled = change.kind == "insert" and (*key.table, column) in self._defaults
        return filled or column in change.columns

    def _actions_of(self, change: Change, *, all_of_them: bool = False) -> Iterator[ForeignKey]:
        """Yield the foreign keys whose children are looked for, by default those that change them."""
        for key in self._relations.foreign_keys:
            is_parent = self._relations.root(key.parent) == change.table
            changed = change.kind == "delete" or (
                change.kind != "insert" and not change.columns.isdisjoint(key.parent_columns)
            )
            acts = _code(key, change) in {CASCADE, SET_NULL, SET_DEFAULT}
            if is_parent and changed and (acts or all_of_them):
                yield key

    def _set_off(self, key: ForeignKey, change: Change) -> Change:
        table, code = self._relations.root(key.table), _code(key, change)
        if code == CASCADE and change.kind == "delete":
            return Change("delete", table)
        return Change("clear" if code == SET_NULL else "update", table, frozenset(key.columns))

    def _action(self, key: ForeignKey, change: Change) -> str:
        """Return the statement that the server runs on the children."""
        table = self._relations.tables.get(key.table)
        only = "" if table is not None and table.kind == "p" else "ONLY "
        child, columns = only + ".".join(map(quoted, key.table)), [quoted(c) for c in key.columns]
        where = " AND ".join(f"${n} = {column}" for n, column in enumerate(columns, start=1))
        code = _code(key, change)
        if code not in {CASCADE, SET_NULL, SET_DEFAULT}:
            return f"SELECT 1 FROM {child} x WHERE {where} FOR KEY SHARE OF x"  # noqa: S608 -- quoted
        if code == CASCADE and change.kind == "delete":
            return f"DELETE FROM {child} WHERE {where}"  # noqa: S608 -- quoted
        value = {SET_NULL: "NULL", SET_DEFAULT: "DEFAULT"}.get(code)
        given = ", ".join(f"{column} = {value or column}" for column in columns)
        return f"UPDATE {child} SET {given} WHERE {where}"  # noqa: S608 -- quoted

    async def _plan(self, sql: str, types: Sequence[str]) -> Node:
        if sql not in self._actions:
            self._actions[sql] = await self._planned(sql, types)
        return self._actions[sql]

    async def _planned(self, sql: str, types: Sequence[str]) -> Node:
        execute = self._connection.execute
        await execute(f"PREPARE slimy_action ({', '.join(types)}) AS {sql}")
        # No value is known: pruning by NULL would leave no partition, and none of their indexes.
        await execute(
            "SET plan_cache_mode = force_generic_plan; SET enable_partition_pruning = off"
        )
        try:
            nulls = ", ".join(["NULL"] * len(types))
            return tree(await explained(self._connection, f"EXECUTE slimy_action({nulls})"))
        finally:
            await execute("DEALLOCATE slimy_action")
            await execute("SET plan_cache_mode = auto; RESET enable_partition_pruning")


def _code(key: ForeignKey, change: Change) -> str:
    return key.on_delete if change.kind == "delete" else key.on_update

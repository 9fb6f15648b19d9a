"""What a statement touches: what it reads, writes, deletes and calls, and what else it may change."""

from dataclasses import dataclass, field
from typing import Any

from slimy_dal.compiler.catalog.snapshot import Function, Relation
from slimy_dal.compiler.description import Touched, Use
from slimy_dal.compiler.nodetree import Node, walk
from slimy_dal.compiler.proofs import column_proof
from slimy_dal.compiler.scope import DELETE, INSERT, MERGE, RELATION, SELECT, UPDATE, Prover

__all__ = ["Usage"]

NAMES = """
    array_sample array_shuffle clock_timestamp current_query currval gen_random_uuid lastval lo_get
    pg_blocking_pids pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
    pg_database_size pg_indexes_size pg_is_in_recovery pg_jit_available pg_last_committed_xact
    pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lock_status
    pg_notification_queue_usage pg_partition_ancestors pg_partition_tree pg_relation_size
    pg_sequence_last_value pg_sleep pg_sleep_for pg_sleep_until pg_table_size pg_tablespace_size
    pg_total_relation_size pg_xact_commit_timestamp pg_xact_status random random_normal timeofday
    txid_status uuidv4 uuidv7
"""
HARMLESS = frozenset(NAMES.split())
"""PostgreSQL's own volatile functions that leave nothing behind; every other one may."""

MAY_SELECT = 2
FIRST_ATTRIBUTE = -7
"""Bit n of a set of columns stands for attribute n - 7: system columns have negative numbers."""


KINDS = {"v": "view", "m": "materialized view", "f": "foreign table"}
READ, WRITTEN, DELETED = "read", "written", "deleted"

Columns = set[tuple[int, int]]


@dataclass(slots=True)
class Usage:
    """The tables, columns, views and functions of one statement.

    `leaves` says in words what it may leave behind that no table in `writes` shows: it calls a
    volatile function, or locks rows. Such a statement must not be run twice by itself. `called` are
    the functions of PostgreSQL's own, `unlogged` the tables that no replica has.
    """

    prover: Prover
    reads: set[tuple[str, str]] = field(default_factory=set)
    writes: set[tuple[str, str]] = field(default_factory=set)
    leaves: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    unlogged: set[str] = field(default_factory=set)
    _columns: dict[str, Columns] = field(default_factory=lambda: {READ: set(), WRITTEN: set()})
    _touched: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    @property
    def effects(self) -> bool:
        """Whether it may leave something behind that no table shows."""
        return bool(self.leaves)

    def read(self, statement: Any) -> None:
        """Take in a statement, the queries inside it, and the views that it reads."""
        for node in walk(statement):
            if node.kind == "QUERY":
                self._query(node)
            else:
                self._call(node)

    def _call(self, node: Node) -> None:
        catalog = self.prover.catalog
        called = catalog.function_of(node)
        if not catalog.is_repeatable(node):
            known = called is not None and called.builtin and called.name in HARMLESS
            if not known:
                self.leaves.add(_volatile(called))
        if called is None:
            number = node.get("aggfnoid") or node.get("winfnoid")
            called = catalog.functions.get(number) if isinstance(number, int) else None
        if called is not None and called.builtin:
            self.called.add(called.name)
        elif called is not None:
            self._touch(called.schema, called.name, "function", READ)

    def _touch(self, schema: str, name: str, kind: str, *ways: str) -> None:
        self._touched.setdefault((schema, name, kind), set()).update(ways)

    def _query(self, query: Node) -> None:
        if query["rowMarks"]:
            self.leaves.add("it locks rows")
        for number, entry in enumerate(query["rtable"] or (), start=1):
            if entry["rtekind"] == RELATION:
                is_target = query["commandType"] != SELECT and number == query["resultRelation"]
                self._entry(query, entry, is_target=is_target)

    def _entry(self, query: Node, entry: Node, *, is_target: bool) -> None:
        relation = self.prover.catalog.relations.get(entry["relid"])
        rights = _rights(query, entry)
        if relation is None or rights is None:
            return
        is_read = bool(rights["requiredPerms"] & MAY_SELECT)
        self._columns[READ].update(_columns(relation, rights["selectedCols"]))
        written = _columns(relation, rights["insertedCols"] | rights["updatedCols"])
        self._relation(relation, {READ} if is_read else set())
        if is_target:
            self._target(relation, _ways(query), {number for _, number in written})
        if relation.definition is not None and relation.oid not in self._seen:
            self._seen.add(relation.oid)
            self.read(relation.definition)

    def _relation(self, relation: Relation, ways: set[str]) -> None:
        place = (relation.schema, relation.name)
        if READ in ways:
            self.reads.add(place)
        if ways & {WRITTEN, DELETED}:
            self.writes.add(place)
        if relation.unlogged:
            self.unlogged.add(str(relation))
        self._touch(*place, KINDS.get(relation.kind, "table"), *ways)

    def _target(self, relation: Relation, ways: set[str], numbers: set[int]) -> None:
        """Take in what is written: through a view of one table, that table as well."""
        self._relation(relation, ways)
        self._columns[WRITTEN].update((relation.oid, number) for number in numbers)
        below = _below(relation)
        if below is None:
            return
        entry, variables = below
        inner = self.prover.catalog.relation(entry["relid"])
        self._target(inner, ways, {variables[n] for n in numbers if n in variables})

    def uses(self) -> tuple[Use, ...]:
        """Return every column that is touched, with what the proofs take for granted of it."""
        found = set()
        for oid, number in self._columns[READ] | self._columns[WRITTEN]:
            relation = self.prover.catalog.relation(oid)
            column = relation.columns[number]
            found.add(
                Use(
                    relation.schema,
                    relation.name,
                    column.name,
                    column.type_name,
                    notnull=self._is_notnull(relation, number),
                    read=(oid, number) in self._columns[READ],
                    written=(oid, number) in self._columns[WRITTEN],
                )
            )
        return tuple(sorted(found))

    def touches(self) -> tuple[Touched, ...]:
        """Return every table, view and function that the statement depends on."""
        return tuple(
            Touched(*place, read=READ in ways, written=WRITTEN in ways, deleted=DELETED in ways)
            for place, ways in sorted(self._touched.items())
        )

    def _is_notnull(self, relation: Relation, number: int) -> bool:
        return column_proof(self.prover, relation, number, family=True) is not None


def _volatile(called: Function | None) -> str:
    name = "a function" if called is None else f"{called.schema}.{called.name}()"
    return f"it calls {name}, which is volatile: it may write"


def _columns(relation: Relation, bits: frozenset[int]) -> Columns:
    found: Columns = set()
    for bit in bits:
        number = bit + FIRST_ATTRIBUTE
        touched = relation.columns if number == 0 else (number,)
        found.update((relation.oid, n) for n in touched if n in relation.columns)
    return found


def _ways(query: Node) -> set[str]:
    """Return what a statement does to its target."""
    commands = {query["commandType"]}
    if query["commandType"] == MERGE:
        commands = {action["commandType"] for action in query["mergeActionList"] or ()}
    deletes = {DELETED} if DELETE in commands else set()
    return deletes | ({WRITTEN} if commands & {INSERT, UPDATE} else set())


def _below(view: Relation) -> tuple[Node, dict[int, int]] | None:
    """Return the table that writing to a view writes to, and its columns by those of the view."""
    query = view.definition
    if query is None or view.kind != "v" or view.has_triggers or view.has_rules:
        return None
    items: list[Node] = query["jointree"]["fromlist"] or []
    if len(items) != 1 or items[0].kind != "RANGETBLREF":
        return None
    number = items[0]["rtindex"]
    entry: Node = query["rtable"][number - 1]
    if entry["rtekind"] != RELATION:
        return None
    variables = {
        target["resno"]: target["expr"]["varattno"]
        for target in query["targetList"]
        if target["expr"].kind == "VAR" and target["expr"]["varno"] == number
    }
    return entry, variables


def _rights(query: Node, entry: Node) -> Node | None:
    """Return where the columns are noted: before 16 in the entry, since then beside the range table."""
    if "requiredPerms" in entry.fields:
        return entry
    number = entry["perminfoindex"]
    return query["rteperminfos"][number - 1] if number else None

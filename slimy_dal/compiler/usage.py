"""What a statement touches: the tables and columns it reads, those it writes, and what else it may change."""

from dataclasses import dataclass, field
from typing import Any

from slimy_dal.compiler.catalog import Relation
from slimy_dal.compiler.description import Use
from slimy_dal.compiler.nodetree import Node, walk
from slimy_dal.compiler.proofs import column_proof
from slimy_dal.compiler.scope import RELATION, SELECT, Prover

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


@dataclass(slots=True)
class Usage:
    """The tables and columns of one statement.

    `effects` says that it may leave something behind that no table in `writes` shows: it calls a
    volatile function, or locks rows. Such a statement must not be run twice by itself.
    """

    prover: Prover
    reads: set[tuple[str, str]] = field(default_factory=set)
    writes: set[tuple[str, str]] = field(default_factory=set)
    columns: set[tuple[int, int]] = field(default_factory=set)
    effects: bool = False
    _seen: set[int] = field(default_factory=set)

    def read(self, statement: Any) -> None:
        """Take in a statement, the queries inside it, and the views that it reads."""
        for node in walk(statement):
            if node.kind == "QUERY":
                self._query(node)
            elif not self.prover.catalog.is_repeatable(node):
                called = self.prover.catalog.function_of(node)
                known = called is not None and called.builtin and called.name in HARMLESS
                self.effects |= not known

    def _query(self, query: Node) -> None:
        self.effects |= bool(query["rowMarks"])
        for number, entry in enumerate(query["rtable"] or (), start=1):
            if entry["rtekind"] == RELATION:
                is_target = query["commandType"] != SELECT and number == query["resultRelation"]
                self._entry(query, entry, is_target=is_target)

    def _entry(self, query: Node, entry: Node, *, is_target: bool) -> None:
        relation = self.prover.catalog.relations.get(entry["relid"])
        rights = _rights(query, entry)
        if relation is None or rights is None:
            return
        if is_target:
            self.writes.add((relation.schema, relation.name))
        if rights["requiredPerms"] & MAY_SELECT:
            self.reads.add((relation.schema, relation.name))
        bits = rights["selectedCols"] | rights["insertedCols"] | rights["updatedCols"]
        for bit in bits:
            number = bit + FIRST_ATTRIBUTE
            touched = relation.columns if number == 0 else (number,)
            self.columns.update((relation.oid, n) for n in touched if n in relation.columns)
        if relation.definition is not None and relation.oid not in self._seen:
            self._seen.add(relation.oid)
            self.read(relation.definition)

    def uses(self) -> tuple[Use, ...]:
        """Return every column that is touched, with what the proofs take for granted of it."""
        found = set()
        for oid, number in self.columns:
            relation = self.prover.catalog.relation(oid)
            column = relation.columns[number]
            notnull = self._is_notnull(relation, number)
            found.add(Use(relation.schema, relation.name, column.name, column.type_name, notnull))
        return tuple(sorted(found))

    def _is_notnull(self, relation: Relation, number: int) -> bool:
        return column_proof(self.prover, relation, number, family=True) is not None


def _rights(query: Node, entry: Node) -> Node | None:
    """Return where the columns are noted: before 16 in the entry, since then beside the range table."""
    if "requiredPerms" in entry.fields:
        return entry
    number = entry["perminfoindex"]
    return query["rteperminfos"][number - 1] if number else None

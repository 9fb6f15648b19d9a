"""Writes the statements that bring tables and columns back to what the migrations say."""

from collections.abc import Iterator
from typing import TypeAlias

from slimy_dal.schema.catalog.differences import COLUMN_ORDER, Difference
from slimy_dal.schema.catalog.things import Snapshot, Thing
from slimy_dal.schema.catalog.words import noun
from slimy_dal.schema.drift.making import column_clause, identity_options
from slimy_dal.schema.drift.statements import Rank, Statement, literal, named

__all__ = ["Facts", "by_hand", "column", "table"]

REWRITE = "rewrites the table under a lock that stops everybody"
SWITCHES = {
    "row_security": ("ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
    "forced_row_security": ("FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
}

Facts: TypeAlias = dict[str, Difference]
"""The differences of one thing, by fact."""


def by_hand(thing: Thing, why: str = "no ALTER does it") -> Iterator[Statement]:
    """Yield a line that leaves it to a person."""
    yield Statement(Rank.BY_HAND, "", danger=f"{noun(thing)} {thing.name}: by hand, {why}")


def table(facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    """Yield what changes a table as a whole."""
    del should
    thing = found.things[wanted.kind, wanted.name]
    alter = f"ALTER TABLE {thing.name}"
    for fact, (yes, no) in SWITCHES.items():
        if fact in facts:
            yield Statement(Rank.HOOK, f"{alter} {yes if wanted.facts[fact] else no}")
    for fact, how in (
        ("unlogged", "UNLOGGED" if wanted.facts["unlogged"] else "LOGGED"),
        ("access_method", f"ACCESS METHOD {wanted.facts['access_method']}"),
        ("tablespace", f"TABLESPACE {wanted.facts['tablespace'] or 'pg_default'}"),
    ):
        if fact in facts:
            yield Statement(Rank.ALTER, f"{alter} SET {how}", danger=REWRITE)
    if "replica_identity" in facts:
        identity = wanted.text("replica_identity")
        yield Statement(Rank.VIEW, f"{alter} REPLICA IDENTITY {identity}")
    for fact in "options", "toast_options":
        if fact in facts:
            yield from _options(alter, thing.texts(fact), wanted.texts(fact))
    yield from _kinship(facts, thing, wanted)
    if {"what", "partition_key", "of_type", "server", "server_options"} & set(facts):
        yield from by_hand(thing, "it has to be made anew, and its rows copied")
    if COLUMN_ORDER in facts:
        yield from by_hand(thing, "only a new table has its columns in another order")


def _kinship(facts: Facts, thing: Thing, wanted: Thing) -> Iterator[Statement]:
    """Attach and detach: a table is some other one's partition or heir."""
    if {"partition_of", "partition_bound"} & set(facts):
        if thing.facts["partition_of"]:
            sql = f"ALTER TABLE {thing.facts['partition_of']} DETACH PARTITION {thing.name}"
            yield Statement(Rank.ALTER, sql)
        if wanted.facts["partition_of"]:
            sql = f"ALTER TABLE {wanted.facts['partition_of']} ATTACH PARTITION {thing.name}"
            yield Statement(Rank.CHECK, f"{sql} {wanted.facts['partition_bound']}")
    elif "inherits" in facts:
        for parent in set(thing.texts("inherits")) - set(wanted.texts("inherits")):
            yield Statement(Rank.ALTER, f"ALTER TABLE {thing.name} NO INHERIT {parent}")
        for parent in set(wanted.texts("inherits")) - set(thing.texts("inherits")):
            yield Statement(Rank.CHECK, f"ALTER TABLE {thing.name} INHERIT {parent}")


def _options(alter: str, has: tuple[str, ...], wanted: tuple[str, ...]) -> Iterator[Statement]:
    gone = {one.partition("=")[0] for one in has} - {one.partition("=")[0] for one in wanted}
    if gone:
        yield Statement(Rank.ALTER, f"{alter} RESET ({', '.join(sorted(gone))})")
    if wanted:
        yield Statement(Rank.ALTER, f"{alter} SET ({', '.join(named(one) for one in wanted)})")


def column(facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    """Yield what changes a column."""
    thing = found.things[wanted.kind, wanted.name]
    name = thing.name.removeprefix(f"{thing.parent}.")
    alter = f"ALTER TABLE {thing.parent} ALTER COLUMN {name}"
    if {"generated", "generated_is"} & set(facts):
        yield from _generated(thing, wanted, should)
        return
    if {"type", "collation"} & set(facts):
        collation = f" COLLATE {wanted.facts['collation']}" if wanted.facts["collation"] else ""
        kind = wanted.facts["type"]
        sql = f"{alter} SET DATA TYPE {kind}{collation} USING {name}::{kind}"
        yield Statement(Rank.ALTER, sql, danger=f"{REWRITE}, and values may not fit")
    if "default_value" in facts and not {"identity"} & set(facts):
        default = wanted.facts["default_value"]
        how = f"SET DEFAULT {default}" if default is not None else "DROP DEFAULT"
        yield Statement(Rank.ALTER_COLUMN, f"{alter} {how}")
    if "identity" in facts:
        yield from _identity(thing, wanted, alter, should)
    yield from _not_null(facts, thing, wanted, alter)
    yield from _storage(facts, thing, wanted, alter)
    if "inherited" in facts:
        yield from by_hand(thing, "it is about its table's parent")


def _generated(thing: Thing, wanted: Thing, should: Snapshot) -> Iterator[Statement]:
    name = thing.name.removeprefix(f"{thing.parent}.")
    if not wanted.facts["generated"]:
        sql = f"ALTER TABLE {thing.parent} ALTER COLUMN {name} DROP EXPRESSION"
        yield Statement(Rank.ALTER_COLUMN, sql)
        return
    sql = (
        f"ALTER TABLE {thing.parent} DROP COLUMN {name}, ADD COLUMN {column_clause(wanted, should)}"
    )
    danger = f"{REWRITE}; it stands last afterwards, and its indexes and constraints are lost"
    yield Statement(Rank.COLUMN, sql, danger=danger)


def _identity(thing: Thing, wanted: Thing, alter: str, should: Snapshot) -> Iterator[Statement]:
    was, kind = thing.facts["identity"], wanted.facts["identity"]
    if not kind:
        yield Statement(Rank.ALTER_COLUMN, f"{alter} DROP IDENTITY")
        if wanted.facts["default_value"]:
            sql = f"{alter} SET DEFAULT {wanted.facts['default_value']}"
            yield Statement(Rank.UNIQUE, sql)
    elif was:
        yield Statement(Rank.ALTER_COLUMN, f"{alter} SET GENERATED {kind}")
    else:
        if thing.facts["default_value"]:
            yield Statement(Rank.ALTER_COLUMN, f"{alter} DROP DEFAULT", 0)
        sql = f"{alter} ADD GENERATED {kind} AS IDENTITY{identity_options(wanted, should)}"
        danger = "it begins at 1: say RESTART WITH what comes after the rows that are there"
        yield Statement(Rank.ALTER_COLUMN, sql, 1, danger)


def _not_null(facts: Facts, thing: Thing, wanted: Thing, alter: str) -> Iterator[Statement]:
    if "not_null" in facts:
        if wanted.facts["not_null"]:
            yield Statement(Rank.ALTER_COLUMN, f"{alter} SET NOT NULL", 2)
        else:
            # Before a default and an identity, and after a key that wants it.
            yield Statement(Rank.COLUMN, f"{alter} DROP NOT NULL")
    elif "not_null_name" in facts or "not_null_is" in facts:
        column_name = thing.name.removeprefix(f"{thing.parent}.")
        usual = f"{str(thing.parent).rpartition('.')[2]}_{column_name}_not_null"
        name = str(thing.facts["not_null_name"] or usual)
        if "not_null_is" in facts:
            sql = f"ALTER TABLE {thing.parent} VALIDATE CONSTRAINT {name}"
            yield Statement(Rank.AFTER, sql)
        if "not_null_name" in facts:
            new = str(wanted.facts["not_null_name"] or usual)
            sql = f"ALTER TABLE {thing.parent} RENAME CONSTRAINT {name} TO {new}"
            yield Statement(Rank.ALTER_COLUMN, sql)


def _storage(facts: Facts, thing: Thing, wanted: Thing, alter: str) -> Iterator[Statement]:
    if "storage" in facts:
        # SET STORAGE DEFAULT is of PostgreSQL 16.
        how = wanted.facts["storage"]
        how = wanted.facts["usual_storage"] if how == "DEFAULT" else how
        yield Statement(Rank.ALTER_COLUMN, f"{alter} SET STORAGE {how}")
    if "compression" in facts:
        how = wanted.facts["compression"] or "DEFAULT"
        yield Statement(Rank.ALTER_COLUMN, f"{alter} SET COMPRESSION {how}")
    if "statistics" in facts:
        target = wanted.facts["statistics"]
        sql = f"{alter} SET STATISTICS {-1 if target is None else target}"
        yield Statement(Rank.ALTER_COLUMN, sql)
    if "options" in facts:
        yield from _options(alter, thing.texts("options"), wanted.texts("options"))
    if "server_options" in facts:
        options = (f"SET {one.replace('=', ' ', 1)}" for one in wanted.texts("server_options"))
        yield from by_hand(thing, f"OPTIONS ({literal(', '.join(options))})")

"""Writes the statements that make things which are missing, each with all its parts."""

from collections.abc import Callable, Iterator

from slimy_dal.schema.catalog.things import Snapshot, Thing
from slimy_dal.schema.drift.fixtures import FIXTURES
from slimy_dal.schema.drift.statements import Rank, Statement, literal, named

__all__ = ["column_clause", "identity_options", "index", "make", "sequence_options"]

PARTS = (
    *("columns", "constraints", "indexes", "rules", "triggers", "policies", "statistics"),
    *("sequences", "tables", "grants", "comments"),
)


def make(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    """Yield what makes a thing as it is in a schema, and its parts. What has no statement here is left to a person."""
    writer = MAKERS.get(thing.kind)
    if writer is None:
        yield Statement(
            Rank.BY_HAND, "", danger=f"{thing.kind.replace('_', ' ')} {thing.name}: make it by hand"
        )
    else:
        yield from writer(thing, should)
        yield from _as_if_nothing_were_given(thing, should)
    for kind in PARTS:
        for part in should.parts(kind, thing.name):
            # Columns are in their table's statement, an identity's sequence in its column's.
            if kind == "columns":
                yield from _about(part, should)
                yield from _column_settings(part)
            elif kind != "sequences":
                yield from make(part, should)
    yield from _owned(thing, should)


def _as_if_nothing_were_given(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    """Take back what default privileges give a thing when it is made: what it is to have is granted by name."""
    word = {"tables": "TABLE", "views": "TABLE", "sequences": "SEQUENCE", "functions": "ROUTINE"}
    if thing.kind not in word:
        return
    for one in should.of("default_privileges"):
        if str(one.facts["objects"])[:3] in {
            word[thing.kind][:3],
            "FUN" * (thing.kind == "functions"),
        }:
            sql = f"REVOKE ALL ON {word[thing.kind]} {thing.name} FROM {one.facts['grantee']}"
            yield Statement(Rank.GRANT, sql, -1)


def _about(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    for kind in "grants", "comments":
        for part in should.parts(kind, thing.name):
            yield from make(part, should)


def _owned(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    """Yield the sequences of serial columns, which stand beside their table."""
    if thing.kind not in {"tables", "columns"}:
        return
    for sequence in should.of("sequences"):
        owner = sequence.text("owned_by")
        mine = owner == thing.name or owner.rpartition(".")[0] == thing.name
        if owner and mine and sequence.parent is None:
            yield from make(sequence, should)


# -- tables -----------------------------------------------------------------------------------------


def _table(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    columns = sorted(
        should.parts("columns", thing.name), key=lambda one: int(str(one.facts["position"]))
    )
    mine = [f"    {column_clause(one, should)}" for one in columns if not one.facts["inherited"]]
    body = " (\n" + ",\n".join(mine) + "\n)" if mine else " ()"
    unlogged = "UNLOGGED " if thing.facts["unlogged"] else ""
    foreign = "FOREIGN " if thing.facts["what"] == "foreign table" else ""
    sql = f"CREATE {unlogged}{foreign}TABLE {thing.name}"
    if thing.facts["partition_of"]:
        sql += f" PARTITION OF {thing.facts['partition_of']} {thing.facts['partition_bound']}"
    else:
        sql += body
    if thing.texts("inherits"):
        sql += f" INHERITS ({', '.join(thing.texts('inherits'))})"
    if thing.facts["partition_key"]:
        sql += f" PARTITION BY {thing.facts['partition_key']}"
    if thing.facts["server"]:
        sql += f" SERVER {thing.facts['server']}"
        if thing.texts("server_options"):
            given = (one.replace("=", " '", 1) + "'" for one in thing.texts("server_options"))
            sql += f" OPTIONS ({', '.join(given)})"
    options = [named(one) for one in (*thing.texts("options"), *thing.texts("toast_options"))]
    if options:
        sql += f" WITH ({', '.join(options)})"
    yield Statement(Rank.MAKE, sql, thing.oid)
    if thing.facts["row_security"]:
        yield Statement(Rank.HOOK, f"ALTER TABLE {thing.name} ENABLE ROW LEVEL SECURITY")
    if thing.facts["forced_row_security"]:
        yield Statement(Rank.HOOK, f"ALTER TABLE {thing.name} FORCE ROW LEVEL SECURITY")
    if thing.facts["replica_identity"] != "DEFAULT":
        identity = thing.text("replica_identity")
        yield Statement(Rank.HOOK, f"ALTER TABLE {thing.name} REPLICA IDENTITY {identity}")


def identity_options(column: Thing, should: Snapshot) -> str:
    """Return what stands behind AS IDENTITY, so that its sequence has the name and options it had."""
    sequence = next(should.parts("sequences", column.name), None)
    if sequence is None:
        return ""
    options = sequence_options(sequence).partition(" INCREMENT")[2]
    return f" (SEQUENCE NAME {sequence.name} INCREMENT{options})"


def column_clause(column: Thing, should: Snapshot) -> str:
    """Return a column as CREATE TABLE and ADD COLUMN write it."""
    facts = column.facts
    name = column.name.removeprefix(f"{column.parent}.")
    parts = [name, str(facts["type"])]
    if facts["collation"]:
        parts.append(f"COLLATE {facts['collation']}")
    if facts["generated"]:
        parts.append(f"GENERATED ALWAYS AS ({facts['generated']}) {facts['generated_is']}")
    if facts["identity"]:
        parts.append(f"GENERATED {facts['identity']} AS IDENTITY{identity_options(column, should)}")
    elif facts["default_value"]:
        parts.append(f"DEFAULT {facts['default_value']}")
    if facts["not_null"]:
        named_so = facts["not_null_name"]
        parts.append(f"CONSTRAINT {named_so} NOT NULL" if named_so else "NOT NULL")
    return " ".join(parts)


def _column(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    yield Statement(
        Rank.COLUMN,
        f"ALTER TABLE {thing.parent} ADD COLUMN {column_clause(thing, should)}",
        int(str(thing.facts["position"])),
    )
    yield from _column_settings(thing)


def _column_settings(thing: Thing) -> Iterator[Statement]:
    name = thing.name.removeprefix(f"{thing.parent}.")
    alter = f"ALTER TABLE {thing.parent} ALTER COLUMN {name}"
    for fact, words in (
        ("storage", "SET STORAGE {}"),
        ("compression", "SET COMPRESSION {}"),
        ("statistics", "SET STATISTICS {}"),
    ):
        value = thing.facts[fact]
        if value not in (None, "DEFAULT"):
            yield Statement(Rank.ALTER_COLUMN, f"{alter} {words.format(value)}")
    if thing.texts("options"):
        yield Statement(Rank.ALTER_COLUMN, f"{alter} SET ({', '.join(thing.texts('options'))})")


def _constraint(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    """Add a constraint; one that would read the whole table is validated after the transaction, under a light lock."""
    if thing.facts["inherited"]:
        return
    name, what = thing.text("own_name"), thing.facts["what"]
    alter = f"ALTER {'DOMAIN' if thing.facts['of_domain'] else 'TABLE'} {thing.parent}"
    ranks = {"check": Rank.CHECK, "foreign key": Rank.KEY}
    rank = ranks.get(str(what), Rank.UNIQUE)
    definition = thing.text("definition")
    table = should.get("tables", thing.parent)
    whole = table is not None and table.facts["what"] == "table"
    later = what in ranks and whole and "NOT VALID" not in definition
    later = later and "NOT ENFORCED" not in definition
    suffix = " NOT VALID" if later else ""
    yield Statement(rank, f"{alter} ADD CONSTRAINT {name} {definition}{suffix}", thing.oid)
    if later:
        validate = f"{alter} VALIDATE CONSTRAINT {name}"
        yield Statement(Rank.AFTER, validate, thing.oid)


def index(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    """Make an index beside running traffic where that is possible; a constraint's comes with the constraint."""
    if thing.facts["constraint_name"] or thing.facts["partition_of"]:
        return
    table = should.get("tables", thing.parent)
    definition = thing.text("definition")
    plain = table is not None and table.facts["what"] == "table"
    if plain:
        definition = definition.replace("INDEX ", "INDEX CONCURRENTLY ", 1)
    rank = Rank.AFTER if plain else Rank.VIEW_PART if table is None else Rank.INDEX
    yield Statement(rank, definition.replace(" ON ONLY ", " ON "), thing.oid)
    name = thing.name.rpartition(".")[2]
    if thing.facts["clustered"]:
        yield Statement(Rank.AFTER, f"ALTER TABLE {thing.parent} CLUSTER ON {name}", thing.oid)
    for one in thing.texts("statistics"):
        number, target = one.split()
        sql = f"ALTER INDEX {thing.name} ALTER COLUMN {number} SET STATISTICS {target}"
        yield Statement(max(rank, Rank.VIEW_PART), sql, thing.oid)


# -- what stands by itself --------------------------------------------------------------------------


def sequence_options(thing: Thing) -> str:
    """Return a sequence's options as CREATE and ALTER SEQUENCE write them; where it starts is not where it is."""
    facts = thing.facts
    cycle = "CYCLE" if facts["cycle"] else "NO CYCLE"
    return (
        f"AS {facts['type']} INCREMENT BY {facts['increment']} MINVALUE {facts['minimum']}"
        f" MAXVALUE {facts['maximum']} START WITH {facts['start']} CACHE {facts['cache']} {cycle}"
    )


def _sequence(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    if thing.parent is not None:
        return  # an identity column's, which makes it
    unlogged = "UNLOGGED " if thing.facts["unlogged"] else ""
    sql = f"CREATE {unlogged}SEQUENCE {thing.name} {sequence_options(thing)}"
    yield Statement(Rank.MAKE, sql, thing.oid)
    if thing.facts["owned_by"]:
        sql = f"ALTER SEQUENCE {thing.name} OWNED BY {thing.facts['owned_by']}"
        yield Statement(Rank.ALTER_COLUMN, sql, thing.oid)


def _type(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    facts, what = thing.facts, thing.facts["what"]
    if what == "enum":
        sql = f"AS ENUM ({', '.join(literal(label) for label in thing.texts('labels'))})"
    elif what == "composite":
        sql = f"AS ({', '.join(thing.texts('attributes'))})"
    elif what == "range":
        sql = f"AS RANGE ({facts['range_of']})"
    elif what == "domain":
        collation = f" COLLATE {facts['collation']}" if facts["collation"] else ""
        default = f" DEFAULT {facts['default_value']}" if facts["default_value"] else ""
        not_null = " NOT NULL" if facts["not_null"] else ""
        sql = f"AS {facts['domain_of']}{collation}{default}{not_null}"
    else:
        yield Statement(Rank.BY_HAND, "", danger=f"type {thing.name}: make it by hand")
        return
    kind = "DOMAIN" if what == "domain" else "TYPE"
    yield Statement(Rank.MAKE, f"CREATE {kind} {thing.name} {sql}", thing.oid)


def _function(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    if thing.facts["what"] == "aggregate":
        yield Statement(
            Rank.VIEW,
            f"CREATE AGGREGATE {thing.name} ({thing.facts['aggregate']})",
            thing.oid,
        )
        return
    rank = Rank.VIEW if thing.facts["atomic"] else Rank.MAKE
    yield Statement(rank, thing.text("definition").strip(), thing.oid)


def _view(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    facts = thing.facts
    kind = "MATERIALIZED VIEW" if facts["what"] == "materialized view" else "VIEW"
    options = ", ".join(named(one) for one in thing.texts("options"))
    sql = f"CREATE {kind} {thing.name}{f' WITH ({options})' if options else ''} AS\n"
    sql += thing.text("definition").strip().removesuffix(";")
    if facts["populated"] is False:
        sql += "\nWITH NO DATA"
    yield Statement(Rank.VIEW, sql, thing.oid)
    for one in thing.texts("defaults"):
        name, _, default = one.partition(" DEFAULT ")
        alter = f"ALTER VIEW {thing.name} ALTER COLUMN {name} SET DEFAULT {default}"
        yield Statement(Rank.VIEW_PART, alter, thing.oid)
    for one in thing.texts("column_settings"):
        name, _, settings = one.partition(" SET ")
        alter = f"ALTER {kind} {thing.name} ALTER COLUMN {name} SET {settings}"
        yield Statement(Rank.VIEW_PART, alter, thing.oid)


MAKERS: dict[str, Callable[[Thing, Snapshot], Iterator[Statement]]] = {
    "tables": _table,
    "columns": _column,
    "constraints": _constraint,
    "indexes": index,
    "sequences": _sequence,
    "types": _type,
    "functions": _function,
    "views": _view,
    **FIXTURES,
}

"""Writes the statements that bring what is otherwise than the migrations say back to what they say."""

from collections.abc import Callable, Iterator

from slimy_dal.schema.catalog.things import Fact, Snapshot, Thing
from slimy_dal.schema.catalog.words import noun
from slimy_dal.schema.drift.fixtures import FIRES, publication_settings, published
from slimy_dal.schema.drift.making import make, sequence_options
from slimy_dal.schema.drift.removing import remove
from slimy_dal.schema.drift.restoring import Facts, by_hand, column, table
from slimy_dal.schema.drift.statements import Rank, Statement, literal, named

__all__ = ["change"]

ANEW = frozenset(
    {
        *("rules", "policies", "casts", "operators", "collations", "statistics"),
        *("event_triggers", "text_search"),
    }
)
"""Kinds of which most has no ALTER: dropped and made anew, which loses nothing."""


def change(facts: Facts, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    """Yield what changes one thing; `facts` are its differences, by name."""
    thing = next(iter(facts.values())).thing
    wanted = should.things[thing.kind, thing.name]
    if "owner" in facts:
        facts = {name: one for name, one in facts.items() if name != "owner"}
        sql = f"ALTER {noun(thing).upper()} {thing.name} OWNER TO {wanted.facts['owner']}"
        yield Statement(Rank.ALTER, sql)
        if not facts:
            return
    writer = CHANGERS.get(thing.kind)
    if writer is not None:
        yield from writer(facts, wanted, should, found)
    elif thing.kind in ANEW:
        yield from anew(wanted, thing, should, found)
    elif thing.kind in {"comments", "default_privileges", "grants"}:
        yield from make(wanted, should)
        if thing.kind != "comments" and not wanted.facts["grantable"]:
            yield from _without_option(thing)
    else:
        yield from by_hand(thing)


def _without_option(thing: Thing) -> Iterator[Statement]:
    if thing.kind == "grants":
        privilege, grantee = thing.facts["privilege"], thing.facts["grantee"]
        yield Statement(Rank.REVOKE, f"REVOKE GRANT OPTION FOR {privilege} FROM {grantee}")


def anew(wanted: Thing, thing: Thing, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    """Yield what drops a thing and makes it again with its parts."""
    yield from remove(thing, found)
    yield from make(wanted, should)


def _constraint(
    facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot
) -> Iterator[Statement]:
    thing = found.things[wanted.kind, wanted.name]
    said, is_so = wanted.text("definition"), thing.text("definition")
    if set(facts) == {"definition"} and is_so == f"{said} NOT VALID":
        kind = "DOMAIN" if thing.facts["of_domain"] else "TABLE"
        sql = f"ALTER {kind} {thing.parent} VALIDATE CONSTRAINT {thing.facts['own_name']}"
        yield Statement(Rank.AFTER, sql)
    elif set(facts) == {"inherited"}:
        yield from by_hand(thing, "it is about its table's parent")
    else:
        yield from anew(wanted, thing, should, found)


def _index(facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    thing = found.things[wanted.kind, wanted.name]
    if "definition" in facts and not thing.facts["constraint_name"]:
        yield from anew(wanted, thing, should, found)
        return
    if {"valid", "ready"} & set(facts):
        yield Statement(Rank.AFTER, f"REINDEX INDEX CONCURRENTLY {thing.name}")
    if "clustered" in facts:
        name = thing.name.rpartition(".")[2]
        how = f"CLUSTER ON {name}" if wanted.facts["clustered"] else "SET WITHOUT CLUSTER"
        yield Statement(Rank.INDEX, f"ALTER TABLE {thing.parent} {how}")
    if "partition_of" in facts and wanted.facts["partition_of"]:
        sql = f"ALTER INDEX {wanted.facts['partition_of']} ATTACH PARTITION {thing.name}"
        yield Statement(Rank.VIEW, sql)
    if "statistics" in facts:
        had = {one.split()[0]: "-1" for one in thing.texts("statistics")}
        had |= dict(one.split() for one in wanted.texts("statistics"))
        for number, target in had.items():
            sql = f"ALTER INDEX {thing.name} ALTER COLUMN {number} SET STATISTICS {target}"
            yield Statement(Rank.VIEW, sql)
    if "tablespace" in facts:
        space = wanted.facts["tablespace"] or "pg_default"
        sql = f"ALTER INDEX {thing.name} SET TABLESPACE {space}"
        yield Statement(
            Rank.INDEX, sql, danger="copies the index under a lock that stops everybody"
        )


def _trigger(facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    thing = found.things[wanted.kind, wanted.name]
    if set(facts) == {"enabled"}:
        fires = FIRES[wanted.text("enabled")]
        sql = f"ALTER TABLE {thing.parent} {fires} TRIGGER {thing.facts['own_name']}"
        yield Statement(Rank.HOOK, sql)
    else:
        yield from anew(wanted, thing, should, found)


def _function(
    facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot
) -> Iterator[Statement]:
    thing = found.things[wanted.kind, wanted.name]
    same_call = not {"returns", "what", "arguments", "aggregate"} & set(facts)
    if same_call or set(facts) == {"arguments"}:
        yield Statement(Rank.MAKE, wanted.text("definition").strip(), wanted.oid)
    else:
        yield from anew(wanted, thing, should, found)


def _sequence(
    facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot
) -> Iterator[Statement]:
    del should, found
    if set(facts) - {"owned_by", "unlogged"}:
        sql = f"ALTER SEQUENCE {wanted.name} {sequence_options(wanted)}"
        yield Statement(Rank.ALTER, sql)
    if "owned_by" in facts:
        owner = wanted.facts["owned_by"] or "NONE"
        yield Statement(Rank.UNIQUE, f"ALTER SEQUENCE {wanted.name} OWNED BY {owner}")
    if "unlogged" in facts:
        kind = "UNLOGGED" if wanted.facts["unlogged"] else "LOGGED"
        yield Statement(Rank.ALTER, f"ALTER SEQUENCE {wanted.name} SET {kind}")


def _extension(
    facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot
) -> Iterator[Statement]:
    del should, found
    if "version" in facts:
        version = literal(wanted.facts["version"])
        yield Statement(Rank.ALTER, f"ALTER EXTENSION {wanted.name} UPDATE TO {version}")
    if "schema" in facts:
        sql = f"ALTER EXTENSION {wanted.name} SET SCHEMA {wanted.facts['schema']}"
        yield Statement(Rank.ALTER, sql)


def _type(facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    del should
    thing = found.things[wanted.kind, wanted.name]
    if set(facts) == {"labels"}:
        yield from _labels(thing, wanted)
        return
    for fact in facts:
        value: Fact = wanted.facts[fact]
        if fact == "not_null":
            how = "SET NOT NULL" if value else "DROP NOT NULL"
        elif fact == "default_value" and wanted.facts["what"] == "domain":
            how = f"SET DEFAULT {value}" if value else "DROP DEFAULT"
        else:
            yield from by_hand(thing, "columns are of this type")
            return
        yield Statement(Rank.ALTER, f"ALTER DOMAIN {thing.name} {how}")


def _labels(thing: Thing, wanted: Thing) -> Iterator[Statement]:
    has, labels = list(thing.texts("labels")), wanted.texts("labels")
    if [label for label in labels if label in has] != has:
        yield from by_hand(thing, "a label cannot be taken away or moved")
        return
    for place, label in enumerate(labels):
        if label not in has:
            after = (
                f" AFTER {literal(labels[place - 1])}" if place else f" BEFORE {literal(has[0])}"
            )
            yield Statement(
                Rank.ALTER, f"ALTER TYPE {thing.name} ADD VALUE {literal(label)}{after}", place
            )
            has.insert(place, label)


def _publication(
    facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot
) -> Iterator[Statement]:
    thing = found.things[wanted.kind, wanted.name]
    if "all_tables" in facts or (not published(wanted) and published(thing)):
        yield from anew(wanted, thing, should, found)
        return
    if {"tables", "schemas"} & set(facts):
        sql = f"ALTER PUBLICATION {wanted.name} SET {published(wanted)}"
        yield Statement(Rank.PUBLISH, sql)
    if {"publish", "via_root", "generated_columns"} & set(facts):
        sql = f"ALTER PUBLICATION {wanted.name} SET ({publication_settings(wanted)})"
        yield Statement(Rank.PUBLISH, sql)


def _view(facts: Facts, wanted: Thing, should: Snapshot, found: Snapshot) -> Iterator[Statement]:
    """Change what can be; one with another text is made anew, with what leans on it, before this is asked."""
    del should, found
    kind = str(wanted.facts["what"]).upper()
    if "options" in facts:
        before = {one.partition("=")[0] for one in facts["options"].thing.texts("options")}
        gone = before - {one.partition("=")[0] for one in wanted.texts("options")}
        if gone:
            sql = f"ALTER {kind} {wanted.name} RESET ({', '.join(sorted(gone))})"
            yield Statement(Rank.VIEW_PART, sql)
        if wanted.texts("options"):
            options = ", ".join(named(one) for one in wanted.texts("options"))
            yield Statement(Rank.VIEW_PART, f"ALTER {kind} {wanted.name} SET ({options})")
    if "populated" in facts:
        data = "" if wanted.facts["populated"] else " WITH NO DATA"
        yield Statement(Rank.AFTER, f"REFRESH MATERIALIZED VIEW {wanted.name}{data}")


Changer = Callable[[Facts, Thing, Snapshot, Snapshot], Iterator[Statement]]
CHANGERS: dict[str, Changer] = {
    "columns": column,
    "constraints": _constraint,
    "indexes": _index,
    "tables": table,
    "triggers": _trigger,
    "functions": _function,
    "sequences": _sequence,
    "extensions": _extension,
    "types": _type,
    "publications": _publication,
    "views": _view,
}

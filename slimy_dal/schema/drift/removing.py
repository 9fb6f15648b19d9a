"""Writes the statements that remove what the migrations do not make."""

from collections.abc import Iterator

from slimy_dal.schema.catalog.things import Snapshot, Thing
from slimy_dal.schema.drift.fixtures import grant
from slimy_dal.schema.drift.statements import Rank, Statement

__all__ = ["remove"]

PLAIN = {
    "schemas": ("SCHEMA", Rank.DROP_HOME, None),
    "extensions": ("EXTENSION", Rank.DROP_HOME, "takes along the columns of its types"),
    "collations": ("COLLATION", Rank.DROP_TYPE, None),
    "sequences": ("SEQUENCE", Rank.DROP_TYPE, "its value is lost"),
    "statistics": ("STATISTICS", Rank.DROP_PART, None),
    "publications": ("PUBLICATION", Rank.UNHOOK, "subscribers stop"),
    "event_triggers": ("EVENT TRIGGER", Rank.UNHOOK, None),
    "casts": ("CAST", Rank.UNHOOK, None),
    "operators": ("OPERATOR", Rank.DROP_VIEW, None),
    "operator_classes": ("OPERATOR CLASS", Rank.DROP_TYPE, None),
    "languages": ("LANGUAGE", Rank.DROP_HOME, None),
}
"""DROP what, when, and what is dangerous about it."""

HOOKS = {"triggers": "TRIGGER", "rules": "RULE", "policies": "POLICY"}


def remove(thing: Thing, found: Snapshot) -> Iterator[Statement]:
    """Yield what removes a thing; without CASCADE, so that what leans on it is seen and not taken along."""
    if thing.kind in HOOKS:
        sql = f"DROP {HOOKS[thing.kind]} {thing.facts['own_name']} ON {thing.parent}"
        if not thing.facts.get("inherited"):
            yield Statement(Rank.UNHOOK, sql, -thing.oid)
    elif thing.kind in PLAIN:
        word, rank, danger = PLAIN[thing.kind]
        yield Statement(rank, f"DROP {word} {thing.name}", -thing.oid, danger)
    elif thing.kind == "grants":
        # What was taken from PUBLIC or the owner is given back.
        given = bool(thing.facts["revoked"])
        yield grant(thing, found, give=given)
    elif thing.kind == "comments":
        yield Statement(Rank.COMMENT, f"COMMENT ON {thing.name} IS NULL")
    else:
        yield from _named(thing, found)


def _named(thing: Thing, found: Snapshot) -> Iterator[Statement]:
    facts, name = thing.facts, thing.name
    if thing.kind == "tables":
        foreign = "FOREIGN " if facts["what"] == "foreign table" else ""
        yield Statement(Rank.DROP, f"DROP {foreign}TABLE {name}", -thing.oid, "its rows are lost")
    elif thing.kind == "columns":
        if not facts["inherited"]:
            column = name.removeprefix(f"{thing.parent}.")
            sql = f"ALTER TABLE {thing.parent} DROP COLUMN {column}"
            danger = None if facts["generated"] else "its values are lost"
            yield Statement(Rank.DROP_COLUMN, sql, 0, danger)
    elif thing.kind == "constraints":
        if not facts["inherited"]:
            kind = "DOMAIN" if facts["of_domain"] else "TABLE"
            # A foreign key goes before the key that it points at.
            rank = Rank.DROP_KEY if facts["what"] == "foreign key" else Rank.DROP_PART
            sql = f"ALTER {kind} {thing.parent} DROP CONSTRAINT {facts['own_name']}"
            yield Statement(rank, sql, -thing.oid)
    elif thing.kind == "indexes":
        if not facts["constraint_name"] and not facts["partition_of"]:
            table = found.get("tables", thing.parent)
            plain = table is not None and table.facts["what"] == "table"
            rank = Rank.AFTER if plain else Rank.DROP_PART
            yield Statement(rank, f"DROP INDEX{' CONCURRENTLY' * plain} {name}", -thing.oid)
    elif thing.kind in {"views", "functions", "types", "text_search", "foreign"}:
        yield from _by_its_word(thing)
    elif thing.kind == "default_privileges":
        where = f" IN SCHEMA {facts['in_schema']}" if facts["in_schema"] else ""
        yield Statement(
            Rank.REVOKE,
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {facts['for_role']}{where}"
            f" REVOKE {facts['privilege']} ON {facts['objects']} FROM {facts['grantee']}",
        )


def _by_its_word(thing: Thing) -> Iterator[Statement]:
    """Drop what says itself what it is."""
    word = str(thing.facts["what"]).upper()
    rank = Rank.DROP_VIEW if thing.kind == "views" else Rank.DROP
    name, danger = thing.name, None
    if thing.kind == "types":
        word, rank = "DOMAIN" if word == "DOMAIN" else "TYPE", Rank.DROP_TYPE
    elif thing.kind == "text_search":
        # A configuration leans on its dictionaries.
        word = f"TEXT SEARCH {word}"
        rank = Rank.DROP_TYPE if word.endswith("CONFIGURATION") else Rank.DROP_HOME
    elif word == "USER MAPPING":
        user, server = name.rpartition(" for ")[2], name.rpartition(" for ")[0]
        name, danger = f"FOR {user} SERVER {server}", "its password is lost"
    yield Statement(rank, f"DROP {word} {name}", -thing.oid, danger)

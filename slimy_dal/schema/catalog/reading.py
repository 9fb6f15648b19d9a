"""Reads a schema out of a live database's catalogues, in one read-only transaction."""

import re
from fnmatch import translate
from typing import Any

import psycopg
from psycopg.rows import dict_row

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.schema.catalog.things import KINDS, Fact, Snapshot, Thing

__all__ = ["BOOKKEEPING", "read"]

BOOKKEEPING = (
    "slimy_migrations",
    "slimy_migrations.*",
    *("public._yoyo_*", "public.yoyo_lock"),
    *("*.schema_migrations", "*.schema_migrations_*", "*.goose_db_version*", "*.schema_version"),
    *(
        "*._sqlx_migrations",
        "*.gorp_migrations",
        "*.atlas_schema_revisions",
        "*.flyway_schema_history",
    ),
    "*.__diesel_schema_migrations",
)
"""Tables in which tools keep what they applied: yoyo's and ours, and those of others."""

MEMBERS = (
    "SELECT d.classid::regclass::text, d.objid FROM pg_catalog.pg_depend AS d WHERE d.deptype = 'e'"
)

CLASSES = {
    "schemas": "pg_namespace",
    "extensions": "pg_extension",
    "languages": "pg_language",
    "collations": "pg_collation",
    "types": "pg_type",
    "functions": "pg_proc",
    "triggers": "pg_trigger",
    "policies": "pg_policy",
    "rules": "pg_rewrite",
    "constraints": "pg_constraint",
    "casts": "pg_cast",
    "operators": "pg_operator",
    "operator_classes": "pg_opclass",
    "event_triggers": "pg_event_trigger",
    "publications": "pg_publication",
    "statistics": "pg_statistic_ext",
}
"""In which catalogue a kind's oids are, pg_class where none is named."""

ABOUT = frozenset({"grants", "comments"})
"""Kinds that say something of another thing, which they name by its oid."""


def read(connection: psycopg.Connection[Any], ignored: tuple[str, ...] = ()) -> Snapshot:
    """Return the schema as it is; names that match a pattern of `ignored` (as in a shell) are left out.

    What extensions made and tools' own bookkeeping are left out too. Changes nothing but the transaction's search_path.
    Raises psycopg.Error; nothing here needs more than the right to connect.
    """
    patterns = re.compile("|".join(translate(one) for one in (*BOOKKEEPING, *ignored)))
    things: dict[tuple[str, str], Thing] = {}
    named: dict[tuple[str, int], str] = {}
    unwanted: set[str] = set()
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        # Without it the server leaves the schema out of the names of what it finds by itself.
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute("SET LOCAL quote_all_identifiers = off")
        with connection.cursor() as plain:
            members = set(plain.execute(MEMBERS).fetchall())
        for kind in KINDS:
            for row in cursor.execute(catalog_query(f"snapshot/{kind}").encode()).fetchall():
                place = (row.get("class", CLASSES.get(kind, "pg_class")), row["oid"])
                if kind in ABOUT:
                    if place not in named:
                        continue
                    row["parent"] = ".".join(filter(None, (named[place], row["column_name"])))
                thing = _thing(kind, row)
                if place in members or _is_ignored(thing, patterns, unwanted):
                    unwanted.add(thing.name)
                    continue
                things[kind, thing.name] = thing
                if kind not in {"columns", *ABOUT}:
                    named[place] = thing.name
    return Snapshot(connection.info.server_version // 10000, things)


def _thing(kind: str, row: dict[str, Any]) -> Thing:
    facts: dict[str, Fact] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.items()
        if name not in {"oid", "name", "parent", "class", "column_name"}
    }
    return Thing(kind, row["name"], row["parent"], row["oid"], facts)


def _is_ignored(thing: Thing, patterns: re.Pattern[str], unwanted: set[str]) -> bool:
    """Say whether it, or what it is a part of, is none of the schema's business."""
    around = [thing.name]
    if thing.parent is not None:
        around.append(thing.parent)
    if thing.kind == "sequences" and thing.facts["owned_by"]:
        owned = thing.text("owned_by")
        around += [owned, owned.rpartition(".")[0]]
    return any(name in unwanted or patterns.match(name) for name in around)

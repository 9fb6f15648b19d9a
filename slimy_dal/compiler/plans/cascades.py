"""Judges what the server itself runs for foreign keys: no row that goes may make it read a big table of children."""

from collections.abc import Iterable

from slimy_dal.compiler.plans.changes import Guards
from slimy_dal.compiler.plans.explain import Plans
from slimy_dal.compiler.plans.plan import Node
from slimy_dal.compiler.plans.relations import ForeignKey, Relations
from slimy_dal.compiler.plans.rules import Finding
from slimy_dal.compiler.plans.wishes import quoted
from slimy_dal.compiler.plans.words import plural
from slimy_dal.engine.driver import Connection

__all__ = ["examine"]

INDEX_SCANS = frozenset({"Index Scan", "Index Only Scan", "Bitmap Index Scan"})


async def examine(
    connection: Connection, every: Iterable[Plans], relations: Relations, big: int
) -> list[Finding]:
    """Return the queries whose changes make a foreign key look through a big table, once for each key.

    The statement's own plan does not show it: the server looks for the children of every row that
    goes or changes its key, and for theirs, as far as cascades reach. `big` is the rows from which
    on that is too much.
    """
    guards = await Guards.read(connection, relations)
    found: dict[tuple[str, str], Finding] = {}
    for plans in every:
        query = plans.description.query
        for plan in plans.possible:
            actions = await guards.actions(guards.changes(plan.root, plans.description))
            for key, root in actions.items():
                if relations.rows(relations.root(key.table)) < big:
                    continue
                if any(_is_whole(node, key, relations) for node in root.walk()):
                    finding = _finding(plans, key, relations)
                    found.setdefault((query.full_name, key.name), finding)
    return list(found.values())


def _is_whole(node: Node, key: ForeignKey, relations: Relations) -> bool:
    """Say whether a node reads all children: without an index, or by one that begins with another column."""
    if node.table is not None and relations.root(node.table) != relations.root(key.table):
        return False
    if node.kind == "Seq Scan":
        return True
    if node.kind not in INDEX_SCANS:
        return False
    schema = key.table[0]
    index = relations.indexes.get((schema, node.index or ""))
    return index is not None and index.method == "btree" and not _begins(index.keys[0], key)


def _begins(first: str, key: ForeignKey) -> bool:
    return first.strip('"') in key.columns


def _finding(plans: Plans, key: ForeignKey, relations: Relations) -> Finding:
    table = relations.root(key.table)
    child, parent = ".".join(table), ".".join(key.parent)
    rows = plural(relations.rows(table), "row")
    message = (
        f"{child} has {rows}, and all of them are read for every row of {parent} that goes or"
        f" changes its key: {key.name} looks for its children"
    )
    columns = ", ".join(map(quoted, key.columns))
    name = "_".join([table[1], *key.columns, "idx"])
    where = f"{quoted(table[0])}.{quoted(table[1])} ({columns})"
    helps = f"make what it needs: CREATE INDEX {quoted(name)} ON {where}"
    return Finding("seq-scan", plans.description.query, message, helps)

"""Turns the differences of two schemas into one script, in an order in which it runs."""

from collections import defaultdict
from collections.abc import Iterable

from slimy_dal.schema.catalog.differences import Difference
from slimy_dal.schema.catalog.things import Snapshot
from slimy_dal.schema.drift.changing import change
from slimy_dal.schema.drift.making import make
from slimy_dal.schema.drift.removing import remove
from slimy_dal.schema.drift.statements import Rank, Statement

__all__ = ["mend", "script"]

HEAD = """\
-- Brings the database to what its migrations make. Read it first; commented lines wait for a decision.
-- psql -X -v ON_ERROR_STOP=1 -f this.sql, and not with -1: what is behind COMMIT cannot be inside.
BEGIN;
SET LOCAL lock_timeout = '2s';
SET LOCAL search_path = '';
SET LOCAL check_function_bodies = off;"""


def mend(differences: Iterable[Difference], should: Snapshot, found: Snapshot) -> list[Statement]:
    """Return the statements that make `found` like `should`, in the order in which they run.

    A view that changes, or that reads a column which does, is dropped before and made again after, and so is what
    reads that view in turn; PostgreSQL would refuse otherwise.
    """
    differences = list(differences)
    rebuilt = _rebuilt(differences, should, found)
    statements: list[Statement] = []
    by_thing: dict[tuple[str, str], dict[str, Difference]] = defaultdict(dict)
    for one in differences:
        if one.thing.name in rebuilt or one.thing.parent in rebuilt:
            continue
        if one.what == "missing":
            statements += make(one.thing, should)
        elif one.what == "extra":
            statements += remove(one.thing, found)
        else:
            by_thing[one.key][one.fact] = one
    for facts in by_thing.values():
        statements += change(facts, should, found)
    for name in rebuilt:
        statements += remove(found.things["views", name], found)
        if wanted := should.get("views", name):
            statements += make(wanted, should)
    unique = dict.fromkeys(statements)
    return sorted(unique, key=lambda one: (one.rank, one.order))


def _rebuilt(differences: list[Difference], should: Snapshot, found: Snapshot) -> set[str]:
    """Return the views of the live side that have to go for a while."""
    altered = {
        str(one.thing.parent)
        for one in differences
        if one.thing.kind == "columns" and _moves_views(one)
    }
    views = {
        one.thing.name
        for one in differences
        if one.thing.kind == "views"
        and one.what == "changed"
        and {"definition", "columns", "defaults", "what", "column_settings", "access_method"}
        & {one.fact}
    }
    waiting = list(found.of("views"))
    while True:
        more = {
            view.name
            for view in waiting
            if view.name not in views and set(view.texts("uses")) & (altered | views)
        }
        if not more:
            return views
        # One that the migrations do not make stands in nobody's way unless it reads what changes.
        views |= {name for name in more if should.get("views", name) is not None}
        waiting = [view for view in waiting if view.name not in more]


def _moves_views(one: Difference) -> bool:
    return one.what == "extra" or one.fact in {"type", "collation", "generated", "generated_is"}


def script(statements: list[Statement], *, is_all: bool = False) -> str:
    """Return the statements as text for psql; dangerous ones are comments with the reason, unless `is_all`."""
    inside = [_written(one, is_all=is_all) for one in statements if one.rank < Rank.AFTER]
    outside = [_written(one, is_all=is_all) for one in statements if one.rank >= Rank.AFTER]
    return "\n\n".join([HEAD, *inside, "COMMIT;", *outside]) + "\n"


def _written(one: Statement, *, is_all: bool) -> str:
    if not one.sql:
        return f"-- {one.danger}"
    if one.danger is None or is_all:
        return f"{one.sql};"
    lines = "\n".join(f"-- {line}" for line in f"{one.sql};".splitlines())
    return f"-- {one.danger}:\n{lines}"

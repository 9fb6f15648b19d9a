"""Holds what a role has against what its queries need, and says the difference as GRANT and REVOKE."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from slimy_dal.compiler.catalog.files import catalog_query
from slimy_dal.engine.driver import Connection
from slimy_dal.schema.grants.needs import Need, Needs

__all__ = ["Grant", "Held", "differences", "held", "lines"]

SHOWN = 3
"""Queries that a line names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a role has itself, what everyone has, and which privileges are on all of a table."""

    own: frozenset[Need]
    everyones: frozenset[Need]
    whole: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Grant:
    """One line of SQL that is missing, or that takes away what nobody needs, and why."""

    kind: Literal["needed", "missing", "needless"]
    sql: str
    why: str

    def __str__(self) -> str:
        return f"{self.sql}  -- {self.why}"

    def to_dict(self) -> dict[str, str]:
        """Return it as JSON has it."""
        return {"kind": self.kind, "sql": self.sql, "why": self.why}


async def held(connection: Connection, role: str) -> Held:
    """Return what a role and everyone have in this database; nothing of a role that does not exist."""
    own, everyones, whole = set[Need](), set[Need](), set[tuple[str, str]]()
    for row in await connection.fetch(catalog_query("grants_held"), role):
        for column in row["columns"] or [""]:
            need = Need(row["kind"], row["object"], row["privilege"], column)
            (own if row["grantee"] else everyones).add(need)
        if row["is_whole"] and row["grantee"] and row["columns"]:
            whole.add((row["object"], row["privilege"]))
    return Held(frozenset(own), frozenset(everyones), frozenset(whole))


def lines(needs: Needs, role: str, has: Held) -> list[Grant]:
    """Return all that a role needs, as GRANTs; without what everyone may do."""
    wanted = {need: users for need, users in needs.items() if need not in has.everyones}
    return list(_granted("needed", wanted, role))


def differences(needs: Needs, role: str, has: Held) -> list[Grant]:
    """Return what is missing, and then what is there without need; nothing where both are the same."""
    both = has.own | has.everyones
    missing = {need: users for need, users in needs.items() if need not in both}
    return [*_granted("missing", missing, role), *_needless(needs, role, has)]


def _granted(kind: Literal["needed", "missing"], wanted: Needs, role: str) -> Iterator[Grant]:
    for what, users in _grouped(wanted):
        yield Grant(kind, f"GRANT {what} TO {role};", _why(users))


def _needless(needs: Needs, role: str, has: Held) -> Iterator[Grant]:
    extra = {need: set[str]() for need in sorted(has.own - needs.keys())}
    # A column cannot be taken out of a privilege on the whole table.
    whole = {(one.object, one.privilege) for one in extra} & has.whole
    columns = {
        one: users for one, users in extra.items() if (one.object, one.privilege) not in whole
    }
    for what, _ in _grouped(columns):
        yield Grant("needless", f"REVOKE {what} FROM {role};", "no query needs it")
    for thing, privilege in sorted(whole):
        why = "it is on the whole table, and no query needs all of it"
        yield Grant("needless", f"REVOKE {privilege} ON {thing} FROM {role};", why)
        pair = (thing, privilege)
        kept = {one: users for one, users in needs.items() if (one.object, one.privilege) == pair}
        yield from _granted("missing", kept, role)


def _grouped(wanted: Mapping[Need, set[str]]) -> Iterator[tuple[str, set[str]]]:
    """Yield `PRIVILEGE (columns) ON object`, one for each object and privilege, with its queries."""
    columns: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    users: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for need in sorted(wanted):
        key = (need.kind, need.object, need.privilege)
        columns[key].append(need.column)
        users[key] |= wanted[need]
    for key, names in columns.items():
        kind, thing, privilege = key
        of = f" ({', '.join(names)})" if names != [""] else ""
        word = {"schema": "SCHEMA ", "function": "FUNCTION ", "sequence": "SEQUENCE "}.get(kind, "")
        yield f"{privilege}{of} ON {word}{thing}", users[key]


def _why(users: Iterable[str]) -> str:
    names: Sequence[str] = sorted(users)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return "for " + ", ".join(names[:SHOWN]) + more

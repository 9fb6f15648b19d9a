"""Which table locks an act takes, by PostgreSQL's documentation: what can be said without running it."""

from collections.abc import Iterator

from slimy_dal.schema.lint.acts import Act

__all__ = ["EXCLUSIVE", "STRENGTH", "locks", "stops"]

STRENGTH = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
"""The modes of table locks, the weakest first."""

EXCLUSIVE = "ACCESS EXCLUSIVE"

MODES = {
    "add_column": EXCLUSIVE,
    "alter_table": EXCLUSIVE,
    "change_owner": EXCLUSIVE,
    "cluster": EXCLUSIVE,
    "create_policy": EXCLUSIVE,
    "create_rule": EXCLUSIVE,
    "disable_rls": EXCLUSIVE,
    "drop_column": EXCLUSIVE,
    "drop_constraint": EXCLUSIVE,
    "drop_matview": EXCLUSIVE,
    "drop_not_null": EXCLUSIVE,
    "drop_policy": EXCLUSIVE,
    "drop_rule": EXCLUSIVE,
    "drop_table": EXCLUSIVE,
    "drop_trigger": EXCLUSIVE,
    "enable_rls": EXCLUSIVE,
    "set_access_method": EXCLUSIVE,
    "set_default": EXCLUSIVE,
    "set_logged": EXCLUSIVE,
    "set_not_null": EXCLUSIVE,
    "set_tablespace": EXCLUSIVE,
    "set_type": EXCLUSIVE,
    "set_unlogged": EXCLUSIVE,
    "truncate": EXCLUSIVE,
    "create_trigger": "SHARE ROW EXCLUSIVE",
    "disable_all_triggers": "SHARE ROW EXCLUSIVE",
    "disable_trigger": "SHARE ROW EXCLUSIVE",
    "enable_trigger": "SHARE ROW EXCLUSIVE",
    "analyze": "SHARE UPDATE EXCLUSIVE",
    "set_storage_option": "SHARE UPDATE EXCLUSIVE",
    "validate": "SHARE UPDATE EXCLUSIVE",
    "copy": "ROW EXCLUSIVE",
    "delete": "ROW EXCLUSIVE",
    "insert": "ROW EXCLUSIVE",
    "update": "ROW EXCLUSIVE",
}
"""Of acts that always take the same on the table they concern."""


def locks(act: Act, table_of_index: str = "") -> Iterator[tuple[str, str]]:
    """Yield the tables that an act locks, each with the mode; an index stands for its table where that is known."""
    if act.does in MODES and act.on:
        yield act.on, MODES[act.does]
    elif act.does == "add_constraint" and "foreign" in act.marks:
        if "added" in act.marks:
            yield act.on, "SHARE ROW EXCLUSIVE"
        yield act.to or act.on, "SHARE ROW EXCLUSIVE"
    elif act.does == "add_constraint" and "added" in act.marks:
        yield act.on, EXCLUSIVE
    elif act.does == "create_table" and "partition" in act.marks:
        yield act.to, EXCLUSIVE
    elif act.does == "lock":
        yield act.on, act.to
    else:
        yield from _concurrently(act, table_of_index)


def _concurrently(act: Act, table_of_index: str) -> Iterator[tuple[str, str]]:
    """Yield the locks of what can be asked to wait for others rather than keep them out."""
    gently = "concurrently" in act.marks
    table = act.on or table_of_index
    if act.does in {"attach", "detach"}:
        calm = act.does == "attach" or gently
        yield table, "SHARE UPDATE EXCLUSIVE" if calm else EXCLUSIVE
        yield act.to, "SHARE UPDATE EXCLUSIVE" if act.does == "detach" and gently else EXCLUSIVE
    elif act.does in {"create_index", "reindex"} and table:
        yield table, "SHARE UPDATE EXCLUSIVE" if gently else "SHARE"
    elif act.does == "drop_index" and table:
        yield table, "SHARE UPDATE EXCLUSIVE" if gently else EXCLUSIVE
    elif act.does == "refresh":
        yield table, "EXCLUSIVE" if gently else EXCLUSIVE
    elif act.does == "vacuum" and table:
        yield table, EXCLUSIVE if "full" in act.marks else "SHARE UPDATE EXCLUSIVE"


def stops(mode: str) -> str:
    """Say in words who waits for a lock."""
    if mode == EXCLUSIVE:
        return "readers and writers"
    return "writers" if STRENGTH.index(mode) >= STRENGTH.index("SHARE") else "nobody"

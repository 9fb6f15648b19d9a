"""Rules about the file that undoes a migration: it pairs what is made with what is dropped."""

from collections.abc import Iterator

from slimy_dal.schema.lint.acts import Act
from slimy_dal.schema.lint.rule import Hit, Subject, rule

GROUP = "Undoing"

PAIRS = {
    "create_schema": "drop_schema",
    "create_table": "drop_table",
    "create_matview": "drop_matview",
    "create_view": "drop_view",
    "create_function": "drop_function",
    "create_type": "drop_type",
    "create_domain": "drop_domain",
    "create_sequence": "drop_sequence",
    "create_extension": "drop_extension",
    "create_index": "drop_index",
    "create_trigger": "drop_trigger",
    "create_policy": "drop_policy",
    "add_column": "drop_column",
    "add_constraint": "drop_constraint",
    "enable_rls": "disable_rls",
    "set_not_null": "drop_not_null",
    "drop_not_null": "set_not_null",
    "set_type": "set_type",
    "rename": "rename",
    "drop_table": "create_table",
    "drop_column": "add_column",
    "drop_index": "create_index",
    "drop_constraint": "add_constraint",
    "drop_view": "create_view",
    "drop_matview": "create_matview",
    "drop_function": "create_function",
    "drop_trigger": "create_trigger",
    "drop_policy": "create_policy",
    "drop_type": "create_type",
    "attach": "detach",
    "detach": "attach",
}
"""What undoes what. Rows, grants and comments are left to a round trip on a real server."""


FUNCTION_DROPS = frozenset({"drop_procedure", "drop_routine", "drop_aggregate"})
OF_TABLES = ("_column", "_constraint", "_trigger", "_policy", "_null", "set_type")
"""Ends of verbs whose things have a name within their table only."""


@rule(
    "rollback-missing",
    GROUP,
    "error",
    convention=True,
    why="Without a file that undoes it, a migration that turns out wrong is undone by hand, at night.",
    instead="NNNN_name.rollback.sql; where nothing can be undone, say `-- irreversible: reason` in it.",
)
def _missing(subject: Subject) -> Iterator[Hit]:
    if subject.migration.undo is None:
        yield Hit(0, f"{subject.migration.path.name} has no rollback file")


@rule(
    "rollback-incomplete",
    GROUP,
    "warning",
    why="What the rollback leaves behind makes the next apply fail, and what it does not bring back is missed by the "
    "release before.",
    instead="Undo each thing, the last one first; what cannot come back, say with `-- irreversible: reason`.",
)
def _incomplete(subject: Subject) -> Iterator[Hit]:
    undo = subject.migration.undo
    if undo is None or "irreversible" in undo.header.said or not undo.statements:
        return
    undone = [act for _, act in undo.acts()]
    if any(act.does == "do" for act in undone) or undo.problems:
        return
    for act in subject.acts(*PAIRS):
        is_undone = any(_undoes(one, act) for one in undone) or _goes_along(act, undone)
        if not is_undone and _counts(subject, act):
            yield Hit(act.at, f"{undo.path.name} does not undo it: {_what(act)}")


def _what(act: Act) -> str:
    verb = act.does.replace("_", " ").upper()
    return f"{verb} {f'{act.on}.' if act.on and act.on != act.name else ''}{act.name}".rstrip(".")


def _counts(subject: Subject, act: Act) -> bool:
    """Say whether an act's effect is there at the end: a table's own columns are the table's."""
    if act.does in {"add_column", "add_constraint"} and "added" not in act.marks:
        return False
    if "temporary" in act.marks or not (act.name or act.does in {"enable_rls", "attach", "detach"}):
        return False
    opposite = PAIRS[act.does]
    later = [one for one in subject.acts(opposite) if one.at > act.at]
    before = [one for one in subject.acts(opposite) if one.at < act.at]
    if act.does.startswith("drop_") and any(_undoes(one, act) for one in before):
        return False
    if act.does == "create_function" and ("function", act.name) in subject.before.things:
        return "replace" not in act.marks
    return not any(_undoes(one, act) for one in later if one.does != act.does)


def _undoes(one: Act, act: Act) -> bool:
    """Say whether one act takes back another."""
    if act.does == "rename":
        return one.does == "rename" and act.to in {one.name, _bare(one.name)}
    if one.does != PAIRS[act.does]:
        return act.does == "create_function" and one.does in FUNCTION_DROPS
    if act.does in {"attach", "detach"}:
        return one.to == act.to
    if act.does in {"create_index", "drop_index"}:
        return _bare(one.name) == _bare(act.name)
    if act.does == "enable_rls":
        return one.on == act.on
    return one.name == act.name and (not act.does.endswith(OF_TABLES) or one.on == act.on)


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _goes_along(act: Act, undone: list[Act]) -> bool:
    """Say whether something goes with its table, its column, its partition's parent, its schema or a CASCADE."""
    gone = {
        verb: {one.name for one in undone if one.does == verb}
        for verb in {one.does for one in undone}
    }
    tables = set().union(
        *(gone.get(verb, set()) for verb in ("drop_table", "drop_matview", "drop_view"))
    )
    cascades = {(one.does, one.name) for one in undone if "cascade" in one.marks}
    columns = {(one.on, one.name) for one in undone if one.does == "drop_column"}
    schema = (act.on or act.name).partition(".")[0]
    if (act.on or act.name) in tables or ("drop_schema", schema) in cascades:
        return True
    if act.does == "create_trigger":
        return ("drop_function", act.to) in cascades
    if act.does == "create_sequence":
        owners = tables | {table for table, _ in columns}
        return any(act.name.startswith(table) for table in owners)
    of_parent = "partition" in act.marks or act.does == "add_constraint"
    return (of_parent and act.to in tables) or any(
        (act.on, one) in columns for one in _columns(act)
    )


def _columns(act: Act) -> tuple[str, ...]:
    """Return the columns that take an act's effect along when they go."""
    if act.does == "add_constraint":
        return act.columns + tuple(act.text.split())
    return act.columns if act.does == "create_index" else (act.name,)

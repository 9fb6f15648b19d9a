"""Rules about what the release that is still running would miss."""

from collections.abc import Iterator

from slimy_dal.schema.lint.acts import Act
from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Compatibility"

DROPS = (
    "drop_table",
    "drop_column",
    "drop_view",
    "drop_matview",
    "drop_function",
    "drop_procedure",
    "drop_routine",
    "drop_type",
    "drop_domain",
    "drop_sequence",
    "drop_schema",
)
RENAMED = frozenset(
    {"table", "column", "view", "matview", "type", "attribute", "function", "schema", "sequence"}
)
NAMED = 3
"""Queries that a message names; the rest is counted."""

CONTRACTS = ("drop_column", "drop_table", "drop_view", "drop_matview", "drop_type", "drop_schema")


def _name(act: Act) -> str:
    return f"{act.on}.{act.name}" if act.does == "drop_column" else act.name


def _is_gone(subject: Subject, act: Act) -> bool:
    """Say whether something that was there before the run is missing after it."""
    kind = act.does.removeprefix("drop_")
    if kind in {"table", "matview"}:
        return act.name not in subject.end.tables and subject.is_old(act.name)
    if kind == "column":
        table = subject.after.tables.get(act.on)
        return subject.is_old(act.on) and (table is None or act.name not in table.columns)
    made = subject.before.things.get((kind, act.name), -1)
    return (kind, act.name) not in subject.after.things and made != subject.run


def _was_there(subject: Subject, act: Act) -> bool:
    """Say whether what is renamed or restricted was there before this run."""
    if act.on:
        return subject.is_old(act.on)
    kind = next(iter(act.marks), "")
    made_here = any(one.name == act.name for one in subject.acts(f"create_{kind}"))
    return not made_here and subject.before.things.get((kind, act.name), -1) != subject.run


@rule(
    "drop-still-used",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    why="A named query of the project still uses it: the release that is running fails from this statement on.",
    instead="Take the query out first, release, and drop in a contract migration of a later release.",
)
def _used(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts(*DROPS):
        queries = sorted(subject.used_by(_full(_name(act)))) if _is_gone(subject, act) else []
        if queries:
            more = f" and {len(queries) - NAMED} more" if len(queries) > NAMED else ""
            named = ", ".join(queries[:NAMED])
            yield Hit(act.at, f"{_name(act)} is used by {named}{more}")


def _full(name: str) -> str:
    return name if "." in name else f"public.{name}"


@rule(
    "drop-outside-contract",
    GROUP,
    "warning",
    lock="ACCESS EXCLUSIVE",
    replaces=tuple(
        f"ban-drop-{kind}"
        for kind in ("column", "domain", "function", "schema", "sequence", "table", "type", "view")
    ),
    why="What is dropped is lost, and the release that is still running may need it until the new one has taken over.",
    instead="`-- phase: contract`, in a release after the last one that uses it.",
)
def _dropped(subject: Subject) -> Iterator[Hit]:
    if subject.migration.header.phase == "contract":
        return
    for act in subject.acts(*DROPS):
        if _is_gone(subject, act):
            yield Hit(act.at, f"{_name(act)} is dropped")


@rule(
    "drop-cascade",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE on whatever goes along",
    why="CASCADE drops whatever depends on it, which differs from database to database and stands in no file.",
    instead="Drop each thing by name, the dependent ones first.",
)
def _cascade(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts():
        gone = act.does.startswith("drop_") and "cascade" in act.marks
        if gone and (act.does in DROPS or act.does == "drop_constraint"):
            yield hit(act, f"{_name(act)} takes along what depends on it")


@rule(
    "renamed",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    replaces=("renaming-table", "renaming-column", "renaming-object", "ban-set-schema"),
    why="The release that is still running asks for the old name and fails from this statement on.",
    instead="Add the new one, keep both in step by a trigger, switch, and drop the old one two releases later; "
    "for a table, a view under the old name.",
)
def _renamed(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("rename"):
        if act.marks & RENAMED and _was_there(subject, act):
            yield hit(act, f"{act.name} is called {act.to} from now on")
    for act in subject.acts("rename_value"):
        if subject.before.things.get(("type", act.name), -1) != subject.run:
            yield hit(act, f"a value of {act.name} is called '{act.text}' from now on")


@rule(
    "phase-contradicted",
    GROUP,
    "error",
    why="An expand migration runs beside the previous release, so it must not take away or forbid what that one does.",
    instead="Put it into a migration with `-- phase: contract`; into a backfill migration belong rows alone.",
)
def _phase(subject: Subject) -> Iterator[Hit]:
    phase = subject.migration.header.phase
    if phase == "expand":
        for act in subject.acts(*CONTRACTS):
            if _is_gone(subject, act):
                yield Hit(act.at, f"{_name(act)} is dropped in the expand phase")
        for act in subject.acts("set_not_null", "rename"):
            forbids = act.does == "set_not_null" or act.marks & RENAMED
            if forbids and _was_there(subject, act):
                verb = "SET NOT NULL" if act.does == "set_not_null" else "RENAME"
                yield Hit(act.at, f"{verb} of {act.name} in the expand phase", (act.on,))
    elif phase == "backfill":
        for act in subject.acts():
            if act.does.startswith(("create_", "drop_", "add_", "set_", "alter_")):
                yield Hit(act.at, f"{act.does.replace('_', ' ')} in the backfill phase")

"""Rules of a house that wants every name to say its rule, and every thing to say what it is for."""

import re
from collections.abc import Iterator

from slimy_dal.schema.lint.acts import Act
from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Conventions"

SUFFIXES = {
    "primary": ("_pkey",),
    "unique": ("_key", "_pkey"),
    "foreign": ("_fkey",),
    "check": ("_check",),
    "exclude": ("_excl",),
    "not_null": ("_not_null",),
}
COMMENTED = (
    "schema",
    "table",
    "view",
    "matview",
    "function",
    "type",
    "domain",
    "sequence",
    "index",
    "trigger",
    "policy",
)


@rule(
    "name-without-rule",
    GROUP,
    "warning",
    convention=True,
    why="The name of a constraint reaches the caller, and a name that PostgreSQL makes up says nothing and may differ "
    "from database to database.",
    instead="CONSTRAINT <table>_<rule>_<suffix>, with PostgreSQL's suffixes: pkey, key, fkey, check, excl; idx "
    "for an index.",
)
def _names(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_constraint"):
        kind = next((one for one in SUFFIXES if one in act.marks), "check")
        suffixes = SUFFIXES[kind]
        if not _fits(act, act.name, suffixes) and (act.name or kind != "not_null"):
            wanted = f"{_bare(act.on)}_..{suffixes[0]}"
            yield Hit(act.at, f"{act.name or 'a constraint without a name'}: call it {wanted}")
    for act in subject.acts("create_index"):
        suffixes = ("_idx", "_key") if "unique" in act.marks else ("_idx",)
        if not _fits(act, _bare(act.name), suffixes):
            yield Hit(
                act.at,
                f"{_bare(act.name) or 'an index without a name'}: call it {_bare(act.on)}_.._idx",
            )


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _fits(act: Act, name: str, suffixes: tuple[str, ...]) -> bool:
    return name.startswith(f"{_bare(act.on)}_") and name.endswith(suffixes)


@rule(
    "comment-missing",
    GROUP,
    "warning",
    convention=True,
    why="A DBA who looks with \\d+ sees what a thing is for only where a comment says it.",
    instead="COMMENT ON ... in the same migration; on an index, which queries it serves.",
)
def _comments(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts(*(f"create_{kind}" for kind in COMMENTED)):
        kind = act.does.removeprefix("create_")
        name = f"{act.on}.{act.name}" if kind in {"trigger", "policy"} else act.name
        if act.marks & {"temporary", "partition"} or _is_replaced(subject, act, kind):
            continue
        if name and _stands(subject, act, kind) and (kind, name) not in subject.end.comments:
            yield Hit(act.at, f"{kind} {name} has no comment")


def _is_replaced(subject: Subject, act: Act, kind: str) -> bool:
    """Say whether CREATE OR REPLACE keeps the comment of what was there."""
    return "replace" in act.marks and (kind, act.name) in subject.before.things


def _stands(subject: Subject, act: Act, kind: str) -> bool:
    """Say whether it is still there after the migration."""
    table = subject.after.tables.get(act.on)
    if kind in {"table", "matview"}:
        return table is not None
    if kind in {"index", "trigger", "policy"}:
        held = {"index": "indexes", "trigger": "triggers", "policy": "policies"}[kind]
        return table is not None and act.name in getattr(table, held)
    return (kind, act.name) in subject.after.things


NUMBERED = re.compile(r"^V?\d[\d_.-]*[_.-]*[A-Za-z]")


@rule(
    "file-name",
    GROUP,
    "warning",
    convention=True,
    why="The names of the files are their order, and what the log says.",
    instead="Call it NNNN_what_it_does.sql, with the next number.",
)
def _file(subject: Subject) -> Iterator[Hit]:
    if not NUMBERED.match(subject.migration.id):
        yield Hit(0, f"{subject.migration.path.name} has no number")


@rule(
    "unqualified-name",
    GROUP,
    "warning",
    convention=True,
    replaces=("require-table-schema",),
    why="A name without its schema means what the search_path of whoever migrates says.",
    instead="Write schema.table.",
)
def _unqualified(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts(
        "create_table", "create_view", "create_matview", "create_function", "create_type"
    ):
        bare = "." not in act.name and "temporary" not in act.marks
        if bare and not re.search(r"(?i)\bpublic\s*\.", _words(subject, act)):
            yield hit(act, f"{act.name} is made wherever the search_path says")


def _words(subject: Subject, act: Act) -> str:
    statement = subject.migration.statement_at(act.at)
    return statement.text[:200] if statement else ""

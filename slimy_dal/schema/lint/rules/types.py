"""Rules about types that are regretted later, and about enums."""

from collections.abc import Iterator

from slimy_dal.schema.lint import words
from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Types"


@rule(
    "json-column",
    GROUP,
    "warning",
    why="json has no equality: SELECT DISTINCT, GROUP BY and UNION over such a column fail, and every read parses it.",
    instead="jsonb.",
)
def _json(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_column", "set_type"):
        if act.to.rstrip("[]") == "json":
            yield Hit(act.at, f"{act.on}.{act.name} is json")


@rule(
    "enum-value-in-transaction",
    GROUP,
    "error",
    why="A value that ALTER TYPE ... ADD VALUE adds cannot be used before its transaction ends (SQLSTATE 55P04).",
    instead="Add the value in a migration of its own, and use it in the next one.",
)
def _enum(subject: Subject) -> Iterator[Hit]:
    statements = subject.migration.statements
    for number, statement in enumerate(statements):
        for act in statement.acts:
            if act.does != "add_value" or ("type", act.name) in _made(subject):
                continue
            for later in statements[number + 1 :]:
                if subject.together(statement, later) and act.text in words.strings(later.node):
                    yield Hit(
                        later.start, f"'{act.text}' was added to {act.name} in this transaction"
                    )


def _made(subject: Subject) -> set[tuple[str, str]]:
    """Return the types made in this migration: their values can be used at once."""
    return {("type", act.name) for act in subject.acts("create_type")}


@rule(
    "type-made-anew",
    GROUP,
    "error",
    why="A type that is dropped and made again is another one to every open session: their kept plans fail "
    "(cache lookup failed) until they connect anew.",
    instead="ALTER TYPE ... ADD VALUE; where values come and go, text with a CHECK.",
)
def _anew(subject: Subject) -> Iterator[Hit]:
    dropped = {act.name for act in subject.acts("drop_type", "drop_domain")}
    renamed = [act for act in subject.acts("rename") if "type" in act.marks]
    gone = dropped | {act.name for act in renamed}
    for act in subject.acts("create_type", "create_domain"):
        # What is made under another name may take the old one in the end.
        later = [one.to for one in renamed if one.name == act.name and one.at > act.at]
        taken = {name.rpartition(".")[2] for name in gone} & set(later)
        if taken or (act.name in gone and not later):
            yield hit(act, f"{next(iter(taken), act.name)} is made anew")

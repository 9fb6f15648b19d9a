"""Rules about constraints that are checked against rows that are there."""

from collections.abc import Iterator

from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Constraints"


@rule(
    "foreign-key-without-not-valid",
    GROUP,
    "error",
    lock="SHARE ROW EXCLUSIVE on both tables",
    eases=True,
    replaces=("adding-foreign-key-constraint",),
    why="ADD FOREIGN KEY compares every row while writers of both tables wait.",
    instead="ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in the next migration.",
)
def _foreign_key(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_constraint"):
        if act.marks >= {"foreign", "added"} and "not_valid" not in act.marks:
            if any(one == act.columns for one in _columns_added_empty(subject, act.on)):
                continue
            yield hit(act, f"all rows of {act.on} are looked up in {act.to} under the lock")


def _columns_added_empty(subject: Subject, table: str) -> Iterator[tuple[str, ...]]:
    """Yield the columns that this migration adds without a value: a key of NULLs has nothing to look up."""
    for act in subject.acts("add_column"):
        if act.on == table and not act.marks & {"default", "generated", "serial", "identity"}:
            yield (act.name,)


@rule(
    "check-without-not-valid",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    replaces=("constraint-missing-not-valid",),
    why="ADD CHECK reads every row while nobody can read or write the table.",
    instead="ADD CONSTRAINT ... CHECK (...) NOT VALID, and VALIDATE CONSTRAINT in the next migration.",
)
def _check(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_constraint"):
        if act.marks >= {"check", "added"} and "not_valid" not in act.marks:
            yield hit(act, f"all rows of {act.on} are read under the lock")


@rule(
    "validate-in-same-transaction",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE (CHECK) or SHARE ROW EXCLUSIVE (foreign key), kept from ADD CONSTRAINT",
    eases=True,
    why="VALIDATE beside its ADD CONSTRAINT ... NOT VALID reads all rows under the lock that NOT VALID "
    "was to avoid.",
    instead="Put VALIDATE CONSTRAINT into a migration of its own.",
)
def _validate(subject: Subject) -> Iterator[Hit]:
    added = [
        (statement, act)
        for statement, act in subject.migration.acts("add_constraint")
        if "not_valid" in act.marks
    ]
    for statement, act in subject.migration.acts("validate"):
        for other, made in added:
            if (made.on, made.name) == (act.on, act.name) and subject.together(statement, other):
                yield hit(
                    act, f"{act.name} was added in this transaction, whose lock is still held"
                )


@rule(
    "set-not-null-scan",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    replaces=("adding-not-nullable-field",),
    why="SET NOT NULL reads every row while nobody can read or write the table, unless a valid CHECK "
    "proves it.",
    instead="ADD CONSTRAINT ... CHECK (c IS NOT NULL) NOT VALID, VALIDATE it in the next migration, then "
    "SET NOT NULL and drop the CHECK.",
)
def _set_not_null(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("set_not_null"):
        if not _proven(subject, act.on, act.name):
            yield hit(act, f"no valid CHECK proves that {act.on}.{act.name} is not null")
    for act in subject.acts("add_constraint"):
        if act.marks >= {"not_null", "added"} and "not_valid" not in act.marks:
            yield hit(act, f"all rows of {act.on} are read under the lock")


def _proven(subject: Subject, table: str, column: str) -> bool:
    known = [one.tables.get(table) for one in (subject.before, subject.after)]
    return any(
        one.kind in {"check", "not_null"} and one.valid and column in one.columns
        for place in known
        if place is not None
        for one in place.constraints.values()
    )


@rule(
    "attach-without-check",
    GROUP,
    "warning",
    lock="ACCESS EXCLUSIVE on the partition",
    eases=True,
    why="ATTACH PARTITION reads every row of the new partition unless a valid CHECK says what its bound says.",
    instead="ADD CONSTRAINT ... CHECK (the bound) NOT VALID, VALIDATE it, ATTACH, and drop the CHECK.",
)
def _attach(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("attach"):
        table = subject.before.tables.get(act.to)
        rules = table.constraints.values() if table else ()
        if not any(one.kind == "check" and one.valid for one in rules):
            yield hit(act, f"all rows of {act.to} are read to see whether they belong", act.to)


@rule(
    "detach-not-concurrent",
    GROUP,
    "warning",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    replaces=("require-concurrent-partition-detach",),
    why="DETACH PARTITION waits for every query on the partitioned table, and all that come later wait behind it.",
    instead="DETACH PARTITION ... CONCURRENTLY, alone in a file with `-- transactional: false`.",
)
def _detach(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("detach"):
        if "concurrently" not in act.marks:
            yield hit(act, f"readers and writers of {act.on} wait")

"""Rules about indexes and keys that are built under a lock."""

from collections.abc import Iterable, Iterator

from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Indexes and keys"


@rule(
    "index-not-concurrent",
    GROUP,
    "error",
    lock="SHARE",
    eases=True,
    replaces=("require-concurrent-index-creation",),
    why="CREATE INDEX keeps all writers of the table out until the index is built.",
    instead="CREATE INDEX CONCURRENTLY, alone in a file with `-- transactional: false`.",
)
def _index(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("create_index"):
        if "concurrently" not in act.marks and "only" not in act.marks:
            more = " (partitioned: ON ONLY, then CONCURRENTLY on each partition, then ATTACH)"
            how = more if _is_partitioned(subject, act.on) else ""
            yield hit(act, f"writers of {act.on} wait until the index is built{how}")


def _is_partitioned(subject: Subject, name: str) -> bool:
    table = subject.table(name)
    return table is not None and table.partitioned


@rule(
    "concurrently-impossible",
    GROUP,
    "error",
    why="PostgreSQL refuses CREATE and DROP INDEX CONCURRENTLY of a partitioned table, and REFRESH ... CONCURRENTLY "
    "of a view without a unique index.",
    instead="CREATE INDEX ON ONLY the table, CONCURRENTLY on each partition, then ALTER INDEX ... ATTACH PARTITION; a "
    "unique index on the view.",
)
def _impossible(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("create_index", "drop_index", "refresh"):
        if "concurrently" not in act.marks:
            continue
        table = subject.before.tables.get(act.on or subject.before.table_of_index(act.name))
        if act.does == "refresh" and table is not None and not table.unique:
            yield Hit(act.at, f"{act.on} has no unique index")
        elif act.does != "refresh" and table is not None and table.partitioned:
            yield Hit(act.at, f"{table.name} is partitioned")


@rule(
    "drop-index-not-concurrent",
    GROUP,
    "warning",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    replaces=("require-concurrent-index-deletion",),
    why="DROP INDEX waits for every query on the table, and all that come later wait behind it.",
    instead="DROP INDEX CONCURRENTLY, alone in a file with `-- transactional: false`.",
)
def _drop_index(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("drop_index"):
        table = subject.before.table_of_index(act.name)
        known = table or subject.after.table_of_index(act.name)
        if "concurrently" not in act.marks and not _made_here(subject, act.name):
            yield hit(
                act, f"{act.name} is dropped under a lock on its table", *filter(None, [known])
            )


def _made_here(subject: Subject, index: str) -> bool:
    return any(act.name == index for act in subject.acts("create_index"))


@rule(
    "reindex-not-concurrent",
    GROUP,
    "error",
    lock="SHARE on the table, ACCESS EXCLUSIVE on the index",
    eases=True,
    replaces=("require-concurrent-reindex",),
    why="REINDEX keeps writers out, and every query that would use the index.",
    instead="REINDEX ... CONCURRENTLY, alone in a file with `-- transactional: false`.",
)
def _reindex(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("reindex"):
        if "concurrently" not in act.marks:
            table = act.on or subject.before.table_of_index(act.name)
            yield hit(
                act,
                f"{act.name or 'everything'} is built anew under a lock",
                *filter(None, [table]),
            )


@rule(
    "unique-without-index",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    replaces=("disallowed-unique-constraint", "adding-primary-key-constraint"),
    why="ADD UNIQUE and ADD PRIMARY KEY build their index while nobody can read or write the table.",
    instead="CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT ... USING INDEX.",
)
def _unique(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_constraint"):
        if act.marks & {"unique", "primary"} and "using_index" not in act.marks:
            yield hit(act, f"its index on {act.on} is built under the lock")


@rule(
    "exclusion-constraint",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    why="An exclusion constraint can neither be NOT VALID nor take an index that is there: it reads "
    "the whole table while nobody else can.",
    instead="Make it with the table, or move the rows to a new table in batches.",
)
def _exclude(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_constraint"):
        if "exclude" in act.marks:
            yield hit(act, f"all rows of {act.on} are compared under the lock")


@rule(
    "foreign-key-without-index",
    GROUP,
    "warning",
    why="Without an index on the referencing columns every DELETE of a referenced row reads the whole table.",
    instead="CREATE INDEX (CONCURRENTLY on a table that is in use) on the foreign key's columns.",
)
def _foreign_key(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_constraint"):
        if "foreign" not in act.marks:
            continue
        table = subject.end.tables.get(act.on)
        if table is None or not act.columns:
            continue
        rule_stands = any(one.at == act.at for one in table.constraints.values())
        if rule_stands and not _indexed(table.indexes.values(), act.columns):
            columns = ", ".join(act.columns)
            yield Hit(act.at, f"no index of {act.on} begins with ({columns})")


def _indexed(indexes: Iterable[tuple[str, ...]], columns: tuple[str, ...]) -> bool:
    wanted = set(columns)
    return any(set(one[: len(columns)]) == wanted for one in indexes)

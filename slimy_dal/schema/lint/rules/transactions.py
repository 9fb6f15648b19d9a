"""Rules about what shares a transaction, and what cannot run in one."""

from collections.abc import Iterator

from slimy_dal.schema.lint.acts import Act, Statement
from slimy_dal.schema.lint.rule import Hit, Subject, rule
from slimy_dal.schema.lint.rules.columns import volatile_calls
from slimy_dal.schema.lint.words import plain
from slimy_dal.schema.locks import understood

GROUP = "Transactions"

ALONE = {
    "ALTER SYSTEM": "ALTER SYSTEM",
    "CREATEDB": "CREATE DATABASE",
    "DROPDB": "DROP DATABASE",
    "CREATE TABLE SPACE": "CREATE TABLESPACE",
    "DROP TABLE SPACE": "DROP TABLESPACE",
}
LONG = frozenset(
    {
        "update",
        "delete",
        "insert",
        "copy",
        "create_index",
        "validate",
        "refresh",
        "set_type",
        "reindex",
        "cluster",
    }
)


@rule(
    "concurrently-in-transaction",
    GROUP,
    "error",
    replaces=("ban-concurrent-index-creation-in-transaction",),
    why="CONCURRENTLY, VACUUM and the like refuse to run in a transaction (SQLSTATE 25001), and each migration is one.",
    instead="A file of its own with `-- transactional: false`.",
)
def _concurrently(subject: Subject) -> Iterator[Hit]:
    for statement, act in subject.migration.acts():
        if statement.transaction is not None and (what := _outside(act)):
            yield Hit(act.at, f"{what} in a transaction")


def _outside(act: Act) -> str:
    """Return what cannot run in a transaction; empty for all else. REFRESH ... CONCURRENTLY can."""
    if "concurrently" in act.marks and act.does != "refresh":
        return f"{act.does.replace('_', ' ').upper()} CONCURRENTLY"
    if act.does == "vacuum" or (
        act.does == "reindex" and act.to in {"schema", "system", "database"}
    ):
        return act.does.upper()
    return ALONE.get(act.name, "") if act.does == "other" else ""


@rule(
    "several-without-transaction",
    GROUP,
    "error",
    why="Without a transaction a failure half-way leaves the statements before it, and nothing says which.",
    instead="One statement per file with `-- transactional: false`.",
)
def _several(subject: Subject) -> Iterator[Hit]:
    alone = [one for one in subject.migration.statements if one.transaction is None]
    working = [one for one in alone if not all(act.does in {"set", "select"} for act in one.acts)]
    for one in working[1:]:
        yield Hit(one.start, f"{len(working)} statements run without a transaction")


@rule(
    "transaction-control",
    GROUP,
    "error",
    convention=True,
    replaces=("transaction-nesting", "ban-uncommitted-transaction"),
    why="COMMIT in a file ends the migration's transaction half-way: the rest is neither undone nor recorded with it.",
    instead="Leave BEGIN and COMMIT to the migrator.",
)
def _control(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("transaction"):
        yield Hit(act.at, f"{act.name.upper()} in a migration")


STRONG = frozenset({"ACCESS EXCLUSIVE", "EXCLUSIVE", "SHARE ROW EXCLUSIVE"})


def _held(subject: Subject, statement: Statement) -> Iterator[tuple[str, str]]:
    """Yield what a statement locks of tables that are in use, with the mode."""
    known = understood(statement.text)
    for lock in known.locks:
        # A new table that refers to others holds them for as long as it takes to make it.
        is_reference = known.kind == "CREATE TABLE" and lock.mode == "SHARE ROW EXCLUSIVE"
        table = subject.in_use(plain(lock.relation))
        if table and not is_reference:
            yield table, lock.mode


@rule(
    "work-under-exclusive-lock",
    GROUP,
    "warning",
    lock="ACCESS EXCLUSIVE, kept from a statement before",
    eases=True,
    why="Locks are kept until the transaction ends: everybody who wants the table waits for the long "
    "statement after it.",
    instead="Put the long statement into a migration of its own, before or after.",
)
def _work(subject: Subject) -> Iterator[Hit]:
    held: dict[int, dict[str, int]] = {}
    long: dict[int, list[tuple[Act, str, int]]] = {}
    for statement in subject.migration.statements:
        number = statement.transaction
        if number is None:
            continue
        mine = held.setdefault(number, {})
        for act in statement.acts:
            if mine and _is_long(subject, act):
                long.setdefault(number, []).append((act, *next(iter(mine.items()))))
        for relation, mode in _held(subject, statement):
            if mode == "ACCESS EXCLUSIVE":
                mine.setdefault(relation, statement.line)
    for found in long.values():
        act, table, line = found[0]
        what = act.does.replace("_", " ").upper()
        more = f", and {len(found) - 1} more after it" if found[1:] else ""
        yield Hit(act.at, f"{what} while {table} is locked since line {line}{more}", (table,))


def _is_long(subject: Subject, act: Act) -> bool:
    """Say whether an act may take long: it reads or writes rows of a table that may have some."""
    table = act.on or subject.before.table_of_index(act.name)
    rows = act.does != "insert" or "query" in act.marks
    return rows and subject.is_old(table) and (act.does in LONG or _reads_or_rewrites(subject, act))


def _reads_or_rewrites(subject: Subject, act: Act) -> bool:
    """Say whether a part of ALTER TABLE goes through all rows."""
    if act.does == "add_column":
        return bool(act.marks & {"generated", "identity", "serial"} or volatile_calls(subject, act))
    if act.does == "add_constraint":
        return "added" in act.marks and not act.marks & {"not_valid", "using_index"}
    return act.does in {"set_tablespace", "set_logged", "set_unlogged", "set_access_method"}


@rule(
    "several-tables-locked",
    GROUP,
    "warning",
    lock="ACCESS EXCLUSIVE or SHARE ROW EXCLUSIVE on several tables",
    eases=True,
    why="A transaction that collects strong locks waits for one table while it keeps others, and deadlocks with "
    "traffic that takes them in another order.",
    instead="One table per migration.",
)
def _several_tables(subject: Subject) -> Iterator[Hit]:
    held: dict[int, list[str]] = {}
    for statement in subject.migration.statements:
        if statement.transaction is None:
            continue
        mine = held.setdefault(statement.transaction, [])
        for relation, mode in _held(subject, statement):
            if mode in STRONG and relation not in mine:
                mine.append(relation)
                if mine[1:] == [relation]:
                    message = f"{relation} is locked while {mine[0]} is"
                    yield Hit(statement.start, message, (mine[0], relation))


@rule(
    "unreadable",
    GROUP,
    "error",
    replaces=("syntax-error",),
    why="PostgreSQL's own grammar refuses it, so the migration fails.",
    instead="Mend the statement.",
)
def _unreadable(subject: Subject) -> Iterator[Hit]:
    for problem in subject.migration.problems:
        yield Hit(problem.start, str(problem))

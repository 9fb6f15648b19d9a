"""What CREATE, ALTER, DROP and COMMENT lock, by PostgreSQL's manual and its AlterTableGetLockLevel()."""

from collections.abc import Callable

from slimy_dal.schema.lockwords import (
    ACCESS_EXCLUSIVE,
    ACCESS_SHARE,
    ROW_SHARE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Lock,
    Understood,
    Words,
)

__all__ = ["alter", "comment", "create", "drop"]

RELATIONS = ("table", "index", "sequence", "view")
"""What is a relation, beside materialized views and foreign tables."""

MODIFIERS = {"or", "replace", "unique", "temp", "temporary", "unlogged", "global", "local"}
MODIFIERS |= {"recursive", "constraint", "event", "default", "trusted", "procedural"}

WEAK_OPTIONS = {"set", "reset", "cluster", "validate"}
"""First words of ALTER TABLE's actions that let rows be read and written."""

STRONG_AFTER_SET = {"schema", "logged", "unlogged", "tablespace", "access", "without"}


def create(words: Words) -> Understood:
    """Return what CREATE makes and locks."""
    trigger = words.has("trigger") and not words.has("event")
    while words.word() in MODIFIERS:
        words.at += 1
    if trigger and words.takes("trigger"):
        return _on(words, "CREATE TRIGGER", SHARE_ROW_EXCLUSIVE)
    for kind, read in CREATES.items():
        if words.takes(*kind):
            return read(words)
    return Understood(f"CREATE {words.word()}".upper())


def _on(words: Words, kind: str, mode: str) -> Understood:
    tables = words.behind("on")[:1]
    referenced = words.behind("from")[:1] if "CONSTRAINT" in kind else []
    return Understood(kind, tuple(Lock(name, mode) for name in (*tables, *referenced)))


def _table(words: Words) -> Understood:
    words.takes("if", "not", "exists")
    name = words.name()
    found = [Lock(other, SHARE_ROW_EXCLUSIVE) for other in words.behind("references")]
    found += [Lock(other, ACCESS_EXCLUSIVE) for other in words.behind("partition", "of")]
    if words.has("inherits"):
        found += [Lock(other, SHARE_UPDATE_EXCLUSIVE) for other in words.behind("inherits", "(")]
    found += [Lock(other, ACCESS_SHARE) for other in words.behind("like")]
    if words.has("as", "select") or words.has("as", "with"):
        found += [
            Lock(other, ACCESS_SHARE)
            for other in (*words.behind("from", listed=False), *words.behind("join", listed=False))
        ]
    return Understood("CREATE TABLE", _unique(found, name), made=name)


def _unique(found: list[Lock], without: str) -> tuple[Lock, ...]:
    return tuple(dict.fromkeys(lock for lock in found if lock.relation != without))


def _index(words: Words) -> Understood:
    quiet = words.takes("concurrently")
    words.takes("if", "not", "exists")
    kind = "CREATE INDEX" + (" CONCURRENTLY" if quiet else "")
    return _on(words, kind, SHARE_UPDATE_EXCLUSIVE if quiet else SHARE)


def _view(kind: str) -> Callable[[Words], Understood]:
    def read(words: Words) -> Understood:
        words.takes("if", "not", "exists")
        name = words.name()
        found = [
            Lock(other, ACCESS_SHARE)
            for other in (*words.behind("from", listed=False), *words.behind("join", listed=False))
        ]
        return Understood(kind, _unique(found, name), made=name)

    return read


def _made(kind: str) -> Callable[[Words], Understood]:
    def read(words: Words) -> Understood:
        words.takes("if", "not", "exists")
        return Understood(kind, made=words.name())

    return read


CREATES: dict[tuple[str, ...], Callable[[Words], Understood]] = {
    ("table",): _table,
    ("foreign", "table"): _made("CREATE FOREIGN TABLE"),
    ("index",): _index,
    ("materialized", "view"): _view("CREATE MATERIALIZED VIEW"),
    ("view",): _view("CREATE VIEW"),
    ("sequence",): _made("CREATE SEQUENCE"),
    ("policy",): lambda words: _on(words, "CREATE POLICY", ACCESS_EXCLUSIVE),
    ("rule",): lambda words: Understood(
        "CREATE RULE", tuple(Lock(name, ACCESS_EXCLUSIVE) for name in words.behind("to")[:1])
    ),
    ("statistics",): lambda words: Understood(
        "CREATE STATISTICS",
        tuple(Lock(name, SHARE_UPDATE_EXCLUSIVE) for name in words.behind("from")[:1]),
    ),
    ("publication",): lambda words: Understood(
        "CREATE PUBLICATION",
        tuple(Lock(name, SHARE_UPDATE_EXCLUSIVE) for name in words.behind("for", "table")[:1]),
    ),
}


def drop(words: Words) -> Understood:
    """Return what DROP locks; what goes with CASCADE is not in its text."""
    note = "what goes with it (CASCADE) is locked too" if words.has("cascade") else None
    for kind in ("trigger", "policy", "rule"):
        if words.takes(kind):
            found = _on(words, f"DROP {kind.upper()}", ACCESS_EXCLUSIVE)
            return Understood(found.kind, found.locks, note)
    mode = ACCESS_EXCLUSIVE
    kind = "materialized view" if words.takes("materialized", "view") else ""
    kind = kind or ("foreign table" if words.takes("foreign", "table") else "")
    if not kind:
        kind = words.word()
        words.at += 1
        if kind not in RELATIONS:
            return Understood(f"DROP {kind}".upper(), note=note)
    if words.takes("concurrently"):
        kind, mode = f"{kind} concurrently", SHARE_UPDATE_EXCLUSIVE
    words.takes("if", "exists")
    locks = tuple(Lock(name, mode) for name in words.names())
    if kind.startswith("index"):
        note = note or "and the same lock on its table"
    return Understood(f"DROP {kind}".upper(), locks, note)


def comment(words: Words) -> Understood:
    """Return what COMMENT ON locks: the relation it is about, against other changes of the schema only."""
    words.takes("on")
    kind = words.word()
    words.at += 1
    if kind == "materialized":
        words.takes("view")
        kind = "view"
    if kind in RELATIONS:
        return Understood(
            f"COMMENT ON {kind}".upper(), (Lock(words.name(), SHARE_UPDATE_EXCLUSIVE),)
        )
    if kind == "column":
        table = words.name().rpartition(".")[0]
        return Understood("COMMENT ON COLUMN", (Lock(table, SHARE_UPDATE_EXCLUSIVE),))
    if kind in {"constraint", "trigger", "policy", "rule"} and not words.has("on", "domain"):
        return _on(words, f"COMMENT ON {kind}".upper(), ACCESS_SHARE)
    return Understood(f"COMMENT ON {kind}".upper())


def alter(words: Words) -> Understood:  # noqa: PLR0911 -- a table
    """Return what ALTER locks."""
    if words.takes("table"):
        return _alter_table(words)
    if words.takes("policy"):
        return _on(words, "ALTER POLICY", ACCESS_EXCLUSIVE)
    if words.takes("index"):
        words.takes("if", "exists")
        return Understood("ALTER INDEX", (Lock(words.name(), SHARE_UPDATE_EXCLUSIVE),))
    if words.takes("sequence"):
        words.takes("if", "exists")
        return Understood("ALTER SEQUENCE", (Lock(words.name(), SHARE_ROW_EXCLUSIVE),))
    for kind in (("view",), ("materialized", "view"), ("foreign", "table")):
        if words.takes(*kind):
            words.takes("if", "exists")
            said = " ".join(("alter", *kind)).upper()
            return Understood(said, (Lock(words.name(), ACCESS_EXCLUSIVE),))
    if words.takes("trigger"):
        return _on(words, "ALTER TRIGGER", ACCESS_EXCLUSIVE)
    return Understood(f"ALTER {words.word()}".upper())


def _alter_table(words: Words) -> Understood:
    words.takes("if", "exists")
    words.takes("only")
    name = words.name()
    words.takes("*")
    mode, others, said = "", list[Lock](), list[str]()
    for part in words.parts():
        said.append(" ".join(part.word(number) for number in range(2)).upper())
        one = _action(part)
        mode = max(mode, one, key=ORDER.index)
        others += _others(part)
    kind = "ALTER TABLE " + ", ".join(dict.fromkeys(said))
    return Understood(kind.strip(), (Lock(name, mode or ACCESS_EXCLUSIVE), *others))


ORDER = ["", SHARE_UPDATE_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, ACCESS_EXCLUSIVE]


def _action(part: Words) -> str:  # noqa: PLR0911 -- a table
    """Return the mode that one action of ALTER TABLE takes on the table."""
    first, second = part.word(), part.word(1)
    if first == "add" and part.has("foreign", "key"):
        return SHARE_ROW_EXCLUSIVE
    if first == "validate" or (first == "attach" and second == "partition"):
        return SHARE_UPDATE_EXCLUSIVE
    if first == "detach" and (part.has("concurrently") or part.has("finalize")):
        return SHARE_UPDATE_EXCLUSIVE
    if first in {"enable", "disable"} and part.has("trigger"):
        return SHARE_ROW_EXCLUSIVE
    if first == "alter" and (part.has("statistics") or part.has("set", "(") or part.has("reset")):
        return SHARE_UPDATE_EXCLUSIVE
    if first in WEAK_OPTIONS and second not in STRONG_AFTER_SET:
        return SHARE_UPDATE_EXCLUSIVE
    if first == "set" and part.has("without", "cluster"):
        return SHARE_UPDATE_EXCLUSIVE
    return ACCESS_EXCLUSIVE


def _others(part: Words) -> list[Lock]:
    """Return what one action of ALTER TABLE locks beside the table."""
    found = [Lock(name, SHARE_ROW_EXCLUSIVE) for name in part.behind("references")]
    if part.word() in {"attach", "detach"}:
        found += [Lock(name, ACCESS_EXCLUSIVE) for name in part.behind("partition")[:1]]
    if part.takes("inherit"):
        found.append(Lock(part.name(), SHARE_UPDATE_EXCLUSIVE))
    if part.word() == "validate":
        found += [Lock(name, ROW_SHARE) for name in part.behind("references")]
    return found

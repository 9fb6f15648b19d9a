"""PostgreSQL's table of locks for the statements that migrations hold: which relation, in which mode."""

from collections.abc import Callable

from slimy_dal.schema import objectlocks
from slimy_dal.schema.lockwords import (
    ACCESS_EXCLUSIVE,
    ACCESS_SHARE,
    EXCLUSIVE,
    ROW_EXCLUSIVE,
    ROW_SHARE,
    RUNS_CODE,
    SHARE,
    SHARE_UPDATE_EXCLUSIVE,
    Lock,
    Understood,
    Words,
)

__all__ = ["Lock", "Understood", "understood"]


def understood(statement: str) -> Understood:
    """Return what a statement locks, as far as its text tells; an unknown kind is said to be one."""
    words = Words.of(statement)
    first = words.word()
    words.at += 1
    read = KINDS.get(first)
    if read is None:
        return Understood(first.upper(), note="what it locks is not known here: trace it")
    return read(words)


def _sources(words: Words, mode: str = ACCESS_SHARE) -> tuple[Lock, ...]:
    names = [*words.behind("from", listed=False), *words.behind("join", listed=False)]
    return tuple(Lock(name, mode) for name in dict.fromkeys(names))


def _changes(kind: str, *before: str) -> Callable[[Words], Understood]:
    def read(words: Words) -> Understood:
        words.takes(*before)
        words.takes("only")
        name = words.name()
        others = [lock for lock in _sources(words) if lock.relation != name]
        return Understood(kind, (Lock(name, ROW_EXCLUSIVE), *others))

    return read


def _select(words: Words) -> Understood:
    locking = words.has("for", "update") or words.has("for", "share") or words.has("no", "key")
    found = _sources(words, ROW_SHARE if locking else ACCESS_SHARE)
    return Understood("SELECT", found, None if found else "may call functions that lock")


def _with(words: Words) -> Understood:
    changed = [
        Lock(name, ROW_EXCLUSIVE)
        for start in (("insert", "into"), ("update",), ("delete", "from"))
        for name in words.behind(*start)
        if name.lower() not in {"set", "of"}
    ]
    names = {lock.relation for lock in changed}
    return Understood(
        "WITH", (*changed, *(lock for lock in _sources(words) if lock.relation not in names))
    )


def _each(kind: str, mode: str, *optional: str) -> Callable[[Words], Understood]:
    def read(words: Words) -> Understood:
        for word in optional:
            words.takes(word)
        return Understood(kind, tuple(Lock(name, mode) for name in words.names()))

    return read


def _lock(words: Words) -> Understood:
    words.takes("table")
    words.takes("only")
    names = words.names()
    mode = ACCESS_EXCLUSIVE
    if words.takes("in"):
        said = []
        while words.word() not in {"mode", ""}:
            said.append(words.word().upper())
            words.at += 1
        mode = " ".join(said)
    return Understood("LOCK TABLE", tuple(Lock(name, mode) for name in names))


def _vacuum(words: Words) -> Understood:
    full = words.has("full")
    while words.word() in {"full", "freeze", "verbose", "analyze"}:
        words.at += 1
    words.list()
    kind, mode = ("VACUUM FULL", ACCESS_EXCLUSIVE) if full else ("VACUUM", SHARE_UPDATE_EXCLUSIVE)
    return Understood(kind, tuple(Lock(name, mode) for name in words.names()))


def _refresh(words: Words) -> Understood:
    words.takes("materialized", "view")
    if words.takes("concurrently"):
        mode = EXCLUSIVE
        return Understood("REFRESH MATERIALIZED VIEW CONCURRENTLY", (Lock(words.name(), mode),))
    return Understood("REFRESH MATERIALIZED VIEW", (Lock(words.name(), ACCESS_EXCLUSIVE),))


def _reindex(words: Words) -> Understood:
    words.list()
    what = words.word()
    words.at += 1
    quiet = words.takes("concurrently")
    kind = f"REINDEX {what.upper()}" + (" CONCURRENTLY" if quiet else "")
    if what not in {"table", "index"}:
        return Understood(kind, note=f"every index of the {what}")
    mode = SHARE_UPDATE_EXCLUSIVE if quiet else SHARE if what == "table" else ACCESS_EXCLUSIVE
    return Understood(kind, (Lock(words.name(), mode),))


def _nothing(kind: str, note: str | None = None) -> Callable[[Words], Understood]:
    return lambda words: Understood(f"{kind} {words.word()}".upper().strip(), note=note)


KINDS: dict[str, Callable[[Words], Understood]] = {
    "alter": objectlocks.alter,
    "analyze": _each("ANALYZE", SHARE_UPDATE_EXCLUSIVE, "verbose"),
    "call": lambda _words: Understood("CALL", note=RUNS_CODE),
    "cluster": _each("CLUSTER", ACCESS_EXCLUSIVE, "verbose"),
    "comment": objectlocks.comment,
    "copy": _changes("COPY"),
    "create": objectlocks.create,
    "delete": _changes("DELETE", "from"),
    "do": lambda _words: Understood("DO", note=RUNS_CODE),
    "drop": objectlocks.drop,
    "grant": lambda _words: Understood("GRANT"),
    "insert": _changes("INSERT", "into"),
    "lock": _lock,
    "merge": _changes("MERGE", "into"),
    "notify": lambda _words: Understood("NOTIFY"),
    "refresh": _refresh,
    "reindex": _reindex,
    "reset": lambda _words: Understood("RESET"),
    "revoke": lambda _words: Understood("REVOKE"),
    "security": _nothing("SECURITY"),
    "select": _select,
    "set": lambda _words: Understood("SET"),
    "show": lambda _words: Understood("SHOW"),
    "truncate": _each("TRUNCATE", ACCESS_EXCLUSIVE, "table", "only"),
    "update": _changes("UPDATE"),
    "vacuum": _vacuum,
    "values": lambda _words: Understood("VALUES"),
    "with": _with,
}
"""By a statement's first word."""

"""Statements that write rows, lock, maintain or grant, as acts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slimy_dal.schema.lint import words
from slimy_dal.schema.lint.acts import Act
from slimy_dal.schema.lint.words import marks_of, object_kind, option

__all__ = ["TRANSLATIONS"]

Translation = Iterator[Act]

LOCK_MODES = (
    "",
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
"""By their numbers in the server."""


def _written(does: str) -> Callable[[Any, int, int], Translation]:
    def translate(node: Any, _base: int, start: int) -> Translation:
        marks = marks_of(
            where=getattr(node, "whereClause", None) is not None,
            query=does == "insert"
            and node.selectStmt is not None
            and not node.selectStmt.valuesLists,
        )
        yield Act(does, start, words.relation(node.relation), marks=marks)
        yield from _inner(node.withClause, start)

    return translate


def _inner(node: Any, start: int) -> Translation:
    for one in words.nodes(node):
        kind = type(one).__name__.removesuffix("Stmt").lower()
        if kind in {"update", "delete", "insert"}:
            marks = marks_of(where=getattr(one, "whereClause", None) is not None, query=True)
            yield Act(kind, start, words.relation(one.relation), marks=marks)


def _select(node: Any, _base: int, start: int) -> Translation:
    yield Act("select", start, calls=words.calls(node))
    yield from _inner(node, start)


def _grant(node: Any, _base: int, start: int) -> Translation:
    granted = [one.priv_name for one in node.privileges or ()]
    kind = object_kind(node.objtype)
    public = any(one.roletype.name == "ROLESPEC_PUBLIC" for one in node.grantees or ())
    does = "grant" if node.is_grant else "revoke"
    for one in node.objects or (None,):
        named = words.relation(one) if hasattr(one, "relname") else words.dotted(one)
        marks = marks_of(public=public)
        columns = tuple(granted) or ("all",)
        yield Act(does, start, named if kind == "table" else "", named, kind, columns, marks)


def _default_privileges(node: Any, base: int, start: int) -> Translation:
    yield from _grant(node.action, base, start)


def _alter_enum(node: Any, _base: int, start: int) -> Translation:
    does = "rename_value" if node.oldVal else "add_value"
    yield Act(does, start, name=words.dotted(node.typeName), text=node.newVal or "")


def _tables(does: str, field: str) -> Callable[[Any, int, int], Translation]:
    def translate(node: Any, _base: int, start: int) -> Translation:
        mode = getattr(node, "mode", 0)
        mode = LOCK_MODES[mode] if isinstance(mode, int) and mode < len(LOCK_MODES) else ""
        marks = marks_of(
            cascade=getattr(getattr(node, "behavior", None), "name", "") == "DROP_CASCADE"
        )
        for one in getattr(node, field) or ():
            yield Act(does, start, words.relation(one), to=mode, marks=marks)

    return translate


def _vacuum(node: Any, _base: int, start: int) -> Translation:
    marks = marks_of(full=option(node.options, "full"))
    does = "vacuum" if node.is_vacuumcmd else "analyze"
    for one in node.rels or (None,):
        yield Act(does, start, words.relation(one.relation) if one is not None else "", marks=marks)


def _reindex(node: Any, _base: int, start: int) -> Translation:
    kind = node.kind.name.removeprefix("REINDEX_OBJECT_").lower()
    name = words.relation(node.relation) if node.relation is not None else node.name or ""
    marks = marks_of(concurrently=option(node.params, "concurrently"))
    yield Act("reindex", start, name if kind == "table" else "", name, kind, marks=marks)


def _refresh(node: Any, _base: int, start: int) -> Translation:
    name = words.relation(node.relation)
    marks = marks_of(concurrently=node.concurrent, empty=node.skipData)
    yield Act("refresh", start, name, name, marks=marks)


def _cluster(node: Any, _base: int, start: int) -> Translation:
    yield Act("cluster", start, words.relation(node.relation))


def _do(node: Any, _base: int, start: int) -> Translation:
    body = next((one.arg.sval for one in node.args if one.defname == "as"), "")
    yield Act("do", start, text=body)


def _transaction(node: Any, _base: int, start: int) -> Translation:
    yield Act("transaction", start, name=node.kind.name.removeprefix("TRANS_STMT_").lower())


def _set(node: Any, _base: int, start: int) -> Translation:
    yield Act("set", start, name=node.name or "", marks=marks_of(local=node.is_local))


def _role(node: Any, _base: int, start: int) -> Translation:
    powers = [
        one.defname
        for one in node.options or ()
        if one.defname in {"superuser", "bypassrls", "isreplication"}
        and option((one,), one.defname)
    ]
    name = node.role if isinstance(node.role, str) else getattr(node.role, "rolename", "") or ""
    does = "create_role" if type(node).__name__ == "CreateRoleStmt" else "alter_role"
    yield Act(does, start, name=name, columns=tuple(powers))


def _copy(node: Any, _base: int, start: int) -> Translation:
    marks = marks_of(program=node.is_program, file=node.filename, written=node.is_from)
    table = words.relation(node.relation) if node.relation is not None else ""
    yield Act("copy", start, table, marks=marks)


TRANSLATIONS: Mapping[str, Callable[[Any, int, int], Translation]] = {
    "UpdateStmt": _written("update"),
    "DeleteStmt": _written("delete"),
    "InsertStmt": _written("insert"),
    "SelectStmt": _select,
    "GrantStmt": _grant,
    "AlterDefaultPrivilegesStmt": _default_privileges,
    "AlterEnumStmt": _alter_enum,
    "TruncateStmt": _tables("truncate", "relations"),
    "LockStmt": _tables("lock", "relations"),
    "VacuumStmt": _vacuum,
    "ReindexStmt": _reindex,
    "RefreshMatViewStmt": _refresh,
    "ClusterStmt": _cluster,
    "DoStmt": _do,
    "TransactionStmt": _transaction,
    "VariableSetStmt": _set,
    "CreateRoleStmt": _role,
    "AlterRoleStmt": _role,
    "CopyStmt": _copy,
}

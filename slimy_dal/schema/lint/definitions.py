"""Columns, constraints and what ALTER TABLE does, as acts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slimy_dal.schema.lint import words
from slimy_dal.schema.lint.acts import Act

__all__ = ["altered", "column", "constraint"]

CONSTRAINTS = {
    "CONSTR_CHECK": "check",
    "CONSTR_PRIMARY": "primary",
    "CONSTR_UNIQUE": "unique",
    "CONSTR_EXCLUSION": "exclude",
    "CONSTR_FOREIGN": "foreign",
    "CONSTR_NOTNULL": "not_null",
}
SERIALS = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})

COMMANDS: Mapping[str, str] = {
    "AT_DropColumn": "drop_column",
    "AT_SetNotNull": "set_not_null",
    "AT_DropNotNull": "drop_not_null",
    "AT_ValidateConstraint": "validate",
    "AT_DropConstraint": "drop_constraint",
    "AT_ColumnDefault": "set_default",
    "AT_SetTableSpace": "set_tablespace",
    "AT_SetLogged": "set_logged",
    "AT_SetUnLogged": "set_unlogged",
    "AT_SetAccessMethod": "set_access_method",
    "AT_EnableRowSecurity": "enable_rls",
    "AT_DisableRowSecurity": "disable_rls",
    "AT_DisableTrig": "disable_trigger",
    "AT_DisableTrigAll": "disable_all_triggers",
    "AT_DisableTrigUser": "disable_all_triggers",
    "AT_EnableTrig": "enable_trigger",
    "AT_EnableTrigAll": "enable_trigger",
    "AT_EnableTrigUser": "enable_trigger",
    "AT_SetStatistics": "set_storage_option",
    "AT_SetOptions": "set_storage_option",
    "AT_ResetOptions": "set_storage_option",
    "AT_SetRelOptions": "set_storage_option",
    "AT_ResetRelOptions": "set_storage_option",
    "AT_ClusterOn": "set_storage_option",
    "AT_DropCluster": "set_storage_option",
    "AT_ChangeOwner": "change_owner",
}
"""What ALTER TABLE's parts are called here; the rest is `alter_table`."""


def column(table: str, node: Any, base: int, *marks: str) -> Iterator[Act]:
    """Yield a column, and the constraints that stand beside it."""
    kind = words.type_name(node.typeName)
    said: set[str] = {*marks}
    called: tuple[str, ...] = ()
    inline = []
    if kind in SERIALS:
        said |= {"serial", "not_null"}
    for one in node.constraints or ():
        name = one.contype.name
        if name == "CONSTR_NOTNULL":
            said.add("not_null")
        elif name == "CONSTR_DEFAULT":
            said.add("default")
            called = words.calls(one.raw_expr)
        elif name == "CONSTR_IDENTITY":
            said |= {"identity", "not_null"}
        elif name == "CONSTR_GENERATED":
            said.add("virtual" if one.generated_kind == "v" else "generated")
        elif name in CONSTRAINTS:
            if name == "CONSTR_PRIMARY":
                said.add("not_null")
            inline.append(one)
    at = base + (node.location or 0)
    yield Act("add_column", at, table, node.colname, kind, (), frozenset(said), called)
    for one in inline:
        yield from constraint(table, one, base, at, node.colname, *marks)


def constraint(
    table: str, node: Any, base: int, otherwise: int, of_column: str = "", *marks: str
) -> Iterator[Act]:
    """Yield a constraint; nothing for what only belongs to one (DEFERRABLE)."""
    kind = CONSTRAINTS.get(node.contype.name)
    if kind is None:
        return
    said = {kind, *marks}
    said |= {"not_valid"} if node.skip_validation else set()
    said |= {"using_index"} if node.indexname else set()
    said |= {"without_action"} if kind == "foreign" and node.fk_del_action == "a" else set()
    listed = node.fk_attrs or node.keys or ()
    columns = (of_column,) if of_column else tuple(one.sval for one in listed)
    text = node.indexname or ""
    if kind == "check":
        columns = words.not_null_columns(node.raw_expr)
        text = " ".join(words.columns_of(node.raw_expr))
    if kind == "exclude":
        columns = tuple(pair[0].name or "" for pair in node.exclusions or ())
    at = base + node.location if node.location and node.location > 0 else otherwise
    name, to = node.conname or "", words.relation(node.pktable) if node.pktable else ""
    yield Act("add_constraint", at, table, name, to, columns, frozenset(said), (), text)


def altered(table: str, command: Any, base: int, start: int) -> Iterator[Act]:
    """Yield what one part of ALTER TABLE does."""
    kind = command.subtype.name
    special = SPECIAL.get(kind)
    if special is not None:
        yield from special(table, command, base, start)
        return
    does = COMMANDS.get(kind, "alter_table")
    name = command.name or ("" if does in COMMANDS.values() else kind.removeprefix("AT_"))
    marks = {"cascade"} if command.behavior.name == "DROP_CASCADE" else set()
    if does == "set_default" and command.def_ is None:
        marks.add("dropped")
    yield Act(does, start, table, name, marks=frozenset(marks))


def _add_column(table: str, command: Any, base: int, start: int) -> Iterator[Act]:  # noqa: ARG001 -- one signature for all
    yield from column(table, command.def_, base, "added")


def _add_constraint(table: str, command: Any, base: int, start: int) -> Iterator[Act]:
    yield from constraint(table, command.def_, base, start, "", "added")


def _type(table: str, command: Any, base: int, start: int) -> Iterator[Act]:  # noqa: ARG001 -- likewise
    definition = command.def_
    marks = {"using"} if definition.raw_default is not None else set()
    kind = words.type_name(definition.typeName)
    yield Act("set_type", start, table, command.name, kind, marks=frozenset(marks))


def _attach(table: str, command: Any, base: int, start: int) -> Iterator[Act]:  # noqa: ARG001 -- likewise
    yield Act("attach", start, table, to=words.relation(command.def_.name))


def _detach(table: str, command: Any, base: int, start: int) -> Iterator[Act]:  # noqa: ARG001 -- likewise
    marks = {"concurrently"} if command.def_.concurrent else set()
    yield Act("detach", start, table, to=words.relation(command.def_.name), marks=frozenset(marks))


SPECIAL: Mapping[str, Callable[[str, Any, int, int], Iterator[Act]]] = {
    "AT_AddColumn": _add_column,
    "AT_AddConstraint": _add_constraint,
    "AT_AlterColumnType": _type,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
}

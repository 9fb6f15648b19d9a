"""Statements that make, change or take away things, as acts."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slimy_dal.schema.lint import definitions, words
from slimy_dal.schema.lint.acts import Act
from slimy_dal.schema.lint.words import marks_of, object_kind, option

__all__ = ["TRANSLATIONS"]

Translation = Iterator[Act]


def _create_table(node: Any, base: int, start: int) -> Translation:
    table = words.relation(node.relation)
    parent = words.relation(node.inhRelations[0]) if node.inhRelations else ""
    marks = marks_of(
        partition=node.partbound,
        temporary=node.relation.relpersistence == "t",
        partitioned=node.partspec,
        if_not_exists=node.if_not_exists,
    )
    yield Act("create_table", start, table, table, parent, marks=marks)
    for part in node.tableElts or ():
        if type(part).__name__ == "ColumnDef":
            yield from definitions.column(table, part, base)
        elif type(part).__name__ == "Constraint":
            yield from definitions.constraint(table, part, base, start)


def _create_as(node: Any, _base: int, start: int) -> Translation:
    name = words.relation(node.into.rel)
    kind = "create_matview" if object_kind(node.objtype) == "matview" else "create_table"
    temporary = node.into.rel.relpersistence == "t"
    yield Act(kind, start, name, name, marks=marks_of(temporary=temporary, filled=True))


def _alter(node: Any, base: int, start: int) -> Translation:
    table, kind = words.relation(node.relation), object_kind(node.objtype)
    for command in node.cmds:
        for act in definitions.altered(table, command, base, start):
            yield act if kind in {"table", "matview"} else Act("other", start, name=kind)


def _index(node: Any, _base: int, start: int) -> Translation:
    columns = tuple(part.name or "" for part in node.indexParams or ())
    marks = marks_of(
        concurrently=node.concurrent,
        unique=node.unique,
        filtered=node.whereClause,
        partial=node.whereClause and not words.not_null_columns(node.whereClause),
        only=not node.relation.inh,
        unnamed=not node.idxname,
    )
    table = words.relation(node.relation)
    schema = table.rpartition(".")[0]
    name = f"{schema}.{node.idxname}" if schema and node.idxname else node.idxname or ""
    yield Act("create_index", start, table, name, columns=columns, marks=marks)


def _drop(node: Any, _base: int, start: int) -> Translation:
    kind = object_kind(node.removeType)
    marks = marks_of(concurrently=node.concurrent, cascade=node.behavior.name == "DROP_CASCADE")
    for one in node.objects:
        if kind in {"trigger", "policy", "rule"}:
            table, name = words.dotted(one[:-1]), one[-1].sval
            yield Act(f"drop_{kind}", start, table, name, marks=marks)
        else:
            name = words.dotted(one)
            on = name if kind in {"table", "matview"} else ""
            yield Act(f"drop_{kind}", start, on, name, marks=marks)


def _rename(node: Any, _base: int, start: int) -> Translation:
    kind = object_kind(node.renameType)
    table = words.relation(node.relation) if node.relation is not None else ""
    old = node.subname or table or words.dotted(node.object)
    yield Act("rename", start, table, old, node.newname or "", marks=frozenset({kind}))


def _schema(node: Any, _base: int, start: int) -> Translation:
    kind = object_kind(node.objectType)
    table = words.relation(node.relation) if node.relation is not None else ""
    old = table or words.dotted(node.object)
    new = f"{node.newschema}.{old.rpartition('.')[2]}"
    yield Act("rename", start, table, old, new, marks=frozenset({kind}))


def _function(node: Any, _base: int, start: int) -> Translation:
    said = {one.defname: one for one in node.options or ()}
    paths = any(
        one.defname == "set" and one.arg.name == "search_path" for one in node.options or ()
    )
    language = getattr(said["language"].arg, "sval", "sql") if "language" in said else "sql"
    volatile = (
        getattr(said["volatility"].arg, "sval", "volatile") if "volatility" in said else "volatile"
    )
    marks = marks_of(
        definer=option(node.options, "security"),
        search_path=paths,
        replace=node.replace,
        leakproof=option(node.options, "leakproof"),
        steady=volatile != "volatile",
    )
    yield Act("create_function", start, name=words.dotted(node.funcname), to=language, marks=marks)


def _alter_function(node: Any, _base: int, start: int) -> Translation:
    paths = any(
        one.defname == "set" and one.arg.name == "search_path" for one in node.actions or ()
    )
    marks = marks_of(definer=option(node.actions, "security"), search_path=paths)
    yield Act("alter_function", start, name=words.dotted(node.func), marks=marks)


def _comment(node: Any, _base: int, start: int) -> Translation:
    kind = object_kind(node.objtype)
    kind = "function" if kind in {"procedure", "routine", "aggregate"} else kind
    marks = marks_of(nothing=node.comment is None)
    yield Act("comment", start, name=words.dotted(node.object), to=kind, marks=marks)


def _named(does: str, field: str) -> Callable[[Any, int, int], Translation]:
    def translate(node: Any, _base: int, start: int) -> Translation:
        name = words.dotted(getattr(node, field))
        yield Act(
            does, start, name=name, marks=marks_of(if_not_exists=getattr(node, "if_not_exists", 0))
        )

    return translate


def _view(node: Any, _base: int, start: int) -> Translation:
    name = words.relation(node.view)
    yield Act("create_view", start, name=name, marks=marks_of(replace=node.replace))


def _enum(node: Any, _base: int, start: int) -> Translation:
    name = words.dotted(node.typeName)
    yield Act("create_type", start, name=name, columns=tuple(one.sval for one in node.vals or ()))


def _trigger(node: Any, _base: int, start: int) -> Translation:
    marks = marks_of(row=node.row, replace=node.replace)
    table = words.relation(node.relation)
    yield Act(
        "create_trigger", start, table, node.trigname, words.dotted(node.funcname), marks=marks
    )


def _policy(node: Any, _base: int, start: int) -> Translation:
    yield Act("create_policy", start, words.relation(node.table), node.policy_name)


def _rule(node: Any, _base: int, start: int) -> Translation:
    yield Act("create_rule", start, words.relation(node.relation), node.rulename)


TRANSLATIONS: Mapping[str, Callable[[Any, int, int], Translation]] = {
    "CreateStmt": _create_table,
    "CreateTableAsStmt": _create_as,
    "AlterTableStmt": _alter,
    "IndexStmt": _index,
    "DropStmt": _drop,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _schema,
    "CreateFunctionStmt": _function,
    "AlterFunctionStmt": _alter_function,
    "CommentStmt": _comment,
    "CreateSchemaStmt": _named("create_schema", "schemaname"),
    "CreateExtensionStmt": _named("create_extension", "extname"),
    "CreateDomainStmt": _named("create_domain", "domainname"),
    "CompositeTypeStmt": lambda node, _base, start: iter(
        [Act("create_type", start, name=words.relation(node.typevar))]
    ),
    "CreateRangeStmt": _named("create_type", "typeName"),
    "CreateEventTrigStmt": _named("create_event_trigger", "trigname"),
    "CreateSeqStmt": lambda node, _base, start: iter(
        [Act("create_sequence", start, name=words.relation(node.sequence))]
    ),
    "ViewStmt": _view,
    "CreateEnumStmt": _enum,
    "CreateTrigStmt": _trigger,
    "CreatePolicyStmt": _policy,
    "RuleStmt": _rule,
}

"""Holds a scale model against the database that it is for: what it names must be there, and be of that kind."""

from slimy_dal.compiler.scale.declared import ColumnScale, Scale, ScaleError, TableKey, nearest
from slimy_dal.compiler.scale.schema import Column, Schema, Table
from slimy_dal.compiler.scale.values import MOMENTS, plain
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError

__all__ = ["check"]


async def check(connection: Connection, schema: Schema, scale: Scale) -> None:
    """Raise ScaleError for the first thing in a model that does not fit the database."""
    for key in scale.tables:
        if key not in schema.by_key:
            known = [str(table) for table in schema.by_key.values()]
            raise ScaleError(
                "there is no such table",
                nearest(".".join(key), known, "take it out, or make it in `setup`"),
                file=scale.file,
                table=".".join(key),
            )
    for key, told in scale.tables.items():
        table = schema.by_key[key]
        names = [column.name for column in table.columns.values()]
        for name, column_scale in told.columns.items():
            column = table.named(name)
            if column is None:
                hint = nearest(name, names, "its columns are " + ", ".join(names))
                raise _error(scale, key, name, "there is no such column", hint)
            await _column(connection, scale, key, column, column_scale)
        await _indexes(connection, scale, table)


async def _indexes(connection: Connection, scale: Scale, table: Table) -> None:
    known = {index.key[1]: index for index in table.indexes}
    with_expressions = [name for name, index in known.items() if any(index.expressions())]
    for name, told in scale.tables[table.key].indexes.items():
        if name not in with_expressions:
            problem = "this index has no expression" if name in known else "there is no such index"
            hint = "what a plain column is like stands under `columns`"
            raise _error(scale, table.key, name, problem, nearest(name, with_expressions, hint))
        for part in known[name].expressions():
            await _column(connection, scale, table.key, part, told)


def _error(scale: Scale, key: TableKey, field: str, problem: str, hint: str) -> ScaleError:
    return ScaleError(problem, hint, file=scale.file, table=".".join(key), field=field)


async def _column(
    connection: Connection, scale: Scale, key: TableKey, column: Column, told: ColumnScale
) -> None:
    kind = plain(column.type)
    if told.nulls and column.notnull:
        raise _error(scale, key, column.name, "this column is NOT NULL", "leave `nulls` out")
    if told.future is not None and kind.name not in MOMENTS:
        raise _error(
            scale, key, column.name, f"{kind.name} has no future", "that is for dates and times"
        )
    has_elements = kind.kind == "array" or kind.name == "tsvector"
    if (told.elements is not None or told.length is not None) and not has_elements:
        raise _error(
            scale, key, column.name, f"{kind.name} has no elements", "say `common` of its values"
        )
    element = kind.element if kind.element is not None else kind
    for field, pairs, name in (
        ("common", told.common, column.type.name),
        ("elements", told.elements, "text" if kind.name == "tsvector" else element.name),
    ):
        values = [value for value, _ in pairs or () if value is not None]
        known = _known(column, field)
        for value in values:
            if known and value not in known:
                hint = nearest(value, known, "there are " + ", ".join(known))
                raise _error(
                    scale, key, f"{column.name}.{field}", f"`{value}` cannot stand there", hint
                )
        if values and not known:
            problem = await _read(connection, values, name)
            if problem is not None:
                raise _error(scale, key, f"{column.name}.{field}", problem, f"write a {name}")


def _known(column: Column, field: str) -> tuple[str, ...]:
    kind = plain(column.type)
    if field == "elements" or kind.kind != "array":
        inside = plain(kind.element) if kind.element is not None else kind
        if inside.kind == "enum":
            return inside.labels
        return ("f", "t") if inside.name == "boolean" else column.choices
    return ()


async def _read(connection: Connection, values: list[str], kind: str) -> str | None:
    """Return what the server has against values of a type, None where it takes them all."""
    sql = f"SELECT count(v::{kind}) FROM unnest($1::text[]) AS v"  # noqa: S608 -- its own name for the type
    try:
        await connection.fetch(sql, values)
    except SlimyError as error:
        return error.server_message or error.message
    return None

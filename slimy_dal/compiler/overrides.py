"""The directives `nullable:` and `notnull:` of a query: applied, and held against what was proven."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from slimy_dal.compiler.description import Column, Parameter, Reason
from slimy_dal.compiler.query import Directive, Location, Query
from slimy_dal.compiler.variants.split import optional_names

__all__ = ["Contradiction", "Overrides"]

NULLABLE, NOTNULL = "nullable", "notnull"


class Contradiction(Exception):
    """A directive that is certainly wrong."""

    def __init__(self, location: Location, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.location, self.message, self.hint = location, message, hint


class Overrides:
    """What a query's header says of its columns and, with a colon, of its parameters."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._wanted: dict[str, tuple[bool, Directive]] = {}
        self._hints: list[Reason] = []
        for directive in query.directives:
            if directive.key not in {NULLABLE, NOTNULL}:
                continue
            for name in directive.names:
                before = self._wanted.get(name)
                if before is not None and before[1].key != directive.key:
                    message = f"`{name}` is declared both nullable and notnull"
                    raise Contradiction(directive.location, message)
                self._wanted[name] = (directive.key == NULLABLE, directive)

    def parameter(self, parameter: Parameter, *, refused: bool) -> Parameter:
        """Apply a directive to a parameter; `refused` says that the table would never take NULL."""
        name = f":{parameter.name}"
        if name not in self._wanted:
            return parameter
        nullable, directive = self._wanted[name]
        if nullable and refused:
            raise Contradiction(
                directive.location,
                f"`{name}` cannot be nullable: {parameter.reasons[0].text}",
                "remove it from the directive, or write COALESCE around the parameter",
            )
        if nullable == parameter.nullable:
            self._unnecessary(name, directive)
            return parameter
        reason = Reason(f"declared {directive.key}", directive.location)
        return replace(parameter, nullable=nullable, reasons=(reason, *parameter.reasons))

    def column(self, column: Column, *, literal_null: bool) -> Column:
        """Apply a directive to a column; `literal_null` says that it is NULL in every row."""
        if column.name not in self._wanted:
            return column
        nullable, directive = self._wanted[column.name]
        if not nullable and literal_null:
            message = f"`{column.name}` cannot be notnull: it is NULL in every row"
            raise Contradiction(directive.location, message)
        if nullable == column.nullable:
            self._unnecessary(column.name, directive)
            return column
        said = "declared nullable" if nullable else "declared notnull, which is not proven"
        reason = Reason(said, directive.location)
        if nullable:
            text = f"`{column.name}` is never NULL: {column.reasons[0].text}"
            self._hints.append(Reason(text, directive.location))
        return replace(
            column, nullable=nullable, solid=not nullable, reasons=(reason, *column.reasons)
        )

    def _unnecessary(self, name: str, directive: Directive) -> None:
        text = f"`{directive.key}: {name}` is not needed: that is what the analysis says"
        self._hints.append(Reason(text, directive.location))

    def finish(self, columns: Sequence[str]) -> tuple[Reason, ...]:
        """Return the hints; raises Contradiction where a directive names what is not there."""
        # The parameter of a filter is looked at where the filter is part of the statement.
        parameters = (*self._query.parameters, *optional_names(self._query.directives))
        names = {*columns, *(f":{name}" for name in parameters)}
        for name, (_, directive) in self._wanted.items():
            if name not in names:
                kind = "parameter" if name.startswith(":") else "column"
                message = f"`{directive.key}: {name}`: the query has no such {kind}"
                raise Contradiction(directive.location, message, _suggestion(name, names))
        return tuple(self._hints)


def _suggestion(name: str, names: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(name, sorted(names), n=1)
    return f"did you mean `{close[0]}`?" if close else None

"""Holds what is known of a query's number of rows against what its shape and its text promise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from slimy_dal.compiler.description import Description, Reason
from slimy_dal.compiler.query import Location, Query

__all__ = ["Finding", "examine"]

SINGLE = frozenset({"one", "opt", "scalar"})
"""Shapes that give their caller one row and would hide a second one."""

ONE_ROW = (
    "compare every column of a unique key with a parameter, add LIMIT 1 with an ORDER BY that says "
    "which row is meant, or make it :many"
)
A_WHERE = "add a WHERE that names the rows"
A_KEY = "end the order with the columns of a unique key"


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise that is not proven: where, what, and the way out.

    `waiver` is the reason of the `allow` directive that waives it, None where there is none; a
    finding of severity `hint` fails nothing. `reasons` is the chain that led to the answer.
    """

    rule: Literal["cardinality", "sort", "unbounded"]
    query: Query
    location: Location
    message: str
    help: str
    severity: Literal["error", "hint"] = "error"
    reasons: tuple[Reason, ...] = ()
    waiver: str | None = None

    @property
    def fails(self) -> bool:
        """Whether the check fails by it."""
        return self.severity == "error" and self.waiver is None

    def __str__(self) -> str:
        return f"{self.location}: {self.query.full_name}: {self.rule}: {self.message}; {self.help}"


def examine(descriptions: Sequence[Description]) -> list[Finding]:
    """Return what is found, waived or not, in the order of the descriptions."""
    return [finding for one in descriptions for finding in (*_rows(one), *_writes(one))]


def _rows(description: Description) -> Iterator[Finding]:
    query, because = description.query, description.rows_because
    place, waiver = Location(query.path, query.line, 1), _waiver(query, "cardinality")
    why = because[0].text if because else "nothing could be proven of it"
    if query.shape in SINGLE and not description.at_most_one:
        message = f"this :{query.shape} may find more than one row: {why}"
        yield Finding("cardinality", query, place, message, ONE_ROW, reasons=because, waiver=waiver)
    if query.shape == "many" and description.at_most_one:
        yield Finding(
            "cardinality",
            query,
            place,
            f"this :many returns at most one row: {why}",
            "make it :opt, or :one where the row must be there",
            "hint",
            because,
            waiver,
        )


def _writes(description: Description) -> Iterator[Finding]:
    query = description.query
    for reason in description.unfiltered:
        place = reason.location or Location(query.path, query.line, 1)
        waiver = _waiver(query, "unbounded")
        yield Finding("unbounded", query, place, reason.text, A_WHERE, waiver=waiver)
    for reason in description.ambiguous:
        place = reason.location or Location(query.path, query.line, 1)
        yield Finding("sort", query, place, reason.text, A_KEY)


def _waiver(query: Query, rule: str) -> str | None:
    """Return the reason with which a query waives a rule."""
    for directive in query.directives:
        if directive.key == "allow":
            name, _, reason = directive.value.partition(":")
            if name.strip() == rule:
                return reason.strip()
    return None

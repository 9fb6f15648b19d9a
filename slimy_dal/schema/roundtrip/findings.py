"""What a round trip found, as plain data and in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from slimy_dal.schema.catalog.differences import COLUMN_ORDER, Difference
from slimy_dal.schema.catalog.words import ROUND_TRIP, sentence

__all__ = ["Finding", "Report", "is_harmless"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one migration; a note is no fault."""

    migration: str
    text: str
    is_note: bool = False

    def __str__(self) -> str:
        return f"{self.migration}: {'note: ' if self.is_note else ''}{self.text}"


@dataclass(slots=True)
class Report:
    """What was found on one server."""

    server: int
    migrations: int = 0
    with_rows: bool = True
    undone: int = 0
    """How many were undone and done again."""
    tables: int = 0
    tables_without_rows: dict[str, str] = field(default_factory=dict)
    """Those that took no made-up row, with the last reason: what becomes of their rows was not seen."""
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something is wrong."""
        return any(not finding.is_note for finding in self.findings)

    def add(self, migration: str, text: str) -> None:
        """Say what is wrong."""
        self.findings.append(Finding(migration, text))

    def note(self, migration: str, text: str) -> None:
        """Say what is worth knowing."""
        self.findings.append(Finding(migration, text, is_note=True))

    def differ(self, migration: str, when: str, differences: Iterable[Difference]) -> None:
        """Say how the schema differs; what is harmless is a note."""
        for one in differences:
            text = f"{when}: {sentence(one, ROUND_TRIP)}"
            self.findings.append(Finding(migration, text, is_note=is_harmless(one)))


def is_harmless(difference: Difference) -> bool:
    """Say whether a rollback may leave it: another order of columns, and a constraint that all rows meet by now.

    No ALTER undoes either.
    """
    validated = difference.should == f"{difference.found} NOT VALID"
    return difference.fact == COLUMN_ORDER or (difference.fact == "definition" and validated)

"""What linting finds, and where."""

from dataclasses import asdict, dataclass
from typing import Any

from slimy_dal.schema.lint.rule import Severity

__all__ = ["Finding", "Report", "Waived"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule at a place; `lowered` says why it weighs less than its rule, empty where it does not."""

    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    length: int
    source: str
    """The line of the file."""
    statement: int
    """The line that its statement begins in; 0 where it concerns the whole file."""
    message: str
    why: str
    instead: str
    lock: str = ""
    tables: tuple[str, ...] = ()
    lowered: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that somebody has answered for."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings in order of place, those that were waived, and which files were read."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    files: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether anything is left that somebody must look at: a note is none."""
        return any(one.severity != "note" for one in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        waived = [{**one.finding.to_dict(), "reason": one.reason} for one in self.waived]
        return {
            "files": list(self.files),
            "findings": [one.to_dict() for one in self.findings],
            "waived": waived,
        }

"""Everything that the page says of a migration, as plain data."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from slimy_dal.schema.lint.acts import Act, Statement
from slimy_dal.schema.lint.finding import Finding, Report, Waived
from slimy_dal.schema.lint.history import subjects
from slimy_dal.schema.lint.judging import Request, judge
from slimy_dal.schema.lint.rule import Subject
from slimy_dal.schema.lint.sizes import Sizes
from slimy_dal.schema.lint.words import plain
from slimy_dal.schema.locks import understood
from slimy_dal.schema.review.measured import Figures, Measured, Trace

__all__ = ["Locked", "Review", "Reviewed", "Step", "Undo", "gather"]

LOSES = {
    "drop_table": "table {name}",
    "drop_column": "column {on}.{name}",
    "drop_schema": "schema {name}",
    "truncate": "all rows of {on}",
    "delete": "rows of {on}",
}


@dataclass(frozen=True, slots=True)
class Locked:
    """A table that is there already and that a statement locks; `rows` where they are known."""

    table: str
    mode: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A statement: what it locks by the manual, what is wrong with it, and what was measured."""

    line: int
    text: str
    kind: str
    locks: tuple[Locked, ...]
    note: str | None
    findings: tuple[Finding, ...]
    measured: Figures | None


@dataclass(frozen=True, slots=True)
class Undo:
    """The way back: the file, why there is none, and what its header says of data."""

    file: str
    complete: bool
    irreversible: str
    data: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A migration as its reviewer sees it."""

    id: str
    file: str
    purpose: str
    phase: str
    depends: tuple[str, ...]
    transactional: bool
    lock_timeout: str
    steps: tuple[Step, ...]
    whole: tuple[Finding, ...]
    """Findings about the file rather than a statement."""
    waived: tuple[Waived, ...]
    undo: Undo
    loses: tuple[str, ...]
    """What applying it loses for good."""
    does: frozenset[str]
    """The verbs of all that it does, for advice."""
    touches: tuple[str, ...]
    """Tables that are there already and that it locks."""
    measured: Measured | None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those of statements included."""
        return self.whole + tuple(one for step in self.steps for one in step.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "does": sorted(self.does)}


@dataclass(frozen=True, slots=True)
class Review:
    """All that the page is made of; `span` counts the migrations from the first one to the last."""

    migrations: tuple[Reviewed, ...]
    report: Report
    trace: Trace
    span: int

    @property
    def failed(self) -> bool:
        """Whether the linter or the trace has something against it."""
        measured = (one.measured for one in self.migrations)
        return self.report.failed or any(one.findings for one in measured if one)


def gather(request: Request, trace: Trace) -> Review:
    """Return what there is to say of the migrations that are asked about.

    Raises what judging raises.
    """
    report = judge(request)
    every = list(subjects(request.runs, request.used_by))
    wanted = [place for place, one in enumerate(every) if one.migration.path in request.wanted]
    found = [_reviewed(every[place], report, request.sizes, trace) for place in wanted]
    return Review(tuple(found), report, trace, wanted[-1] - wanted[0] + 1 if wanted else 0)


def _reviewed(subject: Subject, report: Report, sizes: Sizes, trace: Trace) -> Reviewed:
    migration = subject.migration
    path = str(migration.path)
    findings = [one for one in report.findings if one.file == path]
    measured = trace.migrations.get(migration.id)
    steps = tuple(_steps(subject, findings, sizes, measured))
    shown = {one for step in steps for one in step.findings}
    return Reviewed(
        migration.id,
        migration.path.name,
        migration.header.purpose,
        migration.header.phase,
        tuple(migration.header.depends),
        migration.transactional,
        migration.header.said.get("lock_timeout", ""),
        steps,
        tuple(one for one in findings if one not in shown),
        tuple(one for one in report.waived if one.finding.file == path),
        _undo(subject, findings),
        tuple(dict.fromkeys(_lost(subject))),
        frozenset(act.does for act in subject.acts())
        | {f"{act.does} concurrently" for act in subject.acts() if "concurrently" in act.marks},
        tuple(dict.fromkeys(lock.table for step in steps for lock in step.locks)),
        measured,
    )


def _steps(
    subject: Subject, findings: Sequence[Finding], sizes: Sizes, measured: Measured | None
) -> Iterator[Step]:
    for statement in subject.migration.statements:
        known = understood(statement.text)
        locked = tuple(_locked(subject, statement, sizes))
        yield Step(
            statement.line,
            statement.text,
            known.kind,
            locked,
            None if known.locks and not locked else known.note,
            tuple(one for one in findings if one.statement == statement.line),
            measured.statements.get(statement.line) if measured else None,
        )


def _locked(subject: Subject, statement: Statement, sizes: Sizes) -> Iterator[Locked]:
    for lock in understood(statement.text).locks:
        table = subject.in_use(plain(lock.relation))
        if table:
            yield Locked(table, lock.mode, sizes.rows.get(table))


def _lost(subject: Subject) -> Iterator[str]:
    for act in subject.acts(*LOSES):
        if subject.is_old(act.on or act.name) and not _goes_back(subject, act):
            yield LOSES[act.does].format(name=act.name, on=act.on)


def _goes_back(subject: Subject, act: Act) -> bool:
    """Say whether what is dropped was made by this migration itself."""
    made = {(one.on, one.name) for one in subject.acts("create_table", "add_column")}
    return act.does.startswith("drop_") and (act.on, act.name) in made


def _undo(subject: Subject, findings: Sequence[Finding]) -> Undo:
    undo = subject.migration.undo
    said = subject.migration.header.said.get("irreversible", "")
    if undo is None:
        return Undo("", complete=False, irreversible=said, data="")
    said = said or undo.header.said.get("irreversible", "")
    complete = not said and all(one.rule != "rollback-incomplete" for one in findings)
    return Undo(undo.path.name, complete, said, undo.header.said.get("data", ""))

"""Holds migrations against the rules: what is new weighs nothing, what is small little, what is waived kept apart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from slimy_dal.schema.lint import squawk
from slimy_dal.schema.lint.files import Migration
from slimy_dal.schema.lint.finding import Finding, Report, Waived
from slimy_dal.schema.lint.history import Run, subjects, undoing
from slimy_dal.schema.lint.rule import Rule, Severity, Subject, UsedBy
from slimy_dal.schema.lint.rules import RULES
from slimy_dal.schema.lint.settings import Allowed, Settings
from slimy_dal.schema.lint.sizes import Sizes

__all__ = ["Request", "judge"]

WAIVER_RULES = ("waiver-unused", "waiver-without-reason", "waiver-unknown-rule")


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be judged: all migrations in order, those that are asked about, and what is known."""

    runs: Sequence[Run]
    wanted: frozenset[Path]
    settings: Settings = field(default_factory=Settings)
    sizes: Sizes = field(default_factory=Sizes)
    used_by: UsedBy = lambda _name: ()
    rollbacks: bool = False


@dataclass(frozen=True, slots=True)
class _Raw:
    """A finding before waivers and sizes."""

    rule: str
    severity: Severity
    at: int
    message: str
    why: str
    instead: str
    lock: str
    eases: bool
    tables: tuple[str, ...]


def judge(request: Request) -> Report:
    """Return all that is wrong with the migrations asked about, in order of place.

    Raises NotInstalled without squawk, LintError where it fails.
    """
    judged = [one for one in subjects(request.runs, request.used_by) if _wanted(request, one)]
    told: dict[str, list[_Raw]] = {}
    for one in squawk.ask([subject.migration for subject in judged], request.settings.on):
        told.setdefault(one.migration.id, []).append(_from_squawk(one))
    findings: list[Finding] = []
    waived: list[Waived] = []
    for subject in judged:
        raw = [*_asked(subject, request.settings), *told.get(subject.migration.id, ())]
        _weigh(request, subject, raw, findings, waived)
        if request.rollbacks and subject.migration.undo is not None:
            back = undoing(subject, subject.migration.undo)
            _weigh(request, back, _asked(back, request.settings, back=True), findings, waived)
        findings += [
            one
            for one in _waiver_findings(subject.migration, request)
            if one.rule not in request.settings.off
        ]
    both = [file for one in judged for file in (one.migration, one.migration.undo) if file]
    order = {str(file.path): number for number, file in enumerate(both)}
    findings.sort(key=lambda one: (order[one.file], one.line, one.column, one.rule))
    files = tuple(str(subject.migration.path) for subject in judged)
    return Report(tuple(findings), tuple(waived), files)


def _weigh(
    request: Request,
    subject: Subject,
    raw: Iterable[_Raw],
    findings: list[Finding],
    waived: list[Waived],
) -> None:
    """Sort what was found into findings and what is waived; what weighs nothing is left out."""
    kept = [one for one in raw if one.rule not in request.settings.off]
    for one in sorted(kept, key=lambda one: (one.at, one.rule)):
        reason = _waived(subject.migration, request.settings.allow, one)
        made = _eased(request, subject, one)
        if made is not None and reason is not None:
            waived.append(Waived(made, reason))
        elif made is not None:
            findings.append(made)


def _wanted(request: Request, subject: Subject) -> bool:
    return subject.migration.path in request.wanted


def _asked(subject: Subject, settings: Settings, *, back: bool = False) -> Iterator[_Raw]:
    """Yield what the rules find; of a way back, what it locks and what cannot run."""
    for rule in RULES.values():
        if rule.convention and not settings.conventions and rule.id not in settings.on:
            continue
        if back and not rule.eases and rule.group != "Transactions":
            continue
        for one in rule.check(subject):
            yield _raw(rule, one.at, one.message, one.tables)


def _raw(rule: Rule, at: int, message: str, tables: tuple[str, ...]) -> _Raw:
    return _Raw(
        rule.id,
        rule.severity,
        at,
        message,
        rule.why,
        rule.instead,
        rule.lock,
        rule.eases,
        tables,
    )


def _from_squawk(told: squawk.Told) -> _Raw:
    kept = squawk.KEPT.get(told.rule, squawk.Kept("warning", told.message))
    statement = told.migration.statement_at(told.at)
    acts = statement.acts if statement else ()
    tables = tuple(sorted({act.on for act in acts if act.on}))
    return _Raw(
        told.rule,
        kept.severity,
        told.at,
        told.message,
        kept.why,
        told.instead,
        "",
        kept.eases,
        tables,
    )


def _eased(request: Request, subject: Subject, raw: _Raw) -> Finding | None:
    """Return the finding; None where all of its tables are new, a note where all are small."""
    lowered = ""
    if raw.eases and raw.tables:
        old = [table for table in raw.tables if subject.is_old(table)]
        if not old:
            return None
        small = [request.sizes.small(table, request.settings.small) for table in old]
        lowered = ", ".join(small) if all(small) else ""
    return _finding(subject.migration, raw, lowered)


def _finding(migration: Migration, raw: _Raw, lowered: str = "") -> Finding:
    line, column = migration.place(raw.at)
    statement = migration.statement_at(raw.at) if raw.at or migration.statements else None
    lines = migration.text.split("\n")
    source = lines[line - 1] if line <= len(lines) else ""
    rest = source[column - 1 :]
    end = statement.end - raw.at if statement and raw.at else 0
    length = max(1, min(len(rest.rstrip().rstrip(";")), end or 1))
    return Finding(
        raw.rule,
        "note" if lowered else raw.severity,
        str(migration.path),
        line,
        column,
        length,
        source,
        statement.line if statement and raw.at >= statement.start else 0,
        raw.message,
        raw.why,
        raw.instead,
        raw.lock,
        raw.tables,
        lowered,
    )


def _waived(migration: Migration, allow: Iterable[Allowed], raw: _Raw) -> str | None:
    """Return the reason why a finding is allowed; None where it is not."""
    statement = migration.statement_at(raw.at)
    for waiver in migration.waivers:
        here = waiver.statement is None or waiver.statement is statement
        if here and waiver.rule == raw.rule and waiver.reason:
            waiver.used = True
            return waiver.reason
    for one in allow:
        if one.rule == raw.rule and one.file == migration.id:
            one.used = True
            return one.reason
    return None


def _waiver_findings(migration: Migration, request: Request) -> Iterator[Finding]:
    known = {*RULES, *squawk.KEPT, *squawk.OFF}
    settings = request.settings
    if request.rollbacks and migration.undo is not None:
        yield from _waiver_findings(migration.undo, replace(request, settings=Settings()))
    for waiver in migration.waivers:
        if waiver.rule not in known:
            close = get_close_matches(waiver.rule, sorted(known), n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            message = f"there is no rule {waiver.rule!r}{hint}"
            yield _finding(migration, _raw(RULES["waiver-unknown-rule"], waiver.at, message, ()))
        elif not waiver.reason:
            message = f"`{waiver.rule}` is allowed without a reason"
            yield _finding(migration, _raw(RULES["waiver-without-reason"], waiver.at, message, ()))
        elif not waiver.used and waiver.rule not in settings.off:
            message = f"`{waiver.rule}` finds nothing here"
            yield _finding(migration, _raw(RULES["waiver-unused"], waiver.at, message, ()))
    for one in settings.allow:
        if one.file == migration.id and not one.used:
            message = f"lint.toml allows `{one.rule}`, which finds nothing here"
            yield _finding(migration, _raw(RULES["waiver-unused"], 0, message, ()))


def severities(findings: Iterable[Finding]) -> Mapping[str, int]:
    """Count findings by how much they weigh."""
    counted = {"error": 0, "warning": 0, "note": 0}
    for one in findings:
        counted[one.severity] += 1
    return counted

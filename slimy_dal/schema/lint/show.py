"""A report for people, for programs, for code scanning (SARIF) and for GitHub's annotations."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from slimy_dal.schema.lint.finding import Finding, Report
from slimy_dal.schema.lint.judging import severities
from slimy_dal.schema.lint.rules import RULES

__all__ = ["FORMATS", "summary"]

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def _near(file: str) -> str:
    """Return a path as it is written from here."""
    here = os.path.relpath(file)
    return file if here.startswith("..") else here


def summary(report: Report) -> str:
    """Return one line that says how much there is."""
    counted = severities(report.findings)
    parts = [f"{count} {word}{'s' * (count != 1)}" for word, count in counted.items() if count]
    found = ", ".join(parts) or "nothing found"
    files = len(report.files)
    waived = f"; {len(report.waived)} waived" if report.waived else ""
    return f"{found} in {files} migration{'s' * (files != 1)}{waived}"


def human(report: Report) -> str:
    """Return a report to read: place, line with a caret, lock, why, and what instead."""
    return "\n".join([*(line for one in report.findings for line in _lines(one)), summary(report)])


def _lines(one: Finding) -> Iterator[str]:
    yield f"{_near(one.file)}:{one.line}:{one.column}: {one.severity}: {one.rule}: {one.message}"
    if one.source.strip() and one.statement:
        source = one.source.replace("\t", " ")
        yield f"{one.line:>6} | {source}"
        yield f"       | {' ' * (one.column - 1)}{'^' * min(one.length, 60)}"
    if one.lowered:
        yield f"       only a note: {one.lowered}"
    if one.lock:
        yield f"       lock: {one.lock}"
    yield f"       {one.why}"
    if one.instead:
        yield f"       instead: {one.instead}"
    yield ""


def as_json(report: Report) -> str:
    """Return a report as JSON."""
    return json.dumps(report.to_dict(), indent=2)


def github(report: Report) -> str:
    """Return workflow commands, which GitHub shows beside the lines of a pull request."""
    return "\n".join(
        f"::{LEVELS[one.severity]} file={_near(one.file)},line={one.line},col={one.column},"
        f"title={one.rule}::{_escaped(f'{one.message}. {one.why} Instead: {one.instead}')}"
        for one in report.findings
    )


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def sarif(report: Report) -> str:
    """Return a report in the format of code scanning (SARIF 2.1.0)."""
    known = sorted({one.rule for one in report.findings})
    rules = [{"id": name, **_described(name)} for name in known]
    results = [_result(one) for one in report.findings]
    driver = {"name": "slimy migrate lint", "rules": rules}
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _described(name: str) -> Mapping[str, Any]:
    rule = RULES.get(name)
    if rule is None:
        return {}
    return {"shortDescription": {"text": rule.why}, "help": {"text": rule.instead}}


def _result(one: Finding) -> Mapping[str, Any]:
    place = {
        "artifactLocation": {"uri": Path(_near(one.file)).as_posix()},
        "region": {"startLine": one.line, "startColumn": one.column},
    }
    return {
        "ruleId": one.rule,
        "level": one.severity,
        "message": {"text": one.message},
        "locations": [{"physicalLocation": place}],
    }


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "human": human,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}

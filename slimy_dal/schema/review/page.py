"""Writes the page: Markdown for a pull request."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from slimy_dal.schema.lint.finding import Finding
from slimy_dal.schema.lint.show import summary
from slimy_dal.schema.review import advice
from slimy_dal.schema.review.facts import Locked, Review, Reviewed, Step
from slimy_dal.schema.review.measured import Figures, Trace

__all__ = ["page"]

ORDER = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
MOST_TEXT = 70
MANY = 4
"""Statements of one kind that share a row."""


def page(review: Review) -> str:
    """Return the report of these migrations."""
    some, trace = review.migrations, review.trace
    lines = [*_head(review)]
    for one in some:
        lines += _migration(one, trace)
    if some:
        lines += ["", "## Apply", "", *(f"    {line}" for line in advice.apply_commands(some))]
        lines += [
            "",
            "## Undo",
            "",
            *(f"    {line}" for line in advice.undo_commands(some, review.span)),
        ]
    return "\n".join(lines) + "\n"


def _head(review: Review) -> Iterator[str]:
    some, trace = review.migrations, review.trace
    count = len(some)
    yield f"# Review of {count} migration{'s' * (count != 1)}"
    yield ""
    verdict = "Not ready" if review.failed else "Nothing stands against it"
    yield f"**{verdict}**: {summary(review.report)}."
    if not some:
        return
    yield ""
    yield "| migration | phase | findings | strongest lock | who waits | way back | data |"
    yield "|---|---|---|---|---|---|---|"
    for one in some:
        weights = [finding.severity for finding in one.findings]
        found = ", ".join(
            f"{weights.count(word)} {word}{'s' * (weights.count(word) != 1)}"
            for word in ("error", "warning", "note")
            if word in weights
        )
        strongest = _strongest([lock for step in one.steps for lock in step.locks])
        lock = f"{strongest.mode} on {strongest.table}" if strongest else "none"
        waits = _who(strongest.mode) if strongest else "nobody"
        yield _row(one.id, one.phase or "-", found or "none", lock, waits, _back(one), _data(one))
    yield ""
    if trace.server:
        noise = (
            f"{_ms(trace.noise.reader_ms)} for readers and {_ms(trace.noise.writer_ms)} for writers"
        )
        yield f"Measured on a copy with made-up rows and traffic, {trace.server}. Without a migration the longest waits"
        yield f"were {noise}."
    else:
        yield "Nothing was measured: locks are those of the manual. `slimy migrate trace FILES --json` measures."


def _migration(one: Reviewed, trace: Trace) -> Iterator[str]:
    yield from (
        "",
        f"## {one.id}",
        "",
        one.purpose or "*The file does not say what it is for.*",
        "",
    )
    if not one.transactional:
        yield from ("One statement, outside of any transaction.", "")
    felt = [step for step in one.steps if _felt(step)]
    if felt:
        measured = trace.server and one.measured
        columns = ["line", "statement", "locks", "who waits"]
        columns += ["took", "reader waited", "writer waited", "rewrites"] if measured else []
        yield _row(*columns)
        yield "|" + "---|" * len(columns)
        for alike in _alike(felt):
            figures = _measured(alike[0].measured) if measured else ()
            yield _row(*(_cells(alike[0]) if len(alike) == 1 else _summed(alike)), *figures)
        yield ""
    rest = len(one.steps) - len(felt)
    if rest:
        what = "statement" if rest == 1 else "statements"
        keeps = "keeps" if rest == 1 else "keep"
        yield f"{rest} {'more ' * bool(felt)}{what} {keeps} nobody waiting."
        yield ""
    if one.measured and one.measured.rows:
        yield f"Rows of the copy: {', '.join(f'{n} {c:,}' for n, c in sorted(one.measured.rows.items()))}."
        yield ""
    yield from _notes(one)


def _notes(one: Reviewed) -> Iterator[str]:
    for finding in one.findings:
        yield from _finding(finding)
    if one.measured:
        yield from (f"- **measured**: {said}" for said in one.measured.findings)
        yield from (f"- measured: {said}" for said in (one.measured.queue,) if said)
    waived: dict[tuple[str, str], list[str]] = {}
    for each in one.waived:
        place = f"line {each.finding.line}" if each.finding.statement else "file"
        waived.setdefault((each.finding.rule, each.reason), []).append(place)
    for (rule, reason), places in waived.items():
        yield f"- allowed, {', '.join(places)}: `{rule}`: {reason}"
    if one.loses:
        yield f"- **lost for good when applied**: {', '.join(one.loses)}"
    if one.undo.data:
        yield f"- when undone, data: {one.undo.data}"
    for sentence in advice.watch(one):
        yield f"- watch {sentence}"


def _finding(one: Finding) -> Iterator[str]:
    place = f"line {one.line}" if one.statement else "file"
    yield f"- **{one.severity}**, {place}: `{one.rule}`: {one.message}. {one.lowered or one.why}"
    if one.instead and not one.lowered:
        yield f"  Instead: {one.instead}"


def _felt(step: Step) -> bool:
    """Say whether a statement is worth a line: a comment on what is there is not."""
    rewrites = step.measured.rewrites if step.measured else ()
    locks = step.locks if not step.kind.startswith("COMMENT") else ()
    return bool(locks or step.findings or step.note or rewrites)


def _alike(felt: Sequence[Step]) -> Iterator[list[Step]]:
    """Part statements into rows: many of one kind with one lock each, and nothing else to say, share one."""
    for key, group in groupby(felt, key=_likeness):
        steps = list(group)
        if key and len(steps) >= MANY:
            yield steps
        else:
            yield from ([one] for one in steps)


def _likeness(step: Step) -> tuple[str, str] | None:
    if step.findings or step.measured or len(step.locks) != 1:
        return None
    return step.kind, step.locks[0].mode


def _summed(steps: Sequence[Step]) -> tuple[str, ...]:
    locks = [step.locks[0] for step in steps]
    tables = {lock.table for lock in locks}
    largest = max(locks, key=lambda lock: lock.rows or 0)
    many = f"{len(tables)} tables, the largest " if len(tables) > 1 else ""
    rows = f" ({largest.rows:,} rows)" if largest.rows is not None else ""
    where = f"{many}{largest.table}{rows}"
    lines = f"{steps[0].line} to {steps[-1].line}"
    what = f"`{steps[0].kind}`, {len(steps)} times"
    return lines, what, f"{largest.mode} on {where}", _who(largest.mode)


def _cells(step: Step) -> tuple[str, ...]:
    text = re.sub(r"\s+", " ", step.text)
    short = text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}..."
    strongest = _strongest(step.locks)
    locks = "; ".join(_lock(one) for one in step.locks) or step.note or "none"
    waits = _who(strongest.mode) if strongest else "not known" if step.note else "nobody"
    return str(step.line), f"`{short.replace('`', chr(39))}`", locks, waits


def _lock(one: Locked) -> str:
    rows = f" ({one.rows:,} rows)" if one.rows is not None else ""
    return f"{one.mode} on {one.table}{rows}"


def _measured(one: Figures | None) -> tuple[str, ...]:
    if one is None:
        return ("-", "-", "-", "-")
    return _ms(one.ms), _ms(one.reader_ms), _ms(one.writer_ms), ", ".join(one.rewrites) or "no"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f} ms"


def _strongest(some: Sequence[Locked]) -> Locked | None:
    ranked = [one for one in some if one.mode in ORDER]
    return max(ranked, key=lambda one: ORDER.index(one.mode), default=None)


def _who(mode: str) -> str:
    if mode == "ACCESS EXCLUSIVE":
        return "readers and writers"
    return "writers" if mode in ORDER and ORDER.index(mode) >= ORDER.index("SHARE") else "nobody"


def _back(one: Reviewed) -> str:
    if one.undo.irreversible:
        return f"none: {one.undo.irreversible}"
    if not one.undo.file:
        return "none: no rollback file"
    return one.undo.file if one.undo.complete else f"{one.undo.file}, not of everything"


def _data(one: Reviewed) -> str:
    if one.loses:
        return "lost when applied"
    if one.undo.data:
        return f"{one.undo.data.partition(',')[0]} when undone"
    return "not said" if one.undo.file and not one.undo.irreversible else "-"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

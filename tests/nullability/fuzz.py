"""Runs every case against random states and notes which columns held NULL."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError
from tests.nullability.caselist import Case
from tests.nullability.world import argument, fill


@dataclass(slots=True)
class Findings:
    """What was seen over all states."""

    rows: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    nulls: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    executed: int = 0
    errors: dict[str, str] = field(default_factory=dict)


async def descriptions(connection: Connection, cases: Sequence[Case]) -> dict[str, Description]:
    """Describe the cases; every one must be understood."""
    found = {}
    answers = await describe(connection, [case.query for case in cases])
    for case, answer in zip(cases, answers, strict=True):
        assert isinstance(answer, Description), f"{case.file}:{case.line}: {answer}"
        found[case.name] = answer
    return found


async def run(
    connection: Connection,
    cases: Sequence[Case],
    described: dict[str, Description],
    *,
    seed: int,
    states: int,
    major: int,
) -> Findings:
    """Run the cases in a number of random states."""
    findings, rng = Findings(), random.Random(seed)
    for _ in range(states):
        await fill(connection, rng, major)
        for case in cases:
            await _once(connection, case, described[case.name], rng, findings)
    return findings


async def _once(
    connection: Connection,
    case: Case,
    description: Description,
    rng: random.Random,
    findings: Findings,
) -> None:
    values = [argument(rng, p.type, nullable=p.nullable) for p in description.parameters]
    if description.writes:
        await connection.execute("BEGIN")
    try:
        rows = await connection.fetch(case.sql, *values)
    except SlimyError as error:
        findings.refused[case.name] += 1
        findings.errors[case.name] = str(error.server_message or error)
    else:
        findings.executed += 1
        findings.rows[case.name] += len(rows)
        for row in rows:
            findings.nulls[case.name].update(
                n for n, value in enumerate(row.values()) if value is None
            )
    finally:
        if description.writes:
            await connection.execute("ROLLBACK")

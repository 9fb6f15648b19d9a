"""What `slimy migrate plan` says of locks out of the text, held against what our own migrations were seen to lock."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema.locks import understood
from slimy_dal.schema.trace.figures import MODES, MigrationFigures
from slimy_dal.schema.trace.run import Wishes, trace
from slimy_dal.schema.trace.scripts import scripts

FOLDER = Path(__file__).parents[2] / "sql" / "migrations"
WORDS = [
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]
KEEPS_WRITERS_WAITING = WORDS.index("SHARE")


@pytest.fixture(scope="module")
def traced(server: embedded.Server) -> dict[str, MigrationFigures]:
    found = trace(FOLDER, [], Wishes(server.dsn(), locks_only=True))
    return {figures.id: figures for figures in found.migrations}


def strong(locks: Mapping[str, int]) -> dict[str, str]:
    """What writers or readers wait for; an index is its table's affair."""
    return {
        name: WORDS[level]
        for name, level in locks.items()
        if level >= KEEPS_WRITERS_WAITING and not name.endswith("_idx")
    }


@pytest.mark.slow
def test_the_locks_that_a_text_tells_are_those_that_are_taken(
    traced: dict[str, MigrationFigures],
) -> None:
    compared = 0
    for script in scripts(FOLDER):
        figures = traced[script.id]
        existing = {name for one in traced.values() for name in one.rows} & {
            lock.relation for one in figures.statements for lock in one.locks if lock.existing
        }
        told: dict[str, int] = {}
        seen: dict[str, int] = {}
        for statement, measured in zip(script.statements, figures.statements, strict=True):
            text = understood(statement.text)
            for lock in text.locks:
                if lock.relation in existing:
                    told[lock.relation] = max(told.get(lock.relation, 0), WORDS.index(lock.mode))
            for taken in measured.locks:
                if taken.existing and taken.relation in existing:
                    level = MODES.index(taken.mode)
                    seen[taken.relation] = max(seen.get(taken.relation, 0), level)
            if text.note is None:
                place = f"{script.id}, line {statement.line}"
                assert strong(told) == strong(seen), place
                compared += bool(strong(seen))
            told.update(seen)
    assert compared > 50

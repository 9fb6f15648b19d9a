"""Writes the script that psql can run instead of the migrator: the same transactions, with the same bookkeeping."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from slimy_dal.compiler.lexer import SILENT, LexError, tokens
from slimy_dal.schema import backfill, journal
from slimy_dal.schema.alone import Way, refuse_other_way, way
from slimy_dal.schema.backend import LOCK_KEY, Backend
from slimy_dal.schema.bookkeeping import Books, Record, creation
from slimy_dal.schema.effects import Effect, effects
from slimy_dal.schema.migrationfiles import Direction, MigrationFile, checked_statements
from slimy_dal.schema.running import timeouts
from slimy_dal.schema.states import may_read

__all__ = ["Plan", "Step", "plan"]

RESET = "RESET ALL;\nSET client_encoding = 'UTF8';\n"
"""Settings of one migration are not the next one's; the script stays UTF-8, whatever psql was told."""

RULE = "-- " + "-" * 96

BEFORE = r"""-- For database <DATABASE> on PostgreSQL <VERSION>: <WHAT> <COUNT> migrations, and records them.
-- psql -X -v ON_ERROR_STOP=1 -f plan.sql ADDRESS
-- Each migration is one transaction. After an error run `slimy migrate status`.
\set ON_ERROR_STOP on
SET client_encoding = 'UTF8';

-- One migrator at a time: this lock is the session's, and goes with it.
DO $plan$
BEGIN
    IF NOT pg_try_advisory_lock(<KEY>) THEN
        RAISE EXCEPTION 'another migrator is at work: run this again when it is done';
    END IF;
END
$plan$;

<BOOKKEEPING>-- The database must still be what this was written for.
DO $plan$
BEGIN
    IF (
        SELECT coalesce(array_agg(m.migration_id::text ORDER BY m.migration_id COLLATE "C"), '{}')
        FROM <TABLE> AS m
    ) IS DISTINCT FROM <KNOWN>::text[] THEN
        RAISE EXCEPTION 'migrations were applied or undone since this was written: write it anew';
    END IF;
END
$plan$;
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One migration of a plan: what its statements lock, and the part of the script that runs and records it."""

    id: str
    direction: Direction
    phase: str | None
    transactional: bool
    lock_timeout: str
    statement_timeout: str
    effects: tuple[Effect, ...]
    script: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be run: each migration's part, and what stands before and behind them."""

    before: str
    steps: tuple[Step, ...]
    behind: str

    @property
    def script(self) -> str:
        """The whole, for psql; empty when there is nothing to do."""
        if not self.steps:
            return ""
        return self.before + "".join(step.script for step in self.steps) + self.behind


def plan(
    backend: Backend,
    books: Books,
    applied: dict[str, Record],
    wanted: Sequence[MigrationFile],
    direction: Direction,
) -> Plan:
    """Return what a run would do to this database now; reads only."""
    # A role that may not read the tries plans as if there had been none.
    looks_back = bool(books.version) and may_read(backend, "attempts")
    if looks_back:
        refuse_other_way(backend, direction)
    steps = tuple(_step(backend, file, direction, looks_back=looks_back) for file in wanted)
    return Plan(_before(backend, books, applied, steps), steps, _behind())


def _sql(part: sql.Composable, backend: Backend) -> str:
    return part.as_string(backend.connection) + ";\n"


def _before(
    backend: Backend, books: Books, applied: dict[str, Record], steps: Sequence[Step]
) -> str:
    database, version = backend.rows(
        "SELECT current_database()::text, current_setting('server_version')"
    )[0]
    made = creation(backend, books)
    known = sql.Literal(sorted(applied)).as_string(backend.connection) if applied else "'{}'"
    values = {
        "DATABASE": _one_line(database),
        "VERSION": version,
        "WHAT": "undoes" if steps and steps[0].direction == "rollback" else "applies",
        "COUNT": str(len(steps)),
        "KEY": str(LOCK_KEY),
        "BOOKKEEPING": f"-- The bookkeeping.\nBEGIN;\n{made}COMMIT;\n\n" if made else "",
        "TABLE": backend.name("_yoyo_migration").as_string(backend.connection),
        "KNOWN": known,
    }
    return re.sub(r"<(\w+)>", lambda match: values[match[1]], BEFORE)


def _behind() -> str:
    return f"\nDO $plan$ BEGIN PERFORM pg_advisory_unlock({LOCK_KEY}); END $plan$;\n"


def _one_line(text: str) -> str:
    return re.sub(r"\s", " ", text)


def _step(backend: Backend, file: MigrationFile, direction: Direction, *, looks_back: bool) -> Step:
    lock, statement = timeouts(file, direction)
    found = effects(backend, file, direction)
    head = [
        "",
        RULE,
        f"-- {file.id}" + (f" ({file.phase})" if file.phase else "") + f": {direction}",
        *_told(found),
        RULE,
        "",
    ]
    return Step(
        file.id,
        direction,
        file.phase,
        not file.alone(direction),
        lock,
        statement,
        found,
        "\n".join(head) + _body(backend, file, direction, looks_back=looks_back),
    )


def _body(backend: Backend, file: MigrationFile, direction: Direction, *, looks_back: bool) -> str:
    """Return the SQL that runs a migration and records it."""
    lock, statement = timeouts(file, direction)
    alone = checked_statements(file, direction)[0] if file.alone(direction) else None
    text = _ended(file.text(direction))
    local = "SET" if alone else "SET LOCAL"
    limits = f"{local} lock_timeout = '{lock}';\n{local} statement_timeout = '{statement}';\n"
    record = (
        journal.applied(backend, file, "psql")
        if direction == "apply"
        else journal.undone(backend, file, "psql")
    )
    begun = _sql(journal.planned(backend, file, direction, alone.text if alone else None), backend)
    done = "".join(_sql(part, backend) for part in (*record, journal.closed_plan(backend, file)))
    batches = backfill.read(file.path, file.text("apply")) if direction == "apply" else None
    if batches is not None:
        return f"{begun}\n{backfill.script(batches, backend.schema)}\nBEGIN;\n{done}COMMIT;\n"
    if alone:
        if looks_back:
            text = _left(way(backend, file, direction, alone), alone.text, text)
        return f"{begun}{limits}\n{text}\nRESET ROLE;\n{RESET}BEGIN;\n{done}COMMIT;\n"
    return f"BEGIN;\n{limits}{begun}\n{text}\nRESET ROLE;\n{done}COMMIT;\n{RESET}"


def _left(todo: Way, statement: str, text: str) -> str:
    """Return what is left to do of a file's text, where an earlier try was cut off."""
    before = "".join(f"-- What an earlier try left.\n{one};\n\n" for one in todo.before)
    if todo.statement is None:
        return f"{before}-- An earlier try had done this; now it is recorded.\n"
    return before + (text if todo.statement == statement else f"{todo.statement};\n")


def _told(found: Sequence[Effect]) -> list[str]:
    """Return a line for each statement that locks what is there already, or may."""
    felt = [effect for effect in found if effect.felt or effect.note]
    lines = [f"--   line {effect.line}: {_one_line(str(effect))}" for effect in felt]
    rest = len(found) - len(felt)
    if rest:
        lines.append(f"--   {rest} statements{' more' * bool(felt)} lock nothing that is there")
    return lines


def _ended(text: str) -> str:
    """Return a file's text as it is, with a semicolon behind the last statement where that has none."""
    text = text if text.endswith("\n") else text + "\n"
    try:
        said = [token for token in tokens(text) if token.kind not in SILENT]
    except LexError:
        return text
    return text if not said or said[-1].text == ";" else text + ";\n"

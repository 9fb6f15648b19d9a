"""Asks the questions of `verify/NNNN_name.sql`: SELECTs that must all say true once the migration is applied."""

from dataclasses import dataclass

import psycopg

from slimy_dal.compiler.schemafiles import SchemaStatement, cut
from slimy_dal.schema.backend import Backend
from slimy_dal.schema.migrationfiles import MigrationError, MigrationFile

__all__ = ["Answer", "answers", "questions", "refuse_false"]

FOLDER = "verify"
"""Beside the migrations and not among them: yoyo would apply a file of questions as a migration."""

TIMEOUT = "60s"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one question."""

    id: str
    place: str
    """File and line."""
    problem: str | None
    """None where it said true."""


def questions(file: MigrationFile) -> list[SchemaStatement]:
    """Return a migration's questions; none where it has no such file.

    Raises MigrationError for what is no SELECT, so that a forgotten file of changes is not run.
    """
    path = file.path.parent / FOLDER / file.path.name
    if not path.is_file():
        return []
    found = list(cut(path.read_text(encoding="utf-8"), f"{FOLDER}/{path.name}"))
    for one in found:
        if one.text[:6].lower() not in {"select", "values"} and one.text[:4].lower() != "with":
            raise MigrationError(f"{one.path}:{one.line}: a question is a SELECT that says true")
    return found


def answers(backend: Backend, file: MigrationFile) -> list[Answer]:
    """Ask a migration's questions, read only whatever they call, and return what came of each.

    Inside of the migration's transaction or outside of any: nothing of it stays, and an error is an answer.
    """
    found = []
    for one in questions(file):
        place = f"{one.path}:{one.line}"
        with backend.connection.transaction(force_rollback=True):
            # Read only to the end of this block: rolling back gives the setting back too.
            backend.run(
                f"SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = '{TIMEOUT}'"
            )
            found.append(Answer(file.id, place, _problem(backend, one)))
    return found


def _problem(backend: Backend, one: SchemaStatement) -> str | None:
    try:
        with backend.connection.transaction():
            # A text of a file is no literal, which is what the driver asks for.
            rows = backend.connection.execute(one.text).fetchall()  # pyright: ignore[reportCallIssue, reportArgumentType]
    except psycopg.OperationalError as error:
        if backend.connection.closed:
            raise
        return error.diag.message_primary or str(error)
    except psycopg.Error as error:
        return error.diag.message_primary or str(error)
    if not rows:
        return "no row, where it must say true"
    wrong = [value for row in rows for value in row if value is not True]
    return f"{len(wrong)} answers are not true" if wrong else None


def refuse_false(backend: Backend, file: MigrationFile) -> None:
    """Raise MigrationError where a question does not say true."""
    for answer in answers(backend, file):
        if answer.problem is not None:
            raise MigrationError(f"{answer.place}: {answer.problem}")

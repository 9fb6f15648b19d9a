"""Every rule finds its bad example at its lines, lets its good one pass, and is missed when it is switched off."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema.lint import asking, settings, sizes
from slimy_dal.schema.lint.files import read
from slimy_dal.schema.lint.finding import Report
from slimy_dal.schema.lint.judging import judge
from slimy_dal.schema.lint.rules import RULES

EXAMPLES = Path(__file__).parent / "lint"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.name != "project")
ABOUT_THE_FILE = {
    "depends-unknown",
    "file-name",
    "header-without-phase",
    "header-without-purpose",
    "rollback-missing",
}
"""Rules whose findings stand at the first line."""

ABOUT_WAIVERS = {"waiver-unused", "waiver-without-reason", "waiver-unknown-rule"}

USED = {"club.users.theme": ["users.get", "users.list"]}

Lint = Callable[..., Report]


@pytest.fixture
def lint(tmp_path: Path) -> Lint:
    """Judge an example as the migration that follows those of the project."""

    def judged(name: str, kind: str, off: str = "") -> Report:
        folder = tmp_path / "project" / "migrations"
        shutil.rmtree(folder.parent, ignore_errors=True)
        shutil.copytree(EXAMPLES / "project", folder.parent)
        number = "" if (name, kind) == ("file-name", "bad") else "0002_"
        file = folder / f"{number}example.sql"
        shutil.copy(EXAMPLES / name / f"{kind}.sql", file)
        undo = EXAMPLES / name / f"{kind}.rollback.sql"
        if undo.exists():
            shutil.copy(undo, file.with_suffix(".rollback.sql"))
        elif (name, kind) != ("rollback-missing", "bad"):
            file.with_suffix(".rollback.sql").write_text("-- irreversible: an example\n")
        said = settings.read(folder)
        said = replace(said, off={off: "switched off"} if off else {})
        known = sizes.declared(folder.parent / "scale.toml")
        asked = asking.Asked(folder, [file])
        return judge(asking.request(asked, said, known, lambda used: USED.get(used, [])))

    return judged


def test_every_rule_has_an_example_and_every_example_a_rule() -> None:
    assert sorted(RULES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_finds_its_bad_example(name: str, lint: Lint) -> None:
    text = (EXAMPLES / name / "bad.sql").read_text()
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.endswith("-- bad")]
    if name in ABOUT_THE_FILE:
        lines = [1]
    if name in ABOUT_WAIVERS:
        lines = [number for number, line in enumerate(text.splitlines(), 1) if "allow:" in line]
    found = [one for one in lint(name, "bad").findings if one.rule == name]
    assert [one.line for one in found] == lines
    assert {one.severity for one in found} == {RULES[name].severity}


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_that_is_switched_off_misses_its_bad_example(name: str, lint: Lint) -> None:
    assert name not in {one.rule for one in lint(name, "bad", off=name).findings}


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_has_anything_against_a_good_example(name: str, lint: Lint) -> None:
    found = lint(name, "good").findings
    assert [(one.rule, one.line, one.message) for one in found if one.severity != "note"] == []


NOT_HERE = {
    "needs-superuser": "the embedded server has no pg_trgm",
    "table-moved": "there is one tablespace",
}


@pytest.fixture(scope="module")
def club(server: embedded.Server) -> Iterator[str]:
    """A database with the project that the examples change."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE lint_examples")
        admin.execute("CREATE ROLE club_writer")
    with psycopg.connect(server.dsn("lint_examples"), autocommit=True) as connection:
        connection.execute((EXAMPLES / "project" / "migrations" / "0001_club.sql").read_text())
    yield server.dsn("lint_examples")
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("DROP DATABASE lint_examples WITH (FORCE)")
        admin.execute("DROP ROLE club_writer")


def test_what_is_advised_runs(club: str) -> None:
    failed = {}
    for name in sorted(set(NAMES) - NOT_HERE.keys()):
        example = read(EXAMPLES / name / "good.sql")
        with psycopg.connect(club, autocommit=not example.transactional) as connection:
            try:
                for statement in example.statements:
                    connection.execute(statement.text)
            except psycopg.Error as error:
                failed[name] = str(error)
            connection.rollback()
    assert failed == {}


@pytest.mark.parametrize(
    ("name", "sqlstate"),
    [
        ("concurrently-impossible", "0A000"),
        ("concurrently-in-transaction", "25001"),
        ("enum-value-in-transaction", "55P04"),
        ("required-column", "23502"),
        ("unreadable", "42601"),
    ],
)
def test_what_is_said_to_fail_fails(name: str, sqlstate: str, club: str) -> None:
    example = read(EXAMPLES / name / "bad.sql")
    with psycopg.connect(club, autocommit=not example.transactional) as connection:
        if example.transactional:
            connection.execute("INSERT INTO club.users (id, name, email) VALUES (1, 'a', 'b')")
        with pytest.raises(psycopg.Error) as failure:
            connection.execute(example.text)
        assert failure.value.sqlstate == sqlstate
        connection.rollback()


def test_rules_say_in_a_sentence_why_and_what_instead() -> None:
    for rule in RULES.values():
        for sentence in (rule.why, rule.instead):
            assert sentence.endswith("."), sentence
            assert len(sentence) < 200, sentence

"""The traceability: everything the source documents name is answered, and every answer is true."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal.cli import main
from slimy_dal.cli.queries import load_queries
from slimy_dal.cli.traceability import commands
from slimy_dal.schema.traceability import rows
from slimy_dal.schema.traceability.examine import examine, fits, open_items
from slimy_dal.schema.traceability.known import Index, Known, know
from slimy_dal.schema.traceability.page import page
from slimy_dal.schema.traceability.rows import OURS, Answer, Item, Trace, TraceError

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "traceability"

NAMED = {"S0": 353, "S1": 189, "S2": 203, "S3": 28, "SPEC": 133}
"""How many things each document names: none of them is lost by the way."""


@pytest.fixture(scope="module")
def url(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[str]:
    """One migrated database for all of these tests: none of them writes."""
    maker = janitor("slimy_traced", template)
    maker.drop()
    with maker:
        yield address("slimy_traced")


@pytest.fixture(scope="module")
def there(url: str) -> Known:
    queries = [query.full_name for query in load_queries()]
    return asyncio.run(know(url, ROOT, queries, commands(main, "slimy")))


def new_problems(old: Trace, new: Trace, there: Known) -> list[str]:
    """What is wrong in the new one and was not in the old one."""
    before = set(examine(old, there))
    return [one for one in examine(new, there) if one not in before]


def changed(trace: Trace, item: Item, **fields: Any) -> Trace:
    answers = {**trace.answers, item: replace(trace.answers[item], **fields)}
    return replace(trace, answers=answers)


@pytest.fixture
def trace() -> Trace:
    return rows.read(FOLDER)


def test_everything_is_answered_truly_and_the_page_says_so(trace: Trace, there: Known) -> None:
    assert examine(trace, there) == []
    assert page(trace, there) == (ROOT / "docs" / "traceability.md").read_text()
    assert "Open rows: none" in page(trace, there)


def test_the_inventory_holds_everything_each_document_names(trace: Trace) -> None:
    assert Counter(one for named in trace.items.values() for one in named) == NAMED


def test_a_row_that_is_deleted_leaves_an_open_one(trace: Trace) -> None:
    for item in trace.answers:
        left = {one: answer for one, answer in trace.answers.items() if one != item}
        assert open_items(replace(trace, answers=left)) == ([] if item.group == OURS else [item])


def test_an_open_row_stands_on_the_page(trace: Trace, there: Known) -> None:
    item = Item("User", "fields", "email")
    left = {one: answer for one, answer in trace.answers.items() if one != item}
    open_one = replace(trace, answers=left)
    assert "User: fields email is open: S0, S2" in examine(open_one, there)
    assert "Open rows: 1." in page(open_one, there)


def test_an_answer_to_nothing_is_refused(trace: Trace, there: Known) -> None:
    item = Item("User", "operations", "find by email")
    left = {one: named for one, named in trace.items.items() if one != item}
    problems = new_problems(trace, replace(trace, items=left), there)
    assert problems == [f"{item} is answered, but no document names it"]


def test_a_column_and_a_table_that_nothing_explains_are_found(trace: Trace, there: Known) -> None:
    ours = {Item(OURS, "table", "slimy.api_keys"), Item(OURS, "table", "slimy.users.token_key_id")}
    left = {one: answer for one, answer in trace.answers.items() if one not in ours}
    problems = new_problems(trace, replace(trace, answers=left), there)
    assert problems == [
        "slimy.api_keys: no row says why it is there",
        "slimy.users.token_key_id: no row says why it is there",
    ]


@pytest.mark.parametrize(
    "reference",
    [
        "slimy.nobody",
        "slimy.users.nickname",
        "slimy.nothing()",
        "users_nothing_idx",
        "role slimy_nobody",
        "users.nothing",
        "nothing.get",
        "db.users.nothing",
        "db.nothing",
        "GET /v1/nothing",
        "slimy nothing",
        "decision 9999",
        "tests/test_nothing.py",
        "tests/test_users.py::test_nothing",
        "slimy_dal.domain.users.Nobody",
        "slimy_dal.domain.nothing",
        "nothing.toml",
        "nothing at all",
    ],
)
def test_a_reference_to_nothing_is_found(trace: Trace, there: Known, reference: str) -> None:
    item = Item("User", "operations", "find by email")
    new = changed(trace, item, references=(reference,))
    problems = new_problems(trace, new, there)
    assert problems == [f"{item}: there is no {reference}"]


@pytest.mark.parametrize(
    ("kind", "name", "answer", "problem"),
    [
        ("indexes", "updatedAt", Answer("unasked", "", (), ""), "unasked asks for a reason"),
        ("indexes", "updatedAt", Answer("refused", "", (), ""), "refused asks for a reason"),
        ("indexes", "updatedAt", Answer("", "", (), "so"), "it says nowhere where it is"),
        ("indexes", "updatedAt", Answer("later", "Z9", (), "so"), "Z9 is no part of the spec"),
        ("indexes", "createdAt", Answer("instead", "", (), "so"), "it names no index"),
        (
            "indexes",
            "createdAt",
            Answer("unasked", "", (), "so"),
            "it is not left out: users_pkey begins with it",
        ),
        (
            "indexes",
            "createdAt",
            Answer("instead", "", ("users_discord_id_key",), "so"),
            "users_discord_id_key does not begin with slimy.users.created_at",
        ),
        (
            "indexes",
            "discordId createdAt",
            Answer("", "", ("users_discord_id_key",), "so"),
            "users_discord_id_key does not begin with these columns: say `instead:`",
        ),
        (
            "indexes",
            "discordId createdAt",
            Answer("instead", "", ("users_discord_id_key",), ""),
            "users_discord_id_key has the first column only: say how the rest is found",
        ),
        ("unique", "email", Answer("", "", ("users_pkey",), ""), "no unique key of exactly"),
        ("unique", "email", Answer("", "", ("users_words_idx",), ""), "no unique key of exactly"),
        (
            "relations",
            "last active guild",
            Answer("", "", ("slimy.guilds",), ""),
            "a relation is a foreign key: none is named",
        ),
    ],
)
def test_an_answer_that_does_not_do_is_found(
    trace: Trace, there: Known, kind: str, name: str, answer: Answer, problem: str
) -> None:
    item = Item("User", kind, name)
    new = replace(trace, answers={**trace.answers, item: answer})
    found = new_problems(trace, new, there)
    assert any(one.startswith(f"{item}: {problem}") for one in found), found


@pytest.mark.parametrize(
    ("wanted", "columns", "how"),
    [
        (["a"], ("a",), "all"),
        (["b", "a"], ("a", "b"), "all"),
        (["a", "created_at"], ("created_at", "a"), ""),
        (["a"], ("a", "c"), "begins"),
        (["a"], ("lower(a)", "c"), "begins"),
        (["a", "c"], ("a", "b", "c"), "inside"),
        (["a", "c"], ("a", "b"), "first"),
        (["b"], ("a", "b"), ""),
        (["created_at"], ("id",), "all"),
        (["a", "created_at"], ("a", "id"), "all"),
        (["a", "created_at"], ("a", "b", "id"), "inside"),
    ],
)
def test_an_index_serves_what_it_begins_with(
    wanted: list[str], columns: tuple[str, ...], how: str
) -> None:
    table = "slimy.t"
    there = Known(
        names={},
        indexes={},
        foreign_keys=frozenset(),
        by_time=frozenset({table}),
        tables={table: ("id", "a", "b", "c", "created_at")},
        root=ROOT,
    )
    assert (
        fits([f"{table}.{one}" for one in wanted], Index(table, "i", columns, unique=False), there)
        == how
    )


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("sources.toml", "[S9.User]\nfields = 'id'", "S9 is none of S0, S1, S2, S3, SPEC"),
        ("sources.toml", "[S0.User]\nfield = 'id'", "User has field, which is none of"),
        ("sources.toml", "[S0.User]\nfields = 'id id'", "S0 names User: fields id twice"),
        ("b.toml", "[User.fields]\nid = 'slimy.users.id'", "User: fields id is answered twice"),
        ("b.toml", "[User.field]\nid = 'slimy.users.id'", "User has field, which is none of"),
        ("b.toml", "[User]\ntable = 7", "User: table: 7 is no answer"),
        ("b.toml", "[User", "b.toml: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    (tmp_path / "sources.toml").write_text("[S0.User]\nfields = 'id'")
    (tmp_path / "a.toml").write_text("[User.fields]\nid = 'slimy.users.id'")
    (tmp_path / name).write_text(text)
    with pytest.raises(TraceError, match=r"sources.toml: |b.toml: ") as caught:
        rows.read(tmp_path)
    assert problem in str(caught.value)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with docs of its own."""
    for name in ("sql", "slimy_dal", "service", "tests", "pyproject.toml", "README.md"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.setenv("SLIMY_SQL", str(tmp_path / "sql"))
    return tmp_path


def test_the_command_finds_a_stale_page_and_writes_it(project: Path, url: str) -> None:
    file = project / "docs" / "traceability.md"
    whole = file.read_text()
    file.write_text("nothing")
    arguments = ["traceability", "--dsn", url]
    stale = CliRunner().invoke(main, [*arguments, "--check"])
    assert (stale.exit_code, file.read_text()) == (1, "nothing")
    assert "traceability.md is stale" in stale.output
    assert CliRunner().invoke(main, [*arguments, "--write"]).exit_code == 0
    assert file.read_text() == whole
    assert CliRunner().invoke(main, [*arguments, "--check"]).exit_code == 0
    assert CliRunner().invoke(main, arguments).output.strip() == whole.strip()


def test_the_command_writes_nothing_where_a_row_is_wrong(project: Path, url: str) -> None:
    file = project / "docs" / "traceability.md"
    file.unlink()
    users = project / "docs" / "traceability" / "users.toml"
    users.write_text(users.read_text().replace("slimy.users.email ", "slimy.users.mail "))
    done = CliRunner().invoke(main, ["traceability", "--dsn", url, "--write"])
    assert done.exit_code == 1
    assert "there is no slimy.users.mail" in done.output
    assert not file.exists()
    both = CliRunner().invoke(main, ["traceability", "--write", "--check"])
    assert both.exit_code == 2

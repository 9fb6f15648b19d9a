"""Every setting, command, error and problem is documented: a test, not a promise."""

import ast
import asyncio
import re
from pathlib import Path

import click
import pytest

from service.catalogue import CATALOGUE
from service.settings import Settings
from slimy_dal.cli import main
from slimy_dal.domain import analysis_entries
from slimy_dal.domain.database import Database
from slimy_dal.engine import errors
from slimy_dal.engine.settings import PoolSettings
from tests import make

ROOT = Path(__file__).parent.parent
PAGES = {path.name: path.read_text() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))}
EVERYTHING = "\n".join(PAGES.values())


@pytest.mark.parametrize("model", [Settings, PoolSettings])
def test_every_setting_stands_on_its_page_with_its_default(
    model: type[Settings] | type[PoolSettings],
) -> None:
    for name, field in model.model_fields.items():
        row = re.search(rf"(?m)^\| `SLIMY_{name.upper()}` \| (.+?) \| .+\|$", PAGES["settings.md"])
        assert row, name
        default = "required" if field.is_required() else f"`{field.default}`"
        assert row[1] == ("empty" if field.default == "" else default), name


def commands(group: click.Group, path: str) -> list[str]:
    found = []
    for name, command in group.commands.items():
        here = f"{path} {name}"
        found += commands(command, here) if isinstance(command, click.Group) else [here]
        assert command.help, f"{here} has no help"
    return found


@pytest.mark.parametrize("command", commands(main, "slimy"))
def test_every_command_is_documented(command: str) -> None:
    assert command in EVERYTHING


def test_every_error_stands_in_the_tree_of_its_module() -> None:
    named = [
        name
        for name, error in vars(errors).items()
        if isinstance(error, type) and issubclass(error, errors.SlimyError)
    ]
    assert len(named) > 20
    for name in set(named) - {"ConstraintError"}:
        assert re.search(rf"\b{name}\b", errors.__doc__ or ""), name


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_problem_is_documented(code: str) -> None:
    assert f"`{code}`" in PAGES["http-reference.md"]


def test_every_noun_stands_on_the_page_for_developers() -> None:
    for noun in (path.stem for path in (ROOT / "sql" / "queries").glob("*.sql")):
        assert f"`db.{noun}`" in PAGES["python.md"], noun


async def test_the_examples_of_that_page_run(
    db: Database, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGES["python.md"], re.DOTALL)
    address = re.search(r'Database.open\("(.+?)"\)', blocks[0])
    assert address
    first = blocks[0].replace(address[1], database_url)
    await asyncio.to_thread(exec, first, {"__name__": "example"})
    assert capsys.readouterr().out == "Nelly True\n"
    nested = next(block for block in blocks if "club_analyses.create" in block)
    names = {name: getattr(analysis_entries, name) for name in ("NewImage", "NewMetric")}
    given = {"db": db, "user": await make.user(db), "guild": await make.guild(db), **names}
    code = compile(nested, "python.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, given)  # noqa: S307 -- our own page
    assert [row.title for row in given["page"].items] == ["Week 12"]


def test_no_page_points_at_a_file_that_is_not_there() -> None:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"

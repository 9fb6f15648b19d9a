"""The page for who is to say yes: without a trace, with one, and of what cannot come back."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slimy_dal.cli import main

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "review"
FILES = [
    EXAMPLE / "migrations" / "0002_add_locale.sql",
    EXAMPLE / "migrations" / "0003_validate_locale.sql",
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["migrate", "review", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's migrations, to be spoilt."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "review")) / "migrations"


def row(page: str, name: str) -> list[str]:
    """Return the cells of a migration's row in the first table."""
    line = next(line for line in page.splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_example_on_the_page_is_what_comes_out() -> None:
    result = run(*FILES, "--trace", EXAMPLE / "trace.json")
    assert result.exit_code == 1
    written = re.search(
        r"````markdown\n(.*)````\n", (ROOT / "docs" / "review.md").read_text(), re.DOTALL
    )
    assert written
    assert result.stdout == written[1]


def test_it_works_without_a_trace_and_says_so() -> None:
    page = run(*FILES).stdout
    assert "Nothing was measured" in page
    assert "took" not in page
    assert row(page, "0002_add_locale") == [
        "0002_add_locale",
        "expand",
        "1 error, 1 warning",
        "ACCESS EXCLUSIVE on club.users",
        "readers and writers",
        "0002_add_locale.rollback.sql",
        "lost when undone",
    ]


def test_a_finding_of_the_trace_stands_against_it(folder: Path, tmp_path: Path) -> None:
    only = folder / "0003_validate_locale.sql"
    assert run(only).exit_code == 0
    assert "**Nothing stands against it**" in run(only).stdout
    trace = json.loads((EXAMPLE / "trace.json").read_text())
    trace["migrations"][1]["findings"] = ["a reader waited 2 s"]
    (tmp_path / "trace.json").write_text(json.dumps(trace))
    result = run(only, "--trace", tmp_path / "trace.json")
    assert result.exit_code == 1
    assert "**Not ready**" in result.stdout
    assert "- **measured**: a reader waited 2 s" in result.stdout


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"migrations": [{}]}', '{"migrations": 3}'])
def test_what_is_no_trace_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "trace.json").write_text(text)
    result = run(*FILES, "--trace", tmp_path / "trace.json")
    assert result.exit_code == 1
    assert "not what `slimy migrate trace --json` prints" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_what_is_lost_and_what_cannot_come_back_is_said(folder: Path) -> None:
    file = folder / "0004_drop_totals.sql"
    file.write_text(
        "-- Nobody asks for totals.\n--\n-- depends: 0001_create_club\n-- phase: contract\n\n"
        "ALTER TABLE club.orders DROP COLUMN total;\n"
    )
    file.with_suffix(".rollback.sql").write_text("-- irreversible: the totals are gone\n")
    page = run(file).stdout
    assert row(page, file.stem)[5:] == ["none: the totals are gone", "lost when applied"]
    assert "- **lost for good when applied**: column club.orders.total" in page
    assert "# 0004_drop_totals: the totals are gone" in page
    assert "slimy migrate rollback" not in page
    assert "42703" in page


def test_a_way_back_that_forgets_something_is_no_whole_one(folder: Path) -> None:
    file = folder / "0002_add_locale.sql"
    file.with_suffix(".rollback.sql").write_text("-- Forgets.\nDROP INDEX club.users_locale_idx;\n")
    assert row(run(file).stdout, file.stem)[5:] == [
        "0002_add_locale.rollback.sql, not of everything",
        "not said",
    ]


def test_the_way_back_counts_what_lies_between(folder: Path) -> None:
    (folder / "0004_more.sql").write_text("-- More.\n-- phase: expand\n\nSELECT 1;\n")
    page = run(folder / "0002_add_locale.sql", folder / "0004_more.sql").stdout
    assert "0003_validate_locale" not in page
    assert "slimy migrate rollback --dsn DSN --count 3" in page or "no rollback file" in page
    (folder / "0004_more.rollback.sql").write_text("SELECT 1;\n")
    page = run(folder / "0002_add_locale.sql", folder / "0004_more.sql").stdout
    assert "slimy migrate rollback --dsn DSN --count 3" in page


def test_new_tables_keep_nobody_waiting() -> None:
    page = run(EXAMPLE / "migrations" / "0001_create_club.sql").stdout
    assert row(page, "0001_create_club")[3:5] == ["none", "nobody"]
    assert "statements keep nobody waiting" in page


def test_many_statements_of_one_kind_share_a_row(folder: Path) -> None:
    file = folder / "0002_add_locale.sql"
    file.write_text(
        "-- Many.\n-- depends: 0001_create_club\n-- phase: expand\n\n"
        + "".join(
            f"ALTER TABLE club.users ALTER COLUMN name SET DEFAULT '{n}';\n" for n in range(5)
        )
        + "ANALYZE club.users;\n" * 3
    )
    lines = run(file).stdout.splitlines()
    [shared] = [line for line in lines if "5 times" in line]
    assert shared == (
        "| 5 to 9 | `ALTER TABLE ALTER COLUMN`, 5 times | ACCESS EXCLUSIVE on club.users (5,000,000 rows)"
        " | readers and writers |"
    )
    assert sum("`ANALYZE club.users`" in line for line in lines) == 3


def test_as_json_it_is_what_the_page_is_made_of() -> None:
    said = json.loads(run(*FILES, "--trace", EXAMPLE / "trace.json", "--json").stdout)
    first = said["migrations"][0]
    assert first["purpose"].startswith("Users choose the language")
    assert first["steps"][0]["locks"] == [
        {"table": "club.users", "mode": "ACCESS EXCLUSIVE", "rows": 5_000_000}
    ]
    assert first["steps"][0]["measured"]["ms"] > 0
    assert first["undo"]["data"] == "lost, the languages"


def test_of_our_own_migrations_it_makes_a_page() -> None:
    result = run("--migrations", ROOT / "sql" / "migrations")
    assert result.exit_code == 0
    assert len(re.findall(r"(?m)^## 00", result.stdout)) >= 24

"""`slimy check` and `slimy plans` as people run them: on our own project, on a broken one, on another's."""

import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slimy_dal.cli import main
from slimy_dal.engine import embedded

SMALL = Path(__file__).parent / "people"
Change = Callable[[str, str, str], None]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Gives a copy of a project of a few statements, and a way to change a text in one of its files."""
    copy = tmp_path / "sql"
    shutil.copytree(SMALL, copy)
    monkeypatch.setenv("SLIMY_SQL", str(copy))

    def changed(file: str, there: str, instead: str) -> None:
        path = copy / file
        text = path.read_text()
        assert there in text, f"{file} has no {there}"
        path.write_text(text.replace(there, instead))

    return changed


@pytest.mark.slow
def test_our_own_project_is_proven() -> None:
    result = run("check")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(
        r"\d+ queries, \d+ columns proven; \d+ shapes of queries with variants; \d+ plans at scale\n",
        result.output,
    )


def test_a_project_as_it_stands_is_proven(change: Change) -> None:
    change("queries/posts.sql", "A post by key", "A post by its key")
    result = run("check")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("6 queries, 8 columns proven; 4 shapes")


def test_a_dropped_index_is_named_with_its_query_its_plan_and_the_way_back(change: Change) -> None:
    file = "migrations/0001_create_people.sql"
    change(file, "CREATE INDEX posts_of_person_idx ON public.posts (person_id, id DESC);\n", "")
    change(file, "COMMENT ON INDEX public.posts_of_person_idx", "COMMENT ON COLUMN public.posts.id")
    result = run("check")
    assert result.exit_code == 1
    found = re.search(r"posts\.sql:(\d+):1: posts\.list_of_person: ", result.output)
    assert found, result.output
    lines = (SMALL / "queries" / "posts.sql").read_text().splitlines()
    assert lines[int(found[1]) - 1] == "-- name: list_of_person :many"
    assert "Scan" in result.output
    helps = result.output.partition("with this index the finding is gone: ")[2].splitlines()[0]
    assert helps.startswith("CREATE INDEX posts_person_id_")
    assert "ON public.posts (person_id, " in helps


def test_a_plan_that_is_not_the_kept_one_fails_until_it_is_written(change: Change) -> None:
    change("plans/people.txt", "Index Scan using people_pkey", "Seq Scan")
    result = run("check")
    assert result.exit_code == 1
    assert "-Seq Scan" in result.output
    assert "+Index Scan using people_pkey" in result.output
    assert "run `slimy plans --write` and commit what it writes" in result.output
    assert run("plans", "--write").output == "wrote  people.txt\n"
    assert run("plans", "--write").output == ""
    kept = Path(os.environ["SLIMY_SQL"]) / "plans"
    assert [path.read_text() for path in sorted(kept.iterdir())] == [
        path.read_text() for path in sorted((SMALL / "plans").iterdir())
    ]


def test_a_waiver_that_waives_nothing_fails(change: Change) -> None:
    waiver = "-- A person by key.\n-- allow: seq-scan: it was so once\n"
    change("queries/people.sql", "-- A person by key.\n", waiver)
    result = run("check")
    assert result.exit_code == 1
    assert "people.get: `allow: seq-scan` waives nothing; take it out" in result.output


def test_a_missing_waiver_is_a_finding(change: Change) -> None:
    change("queries/posts.sql", "-- allow: sort: a thousand at most, in memory\n", "")
    result = run("check")
    assert result.exit_code == 1
    assert re.search(
        r"posts\.list_best: sort: about [\d,]+ rows are sorted by l\.score DESC", result.output
    )


def test_a_list_that_nothing_cuts_is_a_finding(change: Change) -> None:
    change("queries/posts.sql", "-- page: 5000\n", "")
    result = run("check")
    assert result.exit_code == 1
    assert "posts.list_ids: unbounded: " in result.output


def test_a_comment_that_lies_about_its_index_is_a_finding(change: Change) -> None:
    change(
        "migrations/0001_create_people.sql", "'serves people.find_by_email'", "'serves people.get'"
    )
    result = run("check")
    assert result.exit_code == 1
    assert "public.people_email_key: its comment names people.get" in result.output


FOREIGN = """
-- name: newest :many
-- The newest orders of a customer.
SELECT o.id, o.placed_at FROM orders AS o
WHERE o.customer_id = :customer_id ORDER BY o.placed_at DESC LIMIT :row_limit;

-- name: one :opt
-- An order.
SELECT o.id FROM orders AS o WHERE o.id = :id;
"""


def foreign(tmp_path: Path, index: str, *options: str) -> Result:
    (tmp_path / "schema.sql").write_text(
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL,"
        f" placed_at timestamptz NOT NULL); {index}"
    )
    folder = tmp_path / "queries"
    folder.mkdir(exist_ok=True)
    (folder / "orders.sql").write_text(FOREIGN)
    schema = ("--queries", str(folder), "--schema", str(tmp_path / "schema.sql"))
    return run("check", *schema, *options)


def test_another_project_is_checked_without_a_word_of_ours(tmp_path: Path) -> None:
    result = foreign(tmp_path, "", "--scale", "1e8")
    assert result.exit_code == 1
    assert f"{tmp_path}/queries/orders.sql:2:1: orders.newest: seq-scan: " in result.output
    assert "ON public.orders" in result.output.partition("with this index the finding is gone")[2]
    assert "orders.one" not in result.output


def test_another_project_with_its_index_passes(tmp_path: Path) -> None:
    index = "CREATE INDEX ON orders (customer_id, placed_at DESC);"
    result = foreign(tmp_path, index, "--scale", "1e8")
    assert result.exit_code == 0, result.output


def test_a_small_table_may_be_read_whole(tmp_path: Path) -> None:
    assert foreign(tmp_path, "", "--scale", "150").exit_code == 0


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ("0", "0 is no number of rows"),
        ("inf", "inf is no number of rows"),
        ("nowhere.toml", "it cannot be read"),
    ],
)
def test_a_scale_that_is_none_is_refused(tmp_path: Path, scale: str, message: str) -> None:
    result = foreign(tmp_path, "", "--scale", scale)
    assert result.exit_code == 1
    assert message in result.output


def test_one_query_is_shown_with_costs_and_with_what_the_server_chooses() -> None:
    result = run("plans", "users.get")
    assert result.exit_code == 0, result.output
    assert "users.get  " in result.output
    assert "the plan without values from the sixth call on" in result.output
    assert re.search(
        r"Index Scan using users_pkey on users u  \(cost [\d.]+\.\.[\d.]+, 1 row", result.output
    )
    assert "- Index Cond: u.id = :id" in result.output


def test_plans_are_data_too() -> None:
    (entry,) = json.loads(run("plans", "users.get", "--format", "json").output)
    assert entry["query"] == "users.get"
    assert entry["plans"][0]["values"] == "no values"
    assert entry["plans"][0]["tree"]["explain"]["Index Name"] == "users_pkey"


def test_a_scale_in_proportion_changes_what_the_planner_expects() -> None:
    def rows(*options: str) -> float:
        found = json.loads(run("plans", "guilds.list_newest", "--format", "json", *options).output)
        scans: Sequence[float] = [
            plan["tree"]["children"][0]["rows"] for entry in found for plan in entry["plans"]
        ]
        return max(scans)

    assert rows("--scale", "1e6") * 100 < rows("--scale", "1e9")


def test_a_live_database_is_planned_with_its_own_statistics(database_url: str) -> None:
    result = run("plans", "users.get", "--dsn", database_url)
    assert result.exit_code == 0, result.output
    assert "users.get  " in result.output


def test_planning_on_a_live_server_leaves_nothing_in_its_log(pretender: embedded.Server) -> None:
    log = pretender.data.parent / f"postgresql{pretender.major}.log"
    before = log.read_text(errors="replace")
    assert run("plans", "users.get", "--dsn", pretender.dsn("migrated")).exit_code == 0
    assert log.read_text(errors="replace") == before


def test_a_live_database_that_refuses_a_query_says_why(pretender: embedded.Server) -> None:
    result = run("plans", "users.get", "--dsn", pretender.dsn())
    assert result.exit_code == 1
    assert 'users.get: not planned: relation "slimy.users" does not exist' in result.output


@pytest.mark.parametrize(
    "options",
    [
        ("plans", "users.get", "--write"),
        ("plans", "users.get", "--indexes"),
        ("plans", "--write", "--scale", "1e9"),
        ("plans", "--dsn", "postgresql://x", "--scale", "1e9"),
        ("check", "--schema", "schema.sql"),
        ("check", "--queries", ".", "--dsn", "postgresql://x"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(options: Sequence[str]) -> None:
    result = run(*options)
    assert result.exit_code == 2
    assert "Error: " in result.output


def test_an_unknown_query_is_said_so() -> None:
    result = run("plans", "users.gett")
    assert result.exit_code == 1
    assert "there is no query users.gett" in result.output

"""What linting knows: new and small tables, runs, waivers, other tools' files; and what it never does: break off."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slimy_dal.cli import main
from slimy_dal.engine import embedded
from slimy_dal.schema import migrator
from slimy_dal.schema.lint import files, history
from slimy_dal.schema.lint.page import page
from slimy_dal.schema.lint.rules import RULES

ROOT = Path(__file__).parent.parent
EXAMPLES = Path(__file__).parent / "lint"
TABLE = "CREATE TABLE users (id bigint NOT NULL);\n"
INDEX = "CREATE INDEX users_id_idx ON users (id);\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of migrations."""
    made = tmp_path / "db" / "migrations"
    made.mkdir(parents=True)
    return made


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name.lstrip('_')}.sql").write_text(text)


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["migrate", "lint", *map(str, arguments)], env=env)


def found(*arguments: object) -> list[tuple[str, str]]:
    """Return each finding's rule, and its weight."""
    report = json.loads(run(*arguments, "--json").stdout)
    return [(one["rule"], one["severity"]) for one in report["findings"]]


def test_our_own_migrations_are_clean_and_every_waiver_is_needed() -> None:
    result = run("--migrations", ROOT / "sql" / "migrations")
    assert result.exit_code == 0, result.stdout


def test_a_finding_shows_its_place_its_line_its_lock_and_the_way_out(folder: Path) -> None:
    write(folder, _0001_users=TABLE, _0002_index=f"-- Find users.\n\n{INDEX}")
    result = run("--migrations", folder)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].endswith(
        "0002_index.sql:3:1: error: index-not-concurrent:"
        " writers of users wait until the index is built"
    )
    assert lines[1:3] == [
        "     3 | CREATE INDEX users_id_idx ON users (id);",
        "       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]
    assert lines[3] == "       lock: SHARE"
    assert lines[-1] == "1 error in 2 migrations"


def test_each_migration_is_a_run_of_its_own_where_nothing_else_is_said(folder: Path) -> None:
    write(folder, _0001_users=TABLE, _0002_index=INDEX)
    assert found("--migrations", folder) == [("index-not-concurrent", "error")]


def test_a_table_of_the_same_run_has_no_traffic_yet(folder: Path) -> None:
    write(folder, _0001_users=TABLE, _0002_index=INDEX)
    assert found("--migrations", folder, folder / "0001_users.sql", folder / "0002_index.sql") == []
    assert found(folder / "0002_index.sql") == [("index-not-concurrent", "error")]


def test_releases_say_where_a_run_ends(folder: Path) -> None:
    write(folder, _0001_users=TABLE, _0002_index=INDEX)
    (folder.parent / "lint.toml").write_text('releases = ["0002_index"]\n')
    assert found("--migrations", folder) == []
    (folder.parent / "lint.toml").write_text('releases = ["0001_users"]\n')
    assert found("--migrations", folder) == [("index-not-concurrent", "error")]


def test_a_small_table_makes_a_note_which_says_why(folder: Path) -> None:
    write(folder, _0001_users=TABLE, _0002_index=INDEX)
    (folder.parent / "scale.toml").write_text('[tables."public.users"]\nrows = 700\n')
    result = run("--migrations", folder)
    assert result.exit_code == 0
    assert "only a note: users has 700 rows (scale.toml)" in result.stdout
    assert found("--migrations", folder, "--small", 699) == [("index-not-concurrent", "error")]


@pytest.fixture
def live(server: embedded.Server) -> Iterator[str]:
    """An empty database."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE lint_test")
        yield server.dsn("lint_test")
        admin.execute("DROP DATABASE lint_test WITH (FORCE)")


def test_a_database_says_what_is_pending_and_how_large_its_tables_are(
    folder: Path, live: str
) -> None:
    write(folder, _0001_users=f"{TABLE}CREATE TABLE events (id bigint NOT NULL);\n")
    write(folder, _0002_tags="CREATE TABLE tags (id bigint NOT NULL);\n")
    migrator.apply(live, folder)
    write(folder, _0003_tags="CREATE TABLE colors (id bigint NOT NULL);\n")
    write(
        folder,
        _0004_indexes="".join(
            f"CREATE INDEX {table}_id_idx ON {table} (id);\n"
            for table in ("users", "events", "tags", "colors")
        ),
    )
    with psycopg.connect(live, autocommit=True) as connection:
        connection.execute("INSERT INTO users SELECT generate_series(1, 20000)")
        connection.execute("INSERT INTO tags SELECT generate_series(1, 20)")
        connection.execute("ANALYZE users")
        connection.execute("ANALYZE tags")
    report = json.loads(run("--migrations", folder, "--dsn", live, "--json").stdout)
    assert [Path(one).name for one in report["files"]] == ["0003_tags.sql", "0004_indexes.sql"]
    weighed = {
        one["tables"][0]: (one["severity"], one["lowered"])
        for one in report["findings"]
        if one["rule"] == "index-not-concurrent"
    }
    assert weighed == {
        "users": ("error", ""),
        "events": ("error", ""),
        "tags": ("note", "tags has 20 rows (the database)"),
    }


@pytest.mark.parametrize(
    ("books", "names"),
    [
        ("schema_migrations (version bigint, dirty boolean); {} (2, false)", ["2_a.up", "3_b.up"]),
        ("schema_migrations (version text); {} ('20240102')", ["20240102_a", "20240103_b"]),
        (
            "goose_db_version (id int, version_id int, is_applied bool); {} (1, 2, true), (2, 3, true), (3, 3, false)",
            ["00002_a", "00003_b"],
        ),
        ("_sqlx_migrations (version bigint, success boolean); {} (2, true)", ["2_a", "3_b"]),
        (
            "__diesel_schema_migrations (version text); {} ('20240102')",
            ["2024-01-02_a/up", "3_b/up"],
        ),
        (
            "_prisma_migrations (migration_name text, finished_at date); {} ('2_a', now())",
            ["2_a/migration", "3_b/migration"],
        ),
        (
            "flyway_schema_history (version text, success boolean); {} ('1.2', true)",
            ["V1_2__a", "V2__b"],
        ),
        ("pgmigrations (name text); {} ('2_a')", ["2_a", "3_b"]),
    ],
)
def test_what_other_tools_have_applied_is_known(
    folder: Path, live: str, books: str, names: list[str]
) -> None:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.sql").write_text("CREATE INDEX ON users (id);")
    table = books.partition(" ")[0]
    with psycopg.connect(live) as connection:
        connection.execute(f"CREATE TABLE {books.format(f'INSERT INTO {table} VALUES')}")
    report = json.loads(run("--migrations", folder, "--dsn", live, "--json").stdout)
    assert [Path(one).relative_to(folder) for one in report["files"]] == [Path(f"{names[1]}.sql")]
    assert ("index-not-concurrent", "error") in found("--migrations", folder, "--dsn", live)


def test_a_waiver_is_for_its_statement_in_the_header_for_the_file(folder: Path) -> None:
    waiver = "-- allow: index-not-concurrent: nobody is awake\n"
    other = "CREATE INDEX users_id_again_idx ON users (id);\n"
    write(folder, _0001_users=TABLE, _0002_index=f"-- Find.\n\n{waiver}{INDEX}{other}")
    assert found("--migrations", folder) == [("index-not-concurrent", "error")]
    write(folder, _0002_index=f"{INDEX.rstrip()} {waiver}{other}")
    assert found("--migrations", folder) == [("index-not-concurrent", "error")]
    write(folder, _0002_index=f"-- Find.\n{waiver}\n{INDEX}{other}")
    assert found("--migrations", folder) == []


def test_a_file_that_must_not_be_edited_has_its_waiver_in_lint_toml(folder: Path) -> None:
    write(folder, _0001_users=TABLE, _0002_index=INDEX)
    allow = '[[allow]]\nfile = "0002_index"\nrule = "{}"\nreason = "nobody is awake"\n'
    (folder.parent / "lint.toml").write_text(allow.format("index-not-concurrent"))
    assert found("--migrations", folder) == []
    (folder.parent / "lint.toml").write_text(allow.format("truncate"))
    assert found("--migrations", folder) == [
        ("index-not-concurrent", "error"),
        ("waiver-unused", "warning"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("releases = 3", "releases must be a list"),
        ("relases = []", "unknown key relases"),
        ('releases = ["0009_none"]', "there is no migration 0009_none"),
        ('[[allow]]\nfile = "a"', "takes file, rule and reason"),
        ('[[allow]]\nfile = "a"\nrule = "truncate"\nreason = " "', "gives no reason"),
        ("=", "Invalid"),
    ],
)
def test_a_wrong_lint_toml_is_refused_in_one_line(folder: Path, text: str, problem: str) -> None:
    write(folder, _0001_users=TABLE)
    (folder.parent / "lint.toml").write_text(text)
    result = run("--migrations", folder)
    assert result.exit_code == 1
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_view_is_refreshed_concurrently_only_by_a_unique_index(folder: Path) -> None:
    view = "CREATE MATERIALIZED VIEW best AS SELECT 1 AS id;\n"
    refresh = "REFRESH MATERIALIZED VIEW CONCURRENTLY best;\n"
    write(folder, _0001=view, _0002=refresh)
    assert found("--migrations", folder) == [("concurrently-impossible", "error")]
    write(folder, _0001=f"{view}CREATE UNIQUE INDEX best_id_key ON best (id);\n")
    assert found("--migrations", folder) == []


def test_a_column_that_a_named_query_uses_is_not_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Path(shutil.copytree(ROOT / "sql", tmp_path / "sql"))
    monkeypatch.setenv("SLIMY_SQL", str(project))
    file = project / "migrations" / "0999_drop.sql"
    file.write_text(
        "-- Drops.\n-- phase: contract\n\n"
        "ALTER TABLE slimy.users DROP COLUMN email;\n"
        "ALTER TABLE slimy.users DROP COLUMN nobody_asks_for_it;\n"
    )
    report = json.loads(run(file, "--json").stdout)
    said = [one for one in report["findings"] if one["rule"] == "drop-still-used"]
    assert [one["line"] for one in said] == [4]
    assert "slimy.users.email is used by " in said[0]["message"]
    assert "users." in said[0]["message"]


def test_any_projects_queries_are_asked_by_their_words(folder: Path) -> None:
    queries = folder.parent / "queries"
    queries.mkdir()
    (queries / "users.sql").write_text(
        "-- name: moods :many\n-- All.\nSELECT u.mood::feeling FROM users AS u;\n\n"
        "-- name: names :many\n-- Not of the mood.\nSELECT u.name FROM users AS u WHERE u.name <> 'mood';\n"
    )
    drops = "-- Drops.\n-- phase: contract\nALTER TABLE users DROP COLUMN {};\nDROP TYPE {};\n"
    write(folder, _0001=TABLE, _0002=drops.format("mood", "feeling"))
    report = json.loads(run("--migrations", folder, "--queries", queries, "--json").stdout)
    said = [one["message"] for one in report["findings"] if one["rule"] == "drop-still-used"]
    assert said == ["users.mood is used by users.moods", "feeling is used by users.moods"]
    write(folder, _0002=drops.format("age", "sense"))
    assert found("--migrations", folder, "--queries", queries) == []


def test_squawk_is_asked_too_and_not_twice_for_what_we_say(folder: Path) -> None:
    write(folder, _0001_users=TABLE)
    write(folder, _0002_é="-- é\nALTER TABLE users ADD COLUMN é char(3), ADD COLUMN b json;\n")
    report = json.loads(run("--migrations", folder, "--json").stdout)
    places = [(one["rule"], one["line"], one["column"]) for one in report["findings"]]
    assert places == [("ban-char-field", 2, 32), ("json-column", 2, 52)]


def test_what_a_rollback_locks_is_judged_when_asked(folder: Path) -> None:
    write(folder, _0001=TABLE, _0002="DROP INDEX CONCURRENTLY users_id_idx;\n")
    undo = folder / "0002.rollback.sql"
    undo.write_text(f"-- Back.\n\n{INDEX}TRUNCATE users;\n")
    (folder.parent / "lint.toml").write_text('off = { concurrently-in-transaction = "an example" }')
    assert found("--migrations", folder) == []
    report = json.loads(run("--migrations", folder, "--rollbacks", "--json").stdout)
    places = [(one["rule"], Path(one["file"]).name, one["line"]) for one in report["findings"]]
    assert places == [("index-not-concurrent", undo.name, 3)]
    write(folder, _0003=INDEX)
    (folder / "0003.rollback.sql").write_text(INDEX)
    names = [
        Path(one["file"]).name
        for one in json.loads(run("--migrations", folder, "--rollbacks", "--json").stdout)[
            "findings"
        ]
    ]
    assert [name[:4] for name in names] == ["0002", "0003", "0003", "0003"]
    (folder / "0003.sql").unlink()
    undo.write_text(f"-- Back.\n\n-- allow: index-not-concurrent: nobody is awake\n{INDEX}")
    assert found("--migrations", folder, "--rollbacks") == []


def test_reports_for_code_scanning_and_for_github(folder: Path) -> None:
    write(folder, _0001_users=TABLE, _0002_index=INDEX)
    sarif = json.loads(run("--migrations", folder, "--format", "sarif").stdout)
    [result] = sarif["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("index-not-concurrent", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 1, "startColumn": 1}
    github = run("--migrations", folder, "--format", "github").stdout
    assert github.startswith("::error file=")
    assert ",line=1,col=1,title=index-not-concurrent::writers of users wait" in github


@pytest.mark.parametrize(
    ("before", "problem"),
    [
        ("sys.modules['pglast.parser'] = None", "pglast (the parser"),
        ("sys.executable = '/nowhere/python'; os.environ['PATH'] = '/nowhere'", "squawk (a linter"),
    ],
)
def test_what_is_not_installed_is_named_with_the_way_to_install_it(
    folder: Path, before: str, problem: str
) -> None:
    write(folder, _0001_users=TABLE)
    call = f"import os, sys; {before}; from slimy_dal.cli import main; main()"
    command = [sys.executable, "-c", call, "migrate", "lint", "--migrations", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert problem in done.stderr
    assert "pip install 'slimy_dal[review]'" in done.stderr
    assert "Traceback" not in done.stderr


ALTER = "ALTER TABLE users ADD COLUMN a json;"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("2_goose.sql", f"-- +goose Up\n{ALTER}\n-- +goose Down\nDROP TABLE users;\n", 2),
        ("2_dbmate.sql", f"-- migrate:up\n{ALTER}\n\n-- migrate:down\nDROP TABLE users;\n", 2),
        ("2_golang_migrate.up.sql", f"BEGIN;\n{ALTER}\nCOMMIT;\n", 2),
        ("2_diesel/up.sql", f"{ALTER}\n", 1),
        ("2_psql.sql", f"\\set ON_ERROR_STOP on\nCOPY users FROM stdin;\n1\n\\.\n{ALTER}\n", 5),
        ("2_windows.sql", f"\ufeff-- é\r\n{ALTER}\r\n", 2),
    ],
)
def test_files_of_other_tools_are_read_and_what_undoes_is_left_out(
    folder: Path, name: str, text: str, line: int
) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode())
    (folder / "2_golang_migrate.down.sql").write_text("DROP TABLE users;\n")
    (folder / "2_diesel").mkdir(exist_ok=True)
    (folder / "2_diesel" / "down.sql").write_text("DROP TABLE users;\n")
    report = json.loads(run("--migrations", folder, "--json").stdout)
    lines = [one["line"] for one in report["findings"] if one["rule"] == "json-column"]
    assert lines == [line]
    assert "drop-outside-contract" not in {one["rule"] for one in report["findings"]}


@pytest.mark.parametrize(
    "mark",
    [
        "-- transactional: false",
        "-- +goose NO TRANSACTION",
        "-- migrate:up transaction:false",
        "-- no-transaction",
        "-- atlas:txmode none",
    ],
)
def test_every_tools_way_to_do_without_a_transaction_is_known(folder: Path, mark: str) -> None:
    write(folder, _0001=f"{mark}\nCREATE INDEX CONCURRENTLY a_b_idx ON a (b);\n")
    assert ("concurrently-in-transaction", "error") not in found("--migrations", folder)


@pytest.mark.parametrize("schema", ['{{ index .Options "Namespace" }}', "{{x}}", "${schema}"])
def test_what_a_tool_fills_in_before_it_runs_a_file_is_taken_to_be_a_schema(
    folder: Path, schema: str
) -> None:
    write(folder, _0001=f"ALTER TABLE {schema}.users ADD COLUMN a json;\n")
    report = json.loads(run("--migrations", folder, "--json").stdout)
    assert [one["rule"] for one in report["findings"]] == ["json-column"]


def test_a_type_that_takes_the_place_of_another_is_another(folder: Path) -> None:
    new, old = "CREATE TYPE mood_new AS ENUM ('a');", "CREATE TYPE mood AS ENUM ('a', 'b');"
    rename, drop = "ALTER TYPE mood_new RENAME TO mood;", "DROP TYPE mood;"
    write(folder, _0001=old, _0002=f"{new}\n{drop}\n{rename}\n")
    report = json.loads(run("--migrations", folder, "--json").stdout)
    said = [one["message"] for one in report["findings"] if one["rule"] == "type-made-anew"]
    assert said == ["mood is made anew"]


def test_what_verifies_a_migration_is_none(folder: Path) -> None:
    write(folder, _0001=TABLE)
    (folder / "verify").mkdir()
    write(folder / "verify", _0001="SELECT count(*) = 0 FROM users;\n")
    report = json.loads(run("--migrations", folder, "--json").stdout)
    assert report["files"] == [str(folder / "0001.sql")]


def test_a_statement_that_cannot_be_read_does_not_hide_the_others(folder: Path) -> None:
    write(folder, _0001=f"CREATE TABEL a ();\n\nSELECT 'a;b' FROM;\n{ALTER}\n")
    report = json.loads(run("--migrations", folder, "--json").stdout)
    places = [(one["rule"], one["line"]) for one in report["findings"]]
    assert {("unreadable", 1), ("unreadable", 3), ("json-column", 4)} <= set(places)


def test_the_page_of_rules_is_that_of_the_rules() -> None:
    written = (ROOT / "docs" / "lint-rules.md").read_text()
    assert written == page(), "run `slimy migrate rules --write`"
    assert all(f"### `{name}`" in written for name in RULES)


TEXTS = [path.read_text() for path in sorted(EXAMPLES.rglob("*.sql"))]
PIECES = st.sampled_from([part for text in TEXTS for part in text.split(";")])
SPOILT = st.sampled_from(["'", "$$", "$b$", "--", "/*", "(", ")", ";", "\\", '"', "\x00", "é", ""])


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=st.lists(st.tuples(PIECES, SPOILT, st.integers(0, 400)), min_size=1, max_size=6))
def test_no_text_makes_it_break_off(tmp_path: Path, parts: Sequence[tuple[str, str, int]]) -> None:
    text = ";".join(part[:cut] + spoilt + part[cut:] for part, spoilt, cut in parts)
    file = tmp_path / "0001_any.sql"
    file.write_text(text)
    file.with_suffix(".rollback.sql").write_text(text[::2])
    runs = [history.Run((files.read(file),)), history.Run((files.read(file),))]
    for subject in history.subjects(runs, lambda _name: ["users.get"]):
        for rule in RULES.values():
            for hit in rule.check(subject):
                assert 0 <= hit.at <= len(subject.migration.text)
                assert hit.message

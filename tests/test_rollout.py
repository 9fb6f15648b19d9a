"""Tests that each schema between two releases is proven for whoever runs on it, and that the culprit is named."""

import json
import re
import shutil
import textwrap
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from slimy_dal.cli import main
from slimy_dal.engine import embedded
from slimy_dal.launch import migrated
from slimy_dal.schema import backfill, migrator
from slimy_dal.schema.backfill import BackfillError

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "rename_a_column"


def slimy(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def rollout(old: str, new: str, *words: str, migrations: Path = EXAMPLE / "migrations") -> Result:
    releases = ["--old", str(EXAMPLE / old), "--new", str(EXAMPLE / new)]
    return slimy("migrate", "rollout", *releases, "--migrations", str(migrations), *words)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE / "migrations", tmp_path / "migrations"))


@pytest.mark.fault("E9")
def test_each_release_of_the_example_can_follow_the_one_before() -> None:
    found = rollout("release-1", "release-2", "--since", "0001")
    assert found.exit_code == 0, found.output
    assert [re.split(r"  +", line) for line in found.output.splitlines()] == [
        ["0001_create_customers", "expand", "release-1 holds", "(release-2 breaks in 3 places)"],
        ["0002_add_display_name", "expand", "release-1 holds", "(release-2 holds)"],
        ["0003_copy_full_name", "backfill", "release-1 holds", "(release-2 holds)"],
        ["0004_validate_display_name", "backfill", "release-1 holds", "release-2 holds"],
        ["", "roll release-2 out here"],
        ["0005_require_display_name", "contract", "(release-1 holds)", "release-2 holds"],
        ["0006_drop_full_name", "contract", "(release-1 breaks in 3 places)", "release-2 holds"],
        ["release-1 and release-2 hold wherever they run; in brackets: where they do not"],
    ]
    page = (ROOT / "docs" / "zero-downtime.md").read_text()
    assert textwrap.indent(found.output, "    ") in page
    assert rollout("release-2", "release-3", "--since", "0004").exit_code == 0


def test_what_breaks_the_old_release_is_named(migrations: Path) -> None:
    file = migrations / "0006_drop_full_name.sql"
    for path in (file, migrations / "0005_require_display_name.sql"):
        path.write_text(path.read_text().replace("phase: contract", "phase: expand"))
    found = rollout("release-1", "release-2", "--since", "0001", migrations=migrations)
    assert found.exit_code == 1
    assert (
        "customers.find: column c.full_name does not exist, since 0006_drop_full_name (expand),"
        " while the old release runs"
    ) in found.output
    upto = rollout("release-1", "release-2", "--since", "1", "--upto", "0005")
    assert upto.exit_code == 1, "1 is no number of a migration"
    words = ["--since", "0001", "--upto", "0005"]
    assert rollout("release-1", "release-2", *words, migrations=migrations).exit_code == 0


def test_a_new_release_that_needs_the_contract_phase_is_told_so(migrations: Path) -> None:
    file = migrations / "0006_drop_full_name.sql"
    file.write_text(file.read_text() + "ALTER TABLE shop.customers ADD COLUMN email text;\n")
    new = migrations.parent / "release-2"
    new.mkdir()
    (new / "customers.sql").write_text(
        "-- name: mail :many\n-- Mail of all.\nSELECT c.email\nFROM shop.customers AS c\nLIMIT 9;\n"
    )
    found = rollout("release-2", str(new), "--since", "0004", "--json", migrations=migrations)
    assert found.exit_code == 1
    told = json.loads(found.output)
    assert told["switch"] == "0004_validate_display_name"
    [finding] = told["findings"]
    assert "customers.mail: column c.email does not exist" in finding
    assert finding.endswith("is rolled out; it needs 0006_drop_full_name (contract)")


def test_an_old_release_that_never_held_is_no_fault_of_a_migration() -> None:
    found = rollout("release-2", "release-2", "--since", "0001", "--upto", "0002")
    assert found.exit_code == 1
    assert "the old release does not hold on its own schema" in found.output


def test_where_the_old_release_ended_is_known_from_its_migrations(tmp_path: Path) -> None:
    old = tmp_path / "shop-1"
    shutil.copytree(EXAMPLE / "release-1", old / "queries")
    (old / "migrations").mkdir()
    missing = rollout("release-1", "release-2")
    assert "say its last one with --since" in missing.output
    for path in (EXAMPLE / "migrations").glob("000[12]*"):
        shutil.copy(path, old / "migrations")
    found = rollout(str(old), "release-2")
    assert found.exit_code == 0
    assert found.output.startswith("0002_add_display_name")


@pytest.mark.slow
def test_check_proves_on_the_schema_behind_a_migration() -> None:
    early = slimy("check", "--upto", "0021")
    assert early.exit_code == 1
    assert "memberships.set_roles: function slimy.has_other_owner" in early.output
    assert "(behind 0021)" in early.output
    old = slimy("check", "--old-queries", str(ROOT), "--upto", "0022")
    assert old.exit_code == 1
    assert "slimy.has_other_owner" not in old.output
    assert "slimy.idempotency_keys" in old.output


def test_a_schema_of_the_past_has_types_and_no_plans() -> None:
    said = slimy("check", "--upto", "0021", "--scale", "1e6")
    assert said.exit_code == 2
    assert "--upto and --scale do not go together" in said.output


def test_a_service_that_starts_leaves_the_contract_phase_alone_where_another_may_serve(
    server: embedded.Server,
) -> None:
    folder = EXAMPLE / "migrations"
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        for name in ("launch_new", "launch_old", "launch_own"):
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {name}")
    assert migrated(server.dsn("launch_new"), folder, alone=False) == "6 applied"
    for name in ("launch_old", "launch_own"):
        migrator.apply(server.dsn(name), folder, to="0001")
    said = migrated(server.dsn("launch_old"), folder, alone=False)
    assert said.startswith("3 applied; 0005_require_display_name is of the contract phase: `slimy")
    again = migrated(server.dsn("launch_old"), folder, alone=False)
    assert again.startswith("up to date; 0005_require_display_name is of the contract phase")
    assert migrated(server.dsn("launch_own"), folder, alone=True) == "5 applied"


def test_the_example_is_what_our_own_linter_asks_for() -> None:
    found = slimy("migrate", "lint", "--migrations", str(EXAMPLE / "migrations"))
    assert found.exit_code == 0, found.output


def test_the_example_can_be_undone() -> None:
    found = slimy(
        "migrate", "roundtrip", "--migrations", str(EXAMPLE / "migrations"), "--server", "18"
    )
    assert found.exit_code == 0, found.output


def test_tools_that_need_plain_sql_read_a_data_migration_as_one_statement() -> None:
    path = EXAMPLE / "migrations" / "0003_copy_full_name.sql"
    text = path.read_text()
    at_once, masked = backfill.whole(path, text), backfill.masked(text)
    assert (
        'BETWEEN (SELECT k."id" FROM shop.customers AS k ORDER BY k."id" LIMIT 1)'
        ' AND (SELECT k."id" FROM shop.customers AS k ORDER BY k."id" DESC LIMIT 1)'
    ) in at_once
    assert at_once.count("\n") == text.count("\n")
    assert "BETWEEN ''    AND ''  AND" in masked
    assert len(masked) == len(text)
    other = (EXAMPLE / "migrations" / "0001_create_customers.sql").read_text()
    assert backfill.whole(path, other) == backfill.masked(other) == other
    with pytest.raises(BackfillError, match="a batch is one statement"):
        backfill.whole(path, text + "SELECT 1;")

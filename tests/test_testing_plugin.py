"""The pytest plugin as others get it: from the wheel, in a project of their own."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from slimy_dal import testing
from slimy_dal.engine import embedded
from slimy_dal.testing import Databases, plugin, toxics
from slimy_dal.testing.databases import newest_major

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "testing.md").read_text()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip would unpack: the built wheel, before anything else on the path."""
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = (place / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place / "site")
    return place / "site"


def run(project: Path, installed: Path, *options: str, **variables: str) -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        # In a folder of its own: it closes the one that all runs share to the servers' account.
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
            *(f"--basetemp={project / '.tmp'}", *options),
        ],
        cwd=project,
        env={**environment, "PYTHONPATH": str(installed), **variables},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example of the page, each block under the name that stands before it."""
    found = re.findall(r"`([\w/.]+)`:\n\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert [name for name, _ in found] == [
        "pytest.ini",
        "migrations/0001_create_tickets.sql",
        "migrations/0001_create_tickets.rollback.sql",
        "test_tickets.py",
        "test_soak.py",
    ]
    for name, text in found:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.slow
def test_the_example_of_the_page_runs_from_the_wheel(project: Path, installed: Path) -> None:
    code, said = run(project, installed, "-v", "--color=no")
    assert code == 0, said
    shown = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert shown
    for line in shown[1].splitlines():
        assert line in said, said


def test_a_project_without_migrations_is_told_what_to_say(tmp_path: Path, installed: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(slimy_database): pass\n")
    code, said = run(tmp_path, installed, "-q")
    assert code == 1
    assert "slimy_migrations = <folder>" in said


def test_without_the_extra_a_project_that_needs_none_of_it_runs(
    tmp_path: Path, installed: Path
) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    for missing in ("pytest_asyncio", "pytest_postgresql"):
        (tmp_path / f"{missing}.py").write_text("raise ImportError\n")
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    code, said = run(tmp_path, installed, "-p", "slimy_dal.testing.plugin", "-q", **alone)
    assert code == 0, said
    assert "1 passed" in said


def test_loading_the_plugin_loads_nothing_else_of_the_package(installed: Path) -> None:
    words = "import sys, slimy_dal.testing.plugin; print(*[m for m in sys.modules if 'slimy' in m])"
    done = subprocess.run(
        [sys.executable, "-c", words],
        env={**os.environ, "PYTHONPATH": str(installed)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["slimy_dal", "slimy_dal.testing", "slimy_dal.testing.plugin"]


def test_every_fixture_option_and_name_is_documented() -> None:
    source = (ROOT / "slimy_dal" / "testing" / "plugin.py").read_text()
    fixtures = re.findall(r"(?:def|async def) (slimy_\w+)\(", source)
    assert len(fixtures) == 10
    options = re.findall(r'"(--[\w-]+|slimy_\w+)", ', source)
    assert set(options) >= {"--slimy-postgres", "slimy_migrations", "slimy_postgres"}
    for name in (*fixtures, *options, *testing.__all__):
        assert re.search(rf"(?<![\w-]){re.escape(name)}\b", PAGE), name
    for owner in (testing.FaultProxy, testing.Node, testing.FailoverPair, testing.SmallDisk):
        public = {
            name
            for name, thing in vars(owner).items()
            if not name.startswith("_") and getattr(thing, "__doc__", None) and callable(thing)
        }
        for name in public - {"heard", "wrote", "toxics"}:
            assert re.search(rf"\b{name}\b", PAGE), f"{owner.__name__}.{name}"
    # Other tests have toxics of their own.
    ours = [kind for kind in toxics.Toxic.__subclasses__() if kind.__module__ == toxics.__name__]
    kinds = {kind.__name__ for kind in ours}
    assert len(kinds) == 8
    for name in kinds:
        assert f"| `{name}(" in PAGE, name


# -- databases ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stocked(slimy_databases: Databases) -> Iterator[str]:
    def prepare(dsn: str) -> None:
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE stock (n integer); INSERT INTO stock VALUES (7)")

    with slimy_databases.template(prepare) as name:
        yield name


def test_clones_have_what_their_template_has_and_nothing_of_each_other(
    slimy_databases: Databases, stocked: str
) -> None:
    with slimy_databases.clone(stocked) as one, slimy_databases.clone(stocked) as two:
        with psycopg.connect(one) as connection:
            connection.execute("INSERT INTO stock VALUES (8)")
        with psycopg.connect(two) as connection:
            assert connection.execute("SELECT n FROM stock").fetchall() == [(7,)]
        with psycopg.connect(one) as connection:  # a session that stays does not keep it
            assert connection.execute("SELECT count(*) FROM stock").fetchone() == (2,)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(one)


@pytest.mark.parametrize(
    ("databases", "dsn"),
    [
        (Databases("/run/pg"), "postgresql://postgres@/x?host=/run/pg"),
        (Databases("/run/pg", 5433), "postgresql://postgres@/x?host=/run/pg&port=5433"),
        (Databases("db.example", 6000, "u", "p"), "postgresql://u:p@db.example:6000/x"),
    ],
)
def test_the_address_of_a_database(databases: Databases, dsn: str) -> None:
    assert databases.dsn("x") == dsn


def test_the_newest_server_there_is_serves() -> None:
    newest = newest_major()
    assert (embedded.binaries(newest) / "postgres").exists()
    for newer in range(newest + 1, 19):
        with pytest.raises(embedded.EmbeddedServerError):
            embedded.binaries(newer)


def test_the_plugin_of_this_run_is_the_tree_s_own(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.get_plugin("slimy_dal.testing.plugin") is plugin

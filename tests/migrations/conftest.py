"""An empty database, a small folder of migrations, and the programs of others that run on both."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.engine import embedded
from tests.migrations.folders import Folder

_numbers = itertools.count(1)


@pytest.fixture
def empty(server: embedded.Server) -> Iterator[str]:
    """An empty database on the run's server."""
    name = f"migrations_{next(_numbers)}"
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield server.dsn(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Two migrations of a shop, with their rollback files."""
    made = Folder(tmp_path / "migrations")
    made.write(
        "0001_shop",
        "-- A shop.\n-- phase: expand\n\nCREATE SCHEMA shop;\n\n"
        "CREATE TABLE shop.item (id bigint PRIMARY KEY, name text NOT NULL);\n",
        "DROP TABLE shop.item;\nDROP SCHEMA shop;\n",
    )
    made.write(
        "0002_price",
        "-- Prices.\n-- depends: 0001_shop\n-- phase: expand\n\n"
        "ALTER TABLE shop.item ADD COLUMN price numeric;\n",
        "ALTER TABLE shop.item DROP COLUMN price;\n",
    )
    return made


@pytest.fixture
def psql() -> Callable[[str, str], subprocess.CompletedProcess[str]]:
    """Run a script with psql as the manual says."""

    def run(dsn: str, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [embedded.binaries(18) / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", dsn],
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def yoyo() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the stock yoyo command, with its tables in the schema given."""

    def run(
        command: str, dsn: str, folder: Path, schema: str | None
    ) -> subprocess.CompletedProcess[str]:
        address = dsn.replace("postgresql:", "postgresql+psycopg:")
        if schema:
            address += f"&schema={schema}"
        program = Path(sys.executable).parent / "yoyo"
        options = ["--batch", "--no-config-file", "--database", address, str(folder)]
        return subprocess.run(
            [program, command, *options], capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def slimy() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of `slimy migrate` in this process: starting one takes longer than the command."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        done = CliRunner().invoke(main, ["migrate", *words], env={"DATABASE_URL": None})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    return run

"""Errors that a user can do something about are one line; they are known by name, and the names must be right."""

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from slimy_dal.cli import main
from slimy_dal.cli.errors import EXPECTED, is_expected, plainly
from slimy_dal.schema.migrationfiles import MigrationError


@pytest.mark.parametrize("name", EXPECTED)
def test_every_name_is_that_of_an_error_where_it_is_defined(name: str) -> None:
    module, _, error = name.rpartition(".")
    kind = getattr(importlib.import_module(module), error)
    assert f"{kind.__module__}.{kind.__qualname__}" == name


class Narrower(MigrationError):
    """One that another module derives."""


@pytest.mark.parametrize("error", [MigrationError("the way out"), Narrower("the way out")])
def test_an_expected_error_is_one_line_and_exit_code_1(error: Exception) -> None:
    @click.command()
    @plainly
    def fail() -> None:
        raise error

    done = CliRunner().invoke(fail)
    assert (done.exit_code, done.stderr) == (1, "Error: the way out\n")


def test_a_defect_keeps_its_traceback() -> None:
    assert not is_expected(ValueError("a defect"))

    @click.command()
    @plainly
    def fail() -> None:
        raise ValueError("a defect")

    assert isinstance(CliRunner().invoke(fail).exception, ValueError)


def test_who_asks_for_a_state_does_not_wait_for_the_service_or_the_compiler() -> None:
    code = (
        "import sys; from slimy_dal.cli import main; "
        "main(['migrate', 'status', '--help'], standalone_mode=False); "
        "print([name for name in ('aiohttp', 'service', 'slimy_dal.queries', 'pglast', 'asyncpg',"
        " 'slimy_dal.compiler.check') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_is_where_it_is_said_to_be() -> None:
    migrate = main.commands["migrate"]
    assert isinstance(migrate, click.Group)
    for group in (main, migrate):
        assert len(group.commands) == len(list(group.commands))
        for name, command in group.commands.items():
            assert command.name == name

"""Errors that a user can do something about are one line; they are known by name, and the names must be right."""

import importlib

import click
import pytest
from click.testing import CliRunner

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

"""Says an expected error in one line and ends with exit code 1; everything else is a defect and keeps its traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from service.settings import SettingsError as ServiceSettingsError
from slimy_dal.compiler.generate import GenerationFailed
from slimy_dal.compiler.project import ProjectNotFound
from slimy_dal.compiler.scale.declared import ScaleError
from slimy_dal.engine.embedded import EmbeddedServerError
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.secrets import KeyringError
from slimy_dal.engine.settings import SettingsError
from slimy_dal.schema.lint.settings import LintError
from slimy_dal.schema.lint.syntax import NotInstalled
from slimy_dal.schema.migrator import MigrationError

P = ParamSpec("P")
T = TypeVar("T")

EXPECTED = (
    EmbeddedServerError,
    GenerationFailed,
    KeyringError,
    LintError,
    MigrationError,
    NotInstalled,
    ProjectNotFound,
    ScaleError,
    ServiceSettingsError,
    SettingsError,
    SlimyError,
)
"""What a user can do something about; each message says what."""


def one_of(*options: tuple[str, object]) -> None:
    """Raise UsageError where more than one of these is given: the others would do nothing."""
    given = [name for name, value in options if value]
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} and {given[1]} do not go together")


def plainly(command: Callable[P, T]) -> Callable[P, T]:
    """Wrap a command so that an expected error is one line on standard error."""

    @wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> T:
        try:
            return command(*arguments, **options)
        except EXPECTED as error:
            raise click.ClickException(str(error)) from error

    return run

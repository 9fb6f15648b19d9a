"""Says an expected error in one line and ends with exit code 1; everything else is a defect and keeps its traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

P = ParamSpec("P")
T = TypeVar("T")

EXPECTED = (
    "service.settings.SettingsError",
    "slimy_dal.compiler.generate.GenerationFailed",
    "slimy_dal.compiler.project.ProjectNotFound",
    "slimy_dal.compiler.scale.declared.ScaleError",
    "slimy_dal.engine.embedded.EmbeddedServerError",
    "slimy_dal.engine.errors.SlimyError",
    "slimy_dal.engine.secrets.KeyringError",
    "slimy_dal.engine.settings.SettingsError",
    "slimy_dal.schema.lint.settings.LintError",
    "slimy_dal.schema.lint.syntax.NotInstalled",
    "slimy_dal.schema.misfits.MigrationError",
)
"""What a user can do something about; each message says what.

By name: a command that needs none of them need not wait until all of them are imported.
"""


def is_expected(error: Exception) -> bool:
    """Whether an error is one of these, or of a kind of theirs."""
    return any(f"{kind.__module__}.{kind.__qualname__}" in EXPECTED for kind in type(error).__mro__)


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
        except Exception as error:
            if is_expected(error):
                raise click.ClickException(str(error)) from error
            raise

    return run

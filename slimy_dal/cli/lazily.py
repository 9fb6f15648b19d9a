"""Imports a command when it is asked for: who wants the state of a database need not wait for the compiler."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click

__all__ = ["Commands"]


class Commands(MutableMapping[str, click.Command]):
    """The commands of a group by name: those here, and where the others are, as `module` or `module:attribute`.

    Modules are named without the package; an attribute that is not named is that of the command.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._here: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._here:
            module, _, attribute = self._places[name].partition(":")
            found = getattr(import_module(f"slimy_dal.cli.{module}"), attribute or name)
            self._here[name] = found
        return self._here[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._here[name] = command

    def __delitem__(self, name: str) -> None:
        self._places.pop(name, None)
        self._here.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._places, **self._here})

    def __len__(self) -> int:
        return len({**self._places, **self._here})

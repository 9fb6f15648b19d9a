"""The only place that composes statements: chosen filters, orders and patches become text, through pypika.

Every word of the text comes from a query file; values are only ever `$n`. What was composed is kept
for ever under its shape: connections know what they have prepared by the Statement object.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pypika.enums import Order
from pypika.terms import Criterion, PseudoColumn, Tuple
from pypika.terms import Parameter as Placeholder

from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.engine.types import UNSET

__all__ = ["Choice", "Filtered", "Patched", "Variants", "beyond", "conjunction", "ordered"]

SEPARATOR = ",\n    "


class _Written(Criterion):
    """A condition as the query file has it, kept inside parentheses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def get_sql(self, **_: Any) -> str:
        """Return the condition."""
        return f"({self.text})"


def conjunction(conditions: Iterable[str], *more: Criterion) -> str:
    """Return conditions joined by AND, each in parentheses of its own; the empty text for none."""
    terms = [*map(_Written, conditions), *more]
    return Criterion.all(terms).get_sql() if terms else ""


def beyond(columns: Sequence[str], number: int, *, less: bool) -> Criterion:
    """Return the comparison of a row with the key in `$number` and what follows it.

    Row-wise, `(a, b) < ($4, $5)`: one condition of one index, where `a < $4 OR a = $4 AND b < $5` is none.
    """
    terms: list[Any] = [PseudoColumn(column) for column in columns]
    values: list[Any] = [Placeholder(f"${number + i}") for i in range(len(columns))]
    row, key = (Tuple(*terms), Tuple(*values)) if len(terms) > 1 else (terms[0], values[0])
    compared: Criterion = row < key if less else row > key
    return compared


def ordered(columns: Iterable[str], *, descending: bool) -> str:
    """Return the items of an ORDER BY, all in one direction."""
    direction = Order.desc if descending else Order.asc
    return ", ".join(f"{PseudoColumn(column).get_sql()} {direction.value}" for column in columns)


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of a statement that a call may leave out: a filter's condition, or a column of a patch.

    `text` is what stands around its parameter; a flag has no parameter, and so one text.
    """

    name: str
    text: tuple[str, ...]
    parameter: Parameter | None = None

    def written(self, number: int) -> str:
        """Return the part with `$number` for its parameter."""
        return f"${number}".join(self.text)


class Variants(ABC):
    """A named query of which parts are chosen by each call.

    `parameters` are those that every call gives, as $1, $2 ...; those of the chosen parts follow.
    """

    def __init__(
        self,
        name: str,
        *,
        parameters: tuple[Parameter, ...] = (),
        columns: tuple[str, ...] = (),
        choices: tuple[Choice, ...] = (),
        timeout: float | None = None,
        writes: bool = False,
        replica: bool = False,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.columns = columns
        self.choices = choices
        self.timeout = timeout
        self.writes = writes
        self.replica = replica
        self.bits = tuple((1 << bit, choice) for bit, choice in enumerate(choices))
        self._made: dict[Any, Statement] = {}
        self._by_text: dict[str, Statement] = {}

    @property
    def made(self) -> tuple[Statement, ...]:
        """Every statement composed so far: as many as texts were asked for, however many calls there were."""
        return tuple(self._by_text.values())

    @property
    @abstractmethod
    def base(self) -> Statement:
        """The statement as the query file has it, nothing chosen but what the text says."""

    @abstractmethod
    def text(self, mask: int) -> str:
        """Return the text with the choices of these bits."""

    def statement(self, mask: int) -> Statement:
        """Return the statement with the choices of these bits: always the same object."""
        made = self._made.get(mask)
        if made is None:
            parameters = (*self.parameters, *self.chosen(mask)[1])
            made = self.keep(mask, self.text(mask), parameters, self.label(mask) or "nothing")
        return made

    def choose(self, given: Sequence[Any]) -> tuple[Statement, list[Any]]:
        """Return the statement of what is given, and the values that follow its fixed arguments.

        Raises InvalidValue for a flag that is no bool.
        """
        mask, values = self.included(given)
        return self._made.get(mask) or self.statement(mask), values

    def included(self, given: Sequence[Any]) -> tuple[int, list[Any]]:
        """Return which choices are given, as bits, and the values of their parameters.

        A value of UNSET leaves a choice out, and so does False where it is a flag.
        """
        mask, values = 0, []
        for (bit, choice), value in zip(self.bits, given, strict=True):
            if value is UNSET:
                continue
            if choice.parameter is not None:
                mask |= bit
                values.append(value)
            elif value is True:
                mask |= bit
            elif value is not False:
                raise InvalidValue(
                    choice.name,
                    f"must be a bool, not {type(value).__name__} (filter of {self.name})",
                    query=self.name,
                )
        return mask, values

    def chosen(self, mask: int) -> tuple[list[str], tuple[Parameter, ...]]:
        """Return the texts of the choices with these bits, numbered on, and their parameters."""
        texts: list[str] = []
        parameters: list[Parameter] = []
        for bit, choice in self.bits:
            if mask & bit:
                texts.append(choice.written(len(self.parameters) + len(parameters) + 1))
                if choice.parameter is not None:
                    parameters.append(choice.parameter)
        return texts, tuple(parameters)

    def label(self, mask: int) -> str:
        """Return the names of the choices of these bits, as kept plans have them: `name+icon`."""
        return "+".join(choice.name for bit, choice in self.bits if mask & bit)

    def keep(
        self, shape: object, text: str, parameters: tuple[Parameter, ...], label: str
    ) -> Statement:
        """Return the statement of a shape: the first one that was made of its text.

        Two shapes may have one text: newest first backwards is oldest first.
        """
        statement = self._by_text.get(text) or Statement(
            self.name,
            text,
            parameters,
            self.columns,
            timeout=self.timeout,
            writes=self.writes,
            replica=self.replica,
            shape=label,
        )
        return self._made.setdefault(shape, self._by_text.setdefault(text, statement))


class Filtered(Variants):
    """A query with optional conditions; `joint` is what puts them behind its head, AND or WHERE."""

    def __init__(self, name: str, *, head: str, joint: str, tail: str = "", **more: Any) -> None:
        super().__init__(name, **more)
        self.head = head
        self.joint = joint
        self.tail = tail

    @property
    def base(self) -> Statement:
        """The statement without any filter."""
        return self.statement(0)

    def text(self, mask: int) -> str:
        """Return the text of a set of filters."""
        conditions = conjunction(self.chosen(mask)[0])
        return f"{self.head}{self.added(conditions)}{self.tail}"

    def added(self, conditions: str) -> str:
        """Return conditions as they follow the head."""
        return f"\n{self.joint} {conditions}" if conditions else ""


class Patched(Variants):
    """An UPDATE of which a call sets some columns: what it leaves out stays, and None is a value.

    `always` are the assignments of every call. `nothing` takes their place where a call gives none at
    all: it sets a column to itself, so that the row is still locked, checked and returned.
    """

    def __init__(
        self,
        name: str,
        *,
        head: str,
        tail: str,
        nothing: str,
        always: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        super().__init__(name, **more)
        self.head = head
        self.tail = tail
        self.nothing = nothing
        self.always = always

    @property
    def base(self) -> Statement:
        """The statement that sets every column."""
        return self.statement((1 << len(self.choices)) - 1)

    def text(self, mask: int) -> str:
        """Return the text of a set of columns."""
        assignments = [*self.always, *self.chosen(mask)[0]] or [self.nothing]
        return f"{self.head}{SEPARATOR.join(assignments)}{self.tail}"

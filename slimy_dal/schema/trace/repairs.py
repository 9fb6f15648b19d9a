"""Finds values that a CHECK accepts, by trying those that it mentions itself."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from random import Random
from typing import Any

from slimy_dal.compiler.scale.values import plain
from slimy_dal.schema.trace.rows import Maker, RowMaker
from slimy_dal.schema.trace.watch import Connection

__all__ = ["candidates", "matching"]

# There is no public way to read a pattern.
PARSER = import_module("re._parser")
WITHOUT_END = import_module("re._constants").MAXREPEAT

CONSTRAINT = """
SELECT
    pg_get_expr(c.conbin, c.conrelid),
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
    )
FROM pg_catalog.pg_constraint AS c
WHERE c.conrelid = %s AND c.conname = %s
"""

STRINGS = re.compile(r"'((?:[^']|'')*)'")
PATTERNS = re.compile(r"~\*? '((?:[^']|'')*)'")
NUMBERS = re.compile(r"(?<![\w'.])\d{1,9}(?![\w'.])")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d")
ORDER = re.compile(r"\((?P<low>\w+) <=? (?P<high>\w+)\)")
JSON = ["{}", "[]", '"a"', "1", "true"]
LONGEST_MARK = 3
LONGEST = 1000
MOST = 300
"""Combinations that are tried for one constraint."""


def candidates(
    connection: Connection, made: RowMaker, constraint: str
) -> Iterator[dict[str, Maker]]:
    """Return other makers for the columns that a CHECK is about, those that change the fewest columns first."""
    row = connection.execute(CONSTRAINT, (made.table.oid, constraint)).fetchone()
    if row is None or not row[0]:
        return
    text, names = row[0], [name for name in row[1] if name in made.columns]
    if order := ORDER.fullmatch(text):
        yield _in_order(made, order["low"], order["high"])
    choices = [[None, *_others(made, name, text)] for name in names]
    ordered = sorted(
        itertools.islice(itertools.product(*choices), MOST * 20),
        key=lambda one: sum(maker is not None for maker in one),
    )
    for combination in ordered[1:MOST]:
        yield {
            name: maker for name, maker in zip(names, combination, strict=True) if maker is not None
        }


def _in_order(made: RowMaker, low: str, high: str) -> dict[str, Maker]:
    """Return makers that swap the values of two columns where the wrong one is greater."""
    one, other = made.columns.get(low), made.columns.get(high)
    if one is None or other is None:
        return {}

    def pair(number: int) -> list[str | None]:
        return sorted((one(number), other(number)), key=lambda text: (len(text or ""), text or ""))

    return {low: lambda number: pair(number)[0], high: lambda number: pair(number)[1]}


def _others(made: RowMaker, name: str, text: str) -> Iterator[Maker]:
    """Return what a column may have instead, for one whose values must differ only what differs."""
    column = made.table.named(name)
    strings = [one.replace("''", "'") for one in dict.fromkeys(STRINGS.findall(text))]
    numbers = sorted({int(number) for number in NUMBERS.findall(text)})
    yield from _different(made.columns[name], text, strings, numbers)
    if column is not None and not column.notnull:
        yield _always(None)
        yield _never_null(made.columns[name])
    if name in made.distinct:
        return
    if column is not None and plain(column.type).name in {"json", "jsonb"}:
        strings += JSON
    yield from map(_always, dict.fromkeys((*strings, *(column.choices if column else ()))))
    yield from (_always(str(number + more)) for number in numbers for more in (0, 1, -1))


def _always(value: str | None) -> Maker:
    return lambda _number: value


def _different(now: Maker, text: str, strings: list[str], numbers: list[int]) -> Iterator[Maker]:
    """Return what makes different values for different rows, as those of `now` are."""
    for pattern in dict.fromkeys(PATTERNS.findall(text)):
        maker = matching(pattern.replace("''", "'"))
        if maker is not None:
            yield maker
    yield from (_as_long(size) for size in numbers if 0 < size <= LONGEST)
    for mark in strings:
        if 0 < len(mark) <= LONGEST_MARK and not mark.isalnum():
            yield _marked(now, mark)
    if any(sign in text for sign in "<>"):
        yield lambda number: _more(now(number))


def _never_null(now: Maker) -> Maker:
    """Let a row whose value would be NULL have that of the first one."""
    return lambda number: now(0) if (value := now(number)) is None else value


def _as_long(size: int) -> Maker:
    return lambda number: f"{number:x}".rjust(size, "a")[-size:]


def _marked(now: Maker, mark: str) -> Maker:
    return lambda number: f"{now(number) or ''}{mark}x"


def _more(value: str | None) -> str | None:
    """Return a later moment (four years keep a 29th of February) or a greater number."""
    if value is None:
        return None
    if MOMENT.match(value):
        return f"{int(value[:4]) + 4}{value[4:]}"
    return str(int(value) + 1) if value.lstrip("-").isdigit() else value


def matching(pattern: str) -> Maker | None:
    """Return what makes strings of a regular expression, None for one that is beyond it."""
    spelled = pattern.replace("[[:space:]]", r"\s").replace("[[:digit:]]", r"\d")
    try:
        tree = PARSER.parse(spelled)
        _spelled(tree, Random(0))  # noqa: S311 -- made-up rows
    except (re.error, ValueError, LookupError):
        return None
    return lambda number: _spelled(tree, Random(number))  # noqa: S311 -- made-up rows


def _spelled(tree: Any, chance: Random) -> str:
    return "".join(_part(str(op), value, chance) for op, value in tree)


def _part(op: str, value: Any, chance: Random) -> str:
    spell = PARTS.get(op)
    if spell is None:
        raise ValueError(op)
    return spell(value, chance)


def _repeated(value: Any, chance: Random) -> str:
    low, high, inside = value
    more = 1 if str(inside[0][0]) == "SUBPATTERN" else 8
    most = low + more if high is WITHOUT_END else min(high, low + more)
    count = chance.randint(max(low, min(4, most)) if more > 1 else low, most)
    return "".join(_spelled(inside, chance) for _ in range(count))


def _one_of(members: Sequence[tuple[Any, Any]], chance: Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.@# "
    fitting = [letter for letter in letters if _is_in(letter, members)]
    if not fitting:
        raise ValueError(members)
    return chance.choice(fitting)


def _is_in(letter: str, members: Sequence[tuple[Any, Any]]) -> bool:
    found = False
    for op, value in members:
        kind = str(op)
        found = found or (kind == "LITERAL" and ord(letter) == value)
        found = found or (kind == "RANGE" and value[0] <= ord(letter) <= value[1])
        if kind == "CATEGORY":
            tests = {"SPACE": str.isspace, "DIGIT": str.isdigit, "WORD": str.isidentifier}
            name = str(value).removeprefix("CATEGORY_")
            test = tests[name.removeprefix("NOT_")](letter)
            found = found or test != name.startswith("NOT_")
    return found != (str(members[0][0]) == "NEGATE")


PARTS: Mapping[str, Callable[[Any, Random], str]] = {
    "ANY": lambda _value, chance: chance.choice("abcdefghij"),
    "AT": lambda _value, _chance: "",
    "BRANCH": lambda value, chance: _spelled(chance.choice(value[1]), chance),
    "IN": _one_of,
    "LITERAL": lambda value, _chance: chr(value),
    "MAX_REPEAT": _repeated,
    "MIN_REPEAT": _repeated,
    "NOT_LITERAL": lambda value, _chance: "b" if value == ord("a") else "a",
    "SUBPATTERN": lambda value, chance: _spelled(value[3], chance),
}
"""How each part of a parsed pattern is spelled; what looks ahead or back is beyond it."""

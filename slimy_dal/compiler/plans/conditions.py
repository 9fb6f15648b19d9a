"""Takes conditions apart as EXPLAIN writes them: conjuncts, columns, operators, parameters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from slimy_dal.compiler.lexer import LexError, Token, tokens

__all__ = ["Comparison", "columns", "comparisons", "conjuncts", "or_keyset", "tells_null"]

COMPARES = frozenset({"=", "<", ">", "<=", ">=", "@>", "<@", "&&", "@@", "~~", "~~*"})
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "@>": "<@", "<@": "@>"}
COLUMN = re.compile(r'^(?P<alias>\w+|"[^"]+")\.(?P<column>\w+|"[^"]+")$')
ANY_COLUMN = re.compile(r'(?<![\w.$"\'])(?P<alias>\w+|"[^"]+")\.(?P<column>\w+|"[^"]+")(?![\w.(])')
NULL_TEST = re.compile(r"\(\$\d+ IS (?:NOT )?NULL\)|\(NOT \$\d+\)|\(\$\d+(?:::\w+)? = ''")
CAST = re.compile(
    r"::(?:\w+\.)?[a-z]\w*(?: (?:with(?:out)? time zone|varying|precision))?(?:\[\])?$"
)
ROW = re.compile(r"^ROW\((.*)\)$", re.DOTALL)
ANY = re.compile(r"^(?:ANY|ALL) \((.*)\)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of an expression over a table with something that does not come from it.

    `operator` is `=` for `IN` and `= ANY`, and `IS NULL` or `IS NOT NULL` for tests of NULL; a
    comparison of rows is one comparison for each of its columns, in order, with `row` set.
    """

    left: str
    operator: str
    right: str
    row: int | None = None
    listed: bool = False


MOST_KEPT = 1 << 15
"""Texts whose parts are remembered: the shapes of a query, and their plans, say the same things again and again."""


def _split(text: str, word: str) -> list[str]:
    """Cut a text at a word or comma that stands outside of brackets."""
    parts, depth, start, case = [], 0, 0, 0
    for token in _tokens(text):
        if token.text in {"(", "["}:
            depth += 1
        elif token.text in {")", "]"}:
            depth -= 1
        elif token.text == "CASE":
            case += 1
        elif token.text == "END":
            case -= 1
        elif token.text == word and depth == 0 and case == 0:
            parts.append(text[start : token.start].strip())
            start = token.end
    return [*parts, text[start:].strip()]


def _tokens(text: str) -> list[Token]:
    try:
        return tokens(text)
    except LexError as error:
        return error.readable


@lru_cache(MOST_KEPT)
def bare(text: str) -> str:
    """Return the text without the brackets around the whole of it."""
    text = text.strip()
    while text.startswith("("):
        depth, found = 0, None
        for token in _tokens(text):
            depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
            if depth == 0:
                found = token.end
                break
        if found != len(text):
            break
        text = text[1:-1].strip()
    return text


@lru_cache(MOST_KEPT)
def conjuncts(condition: str | None) -> tuple[str, ...]:
    """Return the parts of a condition that must all hold."""
    return tuple(_conjuncts(condition)) if condition else ()


def _conjuncts(condition: str) -> Iterator[str]:
    parts = _split(bare(condition), "AND")
    if len(parts) == 1 or any(re.search(r"\bBETWEEN\b", part) for part in parts):
        yield bare(condition)
        return
    for part in parts:
        yield from conjuncts(part)


@lru_cache(MOST_KEPT)
def columns(text: str) -> tuple[tuple[str, str], ...]:
    """Return the columns a text names, as (alias, column)."""
    clean = "".join(" '' " if token.kind == "string" else token.text for token in _tokens(text))
    return tuple(
        (match["alias"].strip('"'), match["column"].strip('"'))
        for match in ANY_COLUMN.finditer(clean)
    )


def aliases(text: str) -> set[str]:
    """Return the names of the tables whose columns a text names."""
    return {alias for alias, _ in columns(text)}


@lru_cache(MOST_KEPT)
def comparisons(condition: str | None, alias: str) -> tuple[Comparison, ...]:
    """Return what a condition compares of one table, its side on the left."""
    return tuple(_comparisons(condition, alias))


def _comparisons(condition: str | None, alias: str) -> Iterator[Comparison]:
    for part in conjuncts(condition):
        if part.endswith(("IS NULL", "IS NOT NULL")):
            operator = "IS NOT NULL" if part.endswith("IS NOT NULL") else "IS NULL"
            left = bare(part.removesuffix(operator))
            if aliases(left) == {alias}:
                yield Comparison(left, operator, "")
            continue
        yield from _compared(part, alias)


def _compared(part: str, alias: str) -> Iterator[Comparison]:
    sides = _sides(part)
    if sides is None:
        yield from _flag(part, alias)
        return
    left, operator, right = sides
    if alias in aliases(right) and alias not in aliases(left):
        left, operator, right = right, TURNED.get(operator, operator), left
    if alias not in aliases(left) or alias in aliases(right):
        return
    rows = ROW.match(left), ROW.match(right)
    if rows[0] and rows[1]:
        pairs = zip(_split(rows[0][1], ","), _split(rows[1][1], ","), strict=False)
        for place, (one, other) in enumerate(pairs):
            yield Comparison(_uncast(one), operator, bare(other), place)
        return
    listed = ANY.match(right)
    yield Comparison(
        _uncast(left), operator, bare(listed[1] if listed else right), None, bool(listed)
    )


def _flag(part: str, alias: str) -> Iterator[Comparison]:
    """Take a boolean column that stands alone as compared with true, or with false behind NOT."""
    name = bare(part.removeprefix("NOT "))
    match = COLUMN.match(name)
    if match and match["alias"].strip('"') == alias:
        yield Comparison(name, "=", "false" if part.startswith("NOT ") else "true")


def _sides(part: str) -> tuple[str, str, str] | None:
    depth = 0
    for token in _tokens(part):
        depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
        if depth == 0 and token.kind == "operator" and token.text in COMPARES:
            return bare(part[: token.start]), token.text, bare(part[token.end :])
    return None


def _uncast(text: str) -> str:
    """Return a column without a cast that changes nothing, such as varchar to text."""
    inner = bare(CAST.sub("", bare(text)))
    return inner if COLUMN.match(inner) else bare(text)


def column_of(expression: str) -> tuple[str, str] | None:
    """Return alias and column of an expression that is a plain column."""
    match = COLUMN.match(expression)
    return (match["alias"].strip('"'), match["column"].strip('"')) if match else None


@lru_cache(MOST_KEPT)
def or_keyset(condition: str) -> bool:
    """Say whether a condition is a keyset spelled with OR: `a < $1 OR (a = $1 AND b < $2)`."""
    for part in conjuncts(condition):
        arms = [bare(arm) for arm in _split(part, "OR")]
        if len(arms) < 2:  # noqa: PLR2004 -- nothing to choose from
            continue
        ranges = {(s[0], s[2]) for arm in arms if (s := _sides(arm)) and s[1] in {"<", ">"}}
        for arm in arms:
            inside = list(conjuncts(arm))
            equal = {(s[0], s[2]) for one in inside if (s := _sides(one)) and s[1] == "="}
            if len(inside) > 1 and equal & ranges:
                return True
    return False


@lru_cache(MOST_KEPT)
def tells_null(condition: str) -> bool:
    """Say whether a part of a condition is switched off by a parameter: `$1 IS NULL OR c = $1`."""
    for part in conjuncts(condition):
        arms = _split(part, "OR")
        switches = [arm for arm in arms if NULL_TEST.fullmatch(arm.strip())]
        if switches and any(aliases(arm) for arm in arms):
            return True
    return False

"""Reads what PostgreSQL 18's `pg_dump --statistics-only` wrote, and refuses a file that does anything else."""

import re
from collections.abc import Iterator

from slimy_dal.compiler.lexer import LexError, Token, tokens
from slimy_dal.compiler.scale.declared import Dump, Restore, Scale, ScaleError, TableKey

__all__ = ["parse"]

RESTRICT = re.compile(r"^\\(un)?restrict [A-Za-z0-9]+[ \t]*$", re.MULTILINE)
"""psql's own lock around a dump; no part of its SQL."""

RESTORE = re.compile(
    r"SELECT (\* FROM )?(pg_catalog \. )?(?P<kind>pg_restore_(relation|attribute)_stats)"
)
HARMLESS = re.compile(
    r"SET \w+ (=|TO) \S+|SELECT (pg_catalog \. )?set_config \( '\w+' , '[^']*' , (true|false) \)",
    re.IGNORECASE,
)
CASTS = frozenset({"integer", "real", "boolean", "text", "smallint", "bigint", "name", "[", "]"})
STRING = re.compile(r"'(?P<plain>(?:[^']|'')*)'")
WAY_OUT = "give what `pg_dump --statistics-only` of PostgreSQL 18 wrote, unchanged"


def parse(text: str, file: str) -> Scale:
    """Return the model that a statistics dump is.

    Only calls of pg_restore_relation_stats and pg_restore_attribute_stats with plain literals are kept to be run; SET
    and set_config() are passed over. Raises ScaleError for every other statement.
    """
    kept: list[Restore] = []
    sizes: dict[TableKey, tuple[int, float]] = {}
    text = RESTRICT.sub("", text)
    try:
        found = tokens(text)
    except LexError as error:
        raise ScaleError(f"this is no SQL: {error.problem}", WAY_OUT, file=file) from error
    for statement in _statements(found):
        words = " ".join(token.text for token in statement)
        line = text.count("\n", 0, statement[0].start) + 1
        if HARMLESS.fullmatch(words):
            if "client_encoding" in words and "UTF8" not in words.upper().replace("-", ""):
                raise _refused(file, line, "its text is not UTF-8", "dump with --encoding=UTF8")
            continue
        call = RESTORE.match(words)
        arguments = _arguments(statement) if call else None
        if call is None or arguments is None:
            raise _refused(file, line, f"`{words[:60]}` restores no statistics", WAY_OUT)
        key = (arguments.get("schemaname", ""), arguments.get("relname", ""))
        sql = text[statement[0].start : statement[-1].end]
        kept.append(Restore(key, arguments.get("attname"), sql))
        if call["kind"] == "pg_restore_relation_stats":
            sizes[key] = _size(arguments, file, line)
    if not kept:
        raise ScaleError("there are no statistics in it", WAY_OUT, file=file)
    return Scale(file=file, dump=Dump(tuple(kept), sizes))


def _refused(file: str, line: int, problem: str, hint: str) -> ScaleError:
    return ScaleError(f"line {line}: {problem}", hint, file=file)


def _size(arguments: dict[str, str], file: str, line: int) -> tuple[int, float]:
    try:
        return int(arguments.get("relpages", "0")), float(arguments.get("reltuples", "0"))
    except ValueError as error:
        raise _refused(file, line, "its sizes are no numbers", WAY_OUT) from error


def _statements(found: list[Token]) -> Iterator[list[Token]]:
    statement: list[Token] = []
    for token in found:
        if token.text == ";":
            if statement:
                yield statement
            statement = []
        elif not token.silent:
            statement.append(token)
    if statement:
        yield statement


def _arguments(statement: list[Token]) -> dict[str, str] | None:
    """Return the call's arguments by name, None where it is no call with literals and nothing behind it."""
    opening = next((at for at, token in enumerate(statement) if token.text == "("), None)
    if opening is None or statement[-1].text != ")":
        return None
    values: list[str] = []
    expected = "value"
    for token in statement[opening + 1 : -1]:
        if expected == "value" and token.kind in {"string", "number"}:
            values.append(_unquoted(token.text))
            expected = "rest"
        elif expected == "rest" and token.text == ",":
            expected = "value"
        elif expected == "rest" and token.text == "::":
            expected = "type"
        elif expected in {"type", "rest"} and token.text in CASTS:
            expected = "rest"
        else:
            return None
    if expected != "rest" or len(values) % 2:
        return None
    return dict(zip(values[::2], values[1::2], strict=True))


def _unquoted(text: str) -> str:
    plain = STRING.fullmatch(text)
    return plain["plain"].replace("''", "'") if plain else text

"""Reads from an INSERT's own words whether it can be run as COPY, and which columns its parameters go to."""

import re

from slimy_dal.compiler.lexer import SILENT, LexError, tokens

__all__ = ["copy_columns"]

INSERT = re.compile(
    r"insert into [^()]+?(?: \( (?P<columns>[^()]*) \))? values (?P<rows>.*)", re.DOTALL
)
ROW = re.compile(r"\( (?P<values>\$\d+(?: , \$\d+)*) \)")


def copy_columns(sql: str) -> tuple[str, ...] | str:
    """Return the columns that $1, $2 ... go to, or why an INSERT cannot be run as COPY."""
    words = _words(sql)
    if not words or words[0] not in {"insert", "with"}:
        return "it is no INSERT"
    if words[0] == "with" or {"returning", "conflict"} & set(words):
        return "COPY knows no WITH, ON CONFLICT or RETURNING"
    insert = INSERT.fullmatch(" ".join(words))
    row = ROW.fullmatch(insert["rows"]) if insert else None
    if insert is None or row is None:
        return "COPY takes values as they come: VALUES must hold one row of nothing but parameters"
    if insert["columns"] is None:
        return "its columns must be listed"
    numbers = [int(value.strip()[1:]) for value in row["values"].split(",")]
    if len(set(numbers)) != len(numbers):
        return "each parameter may stand there once"
    names = [_unquoted(name.strip()) for name in insert["columns"].split(" , ")]
    by_number = dict(zip(numbers, names, strict=False))
    return tuple(by_number[number] for number in sorted(by_number))


def _words(sql: str) -> list[str]:
    """Return the tokens, keywords and plain names in lower case; none where the text cannot be cut."""
    try:
        found = tokens(sql)
    except LexError:
        return []
    return [
        token.text.lower() if token.kind == "word" else token.text
        for token in found
        if token.kind not in SILENT
    ]


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name

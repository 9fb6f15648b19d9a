"""Cuts a function's body into statements that the server can analyse one by one, to see what they need."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slimy_dal.compiler.lexer import Token, tokens

__all__ = ["Body", "Unreadable", "statements"]

LEADING = frozenset({"begin", "else", "loop", "exception"})
CONDITIONS = {"if": "then", "elsif": "then", "elseif": "then", "while": "loop", "when": "then"}
SILENT = frozenset({"raise", "end", "null", "exit", "continue", "get", "close", "assert"})
QUERIES = frozenset({"select", "insert", "update", "delete", "merge", "with", "values"})
DECLARED = re.compile(
    r"(?P<name>\w+)\s+(?:constant\s+)?(?P<type>[^:=;]+?)(?:\s+not\s+null)?"
    r"(?:\s*(?::=|=|\bdefault\b)\s*(?P<value>.+))?",
    re.IGNORECASE | re.DOTALL,
)
INTO = re.compile(r"\bINTO\s+(?:STRICT\s+)?\w+(?:\s*,\s*\w+)*", re.IGNORECASE)


class Unreadable(Exception):
    """What a function does cannot be read from its text, dynamic SQL for one; the message says where."""


@dataclass(frozen=True, slots=True)
class Body:
    """Statements, and the variables that stand in them, as `name type`."""

    statements: tuple[str, ...]
    variables: tuple[str, ...] = ()


def statements(language: str, text: str) -> Body:
    """Return what a body runs. Raises Unreadable: another language, dynamic SQL, a loop over a cursor."""
    words = [token for token in tokens(text) if not token.silent]
    if language == "sql":
        return Body(tuple(_text(text, piece) for piece in _pieces(words)))
    if language != "plpgsql":
        raise Unreadable(f"it is written in {language}")
    variables, values, rest = _declared(text, words)
    found = [f"SELECT {value}" for value in values]
    for piece in _pieces(rest):
        found += _plain(text, piece)
    return Body(tuple(found), (*variables, "found boolean"))


def _pieces(words: Sequence[Token]) -> Iterator[list[Token]]:
    piece: list[Token] = []
    for token in words:
        if token.text == ";":
            if piece:
                yield piece
            piece = []
        else:
            piece.append(token)
    if piece:
        yield piece


def _text(text: str, piece: Sequence[Token]) -> str:
    return text[piece[0].start : piece[-1].end] if piece else ""


def _declared(text: str, words: list[Token]) -> tuple[list[str], list[str], list[Token]]:
    """Return the variables of DECLARE, what they begin with, and the words behind."""
    if not words or words[0].text.lower() != "declare":
        return [], [], words
    begin = next(n for n, token in enumerate(words) if token.text.lower() == "begin")
    variables, values = [], []
    for piece in _pieces(words[1:begin]):
        match = DECLARED.fullmatch(_text(text, piece))
        if match is None or match["type"].lower() == "record":
            raise Unreadable(f"its variable `{_text(text, piece)}`")
        variables.append(f"{match['name']} {match['type']}")
        if match["value"]:
            values.append(match["value"])
    return variables, values, words[begin:]


def _plain(text: str, piece: list[Token]) -> Iterator[str]:
    """Yield the statements of one piece between semicolons, without what plpgsql puts around them."""
    word = ""
    while piece:
        word = piece[0].text.lower()
        if word in LEADING:
            piece = piece[1:]
        elif word in CONDITIONS:
            end = _until(piece, CONDITIONS[word])
            if word != "when":
                yield f"SELECT {_text(text, piece[1:end])}"
            piece = piece[end + 1 :]
        else:
            break
    if not piece or word in SILENT:
        return
    rest = _text(text, piece[1:])
    if word in QUERIES:
        yield INTO.sub("", _text(text, piece)) if word in {"select", "with"} else _text(text, piece)
    elif word == "perform":
        yield f"SELECT {rest}"
    elif word == "return":
        yield from _returned(text, piece)
    elif len(piece) > 1 and piece[1].text in {":=", "="}:
        yield f"SELECT {_text(text, piece[2:])}"
    else:
        raise Unreadable(f"its statement `{_text(text, piece)[:60]}`")


def _returned(text: str, piece: Sequence[Token]) -> Iterator[str]:
    if len(piece) == 1:
        return
    follows = piece[1].text.lower()
    if follows == "query":
        yield _text(text, piece[2:])
    elif follows != "next":
        yield f"SELECT {_text(text, piece[1:])}"


def _until(piece: Sequence[Token], word: str) -> int:
    """Return where a condition ends: at the word that is not inside a CASE of its own."""
    depth = 0
    for number, token in enumerate(piece[1:], start=1):
        found = token.text.lower()
        if found == word and depth == 0:
            return number
        depth += (found == "case") - (found == "end")
    raise Unreadable(f"its condition `{piece[0].text}` without {word.upper()}")

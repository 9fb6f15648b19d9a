"""Reads PostgreSQL's text form of parse trees: nodes, lists, sets of integers and stored values."""

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["Node", "NodeTreeError", "is_node", "parse", "walk"]

TOKEN = re.compile(
    r"""
    [{}()]                                  # brackets of nodes and lists
    | \[ \s (?: -?\d+ \s+ )* \]             # the bytes of a stored value
    | (?: [^\s(){}\\]+ | \\ . )+             # a word; PostgreSQL escapes what would end it
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
NUMBER = re.compile(r"[+-]?\d+")
WORDS: dict[str, Any] = {"<>": None, "true": True, "false": False}
NUMBER_LISTS = {"b": frozenset, "i": list, "o": list, "x": list}


class NodeTreeError(ValueError):
    """The text is not a parse tree; says at which word reading stopped."""


class Node:
    """One node: `kind` is PostgreSQL's label (`VAR`, `OPEXPR`), `node["field"]` a field's value.

    Values are None, bool, int, str, bytes, Node, list, or frozenset (a bitmapset).
    """

    __slots__ = ("fields", "kind")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.fields: dict[str, Any] = {}

    def __getitem__(self, field: str) -> Any:
        return self.fields[field]

    def get(self, field: str, default: Any = None) -> Any:
        """Return a field that not every server version writes."""
        return self.fields.get(field, default)

    def name(self, field: str) -> str:
        """Return a field that holds an identifier, which may look like a word of the format."""
        value = self.fields.get(field)
        if value is None:
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    def __repr__(self) -> str:
        return f"{{{self.kind} {self.fields}}}"


class _Numbers(list[Any]):
    """A list whose first word said that integers follow."""

    __slots__ = ("_make",)

    def __init__(self, make: Any) -> None:
        super().__init__()
        self._make = make

    def made(self) -> Any:
        if any(type(number) is not int for number in self):
            raise ValueError("a word among integers")
        return self._make(self)


def parse(text: str) -> Any:
    """Return the value that the text stands for: mostly a Node or a list of them.

    Reads without recursion, so that the depth of an expression is no limit.
    Raises NodeTreeError where the text is not in PostgreSQL's format.
    """
    tokens = TOKEN.findall(text)
    try:
        root = _read(tokens)
    except (IndexError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise NodeTreeError("the text is not a parse tree") from error
    if len(root) != 1:
        raise NodeTreeError(f"{len(root)} values where a parse tree is one")
    return root[0]


def _read(tokens: list[str]) -> list[Any]:
    root: list[Any] = []
    stack: list[Any] = [root]
    fields: list[str | None] = [None]
    position, size = 0, len(tokens)
    while position < size:
        token = tokens[position]
        position += 1
        first = token[0]
        if first == ":" and fields[-1] is None and type(stack[-1]) is Node:
            fields[-1] = token[1:]
            continue
        if first in "{(":
            make = None if first == "{" else NUMBER_LISTS.get(tokens[position])
            stack.append(_opened(first, tokens[position], make))
            fields.append(None)
            position += first == "{" or make is not None
            continue
        if first in "})":
            value = stack.pop()
            fields.pop()
            value = value.made() if type(value) is _Numbers else value
        elif first == "[" and fields[-1] is None and token[1].isspace():
            _replace_length(stack[-1], bytes(int(byte) & 0xFF for byte in token[1:-1].split()))
            continue
        else:
            value = _scalar(token)
        _attach(stack[-1], fields, value)
    if len(stack) != 1:
        raise ValueError("brackets stay open")
    return root


def _opened(bracket: str, kind: str, make: Any) -> Any:
    if bracket == "{":
        return Node(kind)
    return [] if make is None else _Numbers(make)


def _attach(top: Any, fields: list[str | None], value: Any) -> None:
    if type(top) is Node:
        field = fields[-1]
        if field is None:
            raise ValueError("value without a field")
        top.fields[field] = value
        fields[-1] = None
    else:
        top.append(value)


def _replace_length(top: Any, value: bytes) -> None:
    """Put the bytes where the number of bytes stands that PostgreSQL writes before them."""
    if type(top) is Node:
        top.fields[next(reversed(top.fields))] = value
    else:
        top[-1] = value


def _scalar(token: str) -> Any:
    if token in WORDS:
        return WORDS[token]
    first = token[0]
    if first == '"':
        token = token[1:-1]
    elif NUMBER.fullmatch(token):
        return int(token)
    if "\\" in token:
        return ESCAPED.sub(r"\1", token)
    return token


def is_node(value: Any, *kinds: str) -> bool:
    """Say whether a value is a node of one of these kinds."""
    return type(value) is Node and value.kind in kinds


def walk(value: Any) -> Iterator[Node]:
    """Yield every node of a tree, parents before children, in the order of the fields."""
    stack = [value]
    while stack:
        top = stack.pop()
        if type(top) is Node:
            yield top
            stack.extend(reversed(top.fields.values()))
        elif type(top) is list:
            stack.extend(reversed(top))

"""Cuts SQL text into tokens by PostgreSQL's own rules: no parameter is found inside a string.

Where a colon may mean two things, this is decided:

- `::` and `:=` are what PostgreSQL reads them as, so `a[1::n]` is a cast.
- A colon that follows an operand (`'key':x` in JSON_OBJECT, `a[i:j]`) separates; `:x` there is no
  parameter. In a slice write `a[:low : :high]`: a colon with a space after it separates, and what
  follows it is a parameter again.
- `a[:n]` is the element at parameter n, and `a[:n::int]` the same with a cast, because there the
  colon follows no operand. A slice from the beginning with a column as its end is `a[ : n]`.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "space",
    "line_comment",
    "block_comment",
    "string",
    "dollar_string",
    "word",
    "quoted_word",
    "number",
    "positional",
    "parameter",
    "psql_variable",
    "colon",
    "operator",
    "punctuation",
]
SILENT = frozenset({"space", "line_comment", "block_comment"})
_OPERANDS = frozenset(
    {"string", "dollar_string", "quoted_word", "number", "positional", "parameter"}
)

# After these words an operand must follow, so a colon there begins a parameter (`LIMIT :n`),
# however it is spaced; after any other word inside brackets it separates (`a[i :j]`).
_BEFORE_OPERAND = re.compile(
    "all|and|any|as|between|by|case|distinct|else|end|escape|except|from|groups|having|ilike|in"
    "|intersect|interval|is|like|limit|not|offset|on|or|over|passing|range|return|returning|rows"
    "|select|set|similar|some|then|to|union|using|value|values|when|where|zone",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of SQL: `text` stands at `start` (0-based, in characters)."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset behind the last character."""
        return self.start + len(self.text)

    @property
    def silent(self) -> bool:
        """Whether the token is space or a comment."""
        return self.kind in SILENT

    @property
    def name(self) -> str:
        """The name of a parameter, without its colon."""
        return self.text[1:]


class LexError(Exception):
    """Text that no token can be made of: `start` is where it begins, `problem` says what it is.

    `readable` holds the tokens before it.
    """

    def __init__(self, start: int, problem: str, hint: str | None = None) -> None:
        super().__init__(start, problem, hint)
        self.start = start
        self.problem = problem
        self.hint = hint
        self.readable: list[Token] = []


# A string goes on behind a line break when another quote follows, comments between included.
_CONTINUED = r"(?>(?>[ \t\f\v]|--[^\r\n]*)*[\r\n](?>[ \t\r\n\f\v]|--[^\r\n]*[\r\n])*)"
_TOKENS = re.compile(
    rf"""
    (?P<space>[ \t\r\n\f\v]+)
  | (?P<line_comment>--[^\r\n]*)
  | (?P<block_comment>/\*)
  | (?P<escape_string>[eE]'(?>(?>[^'\\]+|''|\\.)*)'(?>{_CONTINUED}'(?>(?>[^'\\]+|''|\\.)*)')*)
  | (?P<bit_string>[bBxX]'[^']*+'(?>{_CONTINUED}'[^']*+')*)
  | (?P<string>(?:[uU]&)?'(?>(?>[^']+|'')*)'(?>{_CONTINUED}'(?>(?>[^']+|'')*)')*)
  | (?P<quoted_word>(?:[uU]&)?"(?>(?>[^"]+|"")*)")
  | (?P<unclosed>(?:[bBxXeE]|[uU]&)?'|(?:[uU]&)?")
  | (?P<number>0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+
      |(?:[0-9](?:_?[0-9])*(?:\.(?!\.)(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)
       (?:[eE][+-]?[0-9](?:_?[0-9])*)?)
  | (?P<word>[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_$\x80-\U0010ffff]*)
  | (?P<positional>\$[0-9]+)
  | (?P<dollar_string>\$(?:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)?\$)
  | (?P<separator>::|:=|\.\.)
  | (?P<psql_variable>:(?:'[A-Za-z0-9_\x80-\U0010ffff]+'|"[A-Za-z0-9_\x80-\U0010ffff]+"
      |\{{\?[A-Za-z0-9_\x80-\U0010ffff]+\}}))
  | (?P<parameter>:[A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)
  | (?P<colon>:)
  | (?P<operator>[-~!@#^&|`?+*/%<>=]+)
  | (?P<punctuation>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_REFUSED = re.compile("[\0\ud800-\udfff]")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_UNCLOSED = {"'": "string", '"': "quoted identifier"}


def tokens(text: str) -> list[Token]:
    """Return the tokens of `text`; joined they give the text back.

    Raises LexError at the opening of a string, comment, dollar quote or quoted identifier that is
    never closed, and at characters that PostgreSQL's text cannot hold.
    """
    found: list[Token] = []
    brackets: list[str] = []
    before: Token | None = None
    at = 0
    while at < len(text):
        try:
            token = _token(text, at, before, in_brackets=brackets[-1:] == ["["])
        except LexError as problem:
            problem.readable = found
            raise
        found.append(token)
        at = token.end
        if token.kind == "punctuation":
            if token.text in "([":
                brackets.append(token.text)
            elif token.text in ")]" and brackets:
                brackets.pop()
        if not token.silent:
            before = token
    return found


def _token(text: str, at: int, before: Token | None, *, in_brackets: bool) -> Token:
    match = _TOKENS.match(text, at)
    if match is None:  # pragma: no cover -- the last alternative takes any character
        raise AssertionError(text[at:])
    kind, found = match.lastgroup, match[0]
    _refuse_characters(found, at)
    if kind == "block_comment":
        return Token("block_comment", _block_comment(text, at), at)
    if kind == "dollar_string":
        end = text.find(found, match.end())
        if end < 0:
            raise LexError(at, f"this dollar quote {found} is never closed")
        _refuse_characters(text[at:end], at)
        return Token("dollar_string", text[at : end + len(found)], at)
    if kind == "unclosed":
        raise LexError(at, f"this {_UNCLOSED[found[-1]]} is never closed")
    if kind == "operator":
        return Token("operator", _operator(found), at)
    if kind in {"parameter", "psql_variable"} and _separates(at, before, in_brackets=in_brackets):
        return Token("colon", ":", at)
    return Token(_KINDS[str(kind)], found, at)


_KINDS: dict[str, Kind] = {
    "space": "space",
    "line_comment": "line_comment",
    "escape_string": "string",
    "bit_string": "string",
    "string": "string",
    "separator": "operator",
    "word": "word",
    "quoted_word": "quoted_word",
    "number": "number",
    "positional": "positional",
    "parameter": "parameter",
    "psql_variable": "psql_variable",
    "colon": "colon",
    "operator": "operator",
    "punctuation": "punctuation",
}


def _refuse_characters(found: str, at: int) -> None:
    """Refuse what PostgreSQL's text cannot hold.

    Bytes that were not UTF-8 are lone surrogates here, because decoding has kept them as such.
    """
    bad = _REFUSED.search(found)
    if bad is None:
        return
    if bad[0] == "\0":
        hint = "PostgreSQL's text cannot hold it: remove it"
        raise LexError(at + bad.start(), "a NUL character", hint)
    problem = f"byte 0x{ord(bad[0]) - 0xDC00:02x} is not UTF-8"
    raise LexError(at + bad.start(), problem, "save the file as UTF-8")


def _block_comment(text: str, at: int) -> str:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, at):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            comment = text[at : edge.end()]
            _refuse_characters(comment, at)
            return comment
    raise LexError(at, "this comment is never closed", "comments nest: each /* needs its */")


def _operator(run: str) -> str:
    """Return the operator that PostgreSQL cuts from the beginning of a run of its characters."""
    for edge in ("--", "/*"):
        cut = run.find(edge)
        if cut > 0:
            run = run[:cut]
    # So that `a=-1` is no operator `=-`: only these characters let one end in + or -.
    if not any(character in "~!@#^&|`?%" for character in run):
        while len(run) > 1 and run[-1] in "+-":
            run = run[:-1]
    return run


def _separates(at: int, before: Token | None, *, in_brackets: bool) -> bool:
    """Whether the colon at `at` separates two operands rather than begins a parameter."""
    if before is None:
        return False
    if before.kind in _OPERANDS or before.text in {")", "]"}:
        return True
    if before.kind != "word" or _BEFORE_OPERAND.fullmatch(before.text):
        return False
    return in_brackets or before.end == at

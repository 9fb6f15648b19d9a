"""Reads a statement word by word, for those who know what its kind locks."""

from collections.abc import Sequence
from dataclasses import dataclass

from slimy_dal.compiler.lexer import SILENT, LexError, Token, tokens

__all__ = ["Lock", "Understood", "Words"]

ACCESS_SHARE = "ACCESS SHARE"
ROW_SHARE = "ROW SHARE"
ROW_EXCLUSIVE = "ROW EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
SHARE = "SHARE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
EXCLUSIVE = "EXCLUSIVE"
ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

RUNS_CODE = "runs code, whose locks its text does not tell: trace it"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a statement takes."""

    relation: str
    """As it is written in the statement."""
    mode: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What a statement is, and what it locks of what was there before it."""

    kind: str
    locks: tuple[Lock, ...] = ()
    note: str | None = None
    made: str | None = None
    """The relation that it makes; None where it makes none."""


class Words:
    """A statement's tokens with a place among them; words compare in lower case."""

    def __init__(self, found: Sequence[Token]) -> None:
        self.all = found
        self.at = 0

    @classmethod
    def of(cls, statement: str) -> "Words":
        """Return a statement's words, as far as it can be read."""
        try:
            found = tokens(statement)
        except LexError as error:
            found = error.readable
        return cls([token for token in found if token.kind not in SILENT])

    def word(self, ahead: int = 0) -> str:
        """Return the word at the place, in lower case; empty at the end and for what is no word."""
        place = self.at + ahead
        if place >= len(self.all):
            return ""
        token = self.all[place]
        return token.text.lower() if token.kind == "word" else token.text

    def takes(self, *words: str) -> bool:
        """Go past these words, where they come next."""
        if all(self.word(number) == word for number, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def name(self) -> str:
        """Go past a name, qualified or not, and return it as it is written."""
        parts = []
        while self.at < len(self.all) and self.all[self.at].kind in {"word", "quoted_word"}:
            parts.append(self.all[self.at].text)
            self.at += 1
            if not self.takes("."):
                break
        return ".".join(parts)

    def names(self) -> Sequence[str]:
        """Go past names with commas between them."""
        found = [self.name()]
        while self.takes(","):
            self.takes("only")
            found.append(self.name())
        return [name for name in found if name]

    def list(self) -> None:
        """Go past a list in parentheses, where one comes next."""
        depth = 0
        while self.word() == "(" or (depth and self.at < len(self.all)):
            depth += {"(": 1, ")": -1}.get(self.word(), 0)
            self.at += 1
            if depth == 0:
                return

    def parts(self) -> "Sequence[Words]":
        """Cut what comes from here at the commas outside of parentheses."""
        found: list[list[Token]] = [[]]
        depth = 0
        for token in self.all[self.at :]:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == "," and depth == 0:
                found.append([])
            else:
                found[-1].append(token)
        return [Words(part) for part in found]

    def behind(self, *words: str, listed: bool = True) -> Sequence[str]:
        """Return the names that stand behind these words, anywhere from here on.

        A list in parentheses may follow (a table's columns) unless `listed` is false (a function's arguments).
        """
        found, keep = [], self.at
        while self.at < len(self.all):
            if self.takes(*words):
                self.takes("only")
                name = self.name()
                # A word alone could be a common table expression; it is looked up and found missing.
                if name and (listed or self.word() != "("):
                    found.append(name)
            else:
                self.at += 1
        self.at = keep
        return found

    def has(self, *words: str) -> bool:
        """Whether these words stand next to each other from here on."""
        span = range(self.at, len(self.all) - len(words) + 1)
        return any(
            all(self.word(place - self.at + number) == word for number, word in enumerate(words))
            for place in span
        )

"""Writes a statement anew with $1..$n for its parameters, keeping the way back to the source."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from slimy_dal.compiler.lexer import Token
from slimy_dal.compiler.query import Directive, Query, Shape
from slimy_dal.compiler.sections import Source

_WORD = frozenset({"word", "number", "positional", "parameter"})


@dataclass(frozen=True, slots=True)
class Head:
    """What a header and the comments beside it say."""

    token: Token
    name: str
    shape: Shape
    doc: str
    directives: tuple[Directive, ...]


@dataclass(slots=True)
class Binding:
    """The statement written so far: copied text and placeholders, and the parameters' names."""

    statement: Sequence[Token]
    names: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    pieces: list[tuple[int, int, bool]] = field(default_factory=list)
    length: int = 0

    def copy(self, token: Token) -> None:
        """Take a token over as it is."""
        if not self.pieces or not self.pieces[-1][2]:
            self.pieces.append((self.length, token.start - self.statement[0].start, True))
        self._add(token.text)

    def put(self, text: str, token: Token, following: Token | None) -> None:
        """Write `text` for what begins at `token` and ends before `following`.

        Spaces keep it apart from words beside it, which `$1` would otherwise become a part of.
        """
        self.pieces.append((self.length, token.start - self.statement[0].start, False))
        if self.parts and (self.parts[-1][-1].isalnum() or self.parts[-1][-1] in "_$"):
            text = f" {text}"
        if following is not None and following.kind in _WORD:
            text = f"{text} "
        self._add(text)

    def number(self, name: str) -> int:
        """Return the number of a named parameter, giving it the next one when it is new."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name) + 1

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def query(self, source: Source, head: Head) -> Query:
        """Return the finished query."""
        start, end = self.statement[0].start, self.statement[-1].end
        return Query(
            name=head.name,
            path=source.path,
            line=source.location(head.token.start).line,
            shape=head.shape,
            doc=head.doc,
            directives=head.directives,
            source=source.text[start:end],
            sql="".join(self.parts),
            parameters=tuple(self.names),
            start=source.location(start),
            pieces=tuple(self.pieces),
        )


def as_is(statement: Sequence[Token]) -> Binding:
    """Return a statement taken over without looking for parameters."""
    binding = Binding(statement)
    for token in statement:
        binding.copy(token)
    return binding

"""Finds the clauses at the top level of a statement: where conditions, an order or assignments stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from slimy_dal.compiler.lexer import Token

__all__ = ["Clause", "Clauses", "clauses", "comma_list", "word_of"]

VERBS = frozenset({"select", "insert", "update", "delete", "merge", "values", "table"})
# All of them are reserved words, so that elsewhere they can only stand behind a dot or AS.
ALONE = frozenset(
    {"from", "where", "having", "window", "limit", "offset", "fetch", "for", "returning"}
    | {"union", "intersect", "except"}
)
WITH_BY = frozenset({"group", "order"})


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: its first word, where that begins, and what stands behind it."""

    word: str
    start: int
    body: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Clauses:
    """The statement itself, behind its WITH: verb, what follows the verb, and its clauses in order.

    `end` is where the last token ends.
    """

    verb: str
    head: tuple[Token, ...]
    found: tuple[Clause, ...]
    end: int

    def get(self, word: str) -> Clause | None:
        """Return the first clause of that word."""
        return next((clause for clause in self.found if clause.word == word), None)

    def before(self, *words: str) -> int:
        """Return where the text in front of the first of these clauses ends, or the statement does."""
        last = [token.end for token in self.head[-1:]]
        for clause in self.found:
            if clause.word in words:
                break
            last = [token.end for token in clause.body[-1:]] or last
        else:
            return self.end
        return last[0] if last else 0


def word_of(token: Token) -> str:
    """Return a keyword or plain name in lower case, and anything else as it is."""
    return token.text.lower() if token.kind == "word" else token.text


def comma_list(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the items between the outermost commas."""
    items: list[list[Token]] = [[]]
    for token, depth in _deep(tokens):
        if depth == 0 and token.text == ",":
            items.append([])
        else:
            items[-1].append(token)
    return [item for item in items if item]


def clauses(tokens: Sequence[Token]) -> Clauses | None:
    """Return the clauses of a statement, None where it has no verb of its own that is known."""
    spoken = [token for token in tokens if not token.silent]
    deep = list(_deep(spoken))
    verb = next((i for i in range(len(deep)) if _is_verb(deep, i)), None)
    if verb is None:
        return None
    starts = [
        (i, word) for i in range(verb + 1, len(deep)) if (word := _clause_word(deep, i, spoken))
    ]
    ends = [*(i for i, _ in starts[1:]), *([len(spoken)] if starts else [])]
    if word_of(spoken[verb]) == "update":
        starts, ends = _with_set(spoken, deep, verb, starts, ends)
    found = tuple(
        Clause(word, spoken[i].start, tuple(spoken[i + (2 if word in WITH_BY else 1) : end]))
        for (i, word), end in zip(starts, ends, strict=True)
    )
    head = spoken[verb + 1 : starts[0][0] if starts else len(spoken)]
    return Clauses(word_of(spoken[verb]), tuple(head), found, spoken[-1].end)


def _with_set(
    spoken: list[Token],
    deep: list[tuple[Token, int]],
    verb: int,
    starts: list[tuple[int, str]],
    ends: list[int],
) -> tuple[list[tuple[int, str]], list[int]]:
    """Add SET, which is no reserved word: it is the first behind the name of the table."""
    limit = starts[0][0] if starts else len(spoken)
    place = next(
        (
            i
            for i in range(verb + 2, limit)
            if deep[i][1] == 0 and word_of(spoken[i]) == "set" and not _is_label(spoken, i)
        ),
        None,
    )
    if place is None:
        return starts, ends
    return [(place, "set"), *starts], [limit, *ends[: len(starts)]]


def _deep(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Yield tokens with the number of brackets around them; a bracket counts as inside itself."""
    depth = 0
    for token in tokens:
        if token.text in {"(", "["}:
            depth += 1
        yield token, depth
        if token.text in {")", "]"}:
            depth -= 1


def _is_label(tokens: Sequence[Token], place: int) -> bool:
    """Whether a word names something: behind a dot or AS any word may."""
    return place > 0 and word_of(tokens[place - 1]) in {".", "as"}


def _is_verb(deep: Sequence[tuple[Token, int]], place: int) -> bool:
    token, depth = deep[place]
    if depth or word_of(token) not in VERBS:
        return False
    # Behind WITH the statement follows a bracket; a CTE may have the name `update`.
    return place == 0 or deep[place - 1][0].text == ")"


def _clause_word(
    deep: Sequence[tuple[Token, int]], place: int, spoken: Sequence[Token]
) -> str | None:
    token, depth = deep[place]
    word = word_of(token)
    if depth or token.kind != "word" or _is_label(spoken, place):
        return None
    following = word_of(spoken[place + 1]) if place + 1 < len(spoken) else ""
    if word in WITH_BY:
        return word if following == "by" else None
    if word == "from" and word_of(spoken[place - 1]) == "distinct":
        return None
    return word if word in ALONE else None

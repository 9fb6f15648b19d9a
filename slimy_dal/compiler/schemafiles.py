"""Reads other projects' schema files as they come: dumps, folders of migrations, scripts for psql."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.compiler.lexer import SILENT, LexError, Token, tokens

__all__ = [
    "SchemaStatement",
    "asks_for_no_transaction",
    "cut",
    "files",
    "read",
    "runs_alone",
    "split",
    "upward",
]

DOWN_FILE = re.compile(
    r"(\.|_|-)(down|rollback|undo|revert)\.sql$|^(down|rollback|undo)[._-]", re.IGNORECASE
)
UP_MARK = re.compile(
    r"^--\s*(\+goose\s+up|\+migrate\s+up|migrate:up)\b.*$", re.IGNORECASE | re.MULTILINE
)
DOWN_MARK = re.compile(
    r"^--\s*(\+goose\s+down|\+migrate\s+down|migrate:down)\b.*$|^----\s*create above / drop below",
    re.IGNORECASE | re.MULTILINE,
)
COPY = re.compile(
    r"^copy\s[^;]*\sfrom\s+stdin\b[^;]*;.*?(^\\\.\r?$|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
META_COMMAND = re.compile(r"^[ \t]*\\[A-Za-z!?.;][^\n]*$", re.MULTILINE)
TRANSACTION = frozenset(
    {"begin", "commit", "end", "rollback", "start", "savepoint", "release", "abort"}
)
UNTRANSACTED = re.compile(
    r"^--\s*(transactional:\s*false|\+goose\s+no\s+transaction|no-transaction|disable-ddl-transaction"
    r"|migrate:(up|down)\s.*transaction:\s*false|\+migrate\s+(up|down)\s+notransaction|atlas:txmode\s+none)",
    re.IGNORECASE | re.MULTILINE,
)
"""How files of yoyo, goose, sqlx, dbmate, sql-migrate and Atlas ask for no transaction."""

REFUSES_ONE = re.compile(
    r"(((create(\s+unique)?|drop)\s+index|reindex\s.*?|alter\s+table\s.*?\sdetach\s+partition\s.*?)\s+concurrently"
    r"|vacuum)\b",
    re.IGNORECASE | re.DOTALL,
)
"""What cannot be in a transaction, said or not: other tools run such a file without one."""

DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class SchemaStatement:
    """One statement of a schema file and where it begins."""

    text: str
    path: str
    line: int

    @property
    def is_transaction_control(self) -> bool:
        """Whether this begins, ends or marks a transaction."""
        first = re.match(r"\w*", self.text)
        return first is not None and first[0].lower() in TRANSACTION


def asks_for_no_transaction(text: str) -> bool:
    """Tell whether a migration's text says, in any tool's words, that it is run outside of a transaction."""
    return UNTRANSACTED.search(text) is not None


def runs_alone(text: str, statements: Iterable[SchemaStatement]) -> bool:
    """Tell whether the statements of a migration commit one by one: it says so, or one of them has to."""
    return asks_for_no_transaction(text) or any(REFUSES_ONE.match(one.text) for one in statements)


def read(paths: tuple[Path, ...]) -> tuple[list[SchemaStatement], list[str]]:
    """Return the statements of files, and of every `.sql` file below folders, and what could not be read.

    Left out are sections and files that undo (goose, dbmate, sql-migrate, tern, `.down.sql`), psql's own commands,
    COPY data and transaction control: the statements run one by one.
    """
    statements: list[SchemaStatement] = []
    problems: list[str] = []
    for path in paths:
        for file in files(path, problems):
            try:
                text = file.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff")
            except OSError as error:
                problems.append(f"{file}: cannot be read: {error.strerror}")
                continue
            found = split(upward(text.replace("\x00", "\ufffd")), str(file))
            statements += [one for one in found if not one.is_transaction_control]
    return statements, problems


def files(path: Path, problems: list[str]) -> list[Path]:
    """Return the files that make a schema, in order of their numbers; what is wrong is added to `problems`."""
    if path.is_dir():
        found = sorted(
            (file for file in path.rglob("*.sql") if file.is_file()),
            key=lambda file: [
                int(part) if part.isdigit() else part for part in DIGITS.split(str(file))
            ],
        )
        kept = [file for file in found if not DOWN_FILE.search(file.name)]
        if not kept:
            problems.append(f"{path}: no .sql file below this folder")
        return kept
    if not path.is_file():
        problems.append(f"{path}: no such file or folder")
        return []
    return [path]


def upward(text: str) -> str:
    """Return a file with its sections that undo blanked; lines keep their numbers."""
    if not UP_MARK.search(text) and not DOWN_MARK.search(text):
        return text
    kept, blank = [], False
    for line in text.splitlines(keepends=True):
        if DOWN_MARK.match(line):
            blank = True
        elif UP_MARK.match(line):
            blank = False
        kept.append("\n" if blank else line)
    return "".join(kept)


def split(text: str, path: str) -> Iterator[SchemaStatement]:
    """Cut a file that may hold psql's own commands and COPY data, which are left out."""
    return cut(META_COMMAND.sub("", COPY.sub(_blank_lines, text)), path)


def cut(text: str, path: str) -> Iterator[SchemaStatement]:
    """Cut at the semicolons outside of strings, of parentheses (a rule's actions) and of BEGIN ATOMIC bodies.

    Psql sends the same statements.
    """
    first: int | None = None
    depth, parentheses, before, line, counted = 0, 0, "", 1, 0
    for token in (*_lexed(text), Token("punctuation", ";", len(text))):
        if token.kind in SILENT:
            continue
        word = token.text.lower() if token.kind == "word" else token.text
        if word == ";" and ((depth == 0 and parentheses == 0) or token.start == len(text)):
            body = text[first : token.start] if first is not None else ""
            if first is not None:
                line, counted = line + text.count("\n", counted, first), first
                yield SchemaStatement(body, path, line)
            first, parentheses, before = None, 0, ""
            continue
        first = token.start if first is None else first
        if token.kind == "punctuation" and word in "()":
            parentheses = max(parentheses + (1 if word == "(" else -1), 0)
        if (word == "atomic" and before == "begin") or (depth and word == "case"):
            depth += 1
        elif depth and word == "end":
            depth -= 1
        before = word


def _blank_lines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _lexed(text: str) -> list[Token]:
    """Return the tokens up to where the text stops being SQL; the server judges what is left."""
    try:
        return tokens(text)
    except LexError as error:
        return error.readable

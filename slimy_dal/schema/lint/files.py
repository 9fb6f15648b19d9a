"""A migration as reviewers see it: its header, its statements, its waivers, and the file that undoes it."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from slimy_dal.compiler import schemafiles
from slimy_dal.compiler.lexer import Token
from slimy_dal.schema import migrationfiles
from slimy_dal.schema.lint import syntax
from slimy_dal.schema.lint.acts import Act, Statement
from slimy_dal.schema.lint.translate import acts_of

__all__ = ["Header", "Migration", "Waiver", "find", "id_of", "read"]

KEY = re.compile(r"^--\s*[a-z_]+(\s\w+)?:\s")
"""A line of the header that is no prose."""
DATA = re.compile(r"^--\s*(data|irreversible):\s*(.*?)\s*$")
"""What a file says of undoing it."""

ALLOW = re.compile(r"^--\s*allow:\s*([\w/-]*)\s*(?::\s*(.*?))?\s*$")
UNDO_NAMES = ("{stem}.rollback.sql", "{stem}.down.sql")


@dataclass(frozen=True, slots=True)
class Header:
    """What the first comment of a file says."""

    purpose: str = ""
    said: dict[str, str] = field(default_factory=dict)

    @property
    def phase(self) -> str:
        """The phase, as it is written; empty where none is."""
        return self.said.get("phase", "")

    @property
    def depends(self) -> list[str]:
        """The migrations that it names as needed."""
        return self.said.get("depends", "").split()


@dataclass(slots=True)
class Waiver:
    """`-- allow: RULE: reason`; `statement` is the one it stands at, None for the whole file."""

    rule: str
    reason: str
    line: int
    at: int
    statement: Statement | None
    used: bool = False


@dataclass(slots=True)
class Migration:
    """A file, read; `undo` is the same for what undoes it, None where nothing does."""

    id: str
    path: Path
    text: str
    header: Header
    statements: list[Statement]
    problems: list[syntax.Unreadable]
    waivers: list[Waiver]
    transactional: bool
    undo: "Migration | None" = None

    def acts(self, *does: str) -> list[tuple[Statement, Act]]:
        """Return the acts of these kinds, all where none is named, each with its statement."""
        return [
            (statement, act)
            for statement in self.statements
            for act in statement.acts
            if not does or act.does in does
        ]

    def statement_at(self, offset: int) -> Statement | None:
        """Return the statement that an offset lies in or before; None behind the last one."""
        return next((one for one in self.statements if offset < max(one.end, one.start + 1)), None)

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def find(folder: Path) -> list[Path]:
    """Return a folder's migrations in order; empty where there are none. What verifies one is none."""
    found = schemafiles.files(folder, []) if folder.is_dir() else []
    return [
        path
        for path in found
        if "verify" not in path.relative_to(folder).parts and not path.name.endswith(".verify.sql")
    ]


def read(path: Path) -> Migration:
    """Read a migration and what undoes it: a file beside it, or the file's own section.

    Raises OSError; text that is no UTF-8 is read with its bad bytes replaced.
    """
    text = _text(path)
    migration = _read(id_of(path), path, schemafiles.upward(text))
    beside = _undo_file(path)
    if beside is not None:
        migration.undo = _read(migration.id, beside, _text(beside))
    elif schemafiles.DOWN_MARK.search(text):
        migration.undo = _read(migration.id, path, _downward(text))
    return migration


def _text(path: Path) -> str:
    return syntax.readable(path.read_bytes().decode("utf-8", errors="replace"))


def id_of(path: Path) -> str:
    """Return the file's name without its ending; the folder's where every file is called up.sql or migration.sql."""
    stem = re.sub(r"\.up$", "", path.stem)
    return path.parent.name if stem in {"up", "migration"} else stem


def _undo_file(path: Path) -> Path | None:
    stem = re.sub(r"\.up$", "", path.stem)
    names = ["down.sql"] if stem == "up" else [name.format(stem=stem) for name in UNDO_NAMES]
    return next((file for name in names if (file := path.parent / name).is_file()), None)


def _downward(text: str) -> str:
    """Blank all but the sections that undo; lines keep their numbers."""
    kept, blank = [], True
    for line in text.splitlines(keepends=True):
        if schemafiles.DOWN_MARK.match(line):
            blank = False
        elif schemafiles.UP_MARK.match(line):
            blank = True
        kept.append("\n" if blank else line)
    return "".join(kept)


def _read(name: str, path: Path, text: str) -> Migration:
    statements, problems = syntax.parse(text)
    for one in statements:
        one.acts = acts_of(one.node, one.base, one.start)
    comments = [token for token in syntax.silent_tokens(text) if token.kind == "line_comment"]
    head = _head(text, comments)
    transactional = not schemafiles.asks_for_no_transaction(text)
    _number_transactions(statements, transactional=transactional)
    migration = Migration(
        name, path, text, _header(text, head), statements, problems, [], transactional
    )
    migration.waivers = _waivers(migration, comments, {token.start for token in head})
    return migration


def _head(text: str, comments: list[Token]) -> list[Token]:
    """Return the comments that the file begins with, up to the first empty line or statement."""
    head: list[Token] = []
    end = 0
    for token in comments:
        between = text[end : token.start]
        if between.strip() or (head and between.count("\n") > 1):
            break
        head.append(token)
        end = token.end
    return head


def _header(text: str, head: list[Token]) -> Header:
    prose: list[str] = []
    is_prose = True
    for token in head:
        line = token.text.lstrip("-").strip()
        is_prose = is_prose and bool(line) and KEY.match(token.text) is None
        if is_prose:
            prose.append(line)
    said = {key[1]: key[2] for token in head if (key := DATA.match(token.text))}
    return Header(" ".join(prose), said | migrationfiles.headers(text))


def _waivers(migration: Migration, comments: list[Token], head: set[int]) -> list[Waiver]:
    begins = [one.begin for one in migration.statements]
    found = []
    for token in comments:
        said = ALLOW.match(token.text)
        if said is None:
            continue
        index = bisect_right(begins, token.start) - 1
        at = None if token.start in head or index < 0 else migration.statements[index]
        line, _ = migration.place(token.start)
        found.append(Waiver(said[1], (said[2] or "").strip(), line, token.start, at))
    return found


def _number_transactions(statements: list[Statement], *, transactional: bool) -> None:
    number, is_open = 0, transactional
    for one in statements:
        word = one.acts[0].name if one.acts and one.acts[0].does == "transaction" else ""
        is_open = is_open or word in {"begin", "start"}
        one.transaction = number if is_open else None
        if word in {"commit", "rollback"}:
            number, is_open = number + 1, transactional

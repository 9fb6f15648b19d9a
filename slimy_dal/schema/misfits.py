"""Says which files are no migrations of ours, or would run otherwise than they read."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from slimy_dal.compiler.lexer import SILENT, LexError, tokens
from slimy_dal.compiler.schemafiles import DOWN_MARK, UP_MARK

__all__ = [
    "READ",
    "MigrationError",
    "head",
    "refuse_foreign",
    "refuse_misspelt",
    "refuse_strays",
    "unfit",
]

READ = (
    *("depends", "transactional", "phase", "lock_timeout", "statement_timeout"),
    *("resume", "irreversible"),
)
"""The headers that the migrator itself goes by."""

HEADERS = (*READ, "batch", "batch_size", "data", "allow")

NEARLY = re.compile(r"--\s*([A-Za-z][\w-]*)\s*:")
NAME = re.compile(r"[^\x00-\x1f\x7f\u2028\u2029]+")
"""No name may end a comment line in a plan."""

FOREIGN = re.compile(r"\.(up|down|do|undo|revert)\.sql$|^[VU][\d._]+__")
"""How golang-migrate, sqlx, postgrator and Flyway name what does and what undoes."""

ROLLBACK = ".rollback.sql"
QUOTED = frozenset({"string", "dollar_string", "quoted_word"})


class MigrationError(Exception):
    """A migration that cannot be run, or failed; nothing of a transactional one is left in the database."""


def head(text: str) -> Iterator[str]:
    """Yield the lines that stand before the first statement."""
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith("--"):
            return
        yield stripped


def refuse_foreign(path: Path, text: str) -> None:
    """Raise MigrationError for a file of another tool's: taken for ours, what undoes would be run as what does."""
    if NAME.fullmatch(path.name) is None:
        raise MigrationError(f"{path.name!r}: rename it: names hold no control characters")
    if FOREIGN.search(path.name) or UP_MARK.search(text) or DOWN_MARK.search(text):
        raise MigrationError(
            f"{path.name}: is another tool's, with a way back of its own: what undoes NNNN_name.sql "
            f"stands in NNNN_name{ROLLBACK}"
        )


def refuse_misspelt(name: str, text: str) -> None:
    """Raise MigrationError for what stands where headers do and is nearly one: it would change nothing, unheard."""
    for line in head(text):
        match = NEARLY.match(line)
        if match is None or match[1] in HEADERS:
            continue
        near = get_close_matches(match[1].lower().replace("-", "_"), HEADERS, n=1, cutoff=0.85)
        if near:
            raise MigrationError(f"{name}: `{match[1]}:` is no header; `{near[0]}:` is one")


def refuse_strays(folder: Path, known: set[str]) -> None:
    """Raise MigrationError for files that look like migrations and would be passed over without a word."""
    for path in sorted(folder.iterdir()):
        if path.name.endswith(ROLLBACK) and path.name.removesuffix(ROLLBACK) not in known:
            raise MigrationError(f"{path.name}: undoes a migration that is not there")
        if path.suffix != ".sql" and path.suffix.lower() == ".sql":
            raise MigrationError(f"{path.name}: rename it: the suffix is .sql")


@lru_cache(maxsize=4096)
def unfit(statement: str) -> str | None:
    """Return why a statement cannot be run alike by this tool and by psql; None where it can."""
    try:
        said = [token for token in tokens(statement) if token.kind not in SILENT]
    except LexError as error:
        said = [token for token in error.readable if token.kind not in SILENT]
    if any("\\" in token.text for token in said if token.kind not in QUOTED):
        return "is psql's own command: only SQL is run"
    words = [token.text.lower() for token in said if token.kind == "word"]
    if words[:1] == ["copy"] and {"stdin", "stdout"} & set(words):
        return "COPY FROM STDIN and TO STDOUT cannot be run: write INSERT"
    if words[:1] == ["set"] and "authorization" in words[1:4]:
        return "takes another's place for good: write SET ROLE"
    return None

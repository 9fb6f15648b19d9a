"""Knows of each statement that runs outside of a transaction what a killed run may have left of it, and the way on."""

from collections.abc import Callable
from dataclasses import dataclass

from psycopg import sql

from slimy_dal.compiler.schemafiles import SchemaStatement
from slimy_dal.schema.backend import Backend
from slimy_dal.schema.lockwords import Words
from slimy_dal.schema.migrationfiles import Direction, MigrationError, MigrationFile

__all__ = ["Found", "look", "refuse_unresumable"]


@dataclass(frozen=True, slots=True)
class Found:
    """What the catalogs say of a statement that may have been run before."""

    done: bool = False
    """What it is to make is there and whole, or what it is to remove is gone."""
    clean: tuple[str, ...] = ()
    """What removes the leftovers of a run that did not end; each a statement of its own."""
    instead: str | None = None
    """What brings a half-done run to its end, where that is not the statement again."""
    only_own: bool = False
    """Whether the leftovers could be somebody else's, and count only after a try of ours."""


Look = Callable[[Backend], Found]

LEFT_OF_REINDEX = r"_cc(new|old)\d*$"

INDEX = """\
SELECT
    i.indisvalid,
    format('%%I.%%I', n.nspname, c.relname),
    (
        SELECT min(p.pid)
        FROM pg_catalog.pg_stat_progress_create_index AS p
        WHERE p.index_relid = c.oid AND p.pid != pg_backend_pid()
    )
FROM pg_catalog.pg_index AS i
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE i.indrelid = to_regclass(%(table)s) AND c.relname = (parse_ident(%(name)s))[1]::name
"""

REINDEXED = """\
WITH target AS (
    SELECT c.oid, c.relkind, c.reltoastrelid
    FROM pg_catalog.pg_class AS c
    WHERE
        CASE %(what)s
            WHEN 'schema' THEN c.relnamespace = to_regnamespace(%(name)s)
            WHEN 'database' THEN TRUE
            WHEN 'system' THEN FALSE
            ELSE c.oid = to_regclass(%(name)s)
                OR c.oid IN (
                    SELECT t.relid FROM pg_partition_tree(to_regclass(%(name)s)) AS t
                )
        END
),

tables AS (
    SELECT t.oid FROM target AS t
    UNION
    SELECT t.reltoastrelid FROM target AS t
    UNION
    SELECT i.indrelid FROM pg_catalog.pg_index AS i INNER JOIN target AS t ON i.indexrelid = t.oid
    UNION
    SELECT r.reltoastrelid
    FROM pg_catalog.pg_index AS i
    INNER JOIN target AS t ON i.indexrelid = t.oid
    INNER JOIN pg_catalog.pg_class AS r ON i.indrelid = r.oid
)

SELECT format('%%I.%%I', n.nspname, c.relname)
FROM pg_catalog.pg_index AS i
INNER JOIN tables AS t ON i.indrelid = t.oid
INNER JOIN pg_catalog.pg_class AS c ON i.indexrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    NOT i.indisvalid
    AND c.relname ~ %(left)s
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
        WHERE p.relid = i.indrelid AND p.pid != pg_backend_pid()
    )
ORDER BY c.oid
"""

DETACHED = """\
SELECT h.inhdetachpending
FROM pg_catalog.pg_inherits AS h
WHERE h.inhparent = to_regclass(%(parent)s) AND h.inhrelid = to_regclass(%(child)s)
"""

LABELLED = """\
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_enum AS e
    WHERE e.enumtypid = to_regtype(%(name)s) AND e.enumlabel = %(label)s
)
"""


def look(backend: Backend, statement: SchemaStatement) -> Found:
    """Return what is there of a statement's work; one that is no known kind is run again from its beginning.

    Raises MigrationError where somebody else is at the same work.
    """
    known = _known(Words.of(statement.text), statement)
    return known(backend) if known is not None else Found()


def refuse_unresumable(
    file: MigrationFile, direction: Direction, statement: SchemaStatement
) -> None:
    """Raise MigrationError for a statement that nobody could say of whether it had ended, unless the file does."""
    headers = file.headers if direction == "apply" else file.rollback_headers
    if headers.get("resume") is None and _known(Words.of(statement.text), statement) is None:
        words = " ".join(statement.text.split()[:3])
        raise MigrationError(
            f"{statement.path}:{statement.line}: after a crash nobody could tell whether {words} had "
            "ended: leave out `-- transactional: false`, or where running it twice does no harm, "
            "add the header `-- resume: rerun`"
        )


def _known(words: Words, statement: SchemaStatement) -> Look | None:
    """Return how to look for a statement's work; None for a kind that leaves nothing to look for."""
    for read in (_create_index, _drop_index, _reindex, _detach, _add_value, _repeatable):
        keep = words.at
        found = read(words, statement)
        if found is not None:
            return found
        words.at = keep
    return None


def _create_index(words: Words, statement: SchemaStatement) -> Look | None:
    words.takes("create")
    words.takes("unique")
    if not words.takes("index", "concurrently"):
        return None
    words.takes("if", "not", "exists")
    name = words.name()
    if name.lower() == "on" or not words.takes("on"):
        raise MigrationError(
            f"{statement.path}:{statement.line}: give the index a name: after a crash it must be found"
        )
    words.takes("only")
    table = words.name()

    def seen(backend: Backend) -> Found:
        rows = backend.rows(sql.SQL(INDEX).format(), name=name, table=table)
        if not rows:
            return Found()
        valid, full, builder = rows[0]
        if builder is not None:
            raise MigrationError(f"session {builder} is building {full} now: wait until it is done")
        return Found(done=True) if valid else Found(clean=(_dropping(full),))

    return seen


def _dropping(index: str) -> str:
    return f"DROP INDEX CONCURRENTLY {index}"


def _drop_index(words: Words, _statement: SchemaStatement) -> Look | None:
    if not words.takes("drop", "index", "concurrently"):
        return None
    words.takes("if", "exists")
    name = words.name()
    return lambda backend: Found(done=backend.rows("SELECT to_regclass(%s) IS NULL", name)[0][0])


def _reindex(words: Words, _statement: SchemaStatement) -> Look | None:
    if not words.takes("reindex"):
        return None
    words.list()
    what = words.word()
    words.at += 1
    if not words.takes("concurrently"):
        return None
    name = words.name()

    def seen(backend: Backend) -> Found:
        query = sql.SQL(REINDEXED).format()
        left = backend.rows(query, what=what, name=name, left=LEFT_OF_REINDEX)
        return Found(clean=tuple(_dropping(row[0]) for row in left), only_own=True)

    return seen


def _detach(words: Words, _statement: SchemaStatement) -> Look | None:
    if not words.takes("alter", "table"):
        return None
    words.takes("if", "exists")
    words.takes("only")
    parent = words.name()
    if not words.takes("detach", "partition"):
        return None
    child = words.name()

    def seen(backend: Backend) -> Found:
        rows = backend.rows(sql.SQL(DETACHED).format(), parent=parent, child=child)
        if not rows:
            return Found(done=True)
        ending = f"ALTER TABLE {parent} DETACH PARTITION {child} FINALIZE"
        return Found(instead=ending if rows[0][0] else None)

    return seen


def _add_value(words: Words, _statement: SchemaStatement) -> Look | None:
    if not words.takes("alter", "type"):
        return None
    name = words.name()
    if not words.takes("add", "value"):
        return None
    words.takes("if", "not", "exists")
    label = words.word().strip("'").replace("''", "'")
    return lambda backend: Found(
        done=backend.rows(sql.SQL(LABELLED).format(), name=name, label=label)[0][0]
    )


def _repeatable(words: Words, _statement: SchemaStatement) -> Look | None:
    """Know what can be run again as often as one likes."""
    repeatable = words.word() in {"vacuum", "analyze"} or words.takes(
        "refresh", "materialized", "view"
    )
    return (lambda _backend: Found()) if repeatable else None

"""The house rules: what a reader of the SQL and the tree may rely on, held against the files and a real database."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).parent.parent
QUERY_FILES = sorted((ROOT / "sql" / "queries").glob("*.sql"))
NOUNS = [path.stem for path in QUERY_FILES]
PRODUCT = [*(ROOT / "slimy_dal").rglob("*.py"), *(ROOT / "service").rglob("*.py")]
GENERATED = re.compile(r"/slimy_dal/(queries/|client/(nouns/|(api|shapes)\.py$))")
HAND_WRITTEN = [path for path in PRODUCT if not GENERATED.search(path.as_posix())]

# A partition is its table's: what holds for the table was made to hold for it.
USER_TABLES = "n.nspname = 'slimy' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"


# Nouns that have no routes yet; one that gets a module in service/ leaves this list.
WITHOUT_ROUTES = {"partitions"}


# Keys whose first column says what the others are: an index on it alone finds no row too many.
LED_BY_ONE_COLUMN = {
    "chat_messages_conversation_owner_fkey",
    "screenshot_comparisons_analysis_id_1_owner_fkey",
    "screenshot_comparisons_analysis_id_2_owner_fkey",
}


def query_names() -> set[str]:
    return {
        f"{path.stem}.{name}"
        for path in QUERY_FILES
        for name in re.findall(r"(?m)^-- name: (\w+)", path.read_text())
    }


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with psycopg.connect(database_url) as opened:
        yield opened


def test_every_noun_has_a_module_on_every_floor() -> None:
    for noun in NOUNS:
        assert (ROOT / "slimy_dal" / "queries" / f"{noun}.py").exists(), noun
        assert (ROOT / "slimy_dal" / "domain" / f"{noun}.py").exists(), noun
        assert (ROOT / "service" / f"{noun}.py").exists() == (noun not in WITHOUT_ROUTES), noun
        tests = [*ROOT.glob(f"tests/test_{noun}.py"), *ROOT.glob(f"tests/service/test_{noun}.py")]
        assert tests, noun


def test_every_module_begins_with_what_it_is_for() -> None:
    for path in PRODUCT:
        doc = ast.get_docstring(ast.parse(path.read_text()))
        assert doc, path
        assert doc.splitlines()[0].endswith((".", ":")), path


def test_no_module_is_long_and_no_function_is_either() -> None:
    for path in HAND_WRITTEN:
        text = path.read_text()
        assert text.count("\n") <= 300, f"{path} has {text.count(chr(10))} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                assert size <= 40, f"{path}:{node.lineno} {node.name} has {size} lines"


def test_modules_have_names_that_say_something() -> None:
    empty = {"utils", "helpers", "common", "base", "manager", "misc"}
    assert not {path.stem for path in PRODUCT} & empty


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("asyncpg", "slimy_dal/engine/driver.py"),
        ("opentelemetry", "slimy_dal/engine/otel.py"),
        ("pypika", "slimy_dal/engine/variants.py"),
        ("redis", "slimy_dal/engine/redis.py"),
        ("yoyo", "slimy_dal/schema/backend.py"),
    ],
)
def test_a_library_is_imported_in_one_module(library: str, home: str) -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in PRODUCT
        if re.search(rf"(?m)^\s*(import|from) {library}\b", path.read_text())
    }
    assert importers == {home}


def test_psycopg_is_imported_for_dbas_only() -> None:
    importers = {
        path.parent.relative_to(ROOT).parts[:2]
        for path in PRODUCT
        if re.search(r"(?m)^\s*(import|from) psycopg\b", path.read_text())
    }
    assert importers == {("slimy_dal", "schema")}


def test_only_the_service_and_one_module_of_the_client_know_aiohttp() -> None:
    for path in (ROOT / "slimy_dal").rglob("*.py"):
        if path != ROOT / "slimy_dal" / "client" / "transport.py":
            assert not re.search(r"(?m)^\s*(import|from) aiohttp\b", path.read_text()), path


def test_every_index_says_which_named_queries_it_serves(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    rows = connection.execute(
        "SELECT c.relname, obj_description(c.oid) FROM pg_class AS c"
        " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
        " WHERE n.nspname = 'slimy' AND c.relkind IN ('i', 'I') AND NOT c.relispartition"
    ).fetchall()
    assert rows
    known = query_names()
    for name, comment in rows:
        assert comment, f"{name} has no comment"
        served = re.fullmatch(r"serves (\w+\.\w+(?:, \w+\.\w+)*)", comment)
        assert served, f"{name}: {comment}"
        assert set(served[1].split(", ")) <= known, f"{name}: {comment}"


def test_every_table_function_and_trigger_has_a_comment(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    silent = connection.execute(
        "SELECT c.relname FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
        f" WHERE {USER_TABLES} AND obj_description(c.oid, 'pg_class') IS NULL"
        " UNION ALL SELECT p.proname FROM pg_proc AS p"
        " INNER JOIN pg_namespace AS n ON p.pronamespace = n.oid"
        " WHERE n.nspname = 'slimy' AND obj_description(p.oid, 'pg_proc') IS NULL"
        " UNION ALL SELECT t.tgname FROM pg_trigger AS t"
        " WHERE NOT t.tgisinternal AND t.tgparentid = 0"
        " AND obj_description(t.oid, 'pg_trigger') IS NULL"
    ).fetchall()
    assert silent == []


def test_every_nullable_column_says_what_null_means(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    silent = connection.execute(
        "SELECT c.relname, a.attname FROM pg_attribute AS a"
        " INNER JOIN pg_class AS c ON a.attrelid = c.oid"
        " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
        f" WHERE {USER_TABLES} AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attnotnull"
        " AND coalesce(col_description(c.oid, a.attnum), '') !~ 'NULL|AES-256'"
    ).fetchall()
    assert silent == []


def test_every_foreign_key_is_indexed_and_says_what_happens_on_delete(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    rows = connection.execute(
        "SELECT k.conname, k.confdeltype::text, EXISTS ("
        "  SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid"
        "  AND ((i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey"
        "   OR k.conname = ANY(%s) AND (i.indkey::int2[])[0] = k.conkey[1]))"
        " FROM pg_constraint AS k INNER JOIN pg_namespace AS n ON k.connamespace = n.oid"
        " WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname = 'slimy'",
        (list(LED_BY_ONE_COLUMN),),
    ).fetchall()
    assert rows
    for name, on_delete, indexed in rows:
        assert indexed, f"{name} has no index"
        assert on_delete != "a", f"{name} leaves the row it points at undeletable by silence"


def test_no_index_is_made_redundant_by_another(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    redundant = connection.execute(
        "SELECT a.indexrelid::regclass::text, b.indexrelid::regclass::text"
        " FROM pg_index AS a INNER JOIN pg_index AS b"
        "   ON a.indrelid = b.indrelid AND a.indexrelid != b.indexrelid"
        " INNER JOIN pg_class AS c ON a.indrelid = c.oid"
        " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
        " WHERE n.nspname = 'slimy' AND NOT a.indisunique AND a.indpred IS NULL AND b.indpred IS NULL"
        " AND a.indexprs IS NULL AND b.indexprs IS NULL"
        " AND (b.indkey::int2[])[0:a.indnkeyatts - 1] = (a.indkey::int2[])[0:a.indnkeyatts - 1]"
        " AND (b.indoption::int2[])[0:a.indnkeyatts - 1] = (a.indoption::int2[])[0:a.indnkeyatts - 1]"
    ).fetchall()
    assert redundant == []


def test_names_of_constraints_say_the_rule(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    rows = connection.execute(
        "SELECT c.relname, k.conname, k.contype::text FROM pg_constraint AS k"
        " INNER JOIN pg_class AS c ON k.conrelid = c.oid"
        " INNER JOIN pg_namespace AS n ON k.connamespace = n.oid"
        " WHERE n.nspname = 'slimy' AND k.contype IN ('p', 'u', 'f', 'c') AND NOT c.relispartition"
    ).fetchall()
    suffixes = {"p": "_pkey", "u": "_key", "f": "_fkey", "c": "_check"}
    for table, name, kind in rows:
        assert name.startswith(f"{table}_"), name
        assert name.endswith(suffixes[kind]), name


def test_mutable_tables_date_their_changes(
    connection: psycopg.Connection[tuple[Any, ...]],
) -> None:
    missing = connection.execute(
        "SELECT c.relname FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
        " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'updated_at'"
        f" WHERE {USER_TABLES} AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid"
        " AND t.tgname = c.relname || '_set_updated_at')"
    ).fetchall()
    assert missing == []


def test_no_query_selects_a_star_and_each_has_prose() -> None:
    for path in QUERY_FILES:
        for section in re.split(r"(?m)^-- name: ", path.read_text())[1:]:
            head, *lines = section.splitlines()
            assert re.match(r"-- [A-Z]", lines[0]), f"{path.stem}.{head} has no prose"
            assert not re.search(r"(?:SELECT|RETURNING)\s+(?:\w+\.)?\*", section), (
                f"{path.stem}.{head}"
            )

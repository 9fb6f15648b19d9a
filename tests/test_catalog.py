from collections.abc import AsyncIterator

import pytest

from slimy_dal.compiler.catalog.files import PLACES
from slimy_dal.compiler.catalog.snapshot import Catalog
from slimy_dal.compiler.checks import allowed, forbids_null
from slimy_dal.compiler.nodetree import parse
from slimy_dal.compiler.tree import Reader, rolled_back
from slimy_dal.engine.driver import Connection, connect


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as opened:
        yield opened


async def check(connection: Connection, kind: str, condition: str) -> tuple[bool, tuple[str, ...]]:
    """What a CHECK over column c says: whether it forbids NULL, and what it allows."""
    await connection.execute(
        f"CREATE TEMP TABLE checked (other int, c {kind}, CHECK ({condition}))"
    )
    rows = await connection.fetch(
        "SELECT conbin::text AS text FROM pg_constraint "
        "WHERE conrelid = 'checked'::regclass AND contype = 'c'"
    )
    catalog = Catalog()
    async with rolled_back(connection):
        tree = await Reader(connection, "function").read("SELECT c FROM checked")
        await catalog.load(connection, [tree.statement])
    await connection.execute("DROP TABLE checked")
    node = parse(rows[0]["text"])
    return forbids_null(catalog, node, 2), allowed(catalog, node, 2)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("c IS NOT NULL", True),
        ("c IS NOT NULL AND c > 0", True),
        ("NOT (c IS NULL)", True),
        ("NOT (c IS NULL OR other IS NULL)", True),
        ("(c > 0) IS TRUE", True),
        ("(c > 0) IS NOT UNKNOWN", True),
        ("(c IS NOT NULL AND other = 1) OR (c IS NOT NULL AND other = 2)", True),
        ("c > 0", False),
        ("c IS NOT NULL OR other IS NOT NULL", False),
        ("c IS NOT NULL OR other > 1", False),
        ("(c > 0) IS NOT FALSE", False),
        ("coalesce(c, 1) > 0", False),
        ("other IS NOT NULL", False),
        ("NOT (c IS NULL AND other IS NULL)", False),
    ],
)
async def test_a_check_forbids_null_only_where_it_is_false_for_null(
    connection: Connection, condition: str, *, expected: bool
) -> None:
    assert (await check(connection, "int", condition))[0] is expected
    # The server's own word on it.
    await connection.execute(f"CREATE TEMP TABLE tried (other int, c int, CHECK ({condition}))")
    accepted = await connection.fetch(
        "SELECT other FROM (VALUES (NULL), (0), (1), (2)) AS o (other) "
        f"WHERE (SELECT ({condition}) IS NOT FALSE FROM (SELECT NULL::int AS c) AS x)"
    )
    assert bool(accepted) is not expected


@pytest.mark.parametrize(
    ("kind", "condition", "expected"),
    [
        ("text", "c IN ('a', 'b')", ("a", "b")),
        ("text", "c IN ('a')", ("a",)),
        ("text", "c = 'a' OR c = 'b'", ("a", "b")),
        ("text", "c = ANY (ARRAY['a', 'it''s', 'é'])", ("a", "it's", "é")),
        ("text", "c = ANY ('{a,b c}'::text[])", ("a", "b c")),
        ("text", "c IS NULL OR c IN ('a', 'b')", ("a", "b")),
        ("text", "other > 1 AND c IN ('a', 'b')", ("a", "b")),
        ("varchar(5)", "c IN ('a', 'b')", ("a", "b")),
        ("varchar", "c::text = ANY (ARRAY['a'::varchar, 'b'::varchar]::text[])", ("a", "b")),
        ("char(2)", "c IN ('aa', 'bb')", ("aa", "bb")),
        ("text[]", "c <@ ARRAY['a', 'b']", ("a", "b")),
        ("text[]", "c <@ ARRAY['a', 'b'] AND cardinality(c) > 0", ("a", "b")),
        ("varchar(9)[]", "c <@ ARRAY['a', 'b']::varchar[]", ("a", "b")),
        ("text", "c NOT IN ('a', 'b')", ()),
        ("text", "c <> 'a'", ()),
        ("text", "c IN ('a', 'b') OR other = 1", ()),
        ("text", "lower(c) IN ('a', 'b')", ()),
        ("text", "c = ALL (ARRAY['a', 'b'])", ()),
        ("text[]", "c @> ARRAY['a', 'b']", ()),
        ("text", "c ~ 'a'", ()),
    ],
)
async def test_choices_are_read_from_checks(
    connection: Connection, kind: str, condition: str, expected: tuple[str, ...]
) -> None:
    assert (await check(connection, kind, condition))[1] == expected


async def test_only_what_statements_mention_is_loaded_views_looked_through(
    connection: Connection,
) -> None:
    await connection.execute(
        "CREATE TEMP TABLE one (a int); CREATE TEMP TABLE two (b text COLLATE \"C\" CHECK (b <> ''));"
        "CREATE TEMP TABLE three (c int); CREATE TEMP VIEW inner_view AS SELECT lower(b) AS b FROM two;"
        "CREATE TEMP VIEW outer_view AS SELECT b FROM inner_view"
    )
    catalog = Catalog()
    async with rolled_back(connection):
        tree = await Reader(connection, "function").read("SELECT b FROM outer_view")
        await catalog.load(connection, [tree.statement])
    assert sorted(r.name for r in catalog.relations.values()) == ["inner_view", "outer_view", "two"]
    assert "lower" in {function.name for function in catalog.functions.values()}
    assert "<>" in {name for name, _ in catalog.operators.values()}


async def test_composites_of_composites_are_told_to_the_bottom(connection: Connection) -> None:
    await connection.execute(
        "CREATE TYPE leaf AS (a int, b text); CREATE DOMAIN leaves AS leaf[];"
        "CREATE TYPE tree AS (root leaf, others leaves)"
    )
    rows = await connection.fetch("SELECT 'tree'::regtype::oid AS oid")
    catalog = Catalog()
    await catalog.load_types(connection, [rows[0]["oid"]])
    fields = dict(catalog.types.get(rows[0]["oid"]).fields)
    assert [name for name, _ in fields["root"].fields] == ["a", "b"]
    others = fields["others"].base
    assert others is not None
    assert others.element is not None
    assert others.element.name == "leaf"


def test_every_catalogue_query_begins_with_what_it_is_for() -> None:
    files = [file for place in PLACES for file in (place / "catalog").glob("*.sql")]
    assert len(files) >= 7
    assert [file.name for file in files if not file.read_text().startswith("-- ")] == []

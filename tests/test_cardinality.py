"""Tests of the number of rows: what is proven is held against random contents, where it must never fail."""

import math
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slimy_dal.compiler import project, queryfile
from slimy_dal.compiler.cardinality.count import Count
from slimy_dal.compiler.cardinality.proof import at_most_one, bounded, unique_by
from slimy_dal.compiler.cardinality.rules import examine
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.engine.driver import Connection, connect
from tests.cardinality.cases import MORE, ONE, cases
from tests.cardinality.generator import Generator
from tests.cardinality.world import HERE, ROWS, bound, counted, fill, numbered, provers
from tests.statements import described

pytestmark = pytest.mark.usefixtures("deck")


@pytest.fixture
async def deck(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as connection:
        await connection.execute((HERE / "schema.sql").read_text())
        await connection.execute("BEGIN")
        yield connection


async def test_what_can_be_one_row_only_is_proven(deck: Connection) -> None:
    found = await provers(deck, [numbered(sql) for sql in cases(ONE)])
    counts = {sql: at_most_one(*proof) for sql, proof in zip(cases(ONE), found, strict=True)}
    assert not {sql: count.chain for sql, count in counts.items() if not count.is_one}


async def test_what_can_be_more_than_one_row_is_not_and_says_why(deck: Connection) -> None:
    found = await provers(deck, [numbered(sql) for sql in cases(MORE)])
    counts = {sql: at_most_one(*proof) for sql, proof in zip(cases(MORE), found, strict=True)}
    assert not [sql for sql, count in counts.items() if count.is_one or not count.chain]


async def test_no_proven_statement_ever_gives_two_rows(deck: Connection) -> None:
    chance = random.Random(7)
    written = [*cases(ONE), *cases(MORE)]
    found = await provers(deck, [numbered(sql) for sql in written])
    proven = {sql: at_most_one(*proof).is_one for sql, proof in zip(written, found, strict=True)}
    several = set()
    for _ in range(12):
        await fill(deck, chance, ROWS)
        for sql in written:
            rows = await counted(deck, bound(sql, chance))
            if rows is not None and len(rows) > 1:
                several.add(sql)
                assert not proven[sql], (sql, rows)
    # The contents are such that nearly all that can give more rows does.
    assert len(several) > 0.8 * len(cases(MORE)), sorted(set(cases(MORE)) - several)


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_proof_about_a_random_statement_is_refuted(deck: Connection, seed: int) -> None:
    tally = await refute(deck, random.Random(seed), statements=150, contents=5)
    assert tally["one"] > 40
    assert tally["unique"] > 15
    assert tally["refutable"] > 60


@pytest.mark.parametrize(
    ("module", "name", "believed"),
    [
        ("keys", "is_alone", lambda *_: True),
        ("keys._Table", "_is_known", lambda *_: True),
    ],
)
async def test_a_guard_that_is_taken_out_is_noticed(
    deck: Connection, monkeypatch: pytest.MonkeyPatch, module: str, name: str, believed: object
) -> None:
    monkeypatch.setattr(f"slimy_dal.compiler.cardinality.{module}.{name}", believed)
    with pytest.raises(AssertionError):
        for seed in range(3, 12):
            await refute(deck, random.Random(seed), statements=150, contents=5)


@pytest.mark.parametrize(
    ("sql", "is_one"),
    [
        # Equal under the looser collation are several strings, and the index keeps one of them.
        ("SELECT l.w FROM deck.loose AS l WHERE l.s = 'x'", True),
        ("SELECT l.w FROM deck.loose AS l WHERE l.s = 'x' COLLATE \"C\"", True),
        ("SELECT s.w FROM deck.strict AS s WHERE s.s = 'x'", True),
        # The index keeps `x` and `X` apart.
        ("SELECT s.w FROM deck.strict AS s WHERE s.s = 'x' COLLATE deck.ci", False),
        (
            "SELECT s.w FROM deck.strict AS s, deck.loose AS l WHERE l.s = 'x' AND s.s = l.s COLLATE \"C\"",
            True,
        ),
    ],
)
async def test_strings_are_equal_by_the_collation_of_the_index(
    deck: Connection, sql: str, *, is_one: bool
) -> None:
    await deck.execute((HERE / "loose.sql").read_text())
    [proof] = await provers(deck, [sql])
    assert at_most_one(*proof).is_one is is_one


@pytest.mark.parametrize(
    ("sql", "columns", "is_unique"),
    [
        ("SELECT b.y, b.x FROM b WHERE b.x = :i", (1,), True),
        ("SELECT b.y, b.x FROM b WHERE b.x > :i", (1,), False),
        ("SELECT b.z, b.y, a.k FROM b JOIN a ON b.z = a.id WHERE b.x = :i", (2,), True),
        ("SELECT b.z, b.y, a.k FROM b JOIN a ON b.z = a.k WHERE b.x = :i", (2,), False),
        ("SELECT a.id FROM b JOIN a ON b.y = a.id WHERE b.x = :i", (1,), True),
        ("SELECT w.s FROM words AS w WHERE w.s > ''", (1,), True),
        ("SELECT w.s::bpchar FROM words AS w WHERE w.s > ''", (1,), False),
        ("SELECT c.c FROM cities AS c WHERE c.c > ''", (1,), True),
        ("SELECT c.n FROM c", (1,), False),
        ("SELECT c.n FROM c WHERE c.n > 0", (1,), True),
        (
            "WITH f AS (SELECT b.y, b.z FROM b WHERE b.x = 1 LIMIT 5) SELECT f.y, a.k FROM f JOIN a ON f.z = a.id",
            (1,),
            True,
        ),
        ("SELECT a.k, count(*) FROM a GROUP BY a.k", (1,), True),
        ("SELECT a.k, count(*) FROM a GROUP BY a.k", (2,), False),
        ("SELECT DISTINCT a.k, a.t FROM a", (1, 2), True),
        ("SELECT DISTINCT a.k, a.t FROM a", (1,), False),
        ("SELECT a.k FROM a UNION SELECT b.x FROM b", (1,), True),
        ("SELECT b.x, b.y FROM b UNION ALL SELECT 1, 2", (1, 2), False),
        ("UPDATE b SET z = 1 RETURNING x, y", (1, 2), True),
        ("UPDATE b SET z = 1 WHERE x = 1 RETURNING x, y", (2,), True),
        ("UPDATE b SET x = y WHERE x = 1 RETURNING x, y", (1,), False),
        ("UPDATE b SET y = 0, x = y WHERE x = 1 RETURNING y", (1,), False),
    ],
)
async def test_columns_that_tell_rows_apart_are_known(
    deck: Connection, sql: str, columns: tuple[int, ...], *, is_unique: bool
) -> None:
    [proof] = await provers(deck, [numbered(sql)])
    assert unique_by(*proof, columns).is_one is is_unique


@pytest.mark.parametrize(
    ("sql", "kind", "number"),
    [
        ("SELECT a.id FROM a LIMIT 7", "limit", 7),
        ("SELECT a.id FROM a LIMIT :i", "limit", None),
        ("SELECT a.id FROM a LIMIT 7 OFFSET 1", "limit", 7),
        (
            "WITH f AS MATERIALIZED (SELECT b.y FROM b LIMIT :i) SELECT a.k FROM f JOIN a ON f.y = a.id",
            "limit",
            None,
        ),
        (
            "WITH f AS (SELECT b.y FROM b LIMIT 3) SELECT a.k FROM f JOIN a ON a.id = ANY(ARRAY[1, 2])",
            "array",
            6,
        ),
        ("SELECT a.k FROM a WHERE a.id = ANY(:ints)", "array", None),
        ("SELECT a.k FROM a WHERE a.id IN (1, 2, 3)", "array", 3),
        ("SELECT e.n FROM unnest(:ints::int[]) AS e (n)", "array", None),
        ("SELECT v.n FROM (VALUES (1), (2)) AS v (n)", "limit", 2),
        ("SELECT 1 AS n UNION ALL SELECT 2", "limit", 2),
        (
            "DELETE FROM a WHERE id = ANY(ARRAY(SELECT b.x FROM b LIMIT :i FOR UPDATE SKIP LOCKED))",
            "limit",
            None,
        ),
        ("DELETE FROM a WHERE id IN (SELECT b.x FROM b ORDER BY b.x LIMIT 4)", "limit", 4),
        # Locks may be gone when the planner runs the subquery again for the next row.
        (
            "DELETE FROM a WHERE id IN (SELECT b.x FROM b LIMIT 4 FOR UPDATE SKIP LOCKED)",
            None,
            None,
        ),
        ("SELECT a.k FROM a WHERE a.k = ANY(:ints)", None, None),
        ("SELECT a.k FROM a ORDER BY a.k FETCH FIRST 3 ROWS WITH TIES", None, None),
        ("SELECT a.k FROM a LIMIT ALL", None, None),
        ("SELECT a.k FROM a LIMIT NULL", None, None),
        ("SELECT a.k FROM a LIMIT (SELECT b.x FROM b)", None, None),
    ],
)
async def test_what_bounds_a_number_of_rows_is_known(
    deck: Connection, sql: str, kind: str | None, number: int | None
) -> None:
    [proof] = await provers(deck, [numbered(sql)])
    count = bounded(*proof)
    assert (None if count.factors is None else most(count)) == number
    kinds = {factor.kind for factor in count.factors or ()}
    assert (kind in kinds) if kind else not kinds


async def refute(
    connection: Connection, chance: random.Random, statements: int, contents: int
) -> dict[str, int]:
    """Make statements, prove what can be, and look for contents for which a proof is wrong."""
    made = await generated(connection, chance, statements)
    found = await provers(connection, [numbered(sql) for sql, _ in made])
    proofs = []
    tally = {"statements": len(made), "one": 0, "bounded": 0, "unique": 0, "refutable": 0}
    for (sql, columns), (prover, statement) in zip(made, found, strict=True):
        some = tuple(n for n in range(1, columns + 1) if chance.random() < 0.7)
        one = at_most_one(prover, statement).is_one
        limit = bounded(prover, statement)
        unique = unique_by(prover, statement, some).is_one
        proofs.append((sql, some, one, most(limit), unique))
        tally["one"] += one
        tally["bounded"] += limit.factors is not None
        tally["unique"] += unique and not one
    for _ in range(contents):
        await fill(connection, chance, ROWS)
        for sql, some, one, number, unique in proofs:
            rows = await counted(connection, bound(sql, chance))
            if rows is None:
                continue
            tally["refutable"] += len(rows) > 1
            assert not one or len(rows) <= 1, sql
            assert number is None or len(rows) <= max(number, 1), sql
            told_apart = [tuple(row[n - 1] for n in some) for row in rows]
            assert not unique or len(set(told_apart)) == len(rows), (sql, some, rows)
    return tally


def most(count: Count) -> int | None:
    """The most rows a proof allows, where no parameter decides it."""
    if count.factors is None or any(factor.number is None for factor in count.factors):
        return None
    return math.prod(factor.number for factor in count.factors if factor.number is not None)


async def generated(
    connection: Connection, chance: random.Random, number: int
) -> list[tuple[str, int]]:
    """Return random statements that the server accepts, each with the number of its columns."""
    maker, made = Generator(chance), list[tuple[str, int]]()
    while len(made) < number:
        sql = maker.statement()
        name = f"statement_{chance.getrandbits(60)}"
        if await counted(connection, f"PREPARE {name} AS {numbered(sql)}") is not None:
            made.append((sql, maker.columns))
    return made


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM a", ["DELETE"]),
        ("UPDATE a SET k = 1 WHERE true", ["UPDATE"]),
        ("UPDATE a SET k = 1 WHERE 1 = 1 AND :flag", ["UPDATE"]),
        ("DELETE FROM a USING b WHERE b.x = 1", ["DELETE"]),
        ("DELETE FROM a WHERE id = :id OR :flag", ["DELETE"]),
        ("DELETE FROM a WHERE EXISTS (SELECT 1 FROM b)", ["DELETE"]),
        ("WITH g AS (DELETE FROM a RETURNING id) SELECT g.id FROM g", ["DELETE"]),
        ("WITH g AS (UPDATE b SET z = 1 RETURNING x) DELETE FROM a WHERE id = 1", ["UPDATE"]),
        ("DELETE FROM a WHERE id = :id", []),
        ("DELETE FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.x = a.id)", []),
        ("DELETE FROM a USING b WHERE b.x = a.id", []),
        ("SELECT a.id FROM a FOR UPDATE", []),
        ("INSERT INTO a (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET k = 1", []),
    ],
)
async def test_a_write_to_a_whole_table_is_refused_where_it_stands(
    deck: Connection, tmp_path: Path, sql: str, words: list[str]
) -> None:
    description = await described(deck, tmp_path, sql, shape="exec")
    assert [reason.text.split()[0] for reason in description.unfiltered] == words
    found = [finding for finding in examine([description]) if finding.rule == "unbounded"]
    for finding, word in zip(found, words, strict=True):
        assert finding.fails
        text = (tmp_path / "things.sql").read_text().splitlines()
        assert text[finding.location.line - 1][finding.location.column - 1 :].startswith(word)


async def test_a_shape_that_promises_one_row_must_be_provable(
    deck: Connection, tmp_path: Path
) -> None:
    sql = "SELECT a.id FROM a WHERE a.k = :k"
    [finding] = examine([await described(deck, tmp_path, sql, shape="opt")])
    assert finding.fails
    assert str(finding).startswith(
        f"{tmp_path}/things.sql:1:1: things.find: cardinality: this :opt"
    )
    assert "no unique key of deck.a is given whole" in str(finding)
    assert "a_pkey (id), a_k_v_key (k, v)" in str(finding)


async def test_a_promise_may_be_waived_with_a_reason(deck: Connection, tmp_path: Path) -> None:
    sql = "SELECT a.id FROM a WHERE a.k = :k"
    waiver = "allow: cardinality: k is unique in practice"
    [finding] = examine([await described(deck, tmp_path, sql, waiver, shape="one")])
    assert finding.waiver == "k is unique in practice"
    assert not finding.fails


async def test_a_list_of_one_row_is_a_hint_that_fails_nothing(
    deck: Connection, tmp_path: Path
) -> None:
    for sql in ("SELECT a.k FROM a WHERE a.id = :id", "SELECT 1 AS n"):
        [finding] = examine([await described(deck, tmp_path, sql)])
        assert finding.severity == "hint"
        assert not finding.fails


async def test_an_order_must_tell_all_rows_apart(deck: Connection, tmp_path: Path) -> None:
    sql = "SELECT b.y, b.z FROM b WHERE b.x = :x ORDER BY b.z, b.y LIMIT :row_limit"
    orders = ("sort: by_z: b.z, b.y", "sort: loose: b.z DESC")
    [finding] = examine([await described(deck, tmp_path, sql, *orders)])
    assert finding.rule == "sort"
    assert "`loose` does not tell all rows apart" in finding.message
    assert finding.location.line == 4


@pytest.mark.parametrize(
    ("column", "rest"),
    [
        ("b.z", "FROM b GROUP BY b.z, b.y"),
        ('"b"."z"', "FROM b"),
        ("B.z", "FROM b"),
        ("j.z", "FROM (b CROSS JOIN (SELECT 1 AS one) AS x) AS j"),
    ],
)
async def test_no_way_to_write_a_column_hides_that_it_is_not_unique(
    deck: Connection, tmp_path: Path, column: str, rest: str
) -> None:
    sql = f"SELECT {column} {rest} ORDER BY {column} LIMIT :row_limit"
    [finding] = examine([await described(deck, tmp_path, sql, f"sort: a: {column}")])
    assert "`a` does not tell all rows apart" in finding.message


async def test_a_group_is_told_apart_by_what_it_is_grouped_by(
    deck: Connection, tmp_path: Path
) -> None:
    sql = "SELECT b.z, count(*) AS n FROM b GROUP BY b.z ORDER BY b.z LIMIT :row_limit"
    assert examine([await described(deck, tmp_path, sql, "sort: a: b.z")]) == []


async def test_every_query_of_the_project_keeps_its_promises(database_url: str) -> None:
    loaded = queryfile.load(project.find().queries)
    async with await connect(database_url) as connection:
        found = await describe(connection, loaded.queries)
    descriptions = [one for one in found if isinstance(one, Description)]
    assert len(descriptions) == len(loaded.queries)
    assert [str(finding) for finding in examine(descriptions) if finding.fails] == []
    kinds = {one.query.full_name: one.bound and one.bound.kind for one in descriptions}
    assert kinds["users.find_by_email"] == "one row"
    assert kinds["memberships.set_roles_many"] == "array"
    assert kinds["sessions.purge_expired"] == "limit"

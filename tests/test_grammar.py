"""Tests of what the grammar of a statement alone proves: that it gives a row, that it is fit for COPY."""

from pathlib import Path

import pytest

from slimy_dal.compiler import grammar
from slimy_dal.compiler.description import Parameter
from tests.generated import BIGINT, TEXT, complaint_of, described, query

INSERT = "INSERT INTO slimy.users (id, name) VALUES (:id, :name)"
INSERTED = [Parameter("id", BIGINT, nullable=False), Parameter("name", TEXT, nullable=True)]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (INSERT + " ON CONFLICT DO NOTHING", "ON CONFLICT"),
        (INSERT + " RETURNING id", "RETURNING"),
        ("INSERT INTO slimy.users (id, name) VALUES (:id, lower(:name))", "nothing but parameters"),
        ("INSERT INTO slimy.users (id, name) VALUES (:id, :name), (:id, :name)", "one row"),
        ("INSERT INTO slimy.users VALUES (:id, :name)", "columns must be listed"),
        ("INSERT INTO slimy.users (id, name) VALUES (:id, :id)", "once"),
        ("UPDATE slimy.users SET name = :name WHERE id = :id", "no INSERT"),
    ],
)
def test_copyfrom_refuses_what_copy_cannot_do(tmp_path: Path, body: str, why: str) -> None:
    description = described(tmp_path, query("add", "copyfrom", body), (), INSERTED)
    assert why in complaint_of(description)


@pytest.mark.parametrize(
    ("sql", "always"),
    [
        ("SELECT count(*) FROM t", True),
        ("SELECT coalesce(sum(a), 0) FROM t WHERE b = $1", True),
        ("SELECT sum(a) FILTER (WHERE b) FROM t", True),
        ("WITH d AS (DELETE FROM t RETURNING a) SELECT count(*) FROM d", True),
        ("SELECT 1", True),
        ("SELECT now()", True),
        ("SELECT (SELECT a FROM t LIMIT 1)", True),
        ("SELECT EXISTS (SELECT 1 FROM unnest($1::int[]))", True),
        ("SELECT count(*) FROM t GROUP BY a", False),
        ("SELECT count(*) FROM t HAVING count(*) > 1", False),
        ("SELECT count(*) FROM t LIMIT 0", False),
        ("SELECT count(*) FROM t OFFSET 1", False),
        ("SELECT count(*) OVER () FROM t", False),
        ("SELECT unnest(array_agg(a)) FROM t", False),
        ("SELECT (SELECT count(*) FROM t) FROM u", False),
        ("SELECT 1 WHERE $1", False),
        ("SELECT generate_series(1, $1)", False),
        ("SELECT mine.count(a) FROM t", False),
        ("SELECT a FROM t", False),
        ("SELECT count(*) FROM t INTERSECT SELECT 1", False),
        ("INSERT INTO t VALUES (1) RETURNING a", False),
        ("no SQL", False),
    ],
)
def test_only_what_surely_gives_a_row_counts_as_that(*, sql: str, always: bool) -> None:
    assert grammar.always_a_row(sql) is always

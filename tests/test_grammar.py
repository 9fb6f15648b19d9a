"""Which INSERTs can be run as COPY."""

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
    ("sql", "columns"),
    [
        ("INSERT INTO slimy.users (id, name) VALUES ($1, $2)", ("id", "name")),
        ("insert into users as u (b, a) values ($2, $1)", ("a", "b")),
        ('INSERT INTO "a b"."c" ("D ""e", /* , */ f) VALUES ($1, $2) -- done', ('D "e', "f")),
        ("INSERT INTO t (a) VALUES ($1)", ("a",)),
    ],
)
def test_columns_stand_in_the_order_of_the_parameters(sql: str, columns: tuple[str, ...]) -> None:
    assert grammar.copy_columns(sql) == columns

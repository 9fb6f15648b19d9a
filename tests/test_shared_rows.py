"""Tests of row classes that several queries of a file share."""

from dataclasses import replace
from pathlib import Path

import pytest

from slimy_dal.compiler.description import Column, Origin
from tests.generated import BIGINT, ID, NAME, complaint_of, described, query, text_of

USER = "-- returns: User\n"


def test_queries_of_a_file_share_a_row_class(tmp_path: Path) -> None:
    text = text_of(
        described(tmp_path, query("find", "opt", directives=USER), [ID, NAME]),
        described(tmp_path, query("get", "one", directives=USER), [ID, NAME]),
    )
    assert text.count("class ") == 1
    assert (
        "async def find(db: Executor, /, *, timeout: float | None = None) -> User | None:" in text
    )
    assert "async def get(db: Executor, /, *, timeout: float | None = None) -> User:" in text


def test_a_where_that_proves_a_column_to_be_there_does_not_unshare_the_class(
    tmp_path: Path,
) -> None:
    email = replace(NAME, name="email", origin=Origin("slimy", "users", "email"))
    proven = replace(email, nullable=False)
    text = text_of(
        described(tmp_path, query("a", "one", directives=USER), [ID, proven]),
        described(tmp_path, query("b", "one", directives=USER), [ID, email]),
        described(tmp_path, query("c", "one", directives=USER), [ID, proven]),
    )
    assert "    email: str | None\n" in text


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ([ID, replace(NAME, nullable=False)], "`name` of `User` is str, but str | None in `a`"),
        (
            [replace(ID, nullable=True, nulled_by=frozenset({1})), NAME],
            "`id` of `User` is Snowflake | None, but Snowflake in `a`",
        ),
        ([ID, replace(NAME, type=BIGINT)], "`name` of `User` is int | None, but str | None in `a`"),
        ([NAME, ID], "its field 1 of `User` is `name`, but `id` in `a`"),
        ([ID], "`name` of `User` is only in `a`, not in both"),
        ([ID, NAME, replace(ID, name="x")], "`x` of `User` is only in `b`, not in both"),
    ],
)
def test_a_shared_row_class_must_be_the_same_everywhere(
    tmp_path: Path, columns: list[Column], complaint: str
) -> None:
    first = described(tmp_path, query("a", "one", directives=USER), [ID, NAME])
    second = described(tmp_path, "\n\n" + query("b", "one", directives=USER), columns)
    message = complaint_of(first, second)
    assert message.startswith(f"{tmp_path}/users.sql:3:1: query `b`: ")
    assert complaint in message
    assert f"{tmp_path}/users.sql:1" in message

"""Tests of the dialects that people bring along: aiosql's and sqlc's files."""

from pathlib import Path

import pytest

from slimy_dal.compiler.query import Loaded, Query
from slimy_dal.compiler.queryfile import Dialect, load


def read(folder: Path, text: str, dialect: Dialect) -> Loaded:
    path = folder / "authors.sql"
    path.write_text(text)
    return load(path, dialect=dialect)


def query(folder: Path, text: str, dialect: Dialect) -> Query:
    loaded = read(folder, text, dialect)
    assert [str(error) for error in loaded.errors] == []
    (found,) = loaded.queries
    return found


AIOSQL = """\
Whatever stands here is ignored.

-- name: get-all
-- Every greeting.
select greeting from greetings;

-- name: get_by_name(name)^
-- record_class: Greeting
-- One greeting.
-- With a second line.
select greeting
-- and a third
from greetings where name = :name and at > '10:30'::time;

-- name: count-them$
select count(*) from greetings;

-- name: rename!
update greetings set name = :new.name where id = :id and :new.name <> '';

-- name: add<!
insert into greetings (name) values (:name) returning id;

-- name: add_many*!
insert into greetings (name) values (:name);

-- name: create-schema#
create table a (b text default ':c');
-- between
create table d ();
"""


def test_aiosqls_marks_become_shapes(tmp_path: Path) -> None:
    loaded = read(tmp_path, AIOSQL, "aiosql")
    assert loaded.errors == ()
    assert [(q.name, q.shape) for q in loaded.queries] == [
        ("get_all", "many"),
        ("get_by_name", "opt"),
        ("count_them", "scalar"),
        ("rename", "execrows"),
        ("add", "one"),
        ("add_many", "batch"),
        ("create_schema", "script"),
    ]


def test_aiosqls_comments_are_docs_and_record_classes(tmp_path: Path) -> None:
    found = read(tmp_path, AIOSQL, "aiosql").queries[1]
    assert found.doc == "One greeting.\nWith a second line.\nand a third"
    assert [(d.key, d.value) for d in found.directives] == [("returns", "Greeting")]


def test_aiosqls_parameters_are_numbered(tmp_path: Path) -> None:
    loaded = read(tmp_path, AIOSQL, "aiosql")
    assert loaded.queries[1].parameters == ("name",)
    assert loaded.queries[1].sql.endswith("name = $1 and at > '10:30'::time")
    assert loaded.queries[3].parameters == ("new__name", "id")
    assert loaded.queries[3].sql.endswith("name = $1 where id = $2 and $1 <> ''")


def test_an_aiosql_script_keeps_all_its_statements(tmp_path: Path) -> None:
    script = read(tmp_path, AIOSQL, "aiosql").queries[-1]
    assert script.parameters == ()
    assert script.sql.startswith("create table a (b text default ':c');")
    assert script.sql.endswith("create table d ()")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- name: 1st\nselect 1", "1:1: `1st` is no query name"),
        ("-- name: a?\nselect 1", "1:1: `a?` is no query name"),
        ("-- name: a\n", "1:1: query `a` has no statement"),
        ("-- name: a\nselect 1; select 2", "2:11: query `a` has 2 statements (mark it as a script"),
        ("-- name: a()\nselect :b", "1:1: parameter `b` is not declared"),
        ("-- name: a(b, c)\nselect :b", "1:1: declared parameter `c` is never used"),
        ("-- name: a\nselect :b, $1", "2:8: `:b` stands beside `$1`"),
        ("-- name: a\nselect 'b", "2:8: this string is never closed"),
        ("-- name: a\nselect 1;\n-- name: a\nselect 2", "3:1: a second query is named `a`"),
    ],
)
def test_mistakes_in_aiosqls_files_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    loaded = read(tmp_path, text + "\n-- name: z\nselect 3", "aiosql")
    assert [complaint in str(error) for error in loaded.errors] == [True], loaded.errors
    assert "z" in [q.name for q in loaded.queries]


def test_aiosql_folders_are_read_to_the_bottom(tmp_path: Path) -> None:
    (tmp_path / "blogs" / "pg").mkdir(parents=True)
    (tmp_path / "blogs" / "pg" / "blogs.sql").write_text("-- name: a\nselect 1")
    (tmp_path / "users.sql").write_text("-- name: a\nselect 1")
    assert [q.full_name for q in load(tmp_path, dialect="aiosql").queries] == ["blogs.a", "users.a"]


SQLC = """\
CREATE TABLE ignored ();

-- One author.
-- name: GetAuthor :one
-- @param id the key
SELECT * FROM authors
WHERE id = $1 LIMIT 1;

SELECT 'a statement of nobody';

/* name: ListAuthors :many */
SELECT * FROM authors;
"""


def test_sqlcs_queries_are_found_and_other_statements_are_not(tmp_path: Path) -> None:
    loaded = read(tmp_path, SQLC, "sqlc")
    assert loaded.errors == ()
    assert [(q.name, q.shape, q.line, q.sql) for q in loaded.queries] == [
        ("GetAuthor", "one", 4, "SELECT * FROM authors\nWHERE id = $1 LIMIT 1"),
        ("ListAuthors", "many", 11, "SELECT * FROM authors"),
    ]
    assert loaded.queries[0].doc == "One author.\n@param id the key"


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("one", "one"),
        ("many", "many"),
        ("exec", "exec"),
        ("execrows", "execrows"),
        ("execresult", "execrows"),
        ("execlastid", "exec"),
        ("batchexec", "batch"),
        ("batchone", "batch"),
        ("batchmany", "batch"),
        ("copyfrom", "copyfrom"),
    ],
)
def test_sqlcs_query_types_become_shapes(tmp_path: Path, written: str, shape: str) -> None:
    assert query(tmp_path, f"-- name: A :{written}\nSELECT 1", "sqlc").shape == shape


@pytest.mark.parametrize(
    ("body", "sql", "parameters"),
    [
        ("SELECT $2, $1, $2", "SELECT $2, $1, $2", ("p1", "p2")),
        ("SELECT @slug::text, @slug", "SELECT $1::text, $1", ("slug",)),
        ("SELECT sqlc.arg(slug)", "SELECT $1", ("slug",)),
        ("SELECT sqlc.arg('slug')FROM a", "SELECT $1 FROM a", ("slug",)),
        ("SELECT sqlc . ARG ( slug )", "SELECT $1", ("slug",)),
        ("SELECT $1, @b, sqlc.arg(c), @b", "SELECT $1, $2, $3, $2", ("p1", "b", "c")),
        ("SELECT @b, $2, @c", "SELECT $1, $2, $3", ("b", "p2", "c")),
        ("SELECT sqlc.embed(authors), b.id", "SELECT authors.*, b.id", ()),
        ("WHERE a IN (sqlc.slice('ids'))", "WHERE a = ANY($1)", ("ids",)),
        ("WHERE a NOT IN (sqlc.slice(ids)) AND", "WHERE a <> ALL($1) AND", ("ids",)),
        ("WHERE a IN (SELECT 1) AND NOT b", "WHERE a IN (SELECT 1) AND NOT b", ()),
        ("WHERE a @> b AND c = @c", "WHERE a @> b AND c = $1", ("c",)),
        ("SELECT '@b sqlc.arg(c)'", "SELECT '@b sqlc.arg(c)'", ()),
    ],
)
def test_what_sqlc_adds_to_sql_is_taken_out(
    tmp_path: Path, body: str, sql: str, parameters: tuple[str, ...]
) -> None:
    found = query(tmp_path, f"-- name: A :many\n{body}", "sqlc")
    assert (found.sql, found.parameters) == (sql, parameters)


def test_sqlcs_narg_is_a_nullable_parameter(tmp_path: Path) -> None:
    found = query(tmp_path, "-- name: A :one\nSELECT sqlc.narg('b')", "sqlc")
    assert [(d.key, d.value, d.location.column) for d in found.directives] == [
        ("nullable", ":b", 18),
    ]


def test_offsets_map_back_across_what_was_taken_out(tmp_path: Path) -> None:
    text = "-- name: A :many\nSELECT sqlc.arg(a_long_name), b,\n  sqlc.embed(authors), c"
    found = query(tmp_path, text, "sqlc")
    for word, line, column in [("$1", 2, 8), ("b", 2, 31), ("authors.*", 3, 3), ("c", 3, 24)]:
        place = found.location(found.sql.index(word))
        assert (place.line, place.column) == (line, column), word


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- name: A\nSELECT 1", "1:1: `A` has no query type"),
        ("-- name: A :two\nSELECT 1", "1:1: unknown query type `:two`"),
        ("-- name: A :exc\nSELECT 1", "1:1: unknown query type `:exc` (did you mean `:exec`?)"),
        ("-- name: 1a :one\nSELECT 1", "1:1: `1a` cannot name a query"),
        ("-- name: A :one\n", "1:1: query `A` has no statement"),
        ("-- name: A :one\nSELECT 'b", "2:8: this string is never closed"),
        ("-- name: A :one\nSELECT sqlc.argh(b)", "2:8: unknown macro `sqlc.argh` (did you mean `s"),
        ("-- name: A :one\nSELECT sqlc.arg(b, c)", "2:8: `sqlc.arg` takes one name"),
        ("-- name: A :one\nSELECT sqlc.arg()", "2:8: `sqlc.arg` takes one name"),
        ("-- name: A :one\nSELECT sqlc.arg($1)", "2:17: `$1` cannot name a parameter"),
        ("-- name: A :one\nSELECT sqlc.", "2:8: unknown macro"),
    ],
)
def test_mistakes_in_sqlcs_files_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    loaded = read(tmp_path, text + "\n-- name: Z :one\nSELECT 3", "sqlc")
    assert [complaint in str(error) for error in loaded.errors] == [True], loaded.errors
    assert [q.name for q in loaded.queries] == ["Z"]

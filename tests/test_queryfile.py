"""Tests of our own query files: what they give, and what is said about each mistake."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimy_dal.compiler.query import Loaded, Query
from slimy_dal.compiler.queryfile import SHAPES, load

GOOD = """\
-- name: count_all :scalar
-- How many there are.
SELECT count(*) FROM users;

-- name: get_by_id :one
-- One user.
--
--   Indented prose keeps its form.
-- returns: User
-- nullable: bio, :note
-- timeout: 500ms
-- deprecated: use get_card
SELECT
    u.id, -- it's :no_parameter
    u.bio
FROM users AS u
WHERE u.id = :id
    AND (u.note = :note OR u.id <> :id)
    AND u.tags @> ARRAY['a:b', $$ :c $$]
    AND u.path[1:2] = :path::int[];
"""


def written(folder: Path, text: str | bytes, name: str = "users.sql") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(folder: Path, text: str | bytes) -> Loaded:
    return load(written(folder, text))


def complaints(folder: Path, text: str | bytes) -> list[str]:
    return [str(e).removeprefix(f"{folder}/") for e in read(folder, text).errors]


def test_a_file_gives_its_queries(tmp_path: Path) -> None:
    loaded = read(tmp_path, GOOD)
    assert loaded.errors == ()
    assert [(q.name, q.shape, q.line) for q in loaded.queries] == [
        ("count_all", "scalar", 1),
        ("get_by_id", "one", 5),
    ]


def test_prose_is_the_doc_and_key_value_lines_are_directives(tmp_path: Path) -> None:
    query = read(tmp_path, GOOD).queries[1]
    assert query.doc == "One user.\n\n  Indented prose keeps its form."
    assert [(d.key, d.value, d.location.line) for d in query.directives] == [
        ("returns", "User", 9),
        ("nullable", "bio, :note", 10),
        ("timeout", "500ms", 11),
        ("deprecated", "use get_card", 12),
    ]
    assert query.directives[1].names == ("bio", ":note")
    assert query.timeout == 0.5
    assert query.full_name == "users.get_by_id"


def test_parameters_are_numbered_by_first_appearance(tmp_path: Path) -> None:
    query = read(tmp_path, GOOD).queries[1]
    assert query.parameters == ("id", "note", "path")
    assert "u.id = $1" in query.sql
    assert "u.note = $2 OR u.id <> $1" in query.sql
    assert "= $3::int[]" in query.sql
    assert ":id" in query.source
    assert "$1" not in query.source
    assert query.sql.endswith("int[]")


def test_the_text_between_parameters_is_left_as_it_was_written(tmp_path: Path) -> None:
    query = read(tmp_path, GOOD).queries[1]
    named = re.sub(r"\$(\d)\b", lambda m: ":" + query.parameters[int(m[1]) - 1], query.sql)
    assert named == query.source


def places_are_exact(query: Query, text: str) -> None:
    lines = text.split("\n")
    for word in re.finditer(r"[a-z_]+|\$\d+", query.sql):
        place = query.location(word.start())
        there = lines[place.line - 1][place.column - 1 :]
        expected = word[0]
        if expected.startswith("$"):
            expected = ":" + query.parameters[int(expected[1:]) - 1]
        assert there.startswith(expected), (word, place)


def test_an_offset_in_the_sql_is_a_line_and_column_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    for query in load(path).queries:
        places_are_exact(query, GOOD)
        assert query.location(0).path == str(path)


BODY = st.lists(
    st.sampled_from(
        [
            " ",
            "\n",
            "\r\n",
            "\n    ",
            "u.id",
            ":id",
            ":é_1",
            "'q:x'",
            "$$ :z\n $$",
            "/* :c\n */",
            "= ",
            "é,",
        ]
    ),
    max_size=25,
).map("".join)


@given(BODY)
def test_every_offset_maps_back_whatever_the_statement(
    tmp_path_factory: pytest.TempPathFactory, body: str
) -> None:
    text = f"-- name: q :many\n-- Doc.\n  SELECT {body} ;"
    for query in read(tmp_path_factory.mktemp("q"), text).queries:
        places_are_exact(query, text)


def test_a_parameter_glued_to_a_keyword_does_not_become_part_of_it(tmp_path: Path) -> None:
    (query,) = read(tmp_path, "-- name: a :many\n-- Doc.\nSELECT 1 LIMIT:n").queries
    assert query.sql == "SELECT 1 LIMIT $1"
    assert query.location(query.sql.index("$")).column == len("SELECT 1 LIMIT") + 1


def test_a_header_inside_a_string_or_comment_is_none(tmp_path: Path) -> None:
    text = (
        "-- name: a :scalar\n-- Doc.\nSELECT '\n-- name: b :one\n', $$\n-- name: c :one\n$$\n"
        "/*\n-- name: d :one\n*/;\n"
    )
    loaded = read(tmp_path, text)
    assert loaded.errors == ()
    assert [q.name for q in loaded.queries] == ["a"]


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    loaded = read(tmp_path, GOOD.replace("\n", "\r\n"))
    assert loaded.errors == ()
    assert loaded.queries[1].doc.replace("\r\n", "\n") == read(tmp_path, GOOD).queries[1].doc
    assert loaded.queries[1].directive("timeout") is not None


def test_a_folder_is_read_with_everything_below_it(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    written(tmp_path, GOOD, "users.sql")
    written(tmp_path / "inner", GOOD, "guilds.sql")
    written(tmp_path, "not SQL", "README.md")
    loaded = load(tmp_path)
    assert loaded.errors == ()
    assert [q.full_name for q in loaded.queries] == [
        *("guilds.count_all", "guilds.get_by_id", "users.count_all", "users.get_by_id"),
    ]


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "script"])
def test_every_shape_is_read(tmp_path: Path, shape: str) -> None:
    (query,) = read(tmp_path, f"-- name: a :{shape}\n-- Doc.\nSELECT 1").queries
    assert query.shape == shape


def one(
    header: str = "-- name: a :many", comments: str = "-- Doc.", body: str = "SELECT :x"
) -> str:
    return f"{header}\n{comments}\n{body};\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (one("-- name: a :mny"), "1:12: unknown shape `:mny` (did you mean `:many`?)"),
        (one("-- name: a many"), "1:12: unknown shape `many` (did you mean `:many`?)"),
        (one("-- name: a :script"), "1:12: unknown shape `:script` (one of :one :opt :many"),
        (one("-- name: a"), "1:11: query `a` has no shape (one of :one :opt"),
        (one("-- name: a^"), "1:11: `^` is a mark of aiosql's files (write `:opt`"),
        (one("-- name: :one"), "1:10: a query without a name"),
        (one("-- name: getUser :one"), "1:10: `getUser` cannot name a query"),
        (one("-- name: get-user :one"), "_ only (did you mean `get_user`?)"),
        (one("-- name: getUserById :one"), "_ only (did you mean `get_user_by_id`?)"),
        (one("-- name: 1st :one"), "_ only (begin it with a letter)"),
        (one("-- name: import :one"), "1:10: `import` is a word of Python's own"),
        (one(comments=""), "1:1: query `a` has no sentence that says what it does"),
        (
            one(comments="-- Doc.\n-- retruns: User"),
            "3:4: unknown directive `retruns` (did you mean `returns`?)",
        ),
        (one(comments="-- Doc.\n-- zzz: b"), "3:4: unknown directive `zzz` (known are allow,"),
        (one(comments="-- Doc.\n-- returns:"), "3:4: directive `returns` says nothing"),
        (one(comments="-- Doc.\n-- returns: user"), "`user` is no name for a row class"),
        (
            one("-- name: a :exec", "-- Doc.\n-- returns: User"),
            "a query of shape `:exec` has no row class",
        ),
        (one(comments="-- Doc.\n-- timeout: 2"), "`2` is no time; write it as in `2s` or `500ms`"),
        (one(comments="-- Doc.\n-- timeout: 0s"), "`0s` is no time"),
        (one(comments="-- Doc.\n-- nullable: a b c,"), "name columns, and parameters with their"),
        (
            one(comments="-- Doc.\n-- timeout: 1s\n-- timeout: 1s"),
            "4:4: directive `timeout` stands",
        ),
        (
            one(comments="-- Doc.\n-- nullable: :limt", body="SELECT :limit"),
            "3:4: directive `nullable` names `:limt`, which is no parameter here (did you mean `:l",
        ),
        (
            one(comments="-- Doc.\n-- nullable: b, :x\n-- notnull: :x"),
            "4:4: `:x` cannot be both nullable and notnull",
        ),
        (one(body="SELECT\n-- timeout: 2s\n1"), "4:1: directive `timeout` stands inside the"),
        (one(body=""), "1:1: query `a` has no statement"),
        (one(body="-- only a comment"), "1:1: query `a` has no statement"),
        (one(body="SELECT 1;\n  SELECT 2"), "4:3: query `a` has 2 statements"),
        (one(body="SELECT 'b"), "3:8: this string is never closed"),
        (one(body='SELECT "b'), "3:8: this quoted identifier is never closed"),
        (one(body="SELECT\n  $q$ b"), "4:3: this dollar quote $q$ is never closed"),
        (one(body="SELECT /* /* */"), "3:8: this comment is never closed (comments nest"),
        (one(body="SELECT $1, :x"), "3:8: `$1` is not known here (name the parameter"),
        (one(body="SELECT :'x'"), "3:8: `:'x'` is psql's own substitution (write `:x`:"),
        (one(body='SELECT 1 AS :"x"'), "is psql's own substitution"),
        ("SELECT 1;\n" + one(), "1:1: text stands before the first query (each query begins with"),
        (
            "-- nmae: a :one\nSELECT 1;\n" + one(),
            "2:1: text stands before the first query (did you ",
        ),
        (one() + one(), "4:1: a second query is named `a`; the first stands in line 1"),
        (
            one("-- name: b :one") + one(),
            "4:1: `a` stands behind `b` (queries stand in alphabetical",
        ),
        (b"\xef\xbb\xbf" + one().encode(), "1:1: the file begins with a byte order mark"),
        (one().encode() + b"-- name: b :one\n-- caf\xe9\n", "5:7: byte 0xe9 is not UTF-8"),
        (one(body="SELECT '\0'"), "3:9: a NUL character (PostgreSQL's text cannot hold it"),
        (one(body="SELECT /* \0 */ 1"), "3:11: a NUL character"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_a_way_out(
    tmp_path: Path, text: str | bytes, complaint: str
) -> None:
    found = complaints(tmp_path, text)
    assert len(found) == 1, found
    assert found[0].startswith("users.sql:")
    assert complaint in found[0]


def test_a_nul_character_is_named_at_its_place(tmp_path: Path) -> None:
    assert complaints(tmp_path, one(body="SELECT 1,\0 2"))[0].startswith("users.sql:3:10: a NUL ")


@pytest.mark.parametrize(
    "bad",
    [
        *("SELECT 'x", 'SELECT "x', "SELECT $$x", "SELECT /* x", "", "SELECT 1; SELECT 2"),
        *("SELECT $1", "SELECT \0"),
    ],
)
def test_a_bad_query_does_not_hide_the_others(tmp_path: Path, bad: str) -> None:
    text = "\n".join(one(f"-- name: {name} :many", body=body) for name, body in
                     [("a", "SELECT 'a'"), ("b", bad), ("c", "SELECT 'c'")])  # fmt: skip
    loaded = read(tmp_path, text)
    assert [q.name for q in loaded.queries] == ["a", "c"]
    assert [e.query for e in loaded.errors] == ["b"]


def test_all_mistakes_of_a_query_are_named_at_once(tmp_path: Path) -> None:
    text = one("-- name: aB :mny", "-- retruns: x", "SELECT $1; SELECT")
    assert len(complaints(tmp_path, text)) == 5


@pytest.mark.parametrize(
    ("path", "says"), [("gone.sql", "no such file"), ("", "no .sql file below")]
)
def test_a_path_with_nothing_to_read_is_an_error_not_a_crash(
    tmp_path: Path, path: str, says: str
) -> None:
    (error,) = load(tmp_path / path).errors
    assert says in str(error)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode(errors="replace")))
def test_whatever_a_file_holds_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("q")
    for dialect in ("slimy", "aiosql", "sqlc"):
        head = b"-- name: a :one\n" if dialect != "aiosql" else b"-- name: a^\n"
        loaded = load(written(folder, head + content), dialect=dialect)
        assert loaded.queries or loaded.errors

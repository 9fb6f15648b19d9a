"""Tests of the lexer: by case, by property, and against PostgreSQL's own scanner."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pglast.parser import ParseError, scan

from slimy_dal.compiler.lexer import LexError, tokens


def kinds(sql: str) -> list[tuple[str, str]]:
    return [(t.kind, t.text) for t in tokens(sql) if t.kind != "space"]


def parameters(sql: str) -> list[str]:
    return [t.name for t in tokens(sql) if t.kind == "parameter"]


@pytest.mark.parametrize(
    "sql",
    [
        "'a :b'",
        "'it''s :b'",
        r"E'it\':b'",
        "e'a'\n'\\':b'",
        "'a'\n  -- between\n  ':b'",
        "U&'\\0061 :b'",
        "B'01' || X'ff' || N':b'",
        '":b"',
        'U&":b"',
        '"a"":b"',
        "$$ :b $$",
        "$tag$ :b $$ :b $tag$",
        "$é$ :b $é$",
        "-- :b",
        "/* :b */",
        "/* /* :b */ :b */",
        "1::b",
        "a::int::text",
        "f(a := b)",
        "a[i:j]",
        "a[i :j]",
        "a[1:j]",
        "a[f(i):j]",
        "a[b[1]:j]",
        '"a"["i":j]',
        "json_object('k':v)",
        "json_object('k' :v)",
        "json_object(k:v)",
        "a$1 || b$c$d",
    ],
)
def test_no_parameter_is_found_where_there_is_none(sql: str) -> None:
    assert parameters(sql) == []


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT :a", ["a"]),
        ("a=:b", ["b"]),
        ("a>=:b", ["b"]),
        ("a=-:b", ["b"]),
        ("a -> :b ->> :c", ["b", "c"]),
        ("a ?| :b", ["b"]),
        ("a @> :b AND c <@ :d", ["b", "d"]),
        (":a::bigint", ["a"]),
        ("(:a)::bigint[]", ["a"]),
        ("f(x := :a, y => :b)", ["a", "b"]),
        ("IN(:a,:b)", ["a", "b"]),
        ("ARRAY[:a, :b]", ["a", "b"]),
        ("ARRAY[NOT :a, CASE WHEN :b THEN :c ELSE :d END]", ["a", "b", "c", "d"]),
        ("ARRAY[x + :a, (SELECT y FROM z WHERE z.id :op_is_a_word)]", ["a", "op_is_a_word"]),
        ("a[:n]", ["n"]),
        ("a[:n::int]", ["n"]),
        ("a[:low : :high]", ["low", "high"]),
        ("a[1 : :high]", ["high"]),
        ("a[1:(:high)]", ["high"]),
        ("json_object('k' : :v)", ["v"]),
        ("json_object(:k: :v)", ["k", "v"]),
        ("LIMIT :n OFFSET :m", ["n", "m"]),
        ("LIMIT:n", ["n"]),
        ("x AT TIME ZONE :zone", ["zone"]),
        ("FETCH FIRST :n ROWS ONLY", ["n"]),
        ("'a' -- it's\n = :b", ["b"]),
        ("/* ' */ :b", ["b"]),
        ("'a\\' = :b", ["b"]),
        ("$1 = :b", ["b"]),
    ],
)
def test_a_parameter_is_found_wherever_a_value_may_stand(sql: str, names: list[str]) -> None:
    assert parameters(sql) == names


def test_operators_are_cut_as_postgresql_cuts_them() -> None:
    assert [text for _, text in kinds("a=-1 @-b <--x\n|/c?|d->>'e' 1..2 +/**/-")] == [
        *("a", "=", "-", "1", "@-", "b", "<", "--x", "|/", "c", "?|", "d", "->>", "'e'"),
        *("1", "..", "2", "+", "/**/", "-"),
    ]


def test_psql_variables_are_told_apart_from_parameters() -> None:
    assert [kind for kind, _ in kinds(""":'a' :"b" :{?c} :d""")] == [
        *("psql_variable", "psql_variable", "psql_variable", "parameter"),
    ]


@pytest.mark.parametrize(
    ("sql", "start", "problem"),
    [
        ("a 'b", 2, "string"),
        ("a E'b\\'", 2, "string"),
        ("a 'b' 'c''", 6, "string"),
        ('a "b', 2, "quoted identifier"),
        ("a $$ b $x$", 2, "dollar quote $$"),
        ("a $x$ b $X$", 2, "dollar quote $x$"),
        ("a /* b /* c */", 2, "comment"),
        ("a \0", 2, "NUL"),
        ("a 'b\udce9'", 4, "byte 0xe9 is not UTF-8"),
        ("a $$b\udce9$$", 5, "byte 0xe9 is not UTF-8"),
    ],
)
def test_what_is_never_closed_is_named_at_its_opening(sql: str, start: int, problem: str) -> None:
    with pytest.raises(LexError) as caught:
        tokens(sql)
    assert caught.value.start == start
    assert problem in caught.value.problem


PIECES = st.sampled_from(
    [
        *(
            "'",
            "''",
            '"',
            "$$",
            "$t$",
            "$1",
            "$",
            "--",
            "/*",
            "*/",
            "\n",
            "\r\n",
            " ",
            "\\",
            ":",
            "::",
        ),
        *(
            ":=",
            ":a",
            ":a_1",
            "[",
            "]",
            "(",
            ")",
            ",",
            ";",
            ".",
            "..",
            "E'",
            "U&'",
            "b'",
            "x",
            "é",
            "1",
        ),
        *(
            "0x1f",
            "1e5",
            "1.",
            ".5",
            "-",
            "+",
            "@",
            "->",
            "?|",
            "#",
            "select",
            "CASE",
            "limit",
            "\t",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@given(TEXTS)
def test_the_tokens_joined_give_the_text_back(sql: str) -> None:
    try:
        found = tokens(sql)
    except LexError:
        return
    assert "".join(t.text for t in found) == sql
    assert [t.start for t in found] == [
        len("".join(t.text for t in found[:i])) for i in range(len(found))
    ]


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_gives_tokens_or_one_clear_error(sql: str) -> None:
    try:
        found = tokens(sql)
    except LexError as problem:
        place = problem.start
        assert 0 <= place < len(sql)
    else:
        assert "".join(t.text for t in found) == sql


CONTAINERS = st.sampled_from(
    ["'{}'", "E'{}'", '"{}"', "$$ {} $$", "$q$ {} $q$", "/* {} */", "-- {}\n"]
)


@given(CONTAINERS, st.lists(st.sampled_from([":a", "x", " ", "::b", "[:c", "-", "(", "$1", ";"])))
def test_a_parameter_inside_a_string_or_comment_is_never_one(form: str, inside: list[str]) -> None:
    assert parameters("SELECT " + form.format("".join(inside)) + " = :real") == ["real"]


def seen_by_postgresql(sql: str) -> list[tuple[int, int]] | None:
    try:
        return [(t.start, t.end + 1) for t in scan(sql)]
    except ParseError:
        return None


def seen_by_us(sql: str) -> list[tuple[int, int]]:
    return [(t.start, t.end) for t in tokens(sql) if t.kind != "space"]


SCANNED = st.lists(PIECES, max_size=25).map("".join)
OURS_ALONE = re.compile(r""":[A-Za-zé_'"{]""")


@given(SCANNED)
def test_postgresqls_scanner_cuts_the_same_tokens(sql: str) -> None:
    theirs = seen_by_postgresql(sql)
    if theirs is not None and not OURS_ALONE.search(sql.replace("::", " ")):
        assert seen_by_us(sql) == theirs


SQL_FILES = sorted((Path(__file__).parent.parent / "sql" / "migrations").glob("*.sql"))


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.name)
def test_postgresqls_scanner_reads_our_migrations_as_we_do(path: Path) -> None:
    sql = path.read_text()
    assert seen_by_us(sql) == seen_by_postgresql(sql)

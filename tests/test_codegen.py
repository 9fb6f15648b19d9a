"""Tests of the generated code, from descriptions made by hand: what it says, and that it runs."""

import ast
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from slimy_dal.compiler.codegen import module as codegen
from slimy_dal.compiler.codegen.names import pascal, snake
from slimy_dal.compiler.description import Column, Origin, Parameter, PgType, Touched, Use
from tests.generated import (
    BIGINT,
    ID,
    NAME,
    TEXT,
    TEXTS,
    TIMESTAMPTZ,
    complaint_of,
    described,
    imported,
    joined,
    query,
    text_of,
)

DATE = PgType(1082, "date")
MOOD = PgType(20000, "slimy.user_mood", "enum", labels=("sad", "happy"))
EMAIL = PgType(20001, "slimy.email", "domain", base=TEXT)


def test_a_statement_says_all_that_the_engine_needs(tmp_path: Path) -> None:
    sql = query(
        "rename", "execrows", "UPDATE users SET name = :name\nWHERE id = :id", "-- timeout: 500ms\n"
    )
    parameters = [Parameter("name", EMAIL, nullable=True), Parameter("id", BIGINT, nullable=False)]
    writes = frozenset({("slimy", "users")})
    made = imported(tmp_path, text_of(described(tmp_path, sql, (), parameters, writes=writes)))
    assert made.RENAME.name == "users.rename"
    assert made.RENAME.sql == "UPDATE users SET name = $1\nWHERE id = $2"
    assert [(p.name, p.type, p.nullable) for p in made.RENAME.parameters] == [
        ("name", "text", True),
        ("id", "bigint", False),
    ]
    assert made.RENAME.timeout == 0.5
    assert made.RENAME.writes


AWKWARD = "SELECT E'\\n\\\\', '\"\"\"', '\t', 'é\u2028\u202e', \"q\"\r\n, 'end\"' AS \"x\""


def test_the_text_of_a_statement_survives_whatever_it_holds(tmp_path: Path) -> None:
    description = described(tmp_path, query("a", "exec"))
    description = replace(description, query=replace(description.query, sql=AWKWARD))
    assert imported(tmp_path, text_of(description)).A.sql == AWKWARD


def test_a_doc_survives_whatever_it_holds(tmp_path: Path) -> None:
    description = described(tmp_path, query("a", "exec"))
    doc = 'A \\d "quoted"\n\n  """indented""" "end"'
    description = replace(description, query=replace(description.query, doc=doc))
    assert imported(tmp_path, text_of(description)).a.__doc__.split() == doc.split()


def test_a_row_goes_out_in_camel_case(tmp_path: Path) -> None:
    columns = [ID, Column("created_at", TIMESTAMPTZ, nullable=False)]
    made = imported(tmp_path, text_of(described(tmp_path, query("get", "one"), columns)))
    row = made.GetRow(1, datetime(2020, 1, 1, tzinfo=UTC))
    assert msgspec.json.encode(row) == b'{"id":1,"createdAt":"2020-01-01T00:00:00Z"}'
    with pytest.raises(AttributeError):
        row.id = 2


def test_types_keep_their_meaning_beside_fields_and_queries_of_the_same_name(
    tmp_path: Path,
) -> None:
    columns = [
        Column("date", DATE, nullable=True),
        Column("until", DATE, nullable=False),
        Column("list", TEXTS, nullable=False),
        Column("tags", TEXTS, nullable=False),
    ]
    text = text_of(
        described(tmp_path, query("get", "one"), columns),
        described(tmp_path, query("list", "many"), [ID]),
    )
    assert "from datetime import date as _date" in text
    assert "until: _date\n" in text
    assert "tags: builtins.list[str]\n" in text
    assert "-> builtins.list[ListRow]:" in text
    imported(tmp_path, text)


CHOICES = ("admin", "member")
ROLES = Origin("slimy", "members", "roles")


def test_enum_like_columns_become_literals(tmp_path: Path) -> None:
    columns = [
        Column("mood", MOOD, nullable=True),
        Column("roles", TEXTS, nullable=False, choices=CHOICES, origin=ROLES),
        Column("role", TEXT, nullable=False, choices=CHOICES),
    ]
    parameters = [
        Parameter("wanted", TEXTS, nullable=False, choices=CHOICES, target=ROLES),
        Parameter("mood", MOOD, nullable=True),
    ]
    sql = query("get", "one", "SELECT :wanted, :mood")
    text = text_of(described(tmp_path, sql, columns, parameters))
    assert 'Role: TypeAlias = Literal["admin", "member"]' in text
    assert 'UserMood: TypeAlias = Literal["sad", "happy"]' in text
    assert "mood: UserMood | None\n" in text
    assert "roles: list[Role]\n" in text
    assert "wanted: Sequence[Role]" in text
    assert "    mood: UserMood | None,\n    timeout" in text
    imported(tmp_path, text)


def test_literals_that_would_clash_are_named_after_their_tables(tmp_path: Path) -> None:
    def status(table: str, *choices: str) -> Column:
        origin = Origin("slimy", table, "status")
        return Column(f"{table}_status", TEXT, nullable=False, choices=choices, origin=origin)

    columns = [status("users", "on"), status("guilds", "on", "off"), status("teams", "on")]
    text = text_of(described(tmp_path, query("get", "one"), columns))
    assert 'UserStatus: TypeAlias = Literal["on"]' in text
    assert 'GuildStatus: TypeAlias = Literal["on", "off"]' in text
    imported(tmp_path, text)


@pytest.mark.parametrize(
    "columns",
    [
        [joined("guild.id", 1, solid=False)],
        [joined("guild.id", 1), joined("guild.owner", 2)],
        [joined("guild.id", 1), replace(joined("guild.name", 1, solid=False), origin=None)],
        [joined("guild.id", 1), Column("guild.count", BIGINT, nullable=False)],
    ],
)
def test_a_nested_row_that_nothing_tells_from_a_missing_one_is_always_there(
    tmp_path: Path, columns: list[Column]
) -> None:
    text = text_of(described(tmp_path, query("get", "one"), [ID, *columns]))
    assert "guild: GetRowGuild\n" in text
    assert "    id: int | None\n" in text


def test_the_column_that_tells_a_missing_row_may_stand_anywhere(tmp_path: Path) -> None:
    columns = [ID, joined("guild.up", 1, 2), joined("guild.id", 1)]
    text = text_of(described(tmp_path, query("get", "one"), columns))
    assert "guild: GetRowGuild | None\n" in text
    assert "    up: int | None\n    id: int\n" in text


def test_a_row_that_can_be_missing_by_itself_is_missing_with_the_one_around_it(
    tmp_path: Path,
) -> None:
    columns = [ID, joined("guild.id", 1), joined("guild.owner.id", 2)]
    text = text_of(described(tmp_path, query("get", "one"), columns))
    assert "guild: GetRowGuild | None\n" in text
    assert "owner: GetRowGuildOwner | None\n" in text


@pytest.mark.parametrize(
    ("shape", "columns", "complaint"),
    [
        ("one", [], "it returns no columns"),
        ("one", [ID, ID], "two columns are named `id`"),
        ("one", [ID, Column("id.x", TEXT, nullable=False)], "two columns are named `id`"),
        ("one", [Column("?column?", TEXT, nullable=True)], "column 1 has no name: give it one"),
        ("one", [Column("a b", TEXT, nullable=True)], "`a b` cannot be a field"),
        ("one", [Column("a..b", TEXT, nullable=True)], "`a..b` cannot be a field"),
        ("scalar", [ID, NAME], "a :scalar returns one column, this returns 2"),
        ("scalar", [], "a :scalar returns one column, this returns 0"),
        ("batch", [], "it needs parameters"),
        (
            "one",
            [Column("a", PgType(3361, "pg_ndistinct"), nullable=False)],
            "`pg_ndistinct` has no form in",
        ),
        (
            "scalar",
            [Column("a", PgType(2276, "any", "pseudo"), nullable=False)],
            "type `any` has no form",
        ),
    ],
)
def test_what_cannot_be_typed_is_named(
    tmp_path: Path, shape: str, columns: list[Column], complaint: str
) -> None:
    assert complaint in complaint_of(described(tmp_path, query("a", shape), columns))


def test_a_row_class_may_not_take_a_name_the_module_needs(tmp_path: Path) -> None:
    sql = query("a", "one", directives="-- returns: Statement\n")
    assert "`Statement` is a name that generated modules use" in complaint_of(
        described(tmp_path, sql, [ID])
    )


def test_a_query_that_cannot_be_typed_does_not_hide_the_others(tmp_path: Path) -> None:
    module = codegen.module(
        [
            described(tmp_path, query("a", "one"), []),
            described(tmp_path, query("b", "one"), [ID]),
        ]
    )
    assert [error.query for error in module.errors] == ["a"]
    assert "async def b(" in module.text


def test_a_deprecated_query_says_so_to_its_callers(tmp_path: Path) -> None:
    sql = query("a", "exec", directives="-- deprecated: use b\n")
    made = imported(tmp_path, text_of(described(tmp_path, sql)))
    assert made.a.__deprecated__ == "use b"


def test_the_columns_that_queries_rely_on_stand_in_the_module(tmp_path: Path) -> None:
    key = Use("slimy", "users", "id", "bigint", notnull=True)
    name = Use("slimy", "users", "name", "text", notnull=False, read=False, written=True)
    table = Touched("slimy", "users", "table", read=True, written=True)
    made = imported(
        tmp_path,
        text_of(
            described(tmp_path, query("b", "exec"), uses=(name, key), touches=(table,)),
            described(tmp_path, query("a", "exec"), uses=(key,)),
        ),
    )
    assert made.USES == (
        ("slimy", "users", "id", "bigint", True, ("a", "b"), ()),
        ("slimy", "users", "name", "text", False, (), ("b",)),
    )
    assert made.TOUCHES == (("slimy", "users", "table", ("b",), ("b",), ()),)


def test_the_package_gathers_what_its_modules_rely_on() -> None:
    text = codegen.package(["users", "guilds"], name="shop.queries")
    assert "from shop.queries import guilds, users\n" in text
    assert 'USES = {"guilds": guilds.USES, "users": users.USES}\n' in text
    many = codegen.package([f"noun_number_{i}" for i in range(20)])
    ast.parse(many)
    assert max(map(len, many.splitlines())) <= 100


def test_headers_name_the_query_file_the_same_on_every_machine() -> None:
    assert codegen.source_label("/srv/x/sql/queries/users.sql") == "sql/queries/users.sql"
    assert codegen.source_label("sql/queries/users.sql") == "sql/queries/users.sql"
    assert codegen.source_label("/srv/queries/users.sql") == "users.sql"


@pytest.mark.parametrize(
    ("name", "as_function", "as_class"),
    [
        ("get_by_id", "get_by_id", "GetById"),
        ("GetAuthor", "get_author", "GetAuthor"),
        ("getHTTPServer2", "get_http_server2", "GetHttpServer2"),
        ("a", "a", "A"),
    ],
)
def test_names_become_functions_and_classes(name: str, as_function: str, as_class: str) -> None:
    assert (snake(name), pascal(name)) == (as_function, as_class)

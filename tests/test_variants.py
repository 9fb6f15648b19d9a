"""Tests of filters, orders and patches: what a query file may say, the shapes it has, and what their calls do."""

import asyncio
import random
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from slimy_dal.compiler import generate
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import DescribeError, Description
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.queryfile import load
from slimy_dal.compiler.variants.check import Proven, prove_shapes
from slimy_dal.compiler.variants.describe import describe_variants
from slimy_dal.compiler.variants.shapes import MOST_SHAPES, omitted, reachable, shapes
from slimy_dal.engine import driver
from slimy_dal.engine.errors import CheckViolated
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.types import UNSET
from tests import varied
from tests.ad_hoc import script
from tests.generated import imported
from tests.varied import GUILD, entries

MEMBERS = entries()
ROOT = Path(__file__).parent.parent
PAGE = """-- name: find :many
-- Things.
{directives}
SELECT m.user_id, m.joined_at AS at, m.roles
FROM slimy.user_guilds AS m
{rest}"""
ENDS = "ORDER BY m.joined_at, m.user_id LIMIT :n"
SORT = "-- sort: a: m.joined_at, m.user_id"


@pytest.fixture
async def made(database_url: str, tmp_path: Path) -> ModuleType:
    return await varied.module(database_url, tmp_path)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with varied.filled(database_url, MEMBERS) as opened:
        yield opened


def complaint(folder: Path, text: str) -> str:
    path = folder / "things.sql"
    path.write_text(text)
    (error,) = load(path).errors
    return str(error).removeprefix(f"{path}:")


def read(folder: Path, text: str) -> Query:
    path = folder / "things.sql"
    path.write_text(text)
    loaded = load(path)
    assert loaded.errors == ()
    return loaded.queries[0]


@pytest.mark.parametrize(
    ("directives", "rest", "wrong"),
    [
        ("-- filter: m.a = 1", "", "3:12: directive `filter`: it has 0 parameters and needs one"),
        ("-- filter: m.a = :a AND m.b = :b", "", "it has 2 parameters and needs one"),
        ("-- filter: a: m.a = :b", "", "has a name and the parameter `:b`"),
        ("-- filter: m.a = :a) OR (TRUE", "", "3:20: directive `filter`: this `)` closes nothing"),
        ("-- filter: (m.a = :a", "", "a `)` is missing"),
        ("-- filter: m.a = :a] OR ([1", "", "this `]` closes nothing"),
        ("-- filter: m.a = :a; DELETE FROM x", "", "it has no `;`"),
        ("-- filter: m.a = :a -- all", "", "a comment stands inside"),
        ("-- filter: m.a = :a /* all */", "", "a comment stands inside"),
        ("-- filter: m.a = $1", "", "`$1` is not known here"),
        ("-- filter: m.a = :'a'", "", "is not known here"),
        ("-- filter: m.a = ':a", "", "3:18: directive `filter`: this string is never closed"),
        ("-- filter: m.a = :A", "", "`A` cannot be a field"),
        ("-- filter: m.a = :class", "", "`class` cannot be a field"),
        ("-- filter: m.a = :a\n-- filter: m.b = :a", "", "a second filter is named `a`"),
        ("-- filter: m.a = :n", "WHERE m.b = :n", "has the name of a parameter of the statement"),
        ("-- filter: m.a = :a", "WHERE m.b OR m.c", "6:11: a filter's AND would bind closer"),
        ("-- filter: m.a = :a", "UNION SELECT 1", "need one SELECT: UNION has two"),
        ("\n".join(f"-- filter: m.a = :a{n}" for n in range(11)), "", "11 filters"),
        ("-- sort: a: joined_at", ENDS, "`joined_at` is no column as in `g.created_at DESC`"),
        ("-- sort: a: lower(m.a)", ENDS, "is no column as in"),
        ("-- sort: a: m.a DESC NULLS LAST", ENDS, "is no column as in"),
        ("-- sort: a: m.joined_at DESC, m.user_id", ENDS, "its columns have both directions"),
        ("-- sort: a: m.user_id, m.user_id", ENDS, "stands in it twice"),
        ("-- sort: a: m.guild_id", ENDS, "this ORDER BY is not that of the first sort, `a`"),
        (f"{SORT}\n-- sort: b: m.guild_id", ENDS, "does not stand in the select list as it is"),
        (f"{SORT}\n{SORT}", ENDS, "a second sort is named `a`"),
        (SORT, "ORDER BY m.joined_at DESC, m.user_id DESC LIMIT :n", "is not that of the first"),
        (SORT, "ORDER BY m.joined_at, m.user_id", "a page ends in `ORDER BY ... LIMIT"),
        (SORT, "LIMIT :n", "a page ends in `ORDER BY ... LIMIT"),
        (SORT, ENDS.replace(":n", "10"), "LIMIT needs a parameter of its own"),
        (SORT, f"WHERE m.x = :n {ENDS}", "LIMIT needs a parameter of its own"),
        (SORT, f"{ENDS} OFFSET 5", "a page has no OFFSET"),
        (SORT, f"{ENDS} FOR UPDATE", "a page has no FOR"),
        (SORT, f"WHERE m.a OR m.b {ENDS}", "would bind closer than this OR"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(
    tmp_path: Path, directives: str, rest: str, wrong: str
) -> None:
    assert wrong in complaint(tmp_path, PAGE.format(directives=directives, rest=rest))


@pytest.mark.parametrize(
    ("select", "wrong"),
    [
        ("SELECT m.* FROM t AS m", "`*` hides where the sort keys stand"),
        ("SELECT DISTINCT ON (m.a) m.a FROM t AS m", "cannot be DISTINCT ON"),
        ("SELECT m.a, count(*) OVER () FROM t AS m", "rows behind the cursor only"),
        ("SELECT m.a, coalesce(sum(m.b) OVER (), 0) FROM t AS m", "rows behind the cursor only"),
        ("SELECT m.a, ARRAY[m.b, (lag(m.b) OVER ())] FROM t AS m", "rows behind the cursor only"),
        ("SELECT m.a ISNULL FROM t AS m", "does not stand in the select list"),
        ("SELECT m.a + 1 FROM t AS m", "does not stand in the select list"),
        ("SELECT (m.a) FROM t AS m", "does not stand in the select list"),
        ("VALUES (1)", "need a SELECT at the top"),
        ("WITH x AS (SELECT 1) DELETE FROM t AS m RETURNING m.a", "need a SELECT at the top"),
    ],
)
def test_a_page_needs_its_keys_in_plain_sight(tmp_path: Path, select: str, wrong: str) -> None:
    text = f"-- name: find :many\n-- Things.\n-- sort: a: m.a\n{select} ORDER BY m.a LIMIT :n"
    assert wrong in complaint(tmp_path, text)


def test_a_window_in_a_query_of_its_own_sees_all_its_rows(tmp_path: Path) -> None:
    inner = "coalesce((SELECT max(x.n) FROM (SELECT row_number() OVER () AS n FROM y) AS x), 0)"
    select = f"SELECT m.a, {inner} AS most, (m.b) AS b, m.over FROM t AS m"
    query = read(
        tmp_path,
        f"-- name: find :many\n-- Things.\n-- sort: a: m.a\n{select} ORDER BY m.a LIMIT :n",
    )
    assert len(shapes(query)) == 4


def test_quoted_columns_differ_by_their_case(tmp_path: Path) -> None:
    text = """-- name: find :many
-- Things.
-- sort: a: m."A"
SELECT m."A", m."a" FROM t AS m ORDER BY {} LIMIT :n"""
    assert "is not that of the first sort" in complaint(tmp_path, text.format('m."a"'))
    assert len(shapes(read(tmp_path, text.format('M."A"')))) == 4


@pytest.mark.parametrize(
    ("patch", "assignments", "wrong"),
    [
        ("usernam", "username = :username", "does not set `usernam` (did you mean `username`?)"),
        (
            "a",
            "a = coalesce(:a, a)",
            "5:5: directive `patch`: `a` is not set to a parameter alone",
        ),
        ("a", "a = 1", "`a` is not set to a parameter alone"),
        ("a", "a = :a, b = :a", "`:a` stands elsewhere as well"),
        ("a", "a = :id", "`:id` stands elsewhere as well"),
    ],
)
def test_a_patched_column_is_set_to_a_parameter_of_its_own(
    tmp_path: Path, patch: str, assignments: str, wrong: str
) -> None:
    text = f"-- name: a :exec\n-- A.\n-- patch: {patch}\nUPDATE t\n    SET {assignments} WHERE id = :id"
    assert wrong in complaint(tmp_path, text.replace("\n    SET", " SET\n   "))


@pytest.mark.parametrize(
    ("head", "sql", "wrong"),
    [
        (":batch", "UPDATE t SET a = :a", "a query of shape `:batch` has none"),
        (":exec", "INSERT INTO t (a) VALUES (:a)", "the statement is no UPDATE ... SET"),
        (":exec", "DELETE FROM t WHERE a = :a", "the statement is no UPDATE ... SET"),
    ],
)
def test_only_an_update_has_a_patch(tmp_path: Path, head: str, sql: str, wrong: str) -> None:
    assert wrong in complaint(tmp_path, f"-- name: a {head}\n-- A.\n-- patch: a\n{sql}")


def test_the_text_of_the_file_is_the_shape_with_nothing_chosen(tmp_path: Path) -> None:
    for name in ("list_members", "count_members", "list_all", "list_people"):
        query = varied.query(tmp_path, name)
        assert shapes(query)[0].query.sql == query.sql


@pytest.mark.parametrize(
    ("name", "count", "label"),
    [
        ("list_members", 16 * 2 * 4, "role+username+since+nameless|by_discord_id|before"),
        ("list_people", 4, "|by_discord_id|last"),
        ("count_members", 4, "role+recent"),
        ("update", 8, "username+avatar"),
        ("update_always", 2, "nothing"),
    ],
)
def test_every_shape_is_listed_once(tmp_path: Path, name: str, count: int, label: str) -> None:
    query = varied.query(tmp_path, name)
    found = shapes(query)
    assert len(found) == count
    assert omitted(query) == 0
    assert len({shape.query.sql for shape in found}) == count
    assert label in [shape.label for shape in found]
    assert all(shape.base is query for shape in found)


def test_of_too_many_shapes_the_telling_ones_are_taken(tmp_path: Path) -> None:
    filters = "\n".join(f"-- filter: m.a{n} = :a{n}" for n in range(8))
    query = read(tmp_path, PAGE.format(directives=f"{filters}\n{SORT}", rest=ENDS))
    assert reachable(query) == 256 * 4 > MOST_SHAPES
    sizes = sorted(len(shape.chosen) for shape in shapes(query) if shape.position == "after")
    assert sizes == [0, *[1] * 8, *[2] * 28, 8]
    assert omitted(query) == (256 - 38) * 4


def test_conditions_stay_in_parentheses_and_values_get_the_next_numbers(tmp_path: Path) -> None:
    by_label = {s.label: s.query for s in shapes(varied.query(tmp_path, "list_members"))}
    shape = by_label["role+since|newest|after"]
    assert shape.sql.partition("WHERE")[2] == (
        " m.guild_id = $1\nAND (m.roles @> ARRAY[$3]::text[]) AND (m.joined_at >= $4)"
        " AND (m.joined_at,m.user_id)<($5,$6) -- of one guild\n"
        "ORDER BY m.joined_at DESC, m.user_id DESC\nLIMIT $2"
    )
    assert shape.parameters[:4] == ("guild_id", "row_limit", "role", "since")
    assert by_label["|newest|before"].sql.endswith(
        "(m.joined_at,m.user_id)>($3,$4) -- of one guild\n"
        "ORDER BY m.joined_at ASC, m.user_id ASC\nLIMIT $2"
    )
    recent = {s.label: s.query.sql for s in shapes(varied.query(tmp_path, "count_members"))}
    assert "AND (m.joined_at >= '2020-01-03 00:00:00+00' OR m.user_id IS NULL)" in recent["recent"]


def test_a_parameter_may_stand_in_its_filter_twice(tmp_path: Path) -> None:
    by_label = {s.label: s.query for s in shapes(varied.query(tmp_path, "list_all"))}
    both = by_label["usernames+discord_id"]
    assert (
        "WHERE (u.username = ANY($1::text[])) AND (u.discord_id > $2 AND u.discord_id <> $2 + 1)"
        in both.sql
    )
    assert both.parameters == ("usernames", "discord_id")


def test_an_offset_in_a_shape_is_a_line_of_the_file(tmp_path: Path) -> None:
    lines = varied.QUERIES.splitlines()
    for name in ("list_members", "update"):
        for shape in shapes(varied.query(tmp_path, name)):
            sql = shape.query.sql
            for word in ("m.roles @>", "IS NULL", "guild_id = ", "LIMIT", "RETURNING", "avatar = "):
                if word in sql:
                    place = shape.query.location(sql.index(word))
                    written = lines[place.line - 1][place.column - 1 :]
                    assert written.startswith(word), (shape.label, word, place)


async def proven(url: str, query: Query) -> Proven:
    async with await driver.connect(url) as connection:
        described = await describe(connection, [query])
        bases = [one for one in described if isinstance(one, Description)]
        assert len(bases) == 1, described
        return await prove_shapes(connection, bases)


@pytest.mark.parametrize(
    ("name", "count"), [("list_members", 128), ("update", 8), ("count_members", 4)]
)
async def test_every_shape_is_proven(
    database_url: str, tmp_path: Path, name: str, count: int
) -> None:
    found = await proven(database_url, varied.query(tmp_path, name))
    assert (found.count, found.problems, found.notes) == (count, (), ())
    assert len(found.shapes) == count


async def test_a_filter_that_takes_the_only_row_away_is_a_problem(
    database_url: str, tmp_path: Path
) -> None:
    text = "-- name: a :scalar\n-- A.\n-- filter: 1 = :wanted\nSELECT 1 AS one"
    (problem,) = (await proven(database_url, read(tmp_path, text))).problems
    assert "[shape wanted]: it may give no row, which the text always does" in problem


async def test_plain_queries_have_nothing_more_to_prove(database_url: str, tmp_path: Path) -> None:
    found = await proven(database_url, read(tmp_path, "-- name: a :exec\n-- A.\nSELECT 1"))
    assert (found.count, found.problems) == (0, ())


@pytest.mark.parametrize(
    ("directives", "wrong"),
    [
        ("-- filter: m.rols = :a", "things.sql:3:12: things.find: column m.rols does not exist"),
        ("-- filter: m.user_id = 'x' || :a", "things.sql:3:22"),
        ("-- filter: m.user_id + :a", "things.sql:3:22"),
    ],
)
async def test_a_filter_that_the_server_refuses_is_an_error_at_its_line(
    database_url: str, tmp_path: Path, directives: str, wrong: str
) -> None:
    query = read(tmp_path, PAGE.format(directives=f"{directives}\n{SORT}", rest=ENDS))
    (problem,) = (await proven(database_url, query)).problems
    assert wrong in problem


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("u.username", "4:4: things.find: sort `b`: `u.username` may be null"),
        ("u.token_key_id", "may be null"),
        ("g.weight", "is double precision, which no cursor can hold"),
    ],
)
async def test_a_sort_key_must_be_there_and_fit_into_a_cursor(
    database_url: str, tmp_path: Path, column: str, wrong: str
) -> None:
    text = f"""-- name: find :many
-- Things.
-- sort: a: u.id
-- sort: b: {column}
SELECT u.id, {column}
FROM slimy.users AS u CROSS JOIN (SELECT 1.5::float8 AS weight) AS g
ORDER BY u.id LIMIT :n"""
    query = read(tmp_path, text)
    async with await driver.connect(database_url) as connection:
        (refused,) = await describe_variants(connection, [query])
    assert isinstance(refused, DescribeError)
    assert wrong in str(refused)
    assert wrong in "".join((await proven(database_url, query)).problems)


async def test_a_patch_that_widens_what_comes_back_is_a_problem(
    database_url: str, tmp_path: Path
) -> None:
    text = """-- name: a :one
-- A.
-- patch: avatar
-- notnull: :avatar
UPDATE plain AS p SET avatar = :avatar WHERE p.id = :id RETURNING p.avatar"""
    query = read(tmp_path, text)
    await script(database_url, "CREATE TABLE plain (id int PRIMARY KEY, avatar text)")
    async with await driver.connect(database_url) as connection:
        (base,) = await describe(connection, [query])
        assert isinstance(base, Description)
        found = await prove_shapes(connection, [base])
    assert not base.columns[0].nullable
    (problem,) = found.problems
    assert "[shape nothing]: `avatar` may be null" in problem


async def test_a_list_of_what_it_writes_itself_is_a_problem(
    database_url: str, tmp_path: Path
) -> None:
    text = """-- name: a :many
-- A.
-- sort: a: d.id
WITH d AS (DELETE FROM slimy.sessions AS s WHERE s.user_id = :user_id RETURNING s.id)
SELECT d.id FROM d ORDER BY d.id LIMIT :n"""
    found = await proven(database_url, read(tmp_path, text))
    assert "it writes, so each page would write again" in found.problems[0]


async def test_a_filter_gives_its_parameters_and_columns_to_the_generated_module(
    made: ModuleType,
) -> None:
    filters = made.ListMembersFilter()
    assert (filters.role, filters.username, filters.since) == (UNSET, UNSET, UNSET)
    assert filters.nameless is False
    choices = made.LIST_MEMBERS.choices
    assert [c.parameter and c.parameter.type for c in choices] == [
        "text",
        "text",
        "timestamp with time zone",
        None,
    ]
    assert any(use[2] == "roles" and "count_members" in use[5] for use in made.USES)


CROWDED = """-- name: find :many
-- Things.
-- filter: u.username = :values
-- filter: list: u.email IS NULL
-- sort: a: u.discord_id
SELECT u.discord_id FROM slimy.users AS u
WHERE u.discord_id <> :found AND u.discord_id <> :cursor AND u.discord_id <> :limit
AND u.discord_id <> :map AND u.discord_id <> :asked AND u.discord_id <> :filter
ORDER BY u.discord_id LIMIT :sort"""


async def test_parameters_may_have_the_names_of_what_a_page_uses_itself(
    database_url: str, pool: Pool, tmp_path: Path
) -> None:
    written = await generate.modules(database_url, [read(tmp_path, CROWDED)])
    made = imported(tmp_path, written["things.py"])
    page = await made.find(
        pool,
        varied.SECRET,
        found_=1,
        cursor_=2,
        limit_=3,
        map=4,
        asked_=5,
        filter_=6,
        filter=made.FindFilter(values="a", list=True),
        limit=1,
    )
    wanted = min(m.discord_id for m in MEMBERS if m.username == "a")
    assert [row.discord_id for row in page.items] == [wanted]


@pytest.mark.parametrize("name", ["FindFilter", "FindSort"])
async def test_a_row_class_is_not_named_as_its_filters_or_orders(
    database_url: str, tmp_path: Path, name: str
) -> None:
    text = CROWDED.replace("-- filter: l", f"-- returns: {name}\n-- filter: l")
    with pytest.raises(generate.GenerationFailed, match=f"`{name}` is a name"):
        await generate.modules(database_url, [read(tmp_path, text)])


async def test_filters_without_a_page_narrow_what_they_are_given(
    made: ModuleType, pool: Pool
) -> None:
    assert await made.count_members(pool, guild_id=GUILD) == len(MEMBERS)
    owners = made.CountMembersFilter(role="owner", recent=True)
    wanted = [m for m in MEMBERS if m.role == "owner" and m.joined_at.day >= 3]
    assert await made.count_members(pool, guild_id=GUILD, filter=owners) == len(wanted)
    narrowed = made.ListAllFilter(usernames=["a", "b"], discord_id=2**53 + 3)
    found = await made.list_all(pool, filter=narrowed)
    assert [p.discord_id for p in found] == [
        m.discord_id for m in MEMBERS if m.username and m.discord_id > 2**53 + 4
    ]


async def test_a_shape_is_one_statement_for_ever(made: ModuleType, pool: Pool) -> None:
    first, _ = made.COUNT_MEMBERS.choose(("a", False))
    assert isinstance(first, Statement)
    assert made.COUNT_MEMBERS.choose(("b", False))[0] is first
    assert made.COUNT_MEMBERS.statement(1) is first
    assert made.LIST_MEMBERS.base is made.LIST_MEMBERS.statement(0)


async def test_a_patch_changes_what_is_given_and_none_erases(made: ModuleType, pool: Pool) -> None:
    user = MEMBERS[0].user_id
    row = await made.update(pool, id=user, username="new", avatar="picture")
    assert (row.username, row.global_name, row.avatar) == ("new", None, "picture")
    row = await made.update(pool, id=user, global_name="shown", avatar=None)
    assert (row.username, row.global_name, row.avatar) == ("new", "shown", None)
    with pytest.raises(CheckViolated, match="username"):
        await made.update(pool, id=user, username="")


async def test_a_patch_of_nothing_writes_the_row_without_dating_it(
    made: ModuleType, pool: Pool
) -> None:
    user = MEMBERS[0].user_id
    before = await made.update(pool, id=user, username="new")
    after = await made.update(pool, id=user)
    assert (after.username, after.updated_at) == (before.username, before.updated_at)
    assert after.version != before.version
    assert await made.update(pool, id=UUID(int=0)) is None


async def test_what_is_no_part_of_a_patch_is_always_set(made: ModuleType, pool: Pool) -> None:
    user = MEMBERS[0].user_id
    assert await made.update_always(pool, id=user, email="A@B") == 1
    row = await made.update(pool, id=user)
    assert row.username == MEMBERS[0].username
    assert await made.update_always(pool, id=user, email="A@B", username=None) == 1
    assert (await made.update(pool, id=user)).username is None


async def test_a_shape_composed_by_many_at_once_is_still_one(made: ModuleType) -> None:
    luck = random.Random(1)
    masks = [luck.randrange(8) for _ in range(200)]
    found = await asyncio.gather(*(asyncio.to_thread(made.UPDATE.statement, m) for m in masks))
    assert len({id(statement) for statement in found}) == len(set(masks))


LONG = [f"a_rather_long_name_of_number_{n}" for n in range(6)]
WIDE = "\n\n".join(
    [
        "\n".join(
            [
                f"-- name: {name}_{size} :{shape}",
                "-- Things.",
                *(f"-- filter: u.username = :{one}" for one in LONG[:size]),
                *(f"-- sort: s{n}: u.{key}, u.id" for n, key in enumerate(keys)),
                "SELECT u.id, u.discord_id, u.created_at FROM slimy.users AS u",
                "ORDER BY u.created_at, u.id LIMIT :n;" if keys else "LIMIT 1;",
            ]
        )
        for name, shape, keys in (
            ("narrow", "opt", ()),
            ("page", "many", ("created_at", "discord_id")),
        )
        for size in (1, 2, 3, 4, 6)
    ]
    + [
        (
            "-- name: patch :opt\n-- Things.\n-- patch: username, global_name, avatar, email\n"
            "UPDATE slimy.users SET username = :a_rather_long_name_of_a_column_1,"
            " global_name = :a_rather_long_name_of_a_column_2, avatar = :a_rather_long_name_3,"
            " email = :a_rather_long_name_4 WHERE id = :id RETURNING id;"
        )
    ]
)


def test_what_is_generated_is_formatted_and_typed(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "things.sql"
    for text in (varied.QUERIES, WIDE):
        path.write_text("".join(sorted(re.split(r"(?m)^(?=-- name: )", text.strip() + "\n\n"))))
        loaded = load(path)
        assert loaded.errors == ()
        made = asyncio.run(generate.modules(database_url, loaded.queries))
        (tmp_path / "things.py").write_text(made["things.py"])
        for command in (
            ["ruff", "format", "--isolated", "--line-length=100", "--diff"],
            ["mypy", "--strict", "--no-error-summary", "--cache-dir", str(ROOT / ".mypy_cache")],
        ):
            done = subprocess.run(
                [sys.executable, "-m", *command, tmp_path / "things.py"],
                cwd=ROOT,
                check=False,
                capture_output=True,
                text=True,
            )
            assert (done.stdout, done.returncode) == ("", 0)

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description, Origin, Use
from slimy_dal.compiler.tree import Method
from slimy_dal.engine.driver import Connection, connect
from tests.statements import described, query, refused

SCHEMA = """
CREATE SCHEMA shop;
CREATE DOMAIN shop.grade AS text CHECK (value IN ('low', 'high'));
CREATE TYPE shop.size AS ENUM ('s', 'l');
CREATE TABLE shop.owners (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text,
    grade shop.grade
);
CREATE TABLE shop.things (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id bigint REFERENCES shop.owners,
    count bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('new', 'old') AND length(status) < 9),
    stage varchar(10) CHECK (stage IS NULL OR stage = 'one' OR stage = 'two'),
    tags text[] NOT NULL CHECK (tags <@ ARRAY['red', 'blue']),
    size shop.size NOT NULL,
    note text,
    UNIQUE (count, note)
);
CREATE VIEW shop.owned AS
SELECT t.id, t.status, o.name FROM shop.things AS t LEFT JOIN shop.owners AS o ON t.owner_id = o.id;
CREATE TABLE shop.filled (id int PRIMARY KEY, v int NOT NULL);
CREATE FUNCTION shop.fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.v := coalesce(new.v, 1); RETURN new; END';
CREATE TRIGGER fill BEFORE INSERT ON shop.filled FOR EACH ROW EXECUTE FUNCTION shop.fill();
"""


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Connection]:
    async with await connect(database_url) as connection:
        await connection.execute(SCHEMA)
        yield connection


def nullable(description: Description) -> dict[str, bool]:
    return {column.name: column.nullable for column in description.columns}


def parameters(description: Description) -> dict[str, bool]:
    return {parameter.name: parameter.nullable for parameter in description.parameters}


async def test_a_written_parameter_is_nullable_where_its_column_is(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(
        shop,
        tmp_path,
        "INSERT INTO shop.things (owner_id, count, status, tags, size, note)\n"
        "VALUES (:owner, :count, :status, :tags, :size, :note)",
        shape="exec",
    )
    assert parameters(found) == {
        "owner": True,
        "count": False,
        "status": False,
        "tags": False,
        "size": False,
        "note": True,
    }
    assert [str(p.target) for p in found.parameters][:2] == [
        "shop.things.owner_id",
        "shop.things.count",
    ]
    assert found.parameters[2].choices == ("new", "old")
    assert found.parameters[3].choices == ("red", "blue")
    assert found.parameters[4].type.labels == ("s", "l")
    assert found.writes == {("shop", "things")}
    assert found.reads == frozenset()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE shop.things SET note = :p WHERE id = 1", True),
        ("UPDATE shop.things SET count = :p WHERE id = 1", False),
        ("UPDATE shop.things SET count = coalesce(:p, count)", True),
        ("UPDATE shop.things SET count = coalesce(nullif(count, 1), :p)", False),
        ("UPDATE shop.things SET count = CASE WHEN note IS NULL THEN :p ELSE count END", True),
        ("UPDATE shop.things SET status = :p WHERE :p::text IS NULL", False),
        ("SELECT t.id FROM shop.things AS t WHERE t.note = :p", False),
        ("SELECT t.id FROM shop.things AS t WHERE t.note = :p OR :p IS NULL", True),
        ("SELECT t.id FROM shop.things AS t WHERE t.note IS NOT DISTINCT FROM :p", True),
        ("SELECT t.id FROM shop.things AS t WHERE t.note = coalesce(:p, 'x')", True),
        ("SELECT t.id FROM shop.things AS t LIMIT :p", False),
        ("INSERT INTO shop.owners (id, name, email) SELECT 1, 'x', :p::text", True),
        ("INSERT INTO shop.owners (id, name) VALUES (1, :p), (2, 'x')", False),
        ("INSERT INTO shop.owners (id, name) SELECT 1, x.n FROM (VALUES (:p)) AS x (n)", False),
        (
            "WITH x AS (SELECT :p::text AS n) INSERT INTO shop.owners (id, name) SELECT 1, x.n FROM x",
            False,
        ),
        (
            "INSERT INTO shop.owners (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET email = :p",
            True,
        ),
        (
            "INSERT INTO shop.owners (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = :p",
            False,
        ),
        (
            """MERGE INTO shop.owners AS o USING shop.things AS t ON o.id = t.id
            WHEN MATCHED THEN UPDATE SET email = :p WHEN NOT MATCHED THEN DO NOTHING""",
            True,
        ),
    ],
)
async def test_a_parameter_is_nullable_where_null_means_something(
    shop: Connection, tmp_path: Path, sql: str, *, expected: bool
) -> None:
    assert parameters(await described(shop, tmp_path, sql, shape="exec")) == {"p": expected}


async def test_a_compared_parameter_knows_its_column_and_its_choices(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(
        shop,
        tmp_path,
        "SELECT t.id FROM shop.owned AS t INNER JOIN shop.owners AS o ON t.name = o.name\n"
        "WHERE t.status = ANY (:statuses) AND o.grade <> :grade AND o.email = :email",
    )
    statuses, grade, email = found.parameters
    assert (statuses.target, statuses.choices) == (
        Origin("shop", "things", "status"),
        ("new", "old"),
    )
    assert (grade.target, grade.choices) == (Origin("shop", "owners", "grade"), ("low", "high"))
    assert (email.target, email.choices) == (Origin("shop", "owners", "email"), ())


async def test_elements_of_an_unnested_parameter_go_to_the_column(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(
        shop,
        tmp_path,
        "INSERT INTO shop.things (count, status, tags, size)\n"
        "SELECT x.c, x.s, '{}', 's' FROM unnest(:counts::bigint[], :statuses::text[]) AS x (c, s)",
        shape="exec",
    )
    assert [p.target and p.target.column for p in found.parameters] == ["count", "status"]
    assert found.parameters[1].choices == ("new", "old")
    assert parameters(found) == {"counts": False, "statuses": False}


async def test_columns_know_where_they_come_from(shop: Connection, tmp_path: Path) -> None:
    found = await described(
        shop,
        tmp_path,
        "WITH x AS (SELECT t.id, t.status, t.stage, t.tags, t.size, t.owner_id, t.count FROM shop.things AS t)\n"
        "SELECT x.id, x.status, x.stage, x.tags, x.size, x.owner_id, x.count, x.count + 1 AS more, o.name\n"
        "FROM x LEFT JOIN shop.owned AS o ON x.id = o.id",
    )
    by_name = {column.name: column for column in found.columns}
    assert by_name["name"].origin == Origin("shop", "owners", "name")
    assert by_name["more"].origin is None
    assert by_name["status"].choices == ("new", "old")
    assert by_name["stage"].choices == ("one", "two")
    assert by_name["tags"].choices == ("red", "blue")
    assert by_name["size"].type.labels == ("s", "l")
    assert {name for name, column in by_name.items() if column.identifier} == {
        "id",
        "owner_id",
        "count",
    }
    assert found.reads == {("shop", "things"), ("shop", "owners"), ("shop", "owned")}
    assert found.writes == frozenset()


async def test_columns_know_the_outer_joins_that_null_them(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(
        shop,
        tmp_path,
        "SELECT t.id, o.id AS owner, o.name, o.email, lower(o.name) AS lower, coalesce(o.name, t.note) AS any,\n"
        "    s.id AS other, s.note\n"
        "FROM shop.things AS t\n"
        "LEFT JOIN shop.owners AS o ON t.owner_id = o.id\n"
        "LEFT JOIN shop.things AS s ON s.id = o.id",
    )
    by_name = {column.name: (set(column.nulled_by), column.solid) for column in found.columns}
    first, second = by_name["owner"][0], by_name["other"][0]
    assert len(first) == len(second) == 1
    assert first != second
    assert by_name["id"] == (set(), True)
    assert by_name["owner"] == by_name["name"] == by_name["lower"] == (first, True)
    assert by_name["email"] == (first, False)
    assert by_name["any"] == (first, False)
    assert by_name["note"] == (second, False)


async def test_the_joins_inside_a_subquery_count_too(shop: Connection, tmp_path: Path) -> None:
    found = await described(
        shop,
        tmp_path,
        "WITH page AS (SELECT t.id, o.id AS owner, o.name FROM shop.things AS t\n"
        "    LEFT JOIN shop.owners AS o ON t.owner_id = o.id)\n"
        "SELECT p.id, p.owner, p.name FROM page AS p",
    )
    _, owner, name = found.columns
    assert owner.nulled_by == name.nulled_by != frozenset()
    assert (owner.solid, name.solid) == (True, True)


@pytest.mark.parametrize("method", ["function", "log"])
async def test_reasons_have_places_in_the_file(
    shop: Connection, tmp_path: Path, method: Method
) -> None:
    found = await described(
        shop,
        tmp_path,
        "SELECT\n    t.id,\n    o.name\nFROM shop.things AS t\nLEFT JOIN shop.owners AS o ON t.owner_id = o.id",
        method=method,
    )
    reason = found.columns[1].reasons[-1]
    assert reason.text == "the outer join may find no row for o.name"
    assert reason.location is not None
    assert (reason.location.line, reason.location.column) == (7, 1)
    place = found.columns[0].reasons[0].location
    assert place is not None
    assert place.line == 4


async def test_what_is_used_is_listed_with_what_the_proofs_rely_on(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(
        shop, tmp_path, "SELECT o.name FROM shop.owned AS o WHERE o.status = 'new'"
    )
    assert Use("shop", "owners", "name", "text", notnull=True) in found.uses
    assert Use("shop", "things", "owner_id", "bigint", notnull=False) in found.uses
    assert Use("shop", "owned", "name", "text", notnull=False) in found.uses
    assert not any(use.column == "note" for use in found.uses)


async def test_types_are_told_with_what_they_are_made_of(shop: Connection, tmp_path: Path) -> None:
    found = await described(
        shop,
        tmp_path,
        "SELECT o.grade, t.tags, t.stage, o, now() AS now, int4range(1, 2) AS span\n"
        "FROM shop.owners AS o CROSS JOIN shop.things AS t WHERE o.grade = :grade::shop.grade",
    )
    grade, tags, stage, row, now, span = (column.type for column in found.columns)
    # On the wire a column of a domain is one of the type below it; a parameter is the domain.
    assert (grade.name, found.columns[0].choices) == ("text", ("low", "high"))
    domain = found.parameters[0].type
    assert (domain.name, domain.kind) == ("shop.grade", "domain")
    assert domain.base is not None
    assert domain.base.name == "text"
    assert (tags.name, tags.kind) == ("text[]", "array")
    assert tags.element is not None
    assert tags.element.name == "text"
    assert stage.name == "character varying"
    assert [name for name, _ in row.fields] == ["id", "name", "email", "grade"]
    assert now.name == "timestamp with time zone"
    assert span.kind == "range"


async def test_a_statement_that_always_gives_a_row_says_so(
    shop: Connection, tmp_path: Path
) -> None:
    assert (await described(shop, tmp_path, "SELECT count(*) AS n FROM shop.things")).always_a_row
    assert not (await described(shop, tmp_path, "SELECT t.id FROM shop.things AS t")).always_a_row


# -- directives ----------------------------------------------------------------------------------


async def test_directives_decide_what_cannot_be_proven(shop: Connection, tmp_path: Path) -> None:
    found = await described(
        shop,
        tmp_path,
        "SELECT o.email, o.name FROM shop.owners AS o WHERE o.name = :name AND o.grade = coalesce(:grade, 'low')",
        "notnull: email, :grade",
        "nullable: :name",
    )
    assert nullable(found) == {"email": False, "name": False}
    assert parameters(found) == {"name": True, "grade": False}
    assert found.columns[0].reasons[0].text == "declared notnull, which is not proven"
    assert found.hints == ()


async def test_directives_that_say_nothing_new_are_hinted_at(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(
        shop,
        tmp_path,
        "SELECT o.email, o.name FROM shop.owners AS o WHERE o.name = :p",
        "notnull: name, :p",
        "nullable: email",
    )
    assert nullable(found) == {"email": True, "name": False}
    assert sorted(hint.text for hint in found.hints) == [
        "`notnull: :p` is not needed: that is what the analysis says",
        "`notnull: name` is not needed: that is what the analysis says",
        "`nullable: email` is not needed: that is what the analysis says",
    ]


async def test_a_column_declared_nullable_against_the_proof_is_hinted_at(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(shop, tmp_path, "SELECT o.name FROM shop.owners AS o", "nullable: name")
    assert nullable(found) == {"name": True}
    assert "never NULL" in found.hints[0].text


@pytest.mark.parametrize(
    ("sql", "header", "message"),
    [
        ("SELECT o.name FROM shop.owners AS o", "notnull: nmae", "no such column"),
        ("SELECT NULL::text AS x", "notnull: x", "NULL in every row"),
        ("UPDATE shop.owners SET name = :name", "nullable: :name", "shop.owners.name is NOT NULL"),
    ],
)
async def test_directives_that_are_certainly_wrong_are_errors(
    shop: Connection, tmp_path: Path, sql: str, header: str, message: str
) -> None:
    error = await refused(shop, tmp_path, sql, header)
    assert message in str(error)
    assert error.location.line == 3


async def test_a_wrong_name_in_a_directive_gets_a_suggestion(
    shop: Connection, tmp_path: Path
) -> None:
    error = await refused(shop, tmp_path, "SELECT o.name FROM shop.owners AS o", "notnull: nmae")
    assert error.hint == "did you mean `name`?"


async def test_a_trigger_may_fill_a_column_so_its_parameter_may_be_declared_nullable(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(
        shop, tmp_path, "INSERT INTO shop.filled VALUES (1, :v)", "nullable: :v", shape="exec"
    )
    assert parameters(found) == {"v": True}


# -- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "line", "column", "message"),
    [
        ("SELECT\n    o.nope\nFROM shop.owners AS o", 4, 5, "column o.nope does not exist"),
        ("SELECT 1 FROM\n  nowhere", 4, 3, 'relation "nowhere" does not exist'),
        ("SELECT :p IS NULL", 3, 8, "could not determine data type of parameter $1"),
        ("SELEC 1", 3, 1, 'syntax error at or near "SELEC"'),
        ("SELECT 'é' AS ü, x FROM shop.owners", 3, 18, 'column "x" does not exist'),
        (
            "SELECT id FROM shop.owners AS a, shop.things AS b",
            3,
            8,
            'column reference "id" is ambiguous',
        ),
        ("SELECT 1 WHERE :p = :long_name + 'x'::text", 3, 32, "operator does not exist"),
    ],
)
async def test_what_the_server_refuses_has_its_place_in_the_file(
    shop: Connection, tmp_path: Path, sql: str, line: int, column: int, message: str
) -> None:
    error = await refused(shop, tmp_path, sql)
    assert message in error.message
    assert (error.location.line, error.location.column) == (line, column)


async def test_the_hint_of_the_server_is_passed_on(shop: Connection, tmp_path: Path) -> None:
    error = await refused(shop, tmp_path, "SELECT o.nam FROM shop.owners AS o")
    assert error.hint is not None
    assert "o.name" in error.hint


async def test_an_error_does_not_hide_the_other_queries(shop: Connection, tmp_path: Path) -> None:
    queries = [
        query(tmp_path, sql)
        for sql in ("SELECT 1 AS one", "SELECT nope", "SELECT 2 AS two", "SELECT 1/0 AS three")
    ]
    answers = await describe(shop, queries)
    assert [isinstance(answer, Description) for answer in answers] == [True, False, True, True]


async def test_utility_statements_are_described_as_far_as_they_can_be(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(shop, tmp_path, "SHOW search_path")
    assert nullable(found) == {"search_path": True}
    assert (await described(shop, tmp_path, "LISTEN x", shape="exec")).columns == ()


async def test_a_very_deep_expression_is_answered_or_refused(
    shop: Connection, tmp_path: Path
) -> None:
    found = await described(shop, tmp_path, f"SELECT {' + '.join(['1'] * 900)} AS n")
    assert [column.name for column in found.columns] == ["n"]
    error = await refused(shop, tmp_path, f"SELECT {'-(' * 20000}1{')' * 20000} AS n")
    assert "stack depth" in error.message or "memory" in error.message


async def test_nothing_is_left_in_the_database_and_nothing_is_run(
    shop: Connection, tmp_path: Path
) -> None:
    await described(shop, tmp_path, "INSERT INTO shop.owners VALUES (1, 'x')", shape="exec")
    rows = await shop.fetch("SELECT count(*) AS n FROM shop.owners")
    assert rows[0]["n"] == 0
    rows = await shop.fetch("SELECT count(*) AS n FROM pg_proc WHERE proname = 'slimy_describe'")
    assert rows[0]["n"] == 0
    assert not shop.in_transaction


async def test_a_session_that_may_write_nothing_is_asked_by_its_log(
    shop: Connection, tmp_path: Path
) -> None:
    await shop.execute("SET default_transaction_read_only = on")
    found = await described(shop, tmp_path, "SELECT o.name, o.email FROM shop.owners AS o")
    assert nullable(found) == {"name": False, "email": True}


async def test_describing_works_inside_a_transaction_of_the_caller(
    shop: Connection, tmp_path: Path
) -> None:
    await shop.execute("BEGIN; CREATE TABLE shop.fresh (id int NOT NULL)")
    assert nullable(await described(shop, tmp_path, "SELECT f.id FROM shop.fresh AS f")) == {
        "id": False
    }
    await refused(shop, tmp_path, "SELECT nope")
    assert len(await shop.fetch("SELECT 1 FROM shop.fresh")) == 0
    await shop.execute("ROLLBACK")

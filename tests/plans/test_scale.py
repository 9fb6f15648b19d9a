from dataclasses import replace
from pathlib import Path

import pytest

from slimy_dal.compiler.description import Origin, PgType
from slimy_dal.compiler.scale.model import Scale, ScaleError, TableScale, read, uniform
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.engine import driver, embedded
from tests.plans.pretending import OWN_MODEL, database, plan, pretended, rows

TABLES = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE author (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text UNIQUE,
    name text,
    active boolean NOT NULL,
    mood mood NOT NULL,
    level text NOT NULL CHECK (level IN ('low', 'high')),
    score int CHECK (score BETWEEN 10 AND 20),
    made_at timestamptz NOT NULL DEFAULT now(),
    tags text[] NOT NULL CHECK (tags <@ ARRAY['a', 'b']),
    doc jsonb,
    twice int GENERATED ALWAYS AS (score * 2) VIRTUAL
);
CREATE TABLE post (
    id uuid PRIMARY KEY,
    author_id bigint NOT NULL REFERENCES author,
    body text,
    published_at timestamptz
);
CREATE INDEX post_author_idx ON post (author_id);
CREATE INDEX post_unpublished_idx ON post (author_id) WHERE published_at IS NULL;
CREATE INDEX author_lower_idx ON author (lower(name));
CREATE INDEX author_tags_idx ON author USING gin (tags);
CREATE INDEX author_words_idx ON author USING gin (to_tsvector('simple', name));
CREATE INDEX post_brin_idx ON post USING brin (published_at);
CREATE INDEX post_hash_idx ON post USING hash (body);
"""


def model(text: str, place: Path) -> Scale:
    (place / "scale.toml").write_text(text, encoding="utf-8")
    return read(place / "scale.toml")


async def test_the_planner_sees_the_rows_of_the_model_in_every_session(
    pretender: embedded.Server,
) -> None:
    async with database(pretender, template="migrated") as connection:
        seen = await pretend(connection, pretender.data, read(OWN_MODEL))
        (row,) = await connection.fetch("SELECT current_database() AS name")
        async with await driver.connect(pretender.dsn(row["name"])) as other:
            count = seen.rows("slimy", "user_guilds")
            assert count == 400_000_000 + 12 * 8_000_000
            assert await rows(other, "SELECT user_id FROM slimy.user_guilds") == count
            assert (await other.fetch("SHOW random_page_cost"))[0][0] == "1.1"
            found = await plan(other, "SELECT * FROM slimy.users WHERE lower(email) = 'x'")
            assert (found["Index Name"], found["Plan Rows"]) == ("users_email_key", 1)


async def test_what_is_pretended_takes_no_disk(pretender: embedded.Server) -> None:
    def blocks() -> int:
        return sum(file.stat().st_blocks for file in pretender.data.rglob("base/*/*")) * 512

    async with database(pretender, TABLES) as connection:
        before = blocks()
        await pretend(connection, pretender.data, uniform(1_000_000_000))
        assert blocks() - before < 3_000_000
        (size,) = await connection.fetch("SELECT pg_relation_size('post') AS bytes")
        assert size["bytes"] > 40 * 2**30
        (path,) = await connection.fetch("SELECT pg_relation_filepath('post') AS path")
        first = pretender.data / path["path"]
        assert first.stat().st_size == 2**30
        assert first.with_name(f"{first.name}.1").stat().st_uid == first.stat().st_uid


async def test_the_schema_says_what_the_model_does_not(pretender: embedded.Server) -> None:
    async with pretended(pretender, TABLES, uniform(1_000_000)) as (connection, _):
        for condition, low, high in (
            ("id = 5", 1, 1),
            ("id < 100000", 99_000, 101_000),
            ("email = 'x'", 1, 1),
            ("email IS NULL", 100_000, 100_000),
            ("active", 500_000, 500_000),
            ("mood = 'sad'", 333_000, 334_000),
            ("level = 'low'", 500_000, 500_000),
            ("level = 'none of these'", 1, 1),
            ("score < 15", 440_000, 460_000),
            ("score < 10", 1, 1000),
            ("made_at > '2025-01-01'", 195_000, 205_000),
            ("tags @> ARRAY['a']", 490_000, 510_000),
        ):
            count = await rows(connection, f"SELECT * FROM author WHERE {condition}")
            assert low <= count <= high, (condition, count)
        # A million posts of a million authors: some have several, and others none.
        assert await rows(connection, "SELECT DISTINCT author_id FROM post") == 632_121


async def test_the_model_says_more(pretender: embedded.Server, tmp_path: Path) -> None:
    scale = model(
        """
        months = 0
        [tables."public.author"]
        rows = 1_000_000
        columns.level = { common = { low = 0.999, high = 0.001 } }
        columns.name = { distinct = 100, nulls = 0.5, common = { bob = 0.3 } }
        columns.made_at = { future = 0.25 }
        columns.tags = { elements = { b = 0.01, a = 0.9 } }
        indexes.author_lower_idx = { distinct = 10 }
        indexes.author_words_idx = { elements = { word = 0.125 } }
        [tables."public.post"]
        rows = 2_000_000
        columns.author_id = { common = [0.2, 0.1] }
        """,
        tmp_path,
    )
    async with pretended(pretender, TABLES, scale) as (connection, seen):
        for condition, expected in (
            ("level = 'high'", 1_000),
            ("name = 'bob'", 300_000),
            ("name IS NULL", 500_000),
            ("made_at > '2027-01-01'", 250_000),
            ("tags @> ARRAY['b']", 10_000),
            ("lower(name) = 'x'", 50_000),
            # Of those who have a name, which is one half.
            ("to_tsvector('simple', name) @@ 'word'", 62_500),
        ):
            count = await rows(connection, f"SELECT * FROM author WHERE {condition}")
            assert abs(count - expected) <= expected * 0.02, (condition, count)
        common = seen.sample(Origin("public", "post", "author_id"), PgType(20, "bigint"), "common")
        rare = seen.sample(Origin("public", "post", "author_id"), PgType(20, "bigint"), "rare")
        assert await rows(connection, f"SELECT * FROM post WHERE author_id = {common}") == 400_000
        assert await rows(connection, f"SELECT * FROM post WHERE author_id = {rare}") < 10


async def test_indexes_are_as_large_as_what_they_hold(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    scale = model(
        '[tables."public.post"]\nrows = 10_000_000\ncolumns.published_at = {nulls = 0.02}', tmp_path
    )
    async with pretended(pretender, TABLES, scale) as (connection, _):
        found = await connection.fetch(
            "SELECT relname AS name, relpages AS pages, reltuples AS rows,"
            " pg_relation_size(oid) / 8192 AS length FROM pg_class WHERE relname LIKE 'post%'"
        )
        pages = {row["name"]: row["pages"] for row in found}
        tuples = {row["name"]: row["rows"] for row in found}
        assert all(row["length"] == row["pages"] for row in found)
        assert tuples["post_unpublished_idx"] == 200_000
        assert pages["post_unpublished_idx"] < pages["post_author_idx"] / 10
        assert pages["post_brin_idx"] < 100
        # Ten million uuids in any order: 24 bytes each and leaves two thirds full.
        assert 45_000 < pages["post_pkey"] < 70_000
        tree = await plan(
            connection, "SELECT * FROM post WHERE author_id = 5 AND published_at IS NULL"
        )
        assert tree["Node Type"] in {"Index Scan", "Bitmap Heap Scan"}


async def test_an_index_is_as_high_as_it_would_be_and_still_one(
    pretender: embedded.Server,
) -> None:
    async with pretended(pretender, TABLES, uniform(100_000_000)) as (connection, _):
        # Looking up costs 50 operators a level: 3 levels above the leaves of a hundred million keys.
        tree = await plan(
            connection, "SELECT * FROM post WHERE id = '00000000-0000-0000-0000-000000000001'"
        )
        assert tree["Startup Cost"] == pytest.approx(0.125 * 4 + 0.0025 * 27, abs=0.01)
        # The server reads these pages, and checks their sums.
        await connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        for key in (
            "= '00000000-0000-0000-0000-000000000001'",
            "> '00000000-0000-0000-0000-000000000001'",
        ):
            assert await connection.fetch(f"SELECT id FROM post WHERE id {key} LIMIT 1") == []
        assert await connection.fetch("SELECT id FROM post ORDER BY id DESC LIMIT 1") == []


async def test_samples_are_literals_that_every_type_reads(pretender: embedded.Server) -> None:
    schema = (
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN word AS text;"
        "CREATE TYPE pair AS (a int, b int); CREATE TABLE t (a int);"
    )
    async with pretended(pretender, schema, uniform(10)) as (connection, seen):
        for which in ("common", "rare", "first", "last"):
            for name in TYPES:
                text = seen.sample(None, _type(name), which)
                assert text == seen.sample(None, _type(name), which)
                await connection.fetch(f"SELECT $1::text::{name}", text)
                if name == "uuid[]":
                    assert text.count(",") == 99


TYPES = (
    *("smallint", "integer", "bigint", "numeric", "real", "double precision", "money", "oid"),
    *("text", "character varying", "character", "boolean", "uuid", "bytea", "word", "mood"),
    *("date", "timestamp with time zone", "timestamp without time zone", "interval"),
    *("time without time zone", "time with time zone", "inet", "cidr", "macaddr"),
    *("jsonb", "json", "tsvector", "tsquery", "bit varying", "bit", "pair"),
    *("point", "box", "circle", "int4range", "int4multirange", "integer[]", "text[]", "uuid[]"),
    *("boolean[]", "bytea[]", "timestamp with time zone[]", "jsonb[]", "mood[]", "numeric[]"),
)


def _type(name: str) -> PgType:
    if name.endswith("[]"):
        return PgType(1, name, "array", element=_type(name.removesuffix("[]")))
    if name == "mood":
        return PgType(1, name, "enum", labels=("sad", "ok"))
    if name == "word":
        return PgType(1, name, "domain", base=PgType(25, "text"))
    if name == "pair":
        integer = PgType(23, "integer")
        return PgType(1, name, "composite", fields=(("a", integer), ("b", integer)))
    if name == "int4range":
        return PgType(1, name, "range")
    return PgType(1, name, "multirange" if name == "int4multirange" else "base")


async def test_an_array_for_a_column_of_single_values_has_many_entries(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    scale = model('array = 7\n[tables."public.post"]\ncolumns.author_id = {common=[0.5]}', tmp_path)
    async with pretended(pretender, TABLES, scale) as (_, seen):
        origin, kind = Origin("public", "post", "author_id"), _type("bigint[]")
        common = seen.sample(origin, kind, "common").strip('{}"').split('","')
        rare = seen.sample(origin, kind, "rare").strip('{}"').split('","')
        assert len(common) == len(rare) == len(set(common)) == 7
        assert common[0] not in rare
        tags = Origin("public", "author", "tags")
        assert seen.sample(tags, _type("text[]"), "common") in {'{"a"}', '{"b"}'}


WRONG = {
    '[tables."public.autor"]': "public.autor: there is no such table; did you mean `public.author`?",
    '[tables."public.author"]\ncolumns.emial = {nulls=0.1}': (
        "public.author: emial: there is no such column; did you mean `email`?"
    ),
    '[tables."public.author"]\ncolumns.level = {common={lo=0.1}}': (
        "public.author: level.common: `lo` cannot stand there; did you mean `low`?"
    ),
    '[tables."public.author"]\ncolumns.score = {common={many=0.1}}': "score.common: invalid input",
    '[tables."public.author"]\ncolumns.score = {elements=[0.1]}': "integer has no elements",
    '[tables."public.author"]\ncolumns.score = {future=0.1}': "integer has no future",
    '[tables."public.author"]\ncolumns.active = {nulls=0.1}': "active: this column is NOT NULL",
    '[tables."public.author"]\nindexes.author_pkey = {distinct=5}': (
        "author_pkey: this index has no expression"
    ),
    '[tables."public.author"]\nindexes.author_lowr_idx = {distinct=5}': (
        "there is no such index; did you mean `author_lower_idx`?"
    ),
    "[settings]\nrandom_page_coast = 1": "did you mean `random_page_cost`?",
    "[settings]\nwork_mem = 'plenty'": "settings.work_mem: ",
    "setup = ['SELECT 1', 'SELEC']": "setup, statement 2: syntax error",
}


@pytest.mark.parametrize("text", WRONG)
async def test_a_model_that_does_not_fit_the_database_is_refused(
    text: str, pretender: embedded.Server, tmp_path: Path
) -> None:
    async with database(pretender, TABLES) as connection:
        with pytest.raises(ScaleError) as caught:
            await pretend(connection, pretender.data, model(text, tmp_path))
        assert WRONG[text] in str(caught.value)
        assert "scale.toml" in str(caught.value)


async def test_a_database_with_rows_is_refused(pretender: embedded.Server) -> None:
    async with database(pretender, TABLES) as connection:
        await connection.execute("CREATE TABLE _yoyo_log (a int); INSERT INTO _yoyo_log VALUES (1)")
        await connection.execute("CREATE TABLE country (a int); INSERT INTO country VALUES (1)")
        with pytest.raises(ScaleError, match=r"public\.country: this table is not empty; pretend"):
            await pretend(connection, pretender.data, uniform(5))
        await pretend(connection, pretender.data, uniform(100_000), seeds=True)
        assert await rows(connection, "SELECT * FROM country") == 100_000


async def test_only_a_server_of_its_own_is_pretended_on(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    async with database(pretender) as connection:
        with pytest.raises(ScaleError, match="the server's data is not in"):
            await pretend(connection, tmp_path, uniform(5))
    with embedded.temporary(18) as server:
        async with await driver.connect(server.dsn()) as connection:
            with pytest.raises(ScaleError, match="autovacuum would undo what is pretended; start"):
                await pretend(connection, server.data, uniform(5))


async def test_a_server_that_takes_no_statistics_is_refused() -> None:
    with embedded.temporary(16) as server:
        async with await driver.connect(server.dsn()) as connection:
            with pytest.raises(ScaleError, match="PostgreSQL 16 cannot be given statistics"):
                await pretend(connection, server.data, uniform(5))


async def test_a_table_larger_than_postgresql_can_hold_is_refused(
    pretender: embedded.Server,
) -> None:
    async with database(pretender, "CREATE TABLE t (a int)") as connection:
        with pytest.raises(ScaleError, match=r"public.t would be \d+ TB; a table ends at 32 TB"):
            await pretend(connection, pretender.data, uniform(10**13))


async def test_a_domain_that_refuses_made_up_values_is_planned_without_them(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%'); CREATE TABLE t (a email, b int)"
    query = "SELECT FROM t WHERE a = 'x@y'"
    async with database(pretender, schema) as connection:
        seen = await pretend(connection, pretender.data, uniform(10**6))
        assert [note.partition(":")[0] for note in seen.notes] == ["public.t.a"]
        assert await rows(connection, "SELECT FROM t") == 10**6
        assert await rows(connection, query) < 1000
    told = '[tables."public.t"]\nrows = 1000000\ncolumns.a = { common = { "x@y" = 0.5 } }'
    async with database(pretender, schema) as connection:
        await pretend(connection, pretender.data, model(told, tmp_path))
        assert await rows(connection, query) == pytest.approx(0.5 * 10**6, rel=0.01)


async def test_a_table_of_more_than_two_billion_pages_is_planned(
    pretender: embedded.Server,
) -> None:
    async with database(pretender, "CREATE TABLE t (a int)") as connection:
        await pretend(connection, pretender.data, uniform(6 * 10**11))
        assert await rows(connection, "SELECT FROM t") == pytest.approx(6 * 10**11, rel=0.01)


async def test_settings_that_a_migration_left_behind_count_for_nothing(
    pretender: embedded.Server,
) -> None:
    schema = "CREATE TABLE t (a int PRIMARY KEY, b int); SET enable_seqscan = off"
    async with database(pretender, schema) as connection:
        await pretend(connection, pretender.data, uniform(10**6))
        assert (await connection.fetch("SHOW enable_seqscan"))[0][0] == "on"
        assert (await connection.fetch("SHOW random_page_cost"))[0][0] == "1.1"


async def test_the_same_model_gives_the_same_statistics(pretender: embedded.Server) -> None:
    said = []
    for _ in range(2):
        async with pretended(pretender, TABLES, uniform(12_345)) as (connection, _seen):
            found = await connection.fetch(
                "SELECT s::text FROM pg_stats AS s WHERE schemaname = 'public' ORDER BY 1"
            )
            said.append([row["s"] for row in found])
    assert said[0] == said[1]
    assert len(said[0]) > 12


async def test_an_empty_table_stays_empty(pretender: embedded.Server) -> None:
    scale = replace(uniform(1000), tables={("public", "post"): TableScale(rows=0)})
    async with pretended(pretender, TABLES, scale) as (connection, seen):
        assert seen.rows("public", "post") == 0
        assert await rows(connection, "SELECT * FROM post") == 1

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from slimy_dal.cli.scale import scale as command
from slimy_dal.compiler.scale import model, toml
from slimy_dal.compiler.scale.live import take
from slimy_dal.compiler.scale.model import Scale
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.engine import driver, embedded
from tests.plans.pretending import database, rows

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE person (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    secret text,
    born timestamptz NOT NULL,
    mood mood NOT NULL,
    active boolean NOT NULL,
    level text NOT NULL CHECK (level IN ('low', 'high')),
    tags text[] NOT NULL,
    roles text[] NOT NULL CHECK (roles <@ ARRAY['admin', 'member'])
);
CREATE INDEX person_lower_idx ON person (lower(name));
CREATE INDEX person_words_idx ON person USING gin (to_tsvector('simple', name));
CREATE TABLE "Odd ""one" ("a b" int);
CREATE TABLE part (n int NOT NULL) PARTITION BY RANGE (n);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (100) TO (200);
CREATE TABLE unseen (a int) WITH (autovacuum_enabled = off);
"""
DATA = """
INSERT INTO person SELECT
    g, 'hidden' || g % 20, CASE WHEN g % 4 = 0 THEN 'hidden' || g % 3 END,
    timestamptz '2040-01-01' + g * interval '1 hour', 'ok', g % 10 = 0,
    CASE WHEN g % 5 = 0 THEN 'high' ELSE 'low' END,
    ARRAY['hidden' || g % 7], ARRAY['member']
FROM generate_series(1, 10000) AS g;
INSERT INTO part SELECT g % 200 FROM generate_series(1, 1000) AS g;
INSERT INTO "Odd ""one" VALUES (1);
ANALYZE person; ANALYZE part; ANALYZE "Odd ""one";
"""


@pytest.fixture(scope="module", params=[15, 16, 18])
def production(request: pytest.FixtureRequest) -> Iterator[embedded.Server]:
    """A server with secrets in it."""
    with embedded.temporary(request.param) as server:
        yield server


async def taken(server: embedded.Server) -> str:
    async with await driver.connect(server.dsn()) as connection:
        if not await connection.fetch("SELECT 1 FROM pg_class WHERE relname = 'person'"):
            await connection.execute(SCHEMA)
            await connection.execute(DATA)
        return await take(connection)


async def test_numbers_leave_the_database(production: embedded.Server) -> None:
    scale = toml.parse(await taken(production), "taken.toml")
    person = scale.tables["public", "person"]
    assert person.rows == 10_000
    assert person.columns["id"].distinct == -1
    assert person.columns["id"].correlation == 1
    secret = person.columns["secret"]
    assert (secret.nulls, secret.distinct) == (0.75, 3)
    assert [round(share, 3) for _, share in secret.common or ()] == [0.083, 0.083, 0.083]
    assert person.columns["born"].future == 1
    assert [round(share, 2) for _, share in person.columns["tags"].elements or ()] == [0.14] * 7
    assert person.indexes["person_lower_idx"].distinct == 20
    assert len(person.indexes["person_words_idx"].elements or ()) == 20
    assert scale.tables["public", "part"].rows == 1000
    assert ("public", "part_1") not in scale.tables
    assert scale.tables["public", 'Odd "one'].columns["a b"].distinct == -1
    assert scale.tables["public", "unseen"].rows is None


async def test_values_stay_but_those_that_the_schema_lists(production: embedded.Server) -> None:
    text = await taken(production)
    assert "hidden" not in text
    assert "2040" not in text
    person = toml.parse(text, "taken.toml").tables["public", "person"]
    columns = person.columns
    assert dict(columns["level"].common or ()) == {"low": 0.8, "high": 0.2}
    assert dict(columns["mood"].common or ()) == {"ok": 1}
    assert dict(columns["active"].common or ()) == {"f": 0.9, "t": 0.1}
    assert dict(columns["roles"].elements or ()) == {"member": 1}


async def test_a_taken_model_plans_as_the_database_does(
    production: embedded.Server, pretender: embedded.Server, tmp_path: Path
) -> None:
    (tmp_path / "taken.toml").write_text(await taken(production))
    scale = model.read(tmp_path / "taken.toml")
    async with (
        await driver.connect(production.dsn()) as real,
        database(pretender, SCHEMA) as connection,
    ):
        seen = await pretend(connection, pretender.data, scale)
        assert seen.rows("public", "part_2") == 500
        for sql in (
            "SELECT * FROM person",
            "SELECT * FROM person WHERE level = 'high'",
            "SELECT * FROM person WHERE active",
            "SELECT * FROM person WHERE secret IS NULL",
            "SELECT * FROM person WHERE roles @> ARRAY['member']",
            "SELECT DISTINCT name FROM person",
            "SELECT DISTINCT lower(name) FROM person",
            "SELECT * FROM person WHERE born > now()",
        ):
            expected = await rows(real, sql)
            assert abs(await rows(connection, sql) - expected) <= expected * 0.02, sql


def test_the_command_prints_it(production: embedded.Server) -> None:
    expected = asyncio.run(taken(production))
    done = CliRunner().invoke(command, ["--dsn", production.dsn()])
    assert done.output == expected


def test_the_command_is_one_of_ours() -> None:
    from slimy_dal.cli import main  # noqa: PLC0415 -- the others of this file need no other command

    assert main.commands["scale"] is command


def test_the_command_says_that_there_is_no_database() -> None:
    done = CliRunner().invoke(command, ["--dsn", "postgresql://nobody@127.0.0.1:1/none"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")


async def test_a_statistics_dump_is_restored_as_it_is(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    file = tmp_path / "production.sql"
    with embedded.temporary(18) as production:
        await taken(production)
        dump = _dumped(production)
        file.write_text(dump.replace("'10000'::real", "'50000000'::real"))
    scale = model.read(file)
    newer = SCHEMA + "ALTER TABLE person DROP COLUMN secret; CREATE TABLE later (a int)"
    async with database(pretender, newer) as connection:
        seen = await pretend(connection, pretender.data, scale)
        assert seen.rows("public", "person") == 50_000_000
        assert seen.rows("public", "later") == Scale().default_rows
        assert seen.notes == ("public.person.secret is not in this database",)
        assert await rows(connection, "SELECT * FROM person") == 50_000_000
        count = await rows(connection, "SELECT * FROM person WHERE name = 'hidden7'")
        assert 2_000_000 < count < 3_000_000
        found = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'i') AND relpages > 0"
            " AND relnamespace = 'public'::regnamespace"
            " AND relpages != pg_relation_size(oid) / 8192"
        )
        assert found == []


def _dumped(server: embedded.Server) -> str:
    program = embedded.binaries(18) / "pg_dump"
    return subprocess.run(
        [program, "--statistics-only", "-d", server.dsn()],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

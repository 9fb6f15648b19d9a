import re
from pathlib import Path

import pytest

from slimy_dal.compiler.scale.model import Scale, ScaleError, read, uniform
from tests.plans.pretending import OWN_MODEL

ROOT = Path(__file__).parent.parent.parent

DUMP = """
\\restrict abc
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
-- Statistics for Name: t; Type: STATISTICS DATA
SELECT * FROM pg_catalog.pg_restore_relation_stats(
    'version', '180004'::integer,
    'schemaname', 'public',
    'relname', 't',
    'relpages', '1234'::integer,
    'reltuples', '5e+06'::real
);
\\unrestrict abc
"""


def declared(place: Path, text: str, name: str = "scale.toml") -> Scale:
    file = place / name
    file.write_text(text, encoding="utf-8")
    return read(file)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    scale = declared(
        tmp_path,
        """
        page = 51
        months = 3
        setup = ["SELECT 1"]
        [settings]
        random_page_cost = 4
        enable_hashjoin = false
        [tables."public.t"]
        rows = 1000
        growth = 100
        columns.a = { distinct = 7, nulls = 0.25, common = [0.1, 0.5] }
        columns.b = { common = { open = 0.2, "shut down" = 0.7 }, elements = [0.5] }
        """,
    )
    assert (scale.page, scale.array, scale.months, scale.setup) == (51, 100, 3, ("SELECT 1",))
    assert scale.settings["random_page_cost"] == "4"
    assert scale.settings["enable_hashjoin"] == "off"
    assert scale.settings["work_mem"] == "16MB"
    assert scale.planned(("public", "t")) == 1300
    a = scale.tables["public", "t"].columns["a"]
    assert (a.distinct, a.nulls, a.common) == (7, 0.25, ((None, 0.5), (None, 0.1)))
    b = scale.tables["public", "t"].columns["b"]
    assert b.common == (("shut down", 0.7), ("open", 0.2))


def test_our_own_model_speaks_of_every_table() -> None:
    migrations = (ROOT / "sql" / "migrations").glob("*[!k].sql")
    made = {
        name
        for path in migrations
        for name in re.findall(r"(?m)^CREATE TABLE slimy\.(\w+)", path.read_text())
    }
    assert len(made) > 30
    assert {table for schema, table in read(OWN_MODEL).tables if schema == "slimy"} == made


T = '[tables."public.t"]\n'

MISTAKES = {
    "pages = 5": "scale.toml: pages: unknown key `pages`; did you mean `page`?",
    "page = 0": "scale.toml: page: 0 is not possible; give a whole number from 1 on",
    "page = 1.5": "page: 1.5 is not possible",
    "page = true": "page: True is not possible",
    "page = ": "this is no TOML",
    "tables = 5": "tables: 5 is no table",
    "[tables.t]": 'tables: `t` is no table; write its schema too, in quotes: [tables."public.t"]',
    T + "row = 5": "public.t: row: unknown key `row`; did you mean `rows`?",
    T + "rows = -1": "public.t: rows: -1 is not possible",
    T + "rows = nan": "public.t: rows: nan is not possible",
    T + "visible = 2": "public.t: visible: 2 is not possible; give a fraction between 0 and 1",
    T + "columns.a = {nulls = 1.5}": "public.t: a.nulls: 1.5 is not possible",
    T + "columns.a = {null = 0.5}": "public.t: a.null: unknown key `null`; did you mean `nulls`?",
    T + "columns.a = 5": "public.t: a: 5 is no table; write `name = { key = value }`",
    T
    + "columns.a = {distinct = -2}": "a.distinct: -2 is not possible; give a count, or a negative",
    T + "columns.a = {common = [0.6, 0.6]}": "a.common: the frequencies are 1.2 together",
    T
    + "columns.a = {common = [0.6], nulls = 0.6}": "the frequencies and the nulls are 1.2 togethe",
    T + "columns.a = {common = [0]}": "a.common: 0 is no frequency; above 0, at most 1",
    T + "columns.a = {common = {x = 7}}": "a.common: 7 of `x` is no frequency",
    T + "columns.a = {common = 0.5}": "a.common: 0.5 is no list of frequencies; write `[0.2, 0.1]`",
    T + "columns.a = {correlation = 3}": "a.correlation: 3 is not possible",
    "setup = 'SELECT 1'": "setup: 'SELECT 1' is no list of SQL",
    "[settings]\nwork_mem = [5]": "settings.work_mem: [5] is no setting",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_said_with_its_place_and_the_way_out(text: str, tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match=re.escape(MISTAKES[text])) as caught:
        declared(tmp_path, text)
    assert caught.value.file == str(tmp_path / "scale.toml")
    assert caught.value.hint


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match=r"none\.toml: it cannot be read: No such file"):
        read(tmp_path / "none.toml")


def test_a_uniform_model_gives_every_table_the_same() -> None:
    assert uniform(5_000).planned(("any", "table")) == 5_000
    with pytest.raises(ScaleError, match="0 is no number of rows"):
        uniform(0)


def test_a_model_scales_with_all_tables_in_proportion(tmp_path: Path) -> None:
    scale = declared(
        tmp_path, T + 'rows = 100\ngrowth = 100\n[tables."public.u"]\nrows = 13\n'
    ).scaled_to(1_300_000)
    assert scale.planned(("public", "t")) == 1_300_000
    assert scale.planned(("public", "u")) == 13_000


def test_a_statistics_dump_is_a_model_too(tmp_path: Path) -> None:
    scale = declared(tmp_path, DUMP, "production.sql")
    assert scale.dump is not None
    assert scale.dump.sizes == {("public", "t"): (1234, 5e6)}
    assert len(scale.dump.statements) == 1
    with pytest.raises(ScaleError, match="cannot be scaled"):
        scale.scaled_to(5)


@pytest.mark.parametrize(
    "planted",
    [
        "DROP TABLE t",
        "SELECT pg_catalog.pg_restore_relation_stats('relname', (SELECT 't'))",
        "SELECT pg_catalog.pg_restore_relation_stats('relname', lo_import('/etc/passwd'))",
        "SELECT pg_catalog.pg_restore_relation_stats('relname', 't') FROM pg_sleep(5)",
        "SELECT pg_catalog.pg_restore_relation_stats('relname', 't'), pg_sleep(5)",
        "SELECT pg_catalog.pg_restore_relation_stats('relname', 't'::evil)",
        "SELECT public.pg_restore_relation_stats('relname', 't')",
        "SELECT pg_catalog.set_config('a', (SELECT 'b'), false)",
        "COPY t FROM PROGRAM 'id'",
        "SELECT 1",
        "DO $$ BEGIN END $$",
        "\\! id",
    ],
)
def test_a_dump_that_does_anything_else_is_refused(planted: str, tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match=r"restores no statistics|no SQL"):
        declared(tmp_path, f"{DUMP}\n{planted};\n", "production.sql")


def test_a_dump_without_statistics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match="there are no statistics in it"):
        declared(tmp_path, "SET a = 1;", "production.sql")

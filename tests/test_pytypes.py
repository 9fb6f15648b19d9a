"""Tests that the Python type of every PostgreSQL type is the one that the driver gives."""

import builtins
import datetime as dt
import decimal
import ipaddress
import uuid
from typing import Any

import pytest

from slimy_dal.compiler.codegen.names import Names
from slimy_dal.compiler.description import PgType
from slimy_dal.compiler.pytypes import engine_type, python_type
from slimy_dal.engine import driver, embedded

SAMPLES = {
    "bigint": "1",
    "bit": "B'1'",
    "bit varying": "B'1'",
    "boolean": "true",
    "box": "'(1,2),(3,4)'",
    "bytea": "'a'",
    '"char"': "'a'",
    "character": "'a'",
    "character varying": "'a'",
    "cid": "'1'",
    "circle": "'<(1,2),3>'",
    "cidr": "'10.0.0.0/8'",
    "date": "now()",
    "daterange": "'[2020-01-01,2020-01-02)'",
    "double precision": "1",
    "inet": "'10.0.0.1'",
    "int4multirange": "'{[1,2)}'",
    "int4range": "'[1,2)'",
    "int8range": "'[1,2)'",
    "integer": "1",
    "interval": "'1 day'",
    "line": "'{1,2,3}'",
    "lseg": "'[(1,2),(3,4)]'",
    "macaddr": "'08:00:2b:01:02:03'",
    "macaddr8": "'08:00:2b:01:02:03:04:05'",
    "money": "1",
    "name": "'a'",
    "numeric": "1",
    "numrange": "'[1,2)'",
    "oid": "1",
    "path": "'[(1,2),(3,4)]'",
    "pg_lsn": "'0/0'",
    "pg_snapshot": "'10:20:10'",
    "point": "'(1,2)'",
    "polygon": "'((1,2),(3,4))'",
    "real": "1",
    "record": "ROW(1, 'a')",
    "regclass": "'pg_class'",
    "regtype": "'int4'",
    "smallint": "1",
    "text": "'a'",
    "tid": "'(0,1)'",
    "time with time zone": "'10:00+1'",
    "time without time zone": "'10:00'",
    "timestamp with time zone": "now()",
    "timestamp without time zone": "now()",
    "tsquery": "'a'",
    "tstzrange": "'[2020-01-01,2020-01-02)'",
    "tsvector": "'a'",
    "uuid": "gen_random_uuid()",
    "xid": "'1'",
    "xid8": "'1'",
}
KNOWN: dict[str, Any] = {
    **vars(builtins),
    **vars(dt),
    **vars(ipaddress),
    "Decimal": decimal.Decimal,
    "UUID": uuid.UUID,
}


def annotation(pg: PgType, **how: Any) -> str:
    names = Names()
    written = python_type(pg, names, **how)
    assert names.problems == []
    return written


def pg_type(name: str) -> PgType:
    if name.endswith("multirange"):
        return PgType(1, name, "multirange")
    if name.endswith("range"):
        return PgType(1, name, "range")
    return PgType(1, name, "pseudo" if name == "record" else "base")


def fits(value: object, written: str) -> bool:
    if " | " in written:
        return any(fits(value, part) for part in written.split(" | "))
    if written.startswith("list["):
        return isinstance(value, list) and all(fits(one, written[5:-1]) for one in value)
    plain = written.partition("[")[0]
    if plain == "tuple":
        return isinstance(value, tuple) or type(value).__name__ == "Record"
    if plain in KNOWN:
        expected = KNOWN[plain]
        # A datetime is a date, and a bool an int, for isinstance; a column of them is not.
        return type(value) is expected or (plain == "UUID" and isinstance(value, expected))
    return type(value).__name__ == plain


@pytest.mark.parametrize("name", SAMPLES)
async def test_the_annotation_is_the_type_the_driver_gives(
    server: embedded.Server, name: str
) -> None:
    connection = await driver.connect(server.dsn())
    try:
        cast = "" if name == "record" else f"::{name}"
        [[value]] = await connection.fetch(f"SELECT {SAMPLES[name]}{cast}")
    finally:
        await connection.close()
    written = annotation(pg_type(name))
    assert fits(value, written), (value, written)


async def test_every_type_of_the_server_is_known_or_refused_by_name(
    server: embedded.Server,
) -> None:
    connection = await driver.connect(server.dsn())
    try:
        rows = await connection.fetch(
            "SELECT format_type(oid, NULL) FROM pg_type WHERE typtype = 'b' AND typcategory <> 'A'"
        )
    finally:
        await connection.close()
    refused = set()
    for [name] in rows:
        names = Names()
        python_type(PgType(1, name), names)
        refused |= {name} if names.problems else set()
    # Only what holds the catalog's own statistics cannot be read.
    assert {name for name in refused if not name.startswith("pg_")} == {"gtsvector"}


def test_a_type_of_an_extension_is_its_text() -> None:
    assert annotation(PgType(17000, "public.ltree")) == "str"
    assert annotation(PgType(17000, "public.citext")) == "str"


TEXT = PgType(25, "text")
TEXTS = PgType(1009, "text[]", "array", element=TEXT)
POSITIVE = PgType(17000, "slimy.positive", "domain", base=PgType(23, "integer"))
VERY = PgType(17001, "slimy.very_positive", "domain", base=POSITIVE)
VERIES = PgType(17002, "slimy.very_positive[]", "array", element=VERY)


def test_arrays_come_as_lists_and_go_as_sequences() -> None:
    assert annotation(TEXTS) == "list[str]"
    assert annotation(TEXTS, given=True) == "Sequence[str]"
    assert annotation(TEXTS, alias="Role") == "list[Role]"


def test_domains_are_looked_through() -> None:
    assert annotation(VERY) == "int"
    assert annotation(VERIES) == "list[int]"
    assert engine_type(VERY) == "integer"
    assert engine_type(VERIES) == "integer[]"


def test_composites_are_rows_and_void_is_none() -> None:
    assert annotation(PgType(17003, "slimy.pair", "composite")) == "Row"
    assert annotation(PgType(2278, "void", "pseudo")) == "None"

"""Random database states: few different values, so that joins match and miss, and NULL wherever it is allowed."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from slimy_dal.compiler.description import PgType
from slimy_dal.engine.driver import Connection
from tests.nullability.caselist import FOLDER

ROLE = "fuzz"
ATTEMPT = """
CREATE FUNCTION pg_temp.attempt(text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $1;
EXCEPTION WHEN OTHERS THEN NULL;
END $$
"""
ORDER = f"""
RESET ROLE;
CREATE OPERATOR CLASS {ROLE}.weight_order DEFAULT FOR TYPE {ROLE}.weight USING btree AS
    OPERATOR 1 {ROLE}.<, OPERATOR 2 {ROLE}.<=, OPERATOR 3 {ROLE}.=, OPERATOR 4 {ROLE}.>=,
    OPERATOR 5 {ROLE}.>, FUNCTION 1 {ROLE}.weight_order({ROLE}.weight, {ROLE}.weight)
"""
"""A superuser alone makes operator classes."""
KEYED = ("a", "b", "c", "e", "g", "tree", "auto", "part", "parent", "trig", "guarded", "period")


async def build(connection: Connection, major: int) -> None:
    """Make the tables as an ordinary role, to whom row level security applies."""
    await connection.execute(f"CREATE ROLE {ROLE}; CREATE SCHEMA {ROLE} AUTHORIZATION {ROLE}")
    await connection.execute(f"GRANT TEMP ON DATABASE postgres TO {ROLE}")
    await enter(connection, attempt=False)
    await connection.execute((FOLDER / "schema.sql").read_text(encoding="utf-8"))
    if major >= 18:
        await connection.execute((FOLDER / "schema_18.sql").read_text(encoding="utf-8"))
    await connection.execute(ORDER)
    await enter(connection, attempt=False)
    if major < 16:
        await connection.execute((FOLDER / "schema_15.sql").read_text(encoding="utf-8"))
    if major < 18:
        # A child may drop the NOT NULL of its parent until PostgreSQL 17.
        await connection.execute("ALTER TABLE child ALTER COLUMN v DROP NOT NULL")


async def enter(connection: Connection, *, attempt: bool = True) -> None:
    """Begin to work in the world as that role."""
    await connection.execute(f"SET ROLE {ROLE}; SET search_path = {ROLE}")
    # JSON's null is no NULL; the codec of the driver would make None of both.
    await connection._raw.reset_type_codec("jsonb", schema="pg_catalog")  # noqa: SLF001
    await connection._raw.reset_type_codec("json", schema="pg_catalog")  # noqa: SLF001
    if attempt:
        await connection.execute(ATTEMPT)


async def fill(connection: Connection, rng: random.Random, major: int) -> None:
    """Replace everything by a random state."""
    await connection.execute(f"TRUNCATE {', '.join(KEYED)}")
    statements = list(_rows(rng, major))
    await connection.fetch("SELECT pg_temp.attempt(s) FROM unnest($1::text[]) AS s", statements)
    await connection.execute("REFRESH MATERIALIZED VIEW mv")


def _rows(rng: random.Random, major: int) -> Iterator[str]:
    for table, columns in TABLES.items():
        for number in range(rng.choice((0, 1, 3, 4, 5, 6, 6))):
            values = ", ".join(make(rng, number) for make in columns.values())
            yield f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"
    if major >= 18:
        for number in range(rng.choice((0, 1, 3))):
            yield f"INSERT INTO virtual (id, x, y) VALUES ({number}, 1, {_maybe(rng, '2')})"
            yield (
                f"INSERT INTO booking VALUES ('[{number},{number + 1})', "
                f"'[2026-01-0{number + 1},2026-02-01)', {_maybe(rng, quote('w'))})"
            )


def quote(text: str) -> str:
    return f"'{text}'"


def _maybe(rng: random.Random, value: str) -> str:
    return "NULL" if rng.random() < 0.4 else value


Maker = Callable[[random.Random, int], str]


def _of(*values: str, nullable: bool = True) -> Maker:
    def make(rng: random.Random, _: int) -> str:
        value = rng.choice(values)
        return _maybe(rng, value) if nullable else value

    return make


def _number(_: random.Random, number: int) -> str:
    return str(number)


NUMBERS = _of("0", "1", "2", "3")
SOLID = _of("0", "1", "2", "3", nullable=False)
TEXTS = _of("'p'", "'q'", "'zz'")
REQUIRED = _of("'p'", "'q'", nullable=False)
TIMES = ("'2026-01-01'", "'infinity'", "'2026-03-01 10:00'", "'-infinity'")
DOCUMENTS = ("'{}'", """'{"k": 1}'""", """'{"k": null}'""", """'{"k": "2", "j": [1]}'""")
ARRAYS = ("'{}'", "'{p}'", "'{p,NULL}'", "'{q,p}'")

TABLES: dict[str, dict[str, Maker]] = {
    "c": {"id": _number, "n": NUMBERS, "t": lambda _, number: f"'t{number}'"},
    "b": {"id": _number, "c_id": NUMBERS, "n": SOLID, "t": TEXTS},
    "a": {
        "id": _number,
        "b_id": NUMBERS,
        "n": NUMBERS,
        "t": TEXTS,
        "flag": _of("true", "false", nullable=False),
        "tags": _of(*ARRAYS, nullable=False),
        "extra": _of(*ARRAYS),
        "doc": _of(*DOCUMENTS, nullable=False),
        "opt": _of(*DOCUMENTS),
        "at": _of(*TIMES, nullable=False),
        "maybe_at": _of("'2026-01-01'", "'2026-02-01'"),
        "d": _of("'2026-01-01'", "'infinity'", nullable=False),
        "kind": _of("'x'", "'y'", nullable=False),
        "checked": _of("0", "5", nullable=False),
        "weak": NUMBERS,
        "either": _of("9", "9", "1", "NULL", nullable=False),
        # A subquery without rows puts NULL into a column of a domain that forbids it.
        "dom": _of("'p'", "'q'", "(SELECT 'p'::required_text WHERE false)", nullable=False),
        "chk": _of("'p'", "'q'", "(SELECT 'p'::checked_text WHERE false)", nullable=False),
        "deep": _of("'p'", "'q'", "(SELECT 'p'::nested_required WHERE false)", nullable=False),
        "low": NUMBERS,
        "p": _of("ROW(1, 'a')::pair", "ROW(NULL, NULL)::pair"),
        "m": _of("'bad'", "'good'", nullable=False),
        "price": _of("1.5", "0", "'NaN'", nullable=False),
        "span": _of("'[1,3)'", "'empty'", "'[,)'", "'[2,)'", nullable=False),
        "ratio": _of("0.5", "'NaN'"),
    },
    "e": {"k": NUMBERS, "v": NUMBERS, "w": TEXTS},
    "g": {"id": _number, "x": SOLID, "y": NUMBERS},
    "tree": {"id": _number, "parent": NUMBERS, "name": REQUIRED, "note": TEXTS},
    "auto": {"n": NUMBERS, "u": NUMBERS},
    "part": {"id": SOLID, "region": REQUIRED, "v": NUMBERS},
    "parent": {"id": SOLID, "v": NUMBERS, "w": NUMBERS},
    "child": {"id": SOLID, "v": NUMBERS, "w": NUMBERS, "own": NUMBERS},
    "trig": {"id": _number, "v": NUMBERS, "w": SOLID},
    "guarded": {"id": _number, "v": NUMBERS, "w": SOLID},
    "period": {
        "room": _of("'[1,3)'", "'empty'", nullable=False),
        "during": _of("'[,)'", nullable=False),
        "who": TEXTS,
    },
}


def argument(rng: random.Random, kind: PgType, *, nullable: bool) -> Any:
    """Return a value that may be passed for a parameter."""
    if nullable and rng.random() < 0.5:
        return None
    if kind.element is not None:
        return [
            None if rng.random() < 0.3 else argument(rng, kind.element, nullable=False)
            for _ in range(rng.randrange(4))
        ]
    if kind.name in {"integer", "bigint"}:
        return rng.randrange(4) if rng.random() < 0.7 else rng.randrange(100, 200)
    return rng.choice(("p", "q", f"t{rng.randrange(9)}"))

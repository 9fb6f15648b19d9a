"""Every constraint of the schema, as PostgreSQL says that it was broken, is told to a caller by field and in words."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import psycopg
import pytest
from pydantic import create_model
from pydantic.alias_generators import to_camel

from service import app as application
from service.app import create_app
from service.auth import PUBLIC
from service.catalogue import CATALOGUE
from service.faults import LISTS, RULES
from service.inputs import Body
from service.routes import Call, Routes
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.ad_hoc import writes
from tests.service.conftest import Caller, judge

pytestmark = pytest.mark.slow

QUERY = """
SELECT t.relname, c.conname, c.contype::text, pg_get_constraintdef(c.oid), (
    SELECT array_agg(a.attname::text ORDER BY k.place)
    FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
    INNER JOIN pg_attribute AS a ON a.attrelid = t.oid AND k.number = a.attnum
), f.relname
FROM pg_constraint AS c
INNER JOIN pg_class AS t ON c.conrelid = t.oid
LEFT JOIN pg_class AS f ON c.confrelid = f.oid
WHERE c.connamespace = 'slimy'::regnamespace AND NOT t.relispartition AND c.contype <> 'n'
UNION ALL
SELECT t.relname, i.relname, 'expression', pg_get_indexdef(i.oid), ARRAY[substring(
    pg_get_indexdef(i.oid) FROM '\\((\\w+)\\)'
)], NULL
FROM pg_index AS x
INNER JOIN pg_class AS i ON x.indexrelid = i.oid
INNER JOIN pg_class AS t ON x.indrelid = t.oid
WHERE x.indisunique AND x.indexprs IS NOT NULL AND t.relnamespace = 'slimy'::regnamespace
"""
TRIGGERS = "SELECT prosrc FROM pg_proc WHERE pronamespace = 'slimy'::regnamespace"
CODES = {
    "c": ("23514", "check_violated", "validation_failed"),
    "f": ("23503", "missing_reference", "missing_reference"),
}
SAME = ("23505", "already_exists", "already_exists")


@dataclass(frozen=True)
class Constraint:
    table: str
    name: str
    kind: str
    definition: str
    columns: list[str]
    parent: str | None

    @property
    def rule(self) -> str:
        return self.name.removeprefix(f"{self.table}_").removesuffix("_check")

    @property
    def broken(self) -> str:
        """What raises it as the server does, which tells columns of keys only, and not those of expressions."""
        state = CODES.get(self.kind, SAME)[0]
        key = f"Key ({', '.join(self.columns)})=(a)"
        detail = {
            "c": "Failing row contains (a).",
            "expression": "Key (lower(a))=(a) already exists.",
            "f": f'{key} is not present in table "{self.parent}".',
        }.get(self.kind, f"{key} already exists.")
        message = f'"{self.table}" violates constraint "{self.name}"'
        return (
            f"DO $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{state}', SCHEMA = 'slimy', "
            f"TABLE = '{self.table}', CONSTRAINT = '{self.name}', DETAIL = '{detail}'; END $$"
        )


@pytest.fixture
def constraints(database_url: str) -> list[Constraint]:
    with psycopg.connect(database_url) as connection:
        return [Constraint(*row) for row in connection.execute(QUERY)]


@pytest.fixture
def of_triggers(database_url: str) -> set[str]:
    with psycopg.connect(database_url) as connection:
        bodies = [body for (body,) in connection.execute(TRIGGERS)]
    return {name for body in bodies for name in re.findall(r"CONSTRAINT = '(\w+)'", body)}


@pytest.fixture
async def caller(
    constraints: list[Constraint],
    settings: Settings,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Caller]:
    columns = {column for one in constraints for column in one.columns}
    fields: dict[str, Any] = dict.fromkeys(columns, (str, ""))
    values = create_model("Values", __base__=Body, **fields)
    found = {one.name: one for one in constraints}
    routes = Routes("lab", "Breaks constraints.")

    async def break_it(call: Call, *, broken_name: str, body: Any) -> None:
        """Break a constraint."""
        del body
        await call.state.db.pool.execute(writes(found[broken_name].broken))

    break_it.__annotations__["body"] = values
    shown = {"body_example": {"code": "a"}, "examples": {"broken_name": "a"}}
    routes.route("POST", "/lab/{broken_name}", PUBLIC, *CATALOGUE, **shown)(break_it)
    monkeypatch.setattr(application, "GROUPS", (*application.GROUPS, routes))
    app = create_app(settings, db)
    documented = judge(app[application.STATE].document)
    async with listening(app, settings) as address, aiohttp.ClientSession() as session:
        yield Caller(address, session, documented)


async def test_a_broken_constraint_is_told_by_its_fields_and_in_words(
    caller: Caller, constraints: list[Constraint]
) -> None:
    assert len(constraints) > 200
    assert {"c", "f", "p", "u", "expression"} <= {one.kind for one in constraints}
    every = {column for one in constraints for column in one.columns}
    for one in constraints:
        answer = await caller.post(f"/lab/{one.name}", {})
        _, word, code = CODES.get(one.kind, SAME)
        assert answer.code == code, one
        # Rows of a list are sent under its name, which here is a column of another table too.
        within = LISTS.get(one.table)
        columns = [within] if within and within in every else one.columns
        assert sorted(answer.pointers) == sorted(f"/{to_camel(name)}" for name in columns), one
        for entry in answer.json["errors"]:
            assert entry["code"] == word
            assert entry["detail"] != "is not allowed", one
            assert entry["detail"] in answer.json["detail"], one


def test_words_are_there_for_the_checks_of_the_schema_and_for_nothing_else(
    constraints: list[Constraint], of_triggers: set[str]
) -> None:
    told = {f"{table}_{rule}_check" for table, rules in RULES.items() for rule in rules}
    assert told == {one.name for one in constraints if one.kind == "c"} | of_triggers


def test_the_words_of_a_rule_are_its_numbers_and_its_choices(constraints: list[Constraint]) -> None:
    held = 0
    for one in constraints:
        if one.kind == "c" and (told := list(said(one))):
            sentence = RULES[one.table][one.rule]
            assert all(re.search(rf"\b{word}\b", sentence) for word in told), (one, told)
            held += 1
    assert held > 90


def said(one: Constraint) -> Iterator[str]:
    """What a definition names that its sentence has to name too."""
    if one.rule.endswith("_known") and one.rule != "scopes_known":
        yield from re.findall(r"'(\w+)'::text", one.definition)
    if one.rule.endswith(("_length", "_size")):
        yield from re.findall(r"[<>]?= (\d+)", one.definition)
    if one.rule.endswith("_range"):
        yield from re.findall(r">= '?\(?(\d+)", one.definition)
        yield from re.findall(r"<= \(?(\d+)", one.definition)
        for year in re.findall(r"< '(\d{4})-01-01", one.definition):
            before = re.search(rf"before the year {year}", RULES[one.table][one.rule])
            yield year if before else str(int(year) - 1)

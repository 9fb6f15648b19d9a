"""The proof of nullability: right by hand, never wrong on random data, and the same by both ways of asking."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from slimy_dal.compiler import builtins
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.grouping import Grouping
from slimy_dal.compiler.nodetree import walk
from slimy_dal.compiler.nullability import returning as nullability_returning
from slimy_dal.compiler.nullability import tables as nullability_tables
from slimy_dal.compiler.nullability.joins import Joins
from slimy_dal.compiler.tree import Reader, rolled_back
from slimy_dal.engine import embedded
from slimy_dal.engine.driver import Connection, connect
from slimy_dal.engine.errors import SlimyError
from tests.nullability.caselist import Case, load
from tests.nullability.fuzz import descriptions, run
from tests.nullability.generator import Generator
from tests.nullability.world import build, enter

MAJORS = (15, 16, 18)
STATES = 40
FEWER_STATES = 25
STATEMENTS = 400
GROUP = 9


@dataclass(frozen=True, slots=True)
class World:
    """A server of one version with the tables of the cases."""

    major: int
    connection: Connection
    cases: list[Case]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(major, marks=[] if major == max(MAJORS) else pytest.mark.slow)
        for major in MAJORS
    ],
    ids=lambda major: f"postgresql{major}",
)
def major(request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    number = request.param
    try:
        embedded.binaries(number)
    except embedded.EmbeddedServerError as error:
        pytest.skip(str(error))
    with embedded.temporary(number) as server:
        yield number, server.dsn()


@pytest.fixture
async def world(major: tuple[int, str]) -> AsyncIterator[World]:
    number, dsn = major
    async with await connect(dsn) as connection:
        if not await connection.fetch("SELECT 1 FROM pg_roles WHERE rolname = 'fuzz'"):
            await build(connection, number)
        await enter(connection)
        without = None
        try:
            await connection.fetch("SELECT xmlcomment('x')")
        except SlimyError:
            without = "xml"
        yield World(number, connection, load(number, without=without))


def tell(text: str) -> None:
    print(text)  # noqa: T201 -- the figures of the run, shown by pytest -s and with a failure


def answer(description: Description) -> str:
    return "".join("?" if column.nullable else "!" for column in description.columns)


async def test_every_case_is_answered_as_expected(world: World) -> None:
    cases = world.cases
    assert len(cases) >= 150
    await descriptions(world.connection, cases[:50])
    start = time.perf_counter()
    described = await descriptions(world.connection, cases)
    took = (time.perf_counter() - start) * 1000 / len(cases)
    wrong = [
        f"{case.file}:{case.line} {case.name}: expected {case.claims}, found {found}"
        for case in cases
        if (found := answer(described[case.name])) != case.claims
    ]
    tell(f"PostgreSQL {world.major}: {len(cases)} statements, {took:.2f} ms each")
    assert not wrong, "\n".join(wrong)


async def test_both_ways_of_asking_give_the_same(world: World) -> None:
    queries = [case.query for case in world.cases]
    by_function = await describe(world.connection, queries, method="function")
    by_log = await describe(world.connection, queries, method="log")
    assert [_plain(d) for d in by_function] == [_plain(d) for d in by_log]


def _plain(description: object) -> object:
    assert isinstance(description, Description), description
    return (
        description.query.name,
        [(p.type, p.nullable, p.target, p.choices) for p in description.parameters],
        [
            (
                c.name,
                c.type,
                c.nullable,
                c.origin,
                c.nulled_by,
                c.solid,
                [r.text for r in c.reasons],
            )
            for c in description.columns
        ],
        description.reads,
        description.writes,
        description.uses,
    )


async def test_no_column_called_not_null_is_ever_null(world: World) -> None:
    cases = world.cases
    described = await descriptions(world.connection, cases)
    found = await run(
        world.connection, cases, described, seed=world.major, states=STATES, major=world.major
    )
    unsound, unseen, idle = [], [], []
    for case in cases:
        said = answer(described[case.name])
        nulls = found.nulls[case.name]
        where = f"{case.file}:{case.line} {case.name}"
        unsound += [f"{where}: column {n + 1} is NULL" for n in nulls if said[n] == "!"]
        if case.unseen is None:
            unseen += [
                f"{where}: column {n + 1} never was NULL"
                for n, mark in enumerate(case.expect)
                if mark == "?" and n not in nulls
            ]
        unseen += [f"{where}: column {n + 1} was NULL" for n in nulls if case.expect[n] == "~"]
        if not found.rows[case.name] and case.unseen is None:
            idle.append(f"{where}: no row in any state ({found.errors.get(case.name)})")
    columns = "".join(case.expect for case in cases)
    tell(
        f"PostgreSQL {world.major}: {len(cases)} cases, {len(columns)} columns, {columns.count('!')} proven, "
        f"{columns.count('?')} nullable, {columns.count('~')} loose; {found.executed} runs in {STATES} states"
    )
    assert not unsound, "\n".join(unsound)
    assert not idle, "\n".join(idle)
    assert not unseen, "\n".join(unseen)


async def test_no_random_statement_returns_a_null_where_none_is_said_to_be(world: World) -> None:
    generator = Generator(world.major)
    cases = [Case(f"random {n}", "random", n, "", generator.statement()) for n in range(STATEMENTS)]
    answers = await describe(world.connection, [case.query for case in cases])
    # What the server refuses (an aggregate in the wrong place) is no statement.
    described = {
        case.name: answer
        for case, answer in zip(cases, answers, strict=True)
        if isinstance(answer, Description)
    }
    assert len(described) > STATEMENTS * 0.9
    known = [case for case in cases if case.name in described]
    found = await run(
        world.connection, known, described, seed=world.major, states=6, major=world.major
    )
    assert sum(found.rows[case.name] > 0 for case in known) > STATEMENTS / 2
    assert [
        (case.sql, column + 1)
        for case in known
        for column in found.nulls[case.name]
        if not described[case.name].columns[column].nullable
    ] == []


UNSOUND = {
    "outer joins null nothing": (Joins, "nulling", lambda *_: ()),
    "grouping sets null nothing": (Grouping, "may_null", lambda *_: False),
    "every group has rows": (Grouping, "has_rows", True),
    "strict functions never return NULL": (builtins, "may_return_null", lambda *_: False),
    "RETURNING shows the row WHERE saw": (
        nullability_tables,
        "written",
        nullability_tables.table_column,
    ),
    "triggers change nothing": (nullability_returning, "_has_triggers", lambda *_: False),
}


@pytest.mark.parametrize("mistake", UNSOUND)
async def test_the_random_states_would_show_a_mistake(
    mistake: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*UNSOUND[mistake])
    cases = world.cases
    described = await descriptions(world.connection, cases)
    suspects = [c for c in cases if answer(described[c.name]) != c.claims]
    assert suspects, "the mistake changes no answer"
    found = await run(
        world.connection, suspects, described, seed=1, states=STATES, major=world.major
    )
    assert any(
        answer(described[case.name])[n] == "!" for case in suspects for n in found.nulls[case.name]
    )


async def test_the_joins_that_null_a_variable_are_those_the_server_names(world: World) -> None:
    if world.major < 16:
        pytest.skip("before PostgreSQL 16 the tree does not say which joins null a variable")
    compared = 0
    async with rolled_back(world.connection):
        reader = Reader(world.connection, "function")
        for case in world.cases:
            tree = (await reader.read(case.sql)).statement
            for query in (node for node in walk(tree) if node.kind == "QUERY"):
                joins = Joins(query["jointree"], frozenset(), 0)
                for entry in query["targetList"] or ():
                    variable = entry["expr"]
                    if variable.kind != "VAR" or variable["varlevelsup"] or query["groupClause"]:
                        continue
                    said = variable["varnullingrels"] or frozenset()
                    assert {join.number for join in joins.nulling(variable["varno"])} == said, case
                    compared += 1
    assert compared > 300


def test_cases_have_names_of_their_own() -> None:
    names = [case.name for case in load()]
    assert len(names) == len(set(names))


def test_every_loose_answer_has_a_reason() -> None:
    assert [case.name for case in load() if ("~" in case.expect) != (case.loose is not None)] == []


def cases_without_markers() -> list[Case]:
    return [case for case in load() if set(case.expect) - set("!?~")]


def test_expectations_are_well_formed() -> None:
    assert cases_without_markers() == []

"""Tests of spans: what they are called, whose children they are, and what never stands in them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from slimy_dal import Database
from slimy_dal.engine.errors import AlreadyExists, DeadlineExceeded
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.transaction import Transaction
from tests import make
from tests.ad_hoc import ONE, SLEEP, settings

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="the SDK is not installed here")
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: E402
    InMemorySpanExporter,
)

from slimy_dal.engine import otel  # noqa: E402

CANARY = "canary-of-spans"


class Spans:
    """What was made since the last look."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = sdk.TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    def taken(self) -> list[Any]:
        found = list(self.exporter.get_finished_spans())
        self.exporter.clear()
        return found


@pytest.fixture
def spans() -> Iterator[Spans]:
    made = Spans()
    with otel.tracing(made.provider):
        yield made


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with Pool.open(database_url, settings()) as opened:
        yield opened


def of(spans: list[Any], name: str) -> Any:
    (found,) = [span for span in spans if span.name == name]
    return found


async def test_a_query_is_a_span_by_its_name_without_text_or_values(
    spans: Spans, db: Database
) -> None:
    user = await db.users.find_or_create(123456789, username=CANARY)
    (made,) = spans.taken()
    assert made.name == "users.find_or_create"
    assert made.kind.name == "CLIENT"
    assert dict(made.attributes) == {
        "db.system.name": "postgresql",
        "db.query.summary": "users.find_or_create",
        "db.operation.name": "INSERT",
        "db.response.returned_rows": 1,
    }
    await db.memberships.list_guilds(user.id)
    (listed,) = spans.taken()
    assert listed.attributes["slimy.query.shape"] == "guild, first"
    assert listed.attributes["db.operation.name"] == "SELECT"
    await db.users.update(user.id, username=CANARY * 2)
    everything = "".join(span.to_json() for span in [made, listed, *spans.taken()])
    assert CANARY not in everything
    assert "123456789" not in everything
    assert "SELECT u" not in everything


async def test_a_transaction_is_a_span_and_its_queries_are_its_children(
    spans: Spans, db: Database
) -> None:
    async with db.transaction() as tx:
        user = await make.user(tx)
        async with tx.transaction() as nested:
            await nested.users.get(user.id)
    made = spans.taken()
    around = of(made, "transaction")
    assert [span.name for span in made] == ["users.find_or_create", "users.get", "transaction"]
    for span in made[:2]:
        assert span.parent.span_id == around.context.span_id
        assert span.context.trace_id == around.context.trace_id
    await db.as_user(user.id).users.get(user.id)
    made = spans.taken()
    assert of(made, "users.get").parent.span_id == of(made, "transaction").context.span_id


async def test_an_error_is_told_by_its_type_and_code_alone(spans: Spans, db: Database) -> None:
    guild = await make.guild(db)
    spans.taken()
    with pytest.raises(AlreadyExists):
        await db.guilds.create(guild.id, name=CANARY)
    failed = next(span for span in spans.taken() if span.name == "guilds.create")
    assert failed.status.status_code.name == "ERROR"
    assert failed.attributes["error.type"] == "AlreadyExists"
    assert failed.attributes["db.response.status_code"] == "23505"
    assert CANARY not in failed.to_json()
    assert failed.events == ()


async def test_what_is_late_or_given_up_ends_its_span(spans: Spans, pool: Pool) -> None:
    with pytest.raises(DeadlineExceeded):
        await pool.row(SLEEP, 5.0, timeout=0.05)
    assert of(spans.taken(), SLEEP.name).attributes["error.type"] == "DeadlineExceeded"
    running = asyncio.create_task(pool.row(SLEEP, 5.0))
    await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert of(spans.taken(), SLEEP.name).attributes["error.type"] == "CancelledError"
    with pytest.raises(ZeroDivisionError):
        async with pool.transaction():
            raise ZeroDivisionError
    assert of(spans.taken(), "transaction").attributes["error.type"] == "ZeroDivisionError"


async def test_what_is_only_prepared_is_no_call(spans: Spans, pool: Pool) -> None:
    await pool.prepare(ONE)
    assert spans.taken() == []


async def test_rows_that_are_streamed_do_not_change_whose_child_comes_next(
    spans: Spans, pool: Pool
) -> None:
    async for _ in pool.stream(ONE, 1):
        await pool.row(ONE, 2)
    made = spans.taken()
    alone = [span for span in made if span.name == ONE.name and span.parent is None]
    assert len(alone) == 1


def test_off_the_engine_is_as_it_was() -> None:
    before = {**vars(Pool)}, {**vars(Transaction)}
    with otel.tracing(Spans().provider):
        assert vars(Pool)["_call"] is not before[0]["_call"]
        with pytest.raises(RuntimeError, match="already"), otel.tracing():
            pass
    assert ({**vars(Pool)}, {**vars(Transaction)}) == before


@pytest.mark.parametrize(
    ("sql", "verb"),
    [
        ("SELECT 'INSERT' AS update", "SELECT"),
        ("WITH a AS (SELECT 1), b AS (DELETE FROM t) INSERT INTO t SELECT 1", "INSERT"),
        ("WITH a AS (SELECT (SELECT 1)) UPDATE t SET x = (SELECT 2)", "UPDATE"),
        ("ANALYZE t", "ANALYZE"),
        ("BEGIN", None),
    ],
)
def test_what_a_statement_does_is_told(sql: str, verb: str | None) -> None:
    assert otel.verb_of(sql) == verb

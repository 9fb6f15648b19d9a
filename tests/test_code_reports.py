import asyncio
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.code_reports import CodeReport, CodeReportFilter
from slimy_dal.engine.errors import (
    CheckViolated,
    Conflict,
    InvalidReference,
    InvalidValue,
    NotFound,
)
from tests import make


async def report(db: Database, **fields: Any) -> CodeReport:
    return await db.code_reports.create(
        fields.pop("code", "SLIME2024"), fields.pop("reason", "expired"), **fields
    )


async def test_a_report_waits_until_it_is_reviewed(db: Database) -> None:
    reporter, reviewer = await make.user(db), await make.user(db)
    made = await report(db, details="says: over", reporter_id=reporter.id)
    assert (made.status, made.reviewer_id, made.reviewed_at) == ("pending", None, None)
    reviewed = await db.code_reports.review(made.id, "verified", reviewer_id=reviewer.id)
    assert (reviewed.status, reviewed.reviewer_id) == ("verified", reviewer.id)
    assert reviewed.reviewed_at is not None
    assert await db.code_reports.get(made.id) == reviewed
    await db.code_reports.delete(made.id)
    for call in (
        db.code_reports.get(made.id),
        db.code_reports.delete(made.id),
        db.code_reports.review(made.id, "rejected"),
    ):
        with pytest.raises(NotFound, match="there is no such code report"):
            await call


async def test_a_review_is_final(db: Database) -> None:
    made = await report(db)
    await db.code_reports.review(made.id, "rejected")
    for verdict in ("verified", "rejected"):
        again: Any = verdict
        with pytest.raises(Conflict, match="was rejected already"):
            await db.code_reports.review(made.id, again)
    pending: Any = "pending"
    with pytest.raises(InvalidValue, match="status: is not one of verified, rejected"):
        await db.code_reports.review(made.id, pending)


@pytest.mark.parametrize(
    "change",
    [
        "status = 'rejected'",
        "status = 'pending', reviewed_at = NULL, reviewer_id = NULL",
        "reviewed_at = now() + interval '1 day'",
        "code = 'OTHER'",
        "reason = 'other'",
        "reviewer_id = (SELECT reporter_id FROM slimy.code_reports)",
        "details = 'other words'",
        "details = NULL",
        "created_at = created_at - interval '1 day'",
        "reporter_id = (SELECT id FROM slimy.users WHERE username = 'other')",
    ],
)
async def test_the_database_keeps_a_review_as_it_is(
    db: Database, database_url: str, change: str
) -> None:
    user = await make.user(db)
    await make.user(db, username="other")
    made = await report(db, reporter_id=user.id, details="says: over")
    await db.code_reports.review(made.id, "verified")
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="was verified already") as refused,
    ):
        connection.execute(f"UPDATE slimy.code_reports SET {change}")
    assert refused.value.diag.constraint_name == "code_reports_status_final_check"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("status = 'verified'", "code_reports_reviewed_at_present_check"),
        ("reviewed_at = now()", "code_reports_reviewed_at_present_check"),
        ("reviewer_id = reporter_id", "code_reports_reviewer_id_reviewed_check"),
        ("status = 'done', reviewed_at = now()", "code_reports_status_known_check"),
        (
            "status = 'verified', reviewed_at = created_at - interval '1 s'",
            "code_reports_reviewed_at_order_check",
        ),
        (
            "status = 'verified', reviewed_at = 'infinity'",
            "code_reports_reviewed_at_range_check",
        ),
        ("created_at = '-infinity'", "code_reports_created_at_range_check"),
        ("created_at = 'infinity'", "code_reports_created_at_range_check"),
    ],
)
async def test_status_and_review_say_the_same(
    db: Database, database_url: str, change: str, rule: str
) -> None:
    user = await make.user(db)
    await report(db, reporter_id=user.id)
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match=rule),
    ):
        connection.execute(f"UPDATE slimy.code_reports SET {change}")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "has space"),
        ("code", "x" * 101),
        ("reason", "boring"),
        ("details", ""),
        ("details", "x" * 2001),
    ],
)
async def test_a_value_the_rules_refuse_is_named(db: Database, field: str, value: str) -> None:
    with pytest.raises(CheckViolated) as refused:
        await report(db, **{field: value})
    assert refused.value.fields == (field,)


async def test_people_must_be_known(db: Database) -> None:
    with pytest.raises(InvalidReference) as refused:
        await report(db, reporter_id=uuid4())
    assert refused.value.fields == ("reporter_id",)
    made = await report(db)
    with pytest.raises(InvalidReference) as refused:
        await db.code_reports.review(made.id, "verified", reviewer_id=uuid4())
    assert refused.value.fields == ("reviewer_id",)
    assert (await db.code_reports.get(made.id)).status == "pending"


async def test_a_report_outlives_the_people_in_it(db: Database) -> None:
    reporter, reviewer = await make.user(db), await make.user(db)
    made = await report(db, reporter_id=reporter.id)
    await db.code_reports.review(made.id, "verified", reviewer_id=reviewer.id)
    await db.users.delete(reporter.id)
    await db.users.delete(reviewer.id)
    left = await db.code_reports.get(made.id)
    assert (left.status, left.reporter_id, left.reviewer_id) == ("verified", None, None)


async def test_pages_walk_the_reports_of_a_status_a_code_and_a_reporter(db: Database) -> None:
    user = await make.user(db)
    made = [await report(db, code=f"C{n % 2}", reporter_id=user.id) for n in range(6)]
    await report(db, code="X")
    await db.code_reports.review(made[0].id, "rejected")
    expected: list[tuple[dict[str, Any], list[CodeReport]]] = [
        ({"reporter_id": user.id}, made[::-1]),
        ({"code": "C1"}, made[::-1][::2]),
        ({"status": "rejected"}, made[:1]),
    ]
    for filters, wanted in expected:
        ids, cursor = [], None
        while True:
            page = await db.code_reports.list(CodeReportFilter(**filters), cursor=cursor, limit=2)
            ids += [row.id for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert ids == [one.id for one in wanted], filters
    assert len((await db.code_reports.list()).items) == 7
    pending, verified = CodeReportFilter(status="pending"), CodeReportFilter(status="verified")
    assert len((await db.code_reports.list(pending)).items) == 6
    waiting = await db.code_reports.list(pending, sort="oldest", limit=3)
    rest = await db.code_reports.list(pending, sort="oldest", cursor=waiting.next_cursor)
    assert [row.id for row in waiting.items] == [one.id for one in made[1:4]]
    assert len(rest.items) == 3
    first = await db.code_reports.list(pending, limit=1)
    with pytest.raises(InvalidValue, match="cursor"):
        await db.code_reports.list(verified, cursor=first.next_cursor)
    both = await db.code_reports.list(CodeReportFilter(status="pending", code="C0"))
    assert [row.id for row in both.items] == [made[4].id, made[2].id]


async def test_of_32_reviewers_exactly_one_wins(db: Database) -> None:
    users = [await make.user(db) for _ in range(32)]
    made = await report(db)

    async def review(number: int) -> CodeReport | Conflict:
        try:
            return await db.code_reports.review(
                made.id,
                "verified" if number % 2 else "rejected",
                reviewer_id=users[number].id,
            )
        except Conflict as conflict:
            return conflict

    results = await asyncio.gather(*(review(number) for number in range(32)))
    winners = [result for result in results if isinstance(result, CodeReport)]
    assert len(winners) == 1
    assert await db.code_reports.get(made.id) == winners[0]
    for result in results:
        if isinstance(result, Conflict):
            assert f"was {winners[0].status} already" in result.message
            assert not result.retryable

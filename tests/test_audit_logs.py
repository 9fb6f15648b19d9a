import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.audit_logs import ActionTotal, AuditLogFilter, NewAuditLog, dotted
from slimy_dal.engine.errors import (
    CheckViolated,
    InvalidReference,
    InvalidValue,
    MissingPartition,
    MissingValue,
)
from tests import make

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
PERIOD = (TODAY - timedelta(days=1), TODAY + timedelta(days=2))


async def test_an_action_is_logged_with_everything_about_it(db: Database) -> None:
    user, session = await make.user(db), uuid4()
    log = await db.audit_logs.record(
        NewAuditLog(
            "Club.Analysis.Create",
            "ClubAnalysis",
            "clx789",
            user.id,
            {"imageCount": 3},
            "192.168.1.1",
            "Mozilla/5.0",
            session,
            "req_1",
            timestamp=TODAY,
        )
    )
    assert (log.action, log.resource_type) == ("club.analysis.create", "club_analysis")
    assert (log.user_id, log.resource_id, log.details) == (user.id, "clx789", {"imageCount": 3})
    assert (log.ip_address, log.session_id) == (ip_address("192.168.1.1"), session)
    assert (log.request_id, log.user_agent) == ("req_1", "Mozilla/5.0")
    assert (log.timestamp, log.success, log.error_message) == (TODAY, True, None)


async def test_a_failure_says_why(db: Database) -> None:
    failed = NewAuditLog("login", "user", success=False, error_message="bad code")
    assert (await db.audit_logs.record(failed)).error_message == "bad code"
    with pytest.raises(CheckViolated) as refused:
        await db.audit_logs.record(NewAuditLog("login", "user", error_message="but it worked"))
    assert refused.value.constraint == "audit_logs_error_message_failed_check"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("login", "login"),
        (" ChatMessage ", "chat_message"),
        ("club:analysis/create", "club.analysis.create"),
        ("guild settings-update", "guild_settings_update"),
        ("HTTPServer2Start", "httpserver2_start"),
    ],
)
def test_one_action_has_one_spelling(given: str, kept: str) -> None:
    assert dotted("action", given) == kept
    assert dotted("action", kept) == kept


BAD: list[tuple[dict[str, Any], str]] = [
    ({"action": ""}, "action"),
    ({"action": "é"}, "action"),
    ({"action": "a..b."}, "action"),
    ({"action": "x" * 101}, "action"),
    ({"resource_type": "!"}, "resource_type"),
    ({"resource_id": ""}, "resource_id"),
    ({"details": []}, "details"),
    ({"details": {"x": "y" * 70000}}, "details"),
    ({"ip_address": "1.2.3"}, "ip_address"),
    ({"user_agent": "x" * 1025}, "user_agent"),
    ({"request_id": "x" * 201}, "request_id"),
    ({"success": False, "error_message": "x" * 4001}, "error_message"),
    ({"user_id": uuid4()}, "user_id"),
]


async def test_a_bad_value_is_named_and_nothing_is_logged(db: Database, owners: Database) -> None:
    for change, field in BAD:
        bad = NewAuditLog(**({"action": "a", "resource_type": "b"} | change))
        for call in (db.audit_logs.record(bad), owners.audit_logs.record_many([bad])):
            with pytest.raises((InvalidValue, InvalidReference)) as refused:
                await call
            named = getattr(refused.value, "field", None)
            assert field in (getattr(refused.value, "fields", ()) or (named,)), change
    assert (await db.audit_logs.totals(*PERIOD)).total == 0


def test_the_database_refuses_other_spellings(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        for column, text in itertools.product(
            ("action", "resource_type"), ("Login", "a b", "a..b", ".a", "a.", "", "é", "a\n")
        ):
            other = {"action": "a", "resource_type": "b"} | {column: text}
            with pytest.raises(
                psycopg.errors.CheckViolation, match=f"audit_logs_{column}_shape_check"
            ):
                connection.execute(
                    "INSERT INTO slimy.audit_logs (action, resource_type)"
                    " VALUES (%(action)s, %(resource_type)s)",
                    other,
                )
            connection.rollback()


@pytest.mark.fault("K4")
async def test_a_month_without_a_partition_is_named(db: Database) -> None:
    late = NewAuditLog("a", "b", timestamp=datetime(2019, 5, 4, tzinfo=UTC))
    with pytest.raises(MissingPartition) as refused:
        await db.audit_logs.record(late)
    assert refused.value.field == "occurred_at"
    assert "audit_logs has no partition" in str(refused.value)


async def test_a_success_that_is_no_bool_is_refused(db: Database) -> None:
    with pytest.raises((InvalidValue, MissingValue)):
        await db.audit_logs.record(NewAuditLog("a", "b", success=1))  # type: ignore[arg-type]


CHANGES = [
    "UPDATE {} SET action = 'nothing'",
    "UPDATE {} SET user_id = NULL",
    "UPDATE {} SET user_id = NULL, action = 'nothing'",
    "UPDATE {} SET success = success",
    "UPDATE {} SET occurred_at = occurred_at - interval '1 second'",
    "DELETE FROM {}",
    "TRUNCATE {}",
    "MERGE INTO {} AS a USING (SELECT 1) AS x ON TRUE WHEN MATCHED THEN DELETE",
    "MERGE INTO {} AS a USING (SELECT 1) AS x ON TRUE WHEN MATCHED THEN UPDATE SET action = 'x'",
    "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT (occurred_at, id) DO UPDATE SET action = 'x'",
]


@pytest.mark.parametrize("table", ["slimy.audit_logs", f"slimy.audit_logs_{TODAY:%Y_%m}"])
async def test_nobody_changes_what_was_logged(db: Database, database_url: str, table: str) -> None:
    user = await make.user(db)
    log = await db.audit_logs.record(NewAuditLog("login", "user", user_id=user.id, timestamp=TODAY))
    with psycopg.connect(database_url) as connection:
        for role, change in itertools.product(("origin", "replica"), CHANGES):
            connection.execute(f"SET session_replication_role = {role}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append only"):
                connection.execute(change.format(table))
            connection.rollback()
        rows = connection.execute(
            "SELECT id, user_id, action, occurred_at FROM slimy.audit_logs"
        ).fetchall()
    assert rows == [(log.id, user.id, "login", TODAY)]


async def test_a_partition_made_later_is_as_closed(
    db: Database, owners: Database, database_url: str
) -> None:
    await owners.partitions.make(1, first=datetime(2024, 11, 1, tzinfo=UTC).date())
    then = datetime(2024, 11, 6, 10, tzinfo=UTC)
    await db.audit_logs.record(NewAuditLog("login", "user", timestamp=then))
    with psycopg.connect(database_url) as connection:
        for change in CHANGES[3:7]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append only"):
                connection.execute(change.format("slimy.audit_logs_2024_11"))
            connection.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append only"):
            connection.execute("TRUNCATE slimy.users CASCADE")


async def test_erasing_a_user_leaves_the_trail_without_a_name(
    db: Database, database_url: str
) -> None:
    user, other = await make.user(db), await make.user(db)
    for who in (user, other):
        await db.audit_logs.record(NewAuditLog("login", "user", str(who.id), who.id))
    await db.users.delete(user.id)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT user_id, resource_id FROM slimy.audit_logs ORDER BY id"
        ).fetchall()
    assert rows == [(None, str(user.id)), (other.id, str(other.id))]


async def test_retention_removes_rows_after_set_role_and_changes_none(
    db: Database, database_url: str
) -> None:
    await db.audit_logs.record(NewAuditLog("login", "user"))
    with psycopg.connect(database_url) as connection:
        connection.execute("SET ROLE slimy_retention")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE slimy.audit_logs SET action = 'x'")
        connection.rollback()
        connection.execute("SET ROLE slimy_retention")
        removed = connection.execute("DELETE FROM slimy.audit_logs").rowcount
        connection.execute("TRUNCATE slimy.audit_logs")
    assert removed == 1
    assert (await db.audit_logs.totals(*PERIOD)).total == 1, "what was counted stays counted"


async def test_many_are_logged_in_one_call(db: Database, owners: Database) -> None:
    user = await make.user(db)
    entries = (
        NewAuditLog("a" if n % 4 else "b", "thing", str(n), user.id, success=n % 10 > 0)
        for n in range(5000)
    )
    assert await owners.audit_logs.record_many(entries) == 5000
    totals = await db.audit_logs.totals(*PERIOD)
    assert (totals.total, totals.successful, totals.failed) == (5000, 4500, 500)


async def test_totals_are_of_a_period_folded_or_not(db: Database) -> None:
    empty = await db.audit_logs.totals(*PERIOD)
    assert (empty.total, empty.success_rate, empty.by_action) == (0, None, [])
    for hour in (0, 5, 24):
        moment = TODAY + timedelta(hours=hour)
        await db.audit_logs.record(
            NewAuditLog("login", "user", success=hour != 5, timestamp=moment)
        )
        await db.audit_logs.record(NewAuditLog("logout", "user", timestamp=moment))
        if hour == 5:
            assert await db.audit_logs.fold() == 4
    for _ in range(2):
        totals = await db.audit_logs.totals(*PERIOD)
        assert (totals.total, totals.successful, totals.failed) == (6, 5, 1)
        assert totals.success_rate == pytest.approx(5 / 6)
        assert totals.by_action == [ActionTotal("login", 3, 1), ActionTotal("logout", 3, 0)]
        morning = await db.audit_logs.totals(TODAY, TODAY + timedelta(hours=5))
        assert morning.total == 2
        await db.audit_logs.fold()
    with pytest.raises(InvalidValue, match="since: is not a whole hour"):
        await db.audit_logs.totals(TODAY + timedelta(seconds=1), PERIOD[1])


async def test_writers_and_folders_at_once_lose_nothing(db: Database) -> None:
    async def write(number: int) -> None:
        for _ in range(4):
            async with db.transaction() as tx:
                for action in ("a", "b") if number % 2 else ("b", "a"):
                    await tx.audit_logs.record(NewAuditLog(action, "x", success=number % 3 > 0))

    async def fold() -> None:
        for _ in range(10):
            await db.audit_logs.fold()

    async with asyncio.timeout(120):
        await asyncio.gather(*(write(n) for n in range(32)), fold(), fold(), fold())
    totals = await db.audit_logs.totals(*PERIOD)
    assert (totals.total, totals.failed) == (32 * 8, 11 * 8)
    while await db.audit_logs.fold():
        pass
    assert await db.audit_logs.totals(*PERIOD) == totals


async def test_lists_are_of_everything_a_filter_says(db: Database) -> None:
    users = [await make.user(db) for _ in range(2)]
    for n in range(16):
        await db.audit_logs.record(
            NewAuditLog(
                "login" if n % 2 else "club.create",
                "user" if n // 2 % 2 else "club",
                str(n // 8),
                users[n // 4 % 2].id,
                {"n": n},
                request_id=f"req_{n // 2}",
                success=n % 5 > 0,
                timestamp=TODAY + timedelta(hours=n),
            )
        )

    async def listed(**filters: Any) -> list[int]:
        period = {end: filters.pop(end) for end in ("since", "until") if end in filters}
        page = await db.audit_logs.list(AuditLogFilter(**filters), **period)
        return sorted(log.details["n"] for log in page.items)

    assert await listed() == list(range(16))
    assert await listed(user_id=users[1].id) == [4, 5, 6, 7, 12, 13, 14, 15]
    assert await listed(action="Login") == list(range(1, 16, 2))
    assert await listed(resource_type="User") == [2, 3, 6, 7, 10, 11, 14, 15]
    assert await listed(resource_type="user", resource_id="1") == [10, 11, 14, 15]
    assert await listed(success=False) == [0, 5, 10, 15]
    assert await listed(success=False, action="Login") == [5, 15]
    assert await listed(success=False, resource_type="user", user_id=users[1].id) == [15]
    assert await listed(success=True, user_id=users[0].id) == [1, 2, 3, 8, 9, 11]
    assert await listed(action="login", resource_type="user", resource_id="0") == [3, 7]
    assert await listed(success=False, since=TODAY + timedelta(hours=5)) == [5, 10, 15]
    assert await listed(success=False, until=TODAY + timedelta(hours=5)) == [0]
    assert await listed(since=TODAY + timedelta(hours=3), until=TODAY + timedelta(hours=5)) == [
        3,
        4,
    ]
    assert await listed(resource_id="1") == list(range(8, 16))
    of_request = await db.audit_logs.list_of_request("req_3")
    assert [log.details["n"] for log in of_request.items] == [7, 6]


async def test_pages_go_both_ways(db: Database, owners: Database) -> None:
    await owners.audit_logs.record_many(
        NewAuditLog("a", "b", str(n), timestamp=TODAY) for n in range(7)
    )
    every = (await db.audit_logs.list(limit=10)).items
    first = await db.audit_logs.list(limit=3)
    second = await db.audit_logs.list(limit=3, cursor=first.next_cursor)
    assert [*first.items, *second.items] == every[:6], "one moment, and still an order"
    assert (await db.audit_logs.list(limit=3, cursor=second.prev_cursor)).items == first.items

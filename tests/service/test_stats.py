"""Statistics over HTTP."""

from typing import Any

import pytest

from slimy_dal.domain.database import Database
from slimy_dal.domain.stats import NewStat
from tests.service.conftest import Caller, People, at

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


def values(answer: Any) -> list[Any]:
    return [row["value"] for row in answer.json["data"]]


@pytest.fixture
async def recorded(db: Database, people: People) -> None:
    """Six hours of a day, two types, two guilds."""
    await db.guilds.create(7001, name="Others")
    member, admin = people.ids["member"], people.ids["admin"]
    await db.stats.record_many(
        [
            NewStat("length", 10, member, 7000, at(0)),
            NewStat("length", 20, admin, 7000, at(1)),
            NewStat("length", 60, member, 7001, at(1)),
            NewStat("mood", "fine", member, 7000, at(2)),
            NewStat("mood", {"a": 1}, None, None, at(30)),
        ]
    )


def period(days: int = 2) -> str:
    ends = (at(0), at(24 * days))
    since, until = (end.isoformat().replace("+00:00", "Z") for end in ends)
    return f"since={since}&until={until}"


async def test_a_statistic_is_recorded_and_found_at_its_location(
    service: Caller, people: People
) -> None:
    body = {
        "type": "length",
        "value": {"words": [1, 2.5]},
        "userId": str(people.ids["member"]),
        "guildId": "7000",
    }
    made = await service.post("/v1/stats", body)
    assert made.status == 201
    assert {name: made.json[name] for name in body} == body
    assert (await service.get(made.headers["Location"])).json["data"] == [made.json]
    moment = at(3).isoformat()
    dated = await service.post("/v1/stats", {"type": "a", "value": 0, "timestamp": moment})
    assert dated.json["timestamp"] == moment.replace("+00:00", "Z")


async def test_ten_thousand_statistics_are_recorded_in_one_call(
    service: Caller, people: People
) -> None:
    own = {"userId": str(people.ids["member"]), "guildId": "7000"}
    stats = [{"type": "length", "value": number, **own} for number in range(10_000)]
    answer = await service.post("/v1/stats:batch", {"stats": stats})
    assert answer.json == {"recorded": 10_000}
    assert len((await service.get("/v1/stats?limit=200")).json["data"]) == 200


@pytest.mark.parametrize("path", ["/v1/stats", "/v1/stats:batch"])
@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        ({"userId": MISSING}, "missing_reference", "/userId"),
        ({"guildId": "7005"}, "missing_reference", "/guildId"),
        ({"timestamp": "1999-01-01T00:00:00Z"}, "validation_failed", "/timestamp"),
        ({"value": "x" * 9000}, "validation_failed", "/value"),
    ],
)
async def test_what_the_database_refuses_is_named_and_keeps_nothing(
    service: Caller, path: str, wrong: dict[str, Any], code: str, pointer: str
) -> None:
    good, bad = {"type": "a", "value": 1}, {"type": "a", "value": 1, **wrong}
    many = path.endswith(":batch")
    answer = await service.post(path, {"stats": [good, good, bad, good]} if many else bad)
    assert (answer.status, answer.code) == (422, code)
    assert answer.pointers == [f"/stats/2{pointer}" if many else pointer]
    assert "slimy" not in answer.json["detail"]
    assert values(await service.get("/v1/stats")) == []


@pytest.mark.usefixtures("recorded")
async def test_statistics_are_narrowed_and_sorted(service: Caller, people: People) -> None:
    assert values(await service.get("/v1/stats?type=length")) in ([60, 20, 10], [20, 60, 10])
    assert values(await service.get("/v1/stats?type=mood&sort=oldest")) == ["fine", {"a": 1}]
    member = people.ids["member"]
    found = await service.get(f"/v1/stats?userId={member}&guildId=7000&sort=oldest")
    assert values(found) == [10, "fine"]
    until = period(1)
    assert len(values(await service.get(f"/v1/stats?{until}"))) == 4
    of_guild = await service.get(f"/v1/guilds/7000/stats?userId={member}&type=length&{until}")
    assert values(of_guild) == [10]
    first = (await service.get("/v1/stats?limit=3")).json
    rest = (await service.get(f"/v1/stats?limit=3&cursor={first['nextCursor']}")).json
    assert len(first["data"]) + len(rest["data"]) == 5


@pytest.mark.usefixtures("recorded")
async def test_totals_are_numbers_by_type_or_by_time(service: Caller, people: People) -> None:
    answer = await service.get(f"/v1/stats:totals?{period()}")
    assert answer.json["data"] == [
        {
            "type": "length",
            "entries": 3,
            "numbers": 3,
            "total": 90,
            "average": 30,
            "lowest": 10,
            "highest": 60,
        },
        {
            "type": "mood",
            "entries": 2,
            "numbers": 0,
            "total": 0,
            "average": None,
            "lowest": None,
            "highest": None,
        },
    ]
    by_hour = await service.get(f"/v1/stats:totals-by-time?{period()}&type=length&bucket=hour")
    assert [(row["entries"], row["total"]) for row in by_hour.json["data"]] == [(1, 10), (2, 80)]
    assert by_hour.json["data"][0]["bucketStart"] == at(0).isoformat().replace("+00:00", "Z")
    by_day = await service.get(f"/v1/stats:totals-by-time?{period()}&type=mood&bucket=day")
    assert [row["entries"] for row in by_day.json["data"]] == [1, 1]
    for where, total in (("guildId=7000", 30), (f"userId={people.ids['member']}", 70)):
        answer = await service.get(f"/v1/stats:totals?{period()}&{where}")
        assert answer.json["data"][0]["total"] == total
        by_day = await service.get(
            f"/v1/stats:totals-by-time?{period()}&{where}&type=length&bucket=day"
        )
        assert [row["total"] for row in by_day.json["data"]] == [total]
    of_guild = await service.get(f"/v1/guilds/7000/stats:totals?{period()}")
    assert [row["total"] for row in of_guild.json["data"]] == [30, 0]
    by_day = await service.get(
        f"/v1/guilds/7000/stats:totals-by-time?{period()}&type=length&bucket=week"
    )
    assert [row["total"] for row in by_day.json["data"]] == [30]


async def test_totals_of_numbers_that_no_double_holds_keep_all_their_digits(
    service: Caller, db: Database
) -> None:
    await db.stats.record_many([NewStat("a", 2**53, timestamp=at(0)) for _ in range(3)])
    answer = await service.get(f"/v1/stats:totals?{period()}")
    assert b'"total":%d,' % (3 * 2**53) in answer.content


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("since=2026-01-01T00:30:00Z&until=2026-01-02T00:00:00Z", "since"),
        ("since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:01Z", "until"),
        ("since=2026-01-02T00:00:00Z&until=2026-01-02T00:00:00Z", "until"),
        ("since=2026-01-02T00:00:00Z", "until"),
        ("until=2026-01-02T00:00:00Z", "since"),
        ("since=x&until=2026-01-02T00:00:00Z", "since"),
    ],
)
async def test_a_period_is_whole_hours(
    service: Caller, people: People, query: str, name: str
) -> None:
    for path in (
        "/v1/stats:totals?",
        "/v1/stats:totals-by-time?type=a&bucket=day&",
        "/v1/guilds/7000/stats:totals?",
        "/v1/guilds/7000/stats:totals-by-time?type=a&bucket=day&",
        "/v1/audit-logs:totals?",
    ):
        answer = await service.get(path + query)
        assert (answer.status, answer.code) == (400, "invalid_parameter"), path
        assert answer.pointers == [name]


async def test_totals_that_cannot_be_made_are_refused_by_name(
    service: Caller, people: People
) -> None:
    both = f"&guildId=7000&userId={people.ids['member']}"
    long = "since=2000-01-01T00:00:00Z&until=2030-01-01T00:00:00Z"
    for path, name in (
        (f"/v1/stats:totals?{period()}{both}", "userId"),
        (f"/v1/stats:totals-by-time?type=a&bucket=hour&{long}", "until"),
        (f"/v1/stats:totals-by-time?type=a&bucket=year&{long}", "bucket"),
        (f"/v1/stats:totals-by-time?bucket=day&{long}", "type"),
    ):
        answer = await service.get(path)
        assert (answer.status, answer.code, answer.pointers) == (400, "invalid_parameter", [name])


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        ("stranger", "not_found"),
        ("member", "role_required"),
        ("moderator", "role_required"),
        ("admin", None),
        ("owner", None),
    ],
)
async def test_a_guilds_statistics_are_for_its_admins(
    anyone: Caller, people: People, caller: str, code: str | None
) -> None:
    session = anyone.bearing(people.tokens[caller])
    for path in (
        "/v1/guilds/7000/stats",
        f"/v1/guilds/7000/stats:totals?{period()}",
        f"/v1/guilds/7000/stats:totals-by-time?{period()}&type=a&bucket=day",
    ):
        answer = await session.get(path)
        assert answer.status == 200 if code is None else answer.code == code, path
    for path in ("/v1/stats", f"/v1/stats:totals?{period()}"):
        assert (await session.get(path)).code == "service_only"
    assert (await session.post("/v1/stats", {"type": "a", "value": 1})).code == "service_only"


async def test_keys_read_and_record_by_their_scopes(
    anyone: Caller, people: People, db: Database
) -> None:
    reader = anyone.bearing((await db.api_keys.create("r", ["stats:read"])).key)
    body = {"type": "a", "value": 1}
    assert (await reader.get("/v1/stats")).status == 200
    assert (await reader.post("/v1/stats", body)).code == "insufficient_scope"
    made = await db.api_keys.create("bound", ["stats:read"], guild_ids=[7000])
    bound = anyone.bearing(made.key)
    assert (await bound.get("/v1/guilds/7000/stats")).status == 200
    assert (await bound.get("/v1/stats")).code == "key_bound_to_guilds"

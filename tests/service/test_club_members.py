"""Club members over HTTP."""

from typing import Any
from urllib.parse import quote

import pytest

from slimy_dal.domain.club_members import MAX_MEMBERS
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People

PATH = "/v1/guilds/7000/club-members"
INGEST = f"{PATH}:ingest"


def club(size: int, power: int = 1000) -> list[dict[str, Any]]:
    return [
        {"memberKey": f"m{n:04}", "name": f"Member {n}", "simPower": power + n, "totalPower": None}
        for n in range(size)
    ]


def observed(day: int, members: list[dict[str, Any]]) -> dict[str, Any]:
    return {"observedAt": f"2026-03-{day:02}T12:00:00Z", "members": members}


async def test_a_whole_club_is_kept_at_once_and_the_same_again_changes_nothing(
    service: Caller, people: People
) -> None:
    body = observed(2, club(MAX_MEMBERS))
    made = await service.post(INGEST, body)
    assert (made.status, made.json) == (200, {"changed": MAX_MEMBERS})
    assert (await service.post(INGEST, body)).json == {"changed": 0}
    body["members"][7]["simPower"] = 5
    assert (await service.post(INGEST, body)).json == {"changed": 1}
    assert (await service.get(f"{PATH}/m0007")).json == {
        "guildId": "7000",
        "memberKey": "m0007",
        "name": "Member 7",
        "simPower": 5,
        "totalPower": None,
        "lastSeenAt": "2026-03-02T12:00:00Z",
    }


async def test_an_older_observation_leaves_the_latest_alone(
    service: Caller, people: People
) -> None:
    await service.post(INGEST, observed(2, club(1, 1000)))
    assert (await service.post(INGEST, observed(1, club(1, 10)))).json == {"changed": 1}
    assert (await service.get(f"{PATH}/m0000")).json["simPower"] == 1000
    history = (await service.get(f"{PATH}/m0000/history")).json["data"]
    assert [entry["simPower"] for entry in history] == [1000, 10]


async def test_one_bad_member_leaves_nothing_and_is_pointed_at(
    service: Caller, people: People
) -> None:
    for member, pointer in (
        ({"memberKey": "x", "name": ""}, "/members/2/name"),
        ({"memberKey": "x", "name": "X", "simPower": -1}, "/members/2/simPower"),
        ({"memberKey": "x", "name": "X", "totalPower": 2**53}, "/members/2/totalPower"),
        ({"name": "X"}, "/members/2/memberKey"),
        ({"memberKey": "m0001", "name": "again"}, "/members"),
    ):
        answer = await service.post(INGEST, observed(2, [*club(2), member]))
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "validation_failed",
            [pointer],
        )
    early = {"observedAt": "1999-01-01T00:00:00Z", "members": club(1)}
    answer = await service.post(INGEST, early)
    assert (answer.status, answer.pointers) == (422, ["/observedAt"])
    assert answer.json["errors"][0]["detail"] == "must lie in the years 2000 to 2099"
    assert [one["memberKey"] for one in (await service.get(PATH)).json["data"]] == ["nelly"]


async def test_a_whole_number_may_be_written_with_a_fraction_of_nothing(
    service: Caller, people: People
) -> None:
    member = {"memberKey": "m", "name": "M", "simPower": 5.0, "totalPower": float(2**53 - 1)}
    assert (await service.post(INGEST, observed(2, [member]))).json == {"changed": 1}
    kept = (await service.get(f"{PATH}/m")).json
    assert (kept["simPower"], kept["totalPower"]) == (5, 2**53 - 1)


async def test_a_guild_that_is_not_known_has_no_club(service: Caller) -> None:
    answer = await service.post("/v1/guilds/7001/club-members:ingest", observed(1, club(1)))
    assert (answer.status, answer.code) == (404, "not_found")
    assert (await service.get("/v1/guilds/7001/club-members/m0000")).code == "not_found"


async def test_leaderboards_are_by_power_in_both_orders(service: Caller, people: People) -> None:
    members = [
        {"memberKey": f"m{n}", "name": "M", "simPower": sim, "totalPower": total}
        for n, (sim, total) in enumerate([(5, None), (None, 2**53 - 1), (7, 1), (7, 0)])
    ]
    await service.post(INGEST, observed(2, members))

    async def keys(path: str) -> list[str]:
        return [one["memberKey"] for one in (await service.get(path)).json["data"]]

    assert await keys(f"{PATH}:by-sim-power") == ["nelly", "m3", "m2", "m0"]
    assert await keys(f"{PATH}:by-sim-power?sort=weakest") == ["m0", "m2", "m3", "nelly"]
    assert await keys(f"{PATH}:by-total-power") == ["m1", "nelly", "m2", "m3"]
    assert await keys(PATH) == ["m0", "m1", "m2", "m3", "nelly"]
    first = (await service.get(f"{PATH}:by-sim-power?limit=2")).json
    rest = await keys(f"{PATH}:by-sim-power?limit=2&cursor={first['nextCursor']}")
    assert rest == ["m2", "m0"]
    strongest = (await service.get(f"{PATH}:by-total-power?limit=1")).json["data"][0]
    assert strongest["totalPower"] == 2**53 - 1
    wrong = await service.get(f"{PATH}:by-sim-power?sort=newest")
    assert (wrong.code, wrong.pointers) == ("invalid_parameter", ["sort"])


async def test_a_history_says_the_change_in_percent_whatever_is_asked_for(
    service: Caller, people: People
) -> None:
    for day, power in enumerate((100, 150, None, 75), start=1):
        member = {"memberKey": "m", "name": "M", "simPower": power, "totalPower": 1000 + day}
        await service.post(INGEST, observed(day, [member]))
    path = f"{PATH}/m/history"
    every = (await service.get(f"{path}?sort=oldest")).json["data"]
    assert [entry["simPowerChangePercent"] for entry in every] == [None, 50.0, None, None]
    assert [entry["totalPowerChangePercent"] for entry in every] == [None, 0.1, 0.1, 0.1]
    assert every[0]["observedAt"] == "2026-03-01T12:00:00Z"
    some = "since=2026-03-02T12:00:00Z&until=2026-03-03T12:00:00Z"
    assert (await service.get(f"{path}?{some}")).json["data"] == every[1:2]
    page = (await service.get(f"{path}?limit=2")).json
    rest = (await service.get(f"{path}?limit=2&cursor={page['nextCursor']}")).json
    assert [*page["data"], *rest["data"]] == every[::-1]
    wrong = await service.get(f"{path}?since=2026-03-02")
    assert (wrong.code, wrong.pointers) == ("invalid_parameter", ["since"])
    assert (await service.get(f"{PATH}/nobody/history")).json["data"] == []


@pytest.mark.parametrize(
    "name", ["history", "members", "a/b", "50%", "ü 🐘", "a:ingest", "?x=1#y", "%2F", "+", "a\nb"]
)
async def test_whatever_name_was_read_is_a_key(service: Caller, people: People, name: str) -> None:
    await service.post(INGEST, observed(2, [{"memberKey": name, "name": "X"}]))
    path = f"{PATH}/{quote(name, safe='')}"
    assert (await service.get(path)).json["memberKey"] == name
    assert len((await service.get(f"{path}/history")).json["data"]) == 1


async def test_members_see_the_club_and_admins_bring_it(anyone: Caller, people: People) -> None:
    member, moderator, admin, stranger = (
        anyone.bearing(people.tokens[role]) for role in ("member", "moderator", "admin", "stranger")
    )
    body = observed(2, club(1))
    for caller, code in (
        (member, "role_required"),
        (moderator, "role_required"),
        (stranger, "not_found"),
        (anyone, "unauthenticated"),
    ):
        assert (await caller.post(INGEST, body)).code == code
    for rest in ("", ":by-sim-power", ":by-total-power", "/nelly", "/nelly/history"):
        assert (await member.get(f"{PATH}{rest}")).status == 200
        assert (await stranger.get(f"{PATH}{rest}")).code == "not_found"
        assert (await anyone.get(f"{PATH}{rest}")).code == "unauthenticated"
    assert len((await member.get(PATH)).json["data"]) == 1
    assert (await admin.post(INGEST, body)).json == {"changed": 1}


async def test_clubs_of_different_guilds_stay_apart(
    service: Caller, people: People, db: Database
) -> None:
    other = await db.guilds.create(8000, name="Others")
    await service.post(f"/v1/guilds/{other.id}/club-members:ingest", observed(2, club(3)))
    assert [one["memberKey"] for one in (await service.get(PATH)).json["data"]] == ["nelly"]
    assert (await service.get(f"{PATH}/m0000")).code == "not_found"

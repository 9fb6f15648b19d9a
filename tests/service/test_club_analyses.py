"""Club analyses over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People
from tests.service.test_bad_input import IMAGE, METRIC

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
GUILD = "/v1/guilds/7000/analyses"
WHOLE = {
    "title": "Monthly",
    "summary": "The club grows.",
    "confidence": 0.95,
    "images": [IMAGE, {**IMAGE, "originalName": "c.png", "fileSize": 2**53 - 1}],
    "metrics": [METRIC, {**METRIC, "name": "b", "value": False, "unit": None}],
}


def new(people: People, role: str = "member", **fields: Any) -> dict[str, Any]:
    return {"userId": str(people.ids[role]), **WHOLE, **fields}


def titles(answer: Any) -> list[str]:
    return [row["title"] for row in answer.json["data"]]


async def test_an_analysis_is_kept_with_its_images_and_metrics_in_one_call(
    service: Caller, people: People
) -> None:
    made = await service.post(GUILD, new(people))
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/analyses/{made.json['id']}"
    assert (await service.get(made.headers["Location"])).json == made.json
    assert (made.json["guildId"], made.json["userId"]) == ("7000", str(people.ids["member"]))
    assert [image["fileSize"] for image in made.json["images"]] == [5, 2**53 - 1]
    assert made.json["metrics"] == [METRIC, {**METRIC, "name": "b", "value": False, "unit": None}]
    assert made.json["createdAt"].endswith("Z")


async def test_an_analysis_needs_no_images_and_metrics(service: Caller, people: People) -> None:
    body = {"userId": str(people.ids["admin"]), "summary": "s", "confidence": 1}
    made = (await service.post(GUILD, body)).json
    assert (made["title"], made["images"], made["metrics"]) == (None, [], [])


async def test_what_an_analysis_refers_to_must_be_there(service: Caller, people: People) -> None:
    answer = await service.post("/v1/guilds/7001/analyses", new(people))
    assert (answer.status, answer.code) == (404, "not_found")
    answer = await service.post(GUILD, {**new(people), "userId": MISSING})
    assert (answer.status, answer.code, answer.pointers) == (422, "missing_reference", ["/userId"])


async def test_a_metric_that_stands_twice_keeps_nothing(
    service: Caller, people: People, db: Database
) -> None:
    before = await db.club_analyses.list_of_guild(7000)
    answer = await service.post(GUILD, new(people, metrics=[METRIC, METRIC]))
    assert (answer.status, answer.code, answer.pointers) == (409, "already_exists", ["/metrics"])
    assert await db.club_analyses.list_of_guild(7000) == before


async def test_a_change_leaves_what_is_not_sent_and_null_erases_the_title(
    service: Caller, people: People
) -> None:
    path = (await service.post(GUILD, new(people))).headers["Location"]
    changed = (await service.patch(path, {"title": None, "confidence": 0.5})).json
    assert (changed["title"], changed["summary"], changed["confidence"]) == (
        None,
        "The club grows.",
        0.5,
    )
    assert len(changed["images"]) == len(changed["metrics"]) == 2
    assert (await service.patch(path, {})).json == changed
    assert (await service.patch(path, {"summary": None})).pointers == ["/summary"]


async def test_an_analysis_goes_with_all_of_its_own(service: Caller, people: People) -> None:
    path = (await service.post(GUILD, new(people))).headers["Location"]
    assert (await service.delete(path)).status == 204
    for gone in (path, f"{path}/images", f"{path}/metrics"):
        assert (await service.get(gone)).code == "not_found"
    assert (await service.delete(path)).code == "not_found"
    assert (await service.patch(path, {"title": "x"})).code == "not_found"


@pytest.mark.parametrize("of", ["guilds/7000", "users/{member}"])
async def test_analyses_are_narrowed_sorted_and_searched(
    service: Caller, people: People, db: Database, of: str
) -> None:
    member = people.ids["member"]
    await db.club_analyses.delete(people.things["analysis_id"])
    path = f"/v1/{of.format(member=member)}/analyses"
    for number, title in enumerate(("Alpha roster", "Beta roster", "Gamma report")):
        await make.club_analysis(db, 7000, member, title=title, confidence=number / 4)
    assert titles(await service.get(path)) == ["Gamma report", "Beta roster", "Alpha roster"]
    assert titles(await service.get(f"{path}?sort=oldest&limit=1")) == ["Alpha roster"]
    assert titles(await service.get(f"{path}?minConfidence=0.25")) == [
        "Gamma report",
        "Beta roster",
    ]
    assert titles(await service.get(f"{path}?search=rost")) == ["Beta roster", "Alpha roster"]
    found = await service.get(f"{path}?search=ROSTER&minConfidence=2.5e-1&sort=oldest")
    assert titles(found) == ["Beta roster"]
    assert titles(await service.get(f"{path}?search=roster%20gamma")) == []
    assert titles(await service.get(f"{path}?search=%21%21")) == []
    (newest,) = (await service.get(f"{path}?limit=1")).json["data"]
    moment = newest["createdAt"]
    assert titles(await service.get(f"{path}?since={moment}")) == ["Gamma report"]
    assert titles(await service.get(f"{path}?until={moment}&search=a")) == ["Alpha roster"]
    assert set(newest) == {
        *("id", "guildId", "userId", "title", "summary", "confidence", "createdAt", "updatedAt")
    }


async def test_a_search_comes_in_pages(service: Caller, people: People, db: Database) -> None:
    for number in range(5):
        await make.club_analysis(db, 7000, people.ids["member"], title=f"Roster {number}")
    first = (await service.get(f"{GUILD}?search=roster&limit=3")).json
    rest = await service.get(f"{GUILD}?search=roster&limit=3&cursor={first['nextCursor']}")
    found = [row["title"] for row in (*first["data"], *rest.json["data"])]
    assert found == [f"Roster {number}" for number in reversed(range(5))]
    assert 'rel="prev"' in rest.headers["Link"]
    other = await service.get(f"{GUILD}?search=other&cursor={first['nextCursor']}")
    assert (other.status, other.code) == (400, "invalid_cursor")


@pytest.mark.parametrize("wrong", ["1.01", "-0.1", "nan", "inf", "", "0,5", "x", "1_0", "%200.5"])
async def test_a_confidence_to_ask_for_is_a_number_from_0_to_1(
    service: Caller, people: People, wrong: str
) -> None:
    for path in (GUILD, f"/v1/users/{people.ids['member']}/screenshots"):
        answer = await service.get(f"{path}?minConfidence={wrong}")
        assert (answer.status, answer.code) == (400, "invalid_parameter")
        assert answer.pointers == ["minConfidence"]


async def test_any_member_keeps_analyses_in_their_own_name_alone(
    anyone: Caller, people: People
) -> None:
    member = anyone.bearing(people.tokens["member"])
    assert (await member.post(GUILD, new(people))).status == 201
    answer = await member.post(GUILD, new(people, "admin"))
    assert (answer.status, answer.code) == (403, "not_your_account")
    stranger = anyone.bearing(people.tokens["stranger"])
    answer = await stranger.post(GUILD, new(people, "stranger"))
    assert (answer.status, answer.code) == (404, "not_found")


READS = {"": "GET", "/images": "GET", "/metrics": "GET"}
WRITES: dict[tuple[str, str], Any] = {
    ("PATCH", ""): {"title": "x"},
    ("POST", "/images"): {"images": [IMAGE]},
    ("PUT", "/metrics"): {"metrics": []},
    ("PUT", "/metrics/a"): {"value": 1, "category": "c"},
    ("DELETE", "/metrics/a"): None,
    ("DELETE", ""): None,
}


async def reached(caller: Caller, id: UUID) -> tuple[set[int], set[int], set[str]]:
    """The statuses of all reads and of all writes of an analysis, and the codes of the refusals."""
    path = f"/v1/analyses/{id}"
    reads = [await caller.call(method, path + part) for part, method in READS.items()]
    writes = [
        await caller.call(method, path + part, body) for (method, part), body in WRITES.items()
    ]
    refused = {answer.code for answer in (*reads, *writes) if answer.status >= 400}
    return {one.status for one in reads}, {one.status for one in writes}, refused


@pytest.mark.parametrize(
    ("caller", "reads", "writes", "codes"),
    [
        ("stranger", {404}, {404}, {"not_found"}),
        ("moderator", {200}, {403}, {"role_required"}),
        ("member", {200}, {200, 201, 204}, set()),
        ("admin", {200}, {200, 201, 204}, set()),
        ("owner", {200}, {200, 201, 204}, set()),
    ],
)
async def test_all_of_the_guild_read_but_only_the_creator_and_admins_change_an_analysis(
    anyone: Caller,
    people: People,
    db: Database,
    caller: str,
    reads: set[int],
    writes: set[int],
    codes: set[str],
) -> None:
    session = anyone.bearing(people.tokens[caller])
    made = await make.club_analysis(db, 7000, people.ids["member"])
    assert await reached(session, made.id) == (reads, writes, codes)
    if not codes.isdisjoint({"not_found", "role_required"}):
        assert await db.club_analyses.get(made.id) == made


async def test_the_creator_keeps_their_right_when_they_leave_the_guild(
    anyone: Caller, people: People, db: Database
) -> None:
    member = anyone.bearing(people.tokens["member"])
    path = f"/v1/analyses/{people.things['analysis_id']}"
    await db.memberships.remove(7000, people.ids["member"])
    assert (await member.get(path)).status == 200
    assert (await member.patch(path, {"title": "Mine"})).json["title"] == "Mine"
    own = await member.get(f"/v1/users/{people.ids['member']}/analyses")
    assert titles(own) == ["Mine"]
    assert (await member.get(GUILD)).code == "not_found"


async def test_an_analysis_of_another_guild_looks_like_one_that_does_not_exist(
    anyone: Caller, people: People, db: Database
) -> None:
    """An admin of one guild is a stranger in the next."""
    elsewhere = await make.guild(db)
    foreign = await make.club_analysis(db, elsewhere.id, (await make.user(db)).id)
    admin = anyone.bearing(people.tokens["admin"])
    for analysis_id in (foreign.id, MISSING):
        for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
            answer = await admin.call(method, f"/v1/analyses/{analysis_id}", body)
            assert (answer.status, answer.code) == (404, "not_found")
            assert answer.json["detail"] == "there is no such club analysis"


async def test_a_guild_that_was_deleted_softly_hides_its_analyses_from_its_members(
    anyone: Caller, people: People, db: Database
) -> None:
    path = f"/v1/analyses/{people.things['analysis_id']}"
    await db.guilds.soft_delete(7000)
    # The member made it: what tells of a deleted guild is hidden from who had it made, too.
    for role in ("admin", "owner", "member"):
        assert (await anyone.bearing(people.tokens[role]).get(path)).code == "not_found"
    await db.guilds.restore(7000)
    assert (await anyone.bearing(people.tokens["member"]).get(path)).status == 200


async def test_a_user_sees_the_analyses_of_nobody_else(anyone: Caller, people: People) -> None:
    admin = anyone.bearing(people.tokens["admin"])
    answer = await admin.get(f"/v1/users/{people.ids['member']}/analyses")
    assert (answer.status, answer.code) == (403, "not_your_account")
    assert titles(await admin.get(f"/v1/users/{people.ids['admin']}/analyses")) == []


async def test_a_key_that_may_read_does_not_write(
    anyone: Caller, people: People, db: Database
) -> None:
    reader = anyone.bearing((await db.api_keys.create("r", ["analyses:read"])).key)
    path = f"/v1/analyses/{people.things['analysis_id']}"
    assert (await reader.get(path)).status == 200
    answer = await reader.patch(path, {"title": "x"})
    assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert (await anyone.get(path)).code == "unauthenticated"


async def test_a_repeated_post_keeps_one_analysis(service: Caller, people: People) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await service.post(GUILD, new(people), headers=headers)
    again = await service.post(GUILD, new(people), headers=headers)
    assert (again.status, again.json) == (201, first.json)
    refused = await service.post(
        GUILD, new(people, metrics=[METRIC, METRIC]), headers={"Idempotency-Key": "twice"}
    )
    assert refused.code == "already_exists"
    assert titles(await service.get(GUILD)).count("Monthly") == 1

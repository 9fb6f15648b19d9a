"""Guilds over HTTP."""

from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


async def test_a_guild_is_created_once(service: Caller) -> None:
    made = await service.post("/v1/guilds", {"id": "197038439483310086", "name": "Testers"})
    assert made.status == 201
    assert made.headers["Location"] == "/v1/guilds/197038439483310086"
    assert (await service.get(made.headers["Location"])).json == made.json
    again = await service.post("/v1/guilds", {"id": "197038439483310086", "name": "Others"})
    assert (again.status, again.code, again.pointers) == (409, "already_exists", ["/id"])


async def test_putting_a_guild_keeps_what_is_not_sent(service: Caller, people: People) -> None:
    path = "/v1/guilds/7000"
    put = await service.put(path, {"name": "Renamed", "icon": "hash"})
    assert put.json["ownerId"] == str(people.ids["owner"])
    again = await service.put(path, {"name": "Renamed", "ownerId": None})
    assert (again.json["icon"], again.json["ownerId"]) == ("hash", None)


async def test_an_unknown_owner_is_a_missing_reference(service: Caller) -> None:
    for answer in (
        await service.post("/v1/guilds", {"id": "5", "name": "a", "ownerId": MISSING}),
        await service.put("/v1/guilds/5", {"name": "a", "ownerId": MISSING}),
    ):
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "missing_reference",
            ["/ownerId"],
        )
    assert (await service.get("/v1/guilds/5")).status == 404


async def test_guilds_are_listed_newest_first_with_their_member_counts(
    service: Caller, people: People
) -> None:
    await service.put("/v1/guilds/1", {"name": "Second"})
    page = (await service.get("/v1/guilds")).json
    assert [(guild["id"], guild["memberCount"]) for guild in page["data"]] == [
        ("1", 0),
        ("7000", 4),
    ]
    found = (await service.get("/v1/guilds?search=tes")).json["data"]
    assert [guild["name"] for guild in found] == ["Testers"]


async def test_settings_are_merged_at_the_top_level_and_replaced_whole(
    service: Caller, people: People
) -> None:
    path = "/v1/guilds/7000/settings"
    assert (await service.put(path, {"a": {"b": 1}, "c": [1.5, None, "x"]})).json["c"] == [
        1.5,
        None,
        "x",
    ]
    merged = await service.patch(path, {"a": {"d": 2}, "c": None, "e": True})
    assert merged.json == {"a": {"d": 2}, "e": True}
    assert (await service.get(path)).json == merged.json
    assert (await service.put(path, {})).json == {}


async def test_settings_beyond_their_limit_are_refused(service: Caller, people: People) -> None:
    answer = await service.put("/v1/guilds/7000/settings", {"a": "x" * 70_000})
    assert (answer.status, answer.code) == (422, "validation_failed")


async def test_a_deleted_guild_is_out_of_sight_until_it_is_restored(
    service: Caller, anyone: Caller, people: People
) -> None:
    member = anyone.bearing(people.tokens["member"])
    before = (await service.get("/v1/guilds/7000")).json
    assert (await service.delete("/v1/guilds/7000")).status == 204
    for caller, path in (
        *((service, f"/v1/guilds/7000{rest}") for rest in ("", "/flags", "/guild-settings")),
        (member, "/v1/guilds/7000"),
        (member, "/v1/guilds/7000/members"),
        (member, "/v1/guilds/7000/club-members"),
    ):
        assert (await caller.get(path)).code == "not_found", path
    assert (await service.delete("/v1/guilds/7000")).code == "not_found"
    assert (await service.get("/v1/guilds")).json["data"] == []
    assert (await member.get(f"/v1/users/{people.ids['member']}/guilds")).json["data"] == []
    assert (await service.put("/v1/guilds/7000", {"name": "back"})).code == "conflict"
    bin_ = (await service.get("/v1/deleted-guilds")).json["data"]
    assert [(guild["id"], guild["name"], guild["purgeStartedAt"]) for guild in bin_] == [
        ("7000", "Testers", None)
    ]
    assert bin_[0]["deletedAt"].endswith("Z")
    restored = await service.post("/v1/deleted-guilds/7000/restore")
    assert restored.status == 200
    assert {**restored.json, "updatedAt": None} == {**before, "updatedAt": None}
    assert (await member.get("/v1/guilds/7000/members")).status == 200
    assert (await service.get("/v1/deleted-guilds")).json["data"] == []
    again = await service.post("/v1/deleted-guilds/7000/restore")
    assert (again.status, again.code) == (404, "not_found")


async def test_a_guild_deleted_for_good_takes_its_memberships_along(
    service: Caller, people: People, db: Database
) -> None:
    await service.put("/v1/guilds/7001", {"name": "Deleted before"})
    await service.delete("/v1/guilds/7001")
    for guild in ("7000", "7001"):
        path = f"/v1/guilds/{guild}?permanent=true"
        assert (await service.delete(path)).status == 204
        assert (await service.delete(path)).code == "not_found"
    assert await db.memberships.count(7000) == 0
    assert (await service.get("/v1/deleted-guilds")).json["data"] == []
    assert (await service.put("/v1/guilds/7000", {"name": "anew"})).status == 200


async def test_whether_a_guild_goes_for_good_is_said_plainly(
    service: Caller, people: People
) -> None:
    for word in ("1", "yes", "True", "", "false&permanent=true"):
        answer = await service.delete(f"/v1/guilds/7000?permanent={word}")
        assert (answer.status, answer.code, answer.pointers) == (
            400,
            "invalid_parameter",
            ["permanent"],
        ), word
    assert (await service.delete("/v1/guilds/7000?permanent=false")).status == 204
    assert (await service.post("/v1/deleted-guilds/7000/restore")).status == 200


async def test_an_admin_changes_the_guild_but_does_not_take_it_over(
    anyone: Caller, people: People
) -> None:
    admin = anyone.bearing(people.tokens["admin"])
    assert (await admin.patch("/v1/guilds/7000", {"name": "New"})).json["name"] == "New"
    answer = await admin.patch("/v1/guilds/7000", {"ownerId": str(people.ids["admin"])})
    assert (answer.status, answer.code) == (403, "service_only")


async def test_settings_that_are_too_large_are_refused_as_a_whole(service: Caller) -> None:
    await service.put("/v1/guilds/5", {"name": "a"})
    for answer in (
        await service.put("/v1/guilds/5/settings", {"a": "x" * 66_000}),
        await service.patch("/v1/guilds/5/settings", {"a": "x" * 66_000}),
    ):
        assert (answer.status, answer.code, answer.pointers) == (422, "validation_failed", [""])
        assert answer.json["detail"] == "the body must have at most 65536 bytes"

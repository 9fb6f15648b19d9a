"""Memberships over HTTP."""

from typing import Any

import pytest

from service import memberships
from service.auth import refuse_higher_roles
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
PATH = "/v1/guilds/7000/members"


async def test_a_member_is_added_once(service: Caller, people: People) -> None:
    stranger = str(people.ids["stranger"])
    made = await service.post(PATH, {"userId": stranger})
    assert made.status == 201
    assert made.json["roles"] == ["member"]
    assert (await service.get(made.headers["Location"])).json == made.json
    again = await service.post(PATH, {"userId": stranger})
    assert (again.status, again.code) == (409, "already_exists")
    assert set(again.pointers) == {"/userId", "guild_id"}


async def test_members_need_a_user_and_a_guild_that_exist(service: Caller, people: People) -> None:
    unknown = await service.post(PATH, {"userId": MISSING})
    assert (unknown.status, unknown.code, unknown.pointers) == (
        422,
        "missing_reference",
        ["/userId"],
    )
    user_id = str(people.ids["member"])
    assert (await service.post("/v1/guilds/7001/members", {"userId": user_id})).code == "not_found"


async def test_what_is_missing_is_told_apart_under_an_idempotency_key_too(
    service: Caller, people: People
) -> None:
    headers = {"Idempotency-Key": "adding-1"}
    unknown = await service.post(PATH, {"userId": MISSING}, headers=headers)
    assert (unknown.code, unknown.pointers) == ("missing_reference", ["/userId"])
    headers = {"Idempotency-Key": "adding-2"}
    body = {"userId": str(people.ids["member"])}
    assert (
        await service.post("/v1/guilds/7001/members", body, headers=headers)
    ).code == "not_found"


async def test_roles_are_set_and_memberships_end(service: Caller, people: People) -> None:
    path = f"{PATH}/{people.ids['member']}"
    changed = await service.put(f"{path}/roles", {"roles": ["moderator", "member"]})
    assert changed.json["roles"] == ["moderator", "member"]
    assert (await service.delete(path)).status == 204
    assert (await service.delete(path)).status == 404
    assert (await service.put(f"{path}/roles", {"roles": ["member"]})).status == 404


async def test_members_are_listed_with_their_users(service: Caller, people: People) -> None:
    page = (await service.get(f"{PATH}?limit=3")).json
    assert len(page["data"]) == 3
    assert set(page["data"][0]) == {"roles", "joinedAt", "user"}
    rest = (await service.get(f"{PATH}?limit=3&cursor={page['nextCursor']}")).json
    assert (await service.get(f"{PATH}?limit=3&cursor={rest['prevCursor']}")).json["data"] == page[
        "data"
    ]
    names = {entry["user"]["username"] for entry in [*page["data"], *rest["data"]]}
    assert names == {"owner", "admin", "moderator", "member"}
    found = (await service.get(f"{PATH}?search=mod")).json["data"]
    assert [entry["user"]["username"] for entry in found] == ["moderator"]
    admins = (await service.get(f"{PATH}?role=admin")).json["data"]
    assert [entry["user"]["username"] for entry in admins] == ["admin"]
    oldest = (await service.get(f"{PATH}?sort=oldest&limit=4")).json["data"]
    assert oldest == [*page["data"], *rest["data"]][::-1]
    assert (await service.get(f"{PATH}?sort=tallest")).pointers == ["sort"]
    assert (await service.get(f"{PATH}:count")).json == {"count": 4}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", {"manage_guild", "manage_members", "view_members"}),
        ("admin", {"manage_guild", "manage_members", "view_members"}),
        ("moderator", {"manage_members", "view_members"}),
        ("member", {"view_members"}),
        ("stranger", set()),
    ],
)
async def test_permissions_follow_from_roles(
    service: Caller, people: People, role: str, allowed: set[str]
) -> None:
    for permission in ("manage_guild", "manage_members", "view_members"):
        path = f"{PATH}/{people.ids[role]}/permissions/{permission}"
        answer = (await service.get(path)).json
        assert answer == {"permission": permission, "allowed": permission in allowed}


async def test_bulk_calls_report_each_entry_and_lose_none(service: Caller, people: People) -> None:
    stranger, member = str(people.ids["stranger"]), str(people.ids["member"])

    async def results(verb: str, body: dict[str, Any]) -> list[tuple[str, str | None]]:
        answer = await service.post(f"{PATH}:{verb}", body)
        assert answer.status == 200
        return [(entry["userId"], entry["code"]) for entry in answer.json["results"]]

    entries: list[dict[str, Any]] = [
        {"userId": member},
        {"userId": MISSING, "roles": ["admin"]},
        {"userId": stranger, "roles": ["moderator"]},
        {"userId": stranger},
    ]
    assert await results("add", {"entries": entries}) == [
        (member, "already_exists"),
        (MISSING, "unknown_user"),
        (stranger, None),
        (stranger, "duplicate_entry"),
    ]
    changes = [{"userId": MISSING, "roles": ["member"]}, {"userId": member, "roles": ["admin"]}]
    assert await results("set-roles", {"entries": changes}) == [
        (MISSING, "not_a_member"),
        (member, None),
    ]
    assert await results("remove", {"userIds": [stranger, MISSING]}) == [
        (stranger, None),
        (MISSING, "not_a_member"),
    ]
    assert (await service.get(f"{PATH}/{member}")).json["roles"] == ["admin"]
    assert (await service.get(f"{PATH}:count")).json == {"count": 4}


async def test_a_bulk_call_on_an_unknown_guild_finds_nothing(
    service: Caller, people: People
) -> None:
    path, user_id = "/v1/guilds/7001/members", str(people.ids["member"])
    entries = {"entries": [{"userId": user_id, "roles": ["member"]}]}
    assert (await service.post(f"{path}:add", entries)).code == "not_found"
    assert (await service.post(f"{path}:set-roles", entries)).code == "not_found"
    assert (await service.post(f"{path}:remove", {"userIds": [user_id]})).code == "not_found"


async def test_a_thousand_members_are_added_in_one_call(
    service: Caller, people: People, db: Database
) -> None:
    ids = [(await db.users.find_or_create(10_000 + number)).id for number in range(1000)]
    body = {"entries": [{"userId": str(user_id)} for user_id in ids]}
    answer = await service.post(f"{PATH}:add", body)
    assert all(entry["ok"] for entry in answer.json["results"])
    body["entries"].append({"userId": MISSING})
    assert (await service.post(f"{PATH}:add", body)).pointers == ["/entries"]


async def test_a_moderator_gives_and_takes_no_more_than_they_have(
    anyone: Caller, people: People
) -> None:
    moderator = anyone.bearing(people.tokens["moderator"])
    ids = people.ids
    member, admin = f"{PATH}/{ids['member']}", f"{PATH}/{ids['admin']}"
    assert (await moderator.put(f"{member}/roles", {"roles": ["moderator"]})).status == 200
    for refused in (
        await moderator.put(f"{member}/roles", {"roles": ["admin"]}),
        await moderator.put(f"{PATH}/{ids['moderator']}/roles", {"roles": ["owner"]}),
        await moderator.put(f"{admin}/roles", {"roles": ["member"]}),
        await moderator.delete(admin),
        await moderator.post(PATH, {"userId": str(ids["stranger"]), "roles": ["admin"]}),
    ):
        assert (refused.status, refused.code) == (403, "role_required")
    assert (await moderator.post(PATH, {"userId": str(ids["stranger"])})).status == 201
    promoted = await anyone.bearing(people.tokens["admin"]).put(
        f"{member}/roles", {"roles": ["admin"]}
    )
    assert promoted.status == 200


async def test_a_moderator_does_not_touch_the_guilds_owner_whatever_roles_the_owner_has(
    anyone: Caller, service: Caller, people: People, db: Database
) -> None:
    await db.memberships.add(7000, people.ids["stranger"], roles=["owner"])
    owner = f"{PATH}/{people.ids['owner']}"
    assert (await service.put(f"{owner}/roles", {"roles": ["member"]})).status == 200
    moderator = anyone.bearing(people.tokens["moderator"])
    for refused in (
        await moderator.delete(owner),
        await moderator.put(f"{owner}/roles", {"roles": ["moderator"]}),
        await moderator.put(f"{owner}/roles", {"roles": ["owner"]}),
    ):
        assert (refused.status, refused.code) == (403, "role_required")
    assert (await service.get(owner)).json["roles"] == ["member"]
    admin = anyone.bearing(people.tokens["admin"])
    assert (await admin.put(f"{owner}/roles", {"roles": ["owner"]})).status == 200
    assert (await anyone.bearing(people.tokens["owner"]).delete(owner)).status == 204


async def test_a_role_given_during_the_check_is_not_removed_by_it(
    anyone: Caller, people: People, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def promoted_meanwhile(*arguments: Any) -> None:
        await refuse_higher_roles(*arguments)
        await db.memberships.set_roles(7000, people.ids["member"], ["admin"])

    monkeypatch.setattr(memberships, "refuse_higher_roles", promoted_meanwhile)
    moderator = anyone.bearing(people.tokens["moderator"])
    answer = await moderator.delete(f"{PATH}/{people.ids['member']}")
    # It is checked again, and an admin is not the moderator's to remove.
    assert (answer.status, answer.code) == (403, "role_required")
    assert (await db.memberships.get(7000, people.ids["member"])).roles == ["admin"]


async def test_a_member_may_leave(anyone: Caller, people: People) -> None:
    member = anyone.bearing(people.tokens["member"])
    assert (await member.delete(f"{PATH}/{people.ids['moderator']}")).code == "role_required"
    assert (await member.delete(f"{PATH}/{people.ids['member']}")).status == 204
    assert (await member.get(PATH)).code == "not_found"

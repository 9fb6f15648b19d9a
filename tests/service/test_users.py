"""Users over HTTP."""

from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People


async def test_a_discord_account_becomes_one_user_however_often_it_is_put(service: Caller) -> None:
    first = await service.put("/v1/users/by-discord/80351110224678912", {"username": "nelly"})
    second = await service.put("/v1/users/by-discord/80351110224678912", {"globalName": "Nelly"})
    assert (first.status, second.status) == (200, 200)
    assert first.json["id"] == second.json["id"]
    assert second.json["username"] == "nelly"
    assert second.json["globalName"] == "Nelly"


async def test_ids_are_strings_and_times_end_in_z(service: Caller) -> None:
    user = (await service.put("/v1/users/by-discord/9223372036854775807", {})).json
    assert user["discordId"] == "9223372036854775807"
    assert user["createdAt"].endswith("Z")
    assert user["lastActiveGuildId"] is None


async def test_a_user_is_found_by_id_discord_id_and_email(service: Caller) -> None:
    made = (await service.put("/v1/users/by-discord/5", {"email": "Nelly@discord.com"})).json
    for path in (
        f"/v1/users/{made['id']}",
        "/v1/users/by-discord/5",
        "/v1/users/by-email?email=nelly%40DISCORD.com",
    ):
        assert (await service.get(path)).json == made


async def test_what_is_not_there_is_not_found(service: Caller) -> None:
    for path in (
        "/v1/users/01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e",
        "/v1/users/by-discord/5",
        "/v1/users/by-email?email=a%40b",
    ):
        answer = await service.get(path)
        assert (answer.status, answer.code) == (404, "not_found")


async def test_a_patch_changes_what_is_sent_and_null_erases(service: Caller) -> None:
    path = "/v1/users/by-discord/5"
    made = (await service.put(path, {"username": "a", "globalName": "b", "email": "c@d"})).json
    changed = await service.patch(f"/v1/users/{made['id']}", {"globalName": None, "username": "e"})
    assert changed.status == 200
    assert changed.json["globalName"] is None
    assert changed.json["username"] == "e"
    assert changed.json["email"] == "c@d"


async def test_an_email_of_another_user_is_refused_by_field(service: Caller) -> None:
    await service.put("/v1/users/by-discord/5", {"email": "a@b"})
    answer = await service.put("/v1/users/by-discord/6", {"email": "A@B"})
    assert (answer.status, answer.code) == (409, "already_exists")
    assert answer.pointers == ["/email"]


async def test_users_come_in_pages_with_links(service: Caller) -> None:
    for number in range(1, 6):
        await service.put(f"/v1/users/by-discord/{number}", {"username": f"user{number}"})
    first = await service.get("/v1/users?limit=2")
    assert [user["discordId"] for user in first.json["data"]] == ["5", "4"]
    cursor = first.json["nextCursor"]
    assert first.headers["Link"] == f'</v1/users?limit=2&cursor={cursor}>; rel="next"'
    second = await service.get(f"/v1/users?limit=2&cursor={cursor}")
    third = await service.get(f"/v1/users?limit=2&cursor={second.json['nextCursor']}")
    assert [user["discordId"] for user in third.json["data"]] == ["1"]
    assert third.json["nextCursor"] is None
    back = third.json["prevCursor"]
    assert third.headers["Link"] == f'</v1/users?limit=2&cursor={back}>; rel="prev"'
    assert (await service.get(f"/v1/users?limit=2&cursor={back}")).json["data"] == second.json[
        "data"
    ]
    assert '; rel="next", ' in second.headers["Link"]


async def test_users_are_searched_by_the_beginning_of_words(service: Caller) -> None:
    await service.put("/v1/users/by-discord/1", {"username": "nelly", "globalName": "Big Elephant"})
    await service.put("/v1/users/by-discord/2", {"username": "anton"})
    found = await service.get("/v1/users?search=eleph")
    assert [user["username"] for user in found.json["data"]] == ["nelly"]


async def test_the_last_active_guild_must_exist(service: Caller, people: People) -> None:
    path = f"/v1/users/{people.ids['member']}/last-active-guild"
    answer = await service.put(path, {"guildId": "7000"})
    assert answer.json["lastActiveGuildId"] == "7000"
    missing = await service.put(path, {"guildId": "7001"})
    assert (missing.status, missing.code, missing.pointers) == (
        422,
        "missing_reference",
        ["/guildId"],
    )
    assert (await service.put(path, {"guildId": None})).json["lastActiveGuildId"] is None


async def test_discord_tokens_go_in_and_never_come_out(
    service: Caller, people: People, db: Database
) -> None:
    user_id = people.ids["member"]
    secret = {
        "accessToken": "access-1",
        "refreshToken": "refresh-1",
        "expiresAt": "2040-01-01T00:00:00Z",
    }
    assert (await service.put(f"/v1/users/{user_id}/discord-tokens", secret)).status == 204
    kept = await db.users.tokens(user_id)
    assert kept is not None
    assert (kept.access, kept.refresh) == ("access-1", "refresh-1")
    for path in (f"/v1/users/{user_id}", "/v1/users", f"/v1/guilds/{people.guild_id}/members"):
        content = (await service.get(path)).content
        assert b"access-1" not in content
        assert b"okenExpires" not in content
    assert (await service.delete(f"/v1/users/{user_id}/discord-tokens")).status == 204
    assert await db.users.tokens(user_id) is None


async def test_deleting_a_user_ends_their_sessions(service: Caller, people: People) -> None:
    assert (await service.delete(f"/v1/users/{people.ids['member']}")).status == 204
    ended = await service.bearing(people.tokens["member"]).get("/v1/sessions/current")
    assert (ended.status, ended.code) == (401, "unauthenticated")
    assert (await service.delete(f"/v1/users/{people.ids['member']}")).status == 404


async def test_a_users_guilds_are_listed_with_roles(service: Caller, people: People) -> None:
    page = (await service.get(f"/v1/users/{people.ids['admin']}/guilds")).json
    assert [(entry["guild"]["id"], entry["roles"]) for entry in page["data"]] == [
        ("7000", ["admin"])
    ]

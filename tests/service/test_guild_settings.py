"""The platform's settings of guilds over HTTP."""

from tests.service.conftest import Caller, People

PATH = "/v1/guilds/7000/guild-settings"
DEFAULTS = {
    "guildId": "7000",
    "sheetId": None,
    "sheetTab": None,
    "viewMode": "baseline",
    "allowPublic": False,
    "screenshotChannelId": None,
    "uploadsEnabled": True,
    "notes": None,
    "updatedAt": None,
}
CHANGES = {
    "sheetId": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    "sheetTab": "Club 1",
    "viewMode": "latest",
    "allowPublic": True,
    "screenshotChannelId": "9223372036854775807",
    "uploadsEnabled": False,
    "notes": "ask nelly 🐘",
}


async def test_settings_are_the_defaults_until_something_is_changed(
    service: Caller, people: People
) -> None:
    assert (await service.get(PATH)).json == DEFAULTS
    changed = (await service.patch(PATH, CHANGES)).json
    assert {**changed, "updatedAt": None} == {**DEFAULTS, **CHANGES}
    assert (await service.get(PATH)).json == changed
    erased = (await service.patch(PATH, {"notes": None, "screenshotChannelId": None})).json
    assert (erased["notes"], erased["screenshotChannelId"], erased["sheetTab"]) == (
        None,
        None,
        "Club 1",
    )
    assert (await service.delete(PATH)).status == 204
    assert (await service.get(PATH)).json == DEFAULTS


async def test_they_are_not_the_guilds_own_object(service: Caller, people: People) -> None:
    await service.put("/v1/guilds/7000/settings", {"viewMode": "mine"})
    await service.patch(PATH, {"viewMode": "latest"})
    assert (await service.get("/v1/guilds/7000/settings")).json == {"viewMode": "mine"}
    await service.delete(PATH)
    assert (await service.get("/v1/guilds/7000/settings")).json == {"viewMode": "mine"}


async def test_a_guild_that_is_not_known_has_no_settings(service: Caller) -> None:
    path = "/v1/guilds/7001/guild-settings"
    for answer in (
        await service.get(path),
        await service.patch(path, CHANGES),
        await service.delete(path),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_settings_with_their_notes_are_for_admins(anyone: Caller, people: People) -> None:
    admin = anyone.bearing(people.tokens["admin"])
    assert (await admin.patch(PATH, CHANGES)).status == 200
    for role, code in (
        ("moderator", "role_required"),
        ("member", "role_required"),
        ("stranger", "not_found"),
    ):
        caller = anyone.bearing(people.tokens[role])
        for answer in (
            await caller.get(PATH),
            await caller.patch(PATH, {"notes": None}),
            await caller.delete(PATH),
        ):
            assert answer.code == code, role
            assert b"nelly" not in answer.content
    assert (await anyone.get(PATH)).code == "unauthenticated"
    assert (await admin.get(PATH)).json["notes"] == CHANGES["notes"]

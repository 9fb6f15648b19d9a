"""Feature flags of guilds over HTTP."""

import asyncio

from tests.service.conftest import Caller, People

PATH = "/v1/guilds/7000/flags"
DEFAULTS = {
    "guildId": "7000",
    "colorPrimary": None,
    "badgeStyle": "rounded",
    "ensembleOcr": False,
    "secondApprover": False,
    "askManus": False,
    "publicStats": True,
    "updatedAt": None,
}


async def test_flags_are_the_defaults_until_something_is_changed(
    service: Caller, people: People
) -> None:
    assert (await service.get(PATH)).json == DEFAULTS
    changed = await service.patch(PATH, {"colorPrimary": "#5865F2", "publicStats": False})
    assert changed.status == 200
    assert changed.json["colorPrimary"] == "#5865f2"
    assert changed.json["updatedAt"].endswith("Z")
    assert (await service.get(PATH)).json == changed.json
    erased = (await service.patch(PATH, {"colorPrimary": None, "askManus": True})).json
    assert (erased["colorPrimary"], erased["askManus"], erased["publicStats"]) == (
        None,
        True,
        False,
    )
    assert (await service.delete(PATH)).status == 204
    assert (await service.get(PATH)).json == DEFAULTS


async def test_flags_changed_at_the_same_time_all_last(service: Caller, people: People) -> None:
    names = ("ensembleOcr", "secondApprover", "askManus")
    answers = await asyncio.gather(*(service.patch(PATH, {name: True}) for name in names))
    assert [answer.status for answer in answers] == [200, 200, 200]
    kept = (await service.get(PATH)).json
    assert [kept[name] for name in names] == [True, True, True]


async def test_a_guild_that_is_not_known_has_no_flags(service: Caller) -> None:
    path = "/v1/guilds/7001/flags"
    for answer in (
        await service.get(path),
        await service.patch(path, {"askManus": True}),
        await service.delete(path),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_members_see_flags_and_admins_change_them(anyone: Caller, people: People) -> None:
    member, moderator, admin, stranger = (
        anyone.bearing(people.tokens[role]) for role in ("member", "moderator", "admin", "stranger")
    )
    assert (await member.get(PATH)).json == DEFAULTS
    for caller, code in ((member, "role_required"), (moderator, "role_required")):
        assert (await caller.patch(PATH, {"askManus": True})).code == code
        assert (await caller.delete(PATH)).code == code
    assert (await stranger.get(PATH)).code == "not_found"
    assert (await stranger.patch(PATH, {"askManus": True})).code == "not_found"
    assert (await anyone.get(PATH)).code == "unauthenticated"
    assert (await member.get(PATH)).json == DEFAULTS
    assert (await admin.patch(PATH, {"askManus": True})).json["askManus"] is True
    assert (await admin.delete(PATH)).status == 204

"""How the bot speaks in guilds, over HTTP."""

from tests.service.conftest import Caller, People

PATH = "/v1/guilds/7000/personality"
DEFAULTS = {
    "guildId": "7000",
    "preset": "default",
    "systemPrompt": None,
    "temperature": 0.7,
    "topP": 1.0,
    "tone": "friendly",
    "formality": "neutral",
    "humor": True,
    "emojis": True,
    "updatedAt": None,
}


async def preset(service: Caller, name: str) -> dict[str, object]:
    """What a guild's personality is by a preset alone."""
    listed = (await service.get("/v1/personality-presets")).json["data"]
    return {"guildId": "7000", **next(one for one in listed if one["preset"] == name)}


def undated(answer: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in answer.items() if name != "updatedAt"}


async def test_presets_are_listed_for_everyone_signed_in(
    service: Caller, anyone: Caller, people: People
) -> None:
    listed = (await service.get("/v1/personality-presets")).json["data"]
    assert [one["preset"] for one in listed] == ["default", "helper", "jester", "scholar"]
    stranger = anyone.bearing(people.tokens["stranger"])
    assert (await stranger.get("/v1/personality-presets")).json["data"] == listed
    assert (await anyone.get("/v1/personality-presets")).code == "unauthenticated"


async def test_a_guild_speaks_by_default_until_something_is_changed(
    service: Caller, people: People
) -> None:
    assert (await service.get(PATH)).json == DEFAULTS
    changed = (await service.patch(PATH, {"temperature": 2, "systemPrompt": "Be kind."})).json
    assert undated(changed) == undated({**DEFAULTS, "temperature": 2, "systemPrompt": "Be kind."})
    assert (await service.get(PATH)).json == changed
    erased = (await service.patch(PATH, {"systemPrompt": None})).json
    assert (erased["systemPrompt"], erased["temperature"]) == (None, 2)


async def test_a_personality_is_a_preset_and_what_is_other(service: Caller, people: People) -> None:
    await service.patch(PATH, {"tone": "serious", "systemPrompt": "Be kind."})
    jester = await preset(service, "jester")
    chosen = await service.put(PATH, {"preset": "jester", "emojis": False})
    assert undated(chosen.json) == {**jester, "emojis": False}, "nothing of before is left"
    again = await service.put(PATH, {"preset": "jester", "emojis": False})
    assert undated(again.json) == undated(chosen.json)
    silent = await service.put(PATH, {"preset": "jester", "systemPrompt": None})
    assert undated(silent.json) == {**jester, "systemPrompt": None}
    without = await service.put(PATH, {"emojis": False})
    assert (without.status, without.pointers) == (422, ["/preset"])


async def test_changes_are_taken_back_to_the_preset(service: Caller, people: People) -> None:
    assert (await service.post(f"{PATH}:reset")).json == DEFAULTS, "nothing to take back"
    await service.put(PATH, {"preset": "scholar", "temperature": 1.9, "systemPrompt": None})
    back = await service.post(f"{PATH}:reset")
    assert back.status == 200
    assert undated(back.json) == await preset(service, "scholar")
    assert (await service.get(PATH)).json == back.json


async def test_numbers_out_of_range_are_refused_by_field(service: Caller, people: People) -> None:
    answer = await service.patch(PATH, {"temperature": 2.1, "topP": -1})
    assert (answer.status, answer.pointers) == (422, ["/temperature", "/topP"])
    details = {error["detail"] for error in answer.json["errors"]}
    assert details == {"must be at most 2.0", "must be at least 0.0"}
    assert (await service.get(PATH)).json == DEFAULTS


async def test_a_guild_that_is_not_known_does_not_speak(service: Caller) -> None:
    path = "/v1/guilds/7001/personality"
    for answer in (
        await service.get(path),
        await service.patch(path, {"humor": False}),
        await service.put(path, {"preset": "helper"}),
        await service.post(f"{path}:reset"),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_a_personality_is_for_admins_to_see_and_change(
    anyone: Caller, people: People
) -> None:
    admin = anyone.bearing(people.tokens["admin"])
    assert (await admin.put(PATH, {"preset": "jester"})).status == 200
    for role, code in (
        ("moderator", "role_required"),
        ("member", "role_required"),
        ("stranger", "not_found"),
    ):
        caller = anyone.bearing(people.tokens[role])
        for answer in (
            await caller.get(PATH),
            await caller.patch(PATH, {"humor": False}),
            await caller.put(PATH, {"preset": "helper"}),
            await caller.post(f"{PATH}:reset"),
        ):
            assert answer.code == code, role
    assert (await anyone.get(PATH)).code == "unauthenticated"
    assert (await admin.get(PATH)).json["preset"] == "jester"
    assert (await admin.post(f"{PATH}:reset")).status == 200

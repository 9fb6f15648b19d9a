"""User preferences over HTTP."""

from tests.service.conftest import Caller, People

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
DEFAULTS = {"theme": "auto", "language": "en", "notifications": True, "chatPersonality": None}


async def test_preferences_are_the_defaults_until_something_is_changed(
    service: Caller, people: People
) -> None:
    path = f"/v1/users/{people.ids['member']}/preferences"
    own = {"userId": str(people.ids["member"])}
    assert (await service.get(path)).json == {**own, **DEFAULTS, "updatedAt": None}
    changed = await service.patch(path, {"theme": "dark", "chatPersonality": "jester"})
    assert changed.status == 200
    assert changed.json["updatedAt"].endswith("Z")
    assert (await service.get(path)).json == changed.json
    erased = (await service.patch(path, {"chatPersonality": None})).json
    assert (erased["theme"], erased["language"], erased["chatPersonality"]) == ("dark", "en", None)
    assert (await service.delete(path)).status == 204
    assert (await service.get(path)).json == {**own, **DEFAULTS, "updatedAt": None}
    assert (await service.delete(path)).status == 204


async def test_preferences_are_replaced_as_a_whole(service: Caller, people: People) -> None:
    path = f"/v1/users/{people.ids['member']}/preferences"
    await service.patch(path, {"chatPersonality": "jester", "theme": "dark"})
    whole = {**DEFAULTS, "language": "pt-BR"}
    replaced = (await service.put(path, whole)).json
    assert {name: replaced[name] for name in whole} == whole
    part = await service.put(path, {"theme": "dark"})
    assert (part.status, part.code) == (422, "validation_failed")
    assert set(part.pointers) == {"/language", "/notifications", "/chatPersonality"}
    assert (await service.get(path)).json == replaced


async def test_what_always_has_a_value_cannot_be_null(service: Caller, people: People) -> None:
    path = f"/v1/users/{people.ids['member']}/preferences"
    for field in ("theme", "language", "notifications"):
        answer = await service.patch(path, {field: None})
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "validation_failed",
            [f"/{field}"],
        )
    assert (await service.get(path)).json["updatedAt"] is None


async def test_a_user_that_is_not_known_has_no_preferences(service: Caller) -> None:
    path = f"/v1/users/{MISSING}/preferences"
    for answer in (
        await service.get(path),
        await service.patch(path, {"theme": "dark"}),
        await service.put(path, DEFAULTS),
        await service.delete(path),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_a_session_changes_its_own_preferences_only(anyone: Caller, people: People) -> None:
    own = f"/v1/users/{people.ids['member']}/preferences"
    others = f"/v1/users/{people.ids['admin']}/preferences"
    member = anyone.bearing(people.tokens["member"])
    assert (await member.patch(own, {"theme": "light"})).json["theme"] == "light"
    assert (await member.delete(own)).status == 204
    for answer in (
        await member.get(others),
        await member.patch(others, {"theme": "light"}),
        await member.put(others, DEFAULTS),
        await member.delete(others),
    ):
        assert (answer.status, answer.code) == (403, "not_your_account")
    assert (await anyone.get(own)).code == "unauthenticated"

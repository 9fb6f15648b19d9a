"""Screenshot tags over HTTP."""

from urllib.parse import quote

from tests.service.conftest import Caller, People

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


async def test_a_tag_is_put_moved_listed_and_taken_off(service: Caller, people: People) -> None:
    path = f"/v1/screenshots/{people.things['screenshot_id']}/tags"
    one = f"{path}/{quote('été/50 %', safe='')}"
    for category in ("season", "other"):
        put = await service.put(one, {"category": category})
        assert (put.status, put.json) == (200, {"tag": "été/50 %", "category": category})
    assert [tag["tag"] for tag in (await service.get(path)).json["data"]] == ["roster", "été/50 %"]
    (found,) = (await service.get(f"{path}?category=game")).json["data"]
    assert found["tag"] == "roster"
    assert (await service.delete(one)).status == 204
    assert (await service.delete(one)).code == "not_found"


async def test_a_screenshot_that_is_not_there_takes_no_tags(service: Caller) -> None:
    path = f"/v1/screenshots/{MISSING}/tags/a"
    assert (await service.put(path, {"category": "b"})).code == "not_found"
    assert (await service.delete(path)).code == "not_found"

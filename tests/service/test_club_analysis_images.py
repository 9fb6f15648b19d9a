"""Images of club analyses over HTTP."""

from slimy_dal.domain.database import Database
from tests import make
from tests.service.conftest import Caller, People
from tests.service.test_bad_input import IMAGE

MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"


async def test_images_are_added_listed_and_taken_out(service: Caller, people: People) -> None:
    path = f"/v1/analyses/{people.things['analysis_id']}/images"
    sent = [{**IMAGE, "originalName": f"{number}.png"} for number in range(3)]
    made = await service.post(path, {"images": sent})
    assert (made.status, made.headers["Location"]) == (201, path)
    added = made.json["images"]
    assert [image["originalName"] for image in added] == ["0.png", "1.png", "2.png"]
    assert (await service.get(path)).json["data"][1:] == added
    assert (await service.delete(f"{path}/{added[1]['id']}")).status == 204
    assert (await service.delete(f"{path}/{added[1]['id']}")).code == "not_found"
    left = [image["id"] for image in (await service.get(path)).json["data"][1:]]
    assert left == [added[0]["id"], added[2]["id"]]


async def test_images_come_in_pages(service: Caller, people: People) -> None:
    path = f"/v1/analyses/{people.things['analysis_id']}/images"
    await service.post(path, {"images": [IMAGE] * 4})
    first = (await service.get(f"{path}?limit=3")).json
    rest = (await service.get(f"{path}?limit=3&cursor={first['nextCursor']}")).json
    ids = [image["id"] for image in (*first["data"], *rest["data"])]
    assert (len(first["data"]), len(set(ids)), rest["nextCursor"]) == (3, 5, None)


async def test_an_analysis_that_is_not_there_takes_no_images(
    service: Caller, people: People
) -> None:
    answer = await service.post(f"/v1/analyses/{MISSING}/images", {"images": [IMAGE]})
    assert (answer.status, answer.code) == (404, "not_found")


async def test_an_image_is_not_taken_out_through_another_analysis(
    service: Caller, anyone: Caller, people: People, db: Database
) -> None:
    """Who may change one analysis must not reach into another by naming its image."""
    own = await make.club_analysis(db, 7000, people.ids["moderator"])
    image = people.things["image_id"]
    moderator = anyone.bearing(people.tokens["moderator"])
    assert (await moderator.delete(f"/v1/analyses/{own.id}/images/{image}")).code == "not_found"
    kept = f"/v1/analyses/{people.things['analysis_id']}/images"
    assert [one["id"] for one in (await service.get(kept)).json["data"]] == [str(image)]


async def test_one_bad_image_keeps_the_others_out(service: Caller, people: People) -> None:
    path = f"/v1/analyses/{people.things['analysis_id']}/images"
    answer = await service.post(path, {"images": [IMAGE, {**IMAGE, "fileSize": -1}]})
    assert (answer.status, answer.pointers) == (422, ["/images/1/fileSize"])
    assert len((await service.get(path)).json["data"]) == 1

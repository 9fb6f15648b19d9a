"""Entity tags, conditions and compression (RFC 9110), over HTTP."""

import pytest

from service.representation import takes_gzip
from tests.service.conftest import Caller, People

GUILD = "/v1/guilds/7000"


async def test_what_is_known_is_not_sent_again(service: Caller, people: People) -> None:
    first = await service.get(GUILD)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = await service.get(GUILD, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag)
    await service.put(GUILD, {"name": "Renamed"})
    changed = await service.get(GUILD, headers={"If-None-Match": tag})
    assert changed.status == 200
    assert changed.headers["ETag"] != tag


async def test_a_tag_stands_for_the_body_and_not_for_its_row_alone(
    service: Caller, people: People
) -> None:
    before = (await service.get(GUILD)).headers["ETag"]
    await service.delete(f"{GUILD}/members/{people.ids['member']}")
    after = (await service.get(GUILD)).headers["ETag"]
    assert before != after
    assert before.partition(".")[0] == after.partition(".")[0]


async def test_pages_have_tags_too(service: Caller, people: People) -> None:
    tag = (await service.get("/v1/guilds")).headers["ETag"]
    assert (await service.get("/v1/guilds", headers={"If-None-Match": tag})).status == 304
    assert (await service.get("/v1/guilds", headers={"If-None-Match": "*"})).status == 304
    await service.put("/v1/guilds/1", {"name": "Another"})
    assert (await service.get("/v1/guilds", headers={"If-None-Match": tag})).status == 200


async def test_what_is_no_tag_is_refused(service: Caller, people: People) -> None:
    for text in ("abc", "", '"a",', '"a" "b"', "W/abc"):
        answer = await service.get(GUILD, headers={"If-None-Match": text})
        assert (answer.status, answer.code) == (400, "invalid_header"), text
        assert answer.pointers == ["If-None-Match"]


async def test_a_condition_that_would_not_be_looked_at_is_refused(service: Caller) -> None:
    body = {"id": "5", "name": "a"}
    answer = await service.post("/v1/guilds", body, headers={"If-Match": '"1.2"'})
    assert (answer.status, answer.code, answer.pointers) == (400, "invalid_header", ["If-Match"])


async def test_a_condition_for_reading_is_refused_on_a_change(
    service: Caller, people: People
) -> None:
    for method, body in (("PUT", {"name": "x"}), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answer = await service.call(method, GUILD, body, headers={"If-None-Match": "*"})
        assert (answer.status, answer.code) == (400, "invalid_header"), method
        assert answer.pointers == ["If-None-Match"]


async def test_head_says_what_get_would(service: Caller, people: People) -> None:
    for path in (GUILD, "/v1/guilds?limit=1", f"{GUILD}/members?limit=2"):
        whole, head = await service.get(path), await service.call("HEAD", path)
        assert (head.status, head.content) == (200, b"")
        for name in ("ETag", "Vary", "Cache-Control", "Link", "Content-Type", "Content-Length"):
            assert head.headers.get(name) == whole.headers.get(name), (path, name)
        known = {"If-None-Match": f'"0", {whole.headers["ETag"]}'}
        assert (await service.call("HEAD", path, headers=known)).status == 304


async def test_whom_an_answer_is_for_is_said_to_caches(service: Caller, people: People) -> None:
    for path in (GUILD, "/v1/guilds"):
        answer = await service.get(path)
        tag = {"If-None-Match": answer.headers["ETag"]}
        for one in (answer, await service.get(path, headers=tag)):
            varies = set(one.headers["Vary"].split(", "))
            assert varies >= {"Accept-Encoding", "Authorization", "X-Acting-User"}
            assert one.headers["Cache-Control"] == "private, no-cache"


async def test_large_answers_travel_compressed_to_those_who_can_read_them(service: Caller) -> None:
    for number in range(1, 151):
        await service.put(f"/v1/guilds/{number}", {"name": f"Guild number {number}" * 3})
    path = "/v1/guilds?limit=150"
    plain = await service.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    packed = await service.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) * 3 < int(plain.headers["Content-Length"])
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.json == plain.json
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for tag in (plain.headers["ETag"], packed.headers["ETag"]):
        assert (await service.get(path, headers={"If-None-Match": tag})).status == 304


async def test_small_answers_travel_as_they_are(service: Caller, people: People) -> None:
    answer = await service.get(GUILD, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("deflate", False),
        ("", False),
    ],
)
def test_gzip_is_sent_only_where_it_is_taken(accepted: str, taken: bool) -> None:  # noqa: FBT001 -- a parameter
    assert takes_gzip(accepted) is taken

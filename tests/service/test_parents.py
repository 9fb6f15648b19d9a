"""Tests of lists of what is not there: for a service too they are no empty lists, but not found."""

from typing import Any
from uuid import uuid4

from service.parents import PARENTS
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People

UNKNOWN = {name: "77" if name == "guild_id" else str(uuid4()) for name in PARENTS}


def is_list(operation: dict[str, Any]) -> bool:
    """Whether the document promises a page, or an array."""
    found = operation["responses"]["200"].get("content", {}).get("application/json", {})
    return bool(operation["x-page"] == "keyset" or found.get("schema", {}).get("type") == "array")


def lists(document: dict[str, Any]) -> list[str]:
    """The addresses of all lists of something, with an unknown one in its place."""
    found = []
    for path, operations in document["paths"].items():
        parents = [name for name in UNKNOWN if f"{{{name}}}" in path]
        if not parents or "get" not in operations or not is_list(operations["get"]):
            continue
        needed = [
            f"{one['name']}={one['example']}"
            for one in operations["get"].get("parameters", ())
            if one["in"] == "query" and one.get("required")
        ]
        for name in parents:
            path = path.replace(f"{{{name}}}", UNKNOWN[name])  # noqa: PLW2901 -- filled in step by step
        found.append(f"{path.replace('{member_key}', 'nobody')}?{'&'.join(needed)}".rstrip("?"))
    return found


async def test_a_list_of_what_does_not_exist_is_not_found(anyone: Caller, service: Caller) -> None:
    document = (await anyone.get("/openapi.json")).json

    addresses = lists(document)

    assert len(addresses) > 20
    answers = {address: (await service.get(address)).status for address in addresses}
    assert set(answers.values()) == {404}, answers


async def test_a_list_of_a_deleted_guild_is_not_found_and_found_again_once_it_is_restored(
    service: Caller, people: People, db: Database
) -> None:
    path = f"/v1/guilds/{people.guild_id}/analyses?search=nothing"
    assert (await service.get(path)).json["data"] == []

    await service.delete(f"/v1/guilds/{people.guild_id}")
    assert (await service.get(path)).code == "not_found"

    await db.guilds.restore(people.guild_id)
    assert (await service.get(path)).status == 200

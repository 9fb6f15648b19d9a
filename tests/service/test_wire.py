"""How rows look on the wire."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from pydantic import TypeAdapter, ValidationError

from service import wire
from service.inputs import MAX_INT8, SNOWFLAKE_PATTERN, Snowflake
from slimy_dal.engine import types


class Inner(msgspec.Struct, frozen=True, rename="camel"):
    guild_id: types.Snowflake
    name: str


class OuterRow(msgspec.Struct, frozen=True, rename="camel"):
    id: UUID
    last_guild_id: types.Snowflake | None
    inner: Inner
    more: list[Inner]
    member_count: int
    settings: dict[str, types.Json]
    created_at: datetime


def outer(last: int | None) -> OuterRow:
    inner = Inner(MAX_INT8, "a")
    moment = datetime(2030, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    return OuterRow(UUID(int=1), last, inner, [inner], 5, {"guildId": 7}, moment)


def test_ids_become_strings_however_deep_and_nothing_else_does() -> None:
    sent = msgspec.json.decode(wire.shape(OuterRow).encode(outer(None)))
    assert sent == {
        "id": "00000000-0000-0000-0000-000000000001",
        "lastGuildId": None,
        "inner": {"guildId": "9223372036854775807", "name": "a"},
        "more": [{"guildId": "9223372036854775807", "name": "a"}],
        "memberCount": 5,
        "settings": {"guildId": 7},
        "createdAt": "2030-01-02T03:04:05.000006Z",
    }
    assert msgspec.json.decode(wire.shape(OuterRow).encode(outer(5)))["lastGuildId"] == "5"


def test_a_page_is_data_and_two_cursors() -> None:
    page: types.Page[Any] = types.Page([outer(5)], "next", None)
    sent = msgspec.json.decode(wire.page(OuterRow).encode(page))
    assert set(sent) == {"data", "nextCursor", "prevCursor"}
    assert sent["data"][0]["lastGuildId"] == "5"
    assert (sent["nextCursor"], sent["prevCursor"]) == ("next", None)


def test_schemas_have_the_names_of_the_domain() -> None:
    _, components = wire.schemas([wire.page(OuterRow)])
    assert set(components) == {"OuterRowPage".replace("Row", ""), "Outer", "Inner"}
    fields = components["Outer"]["properties"]
    assert fields["createdAt"]["format"] == "date-time"
    assert fields["memberCount"] == {"type": "integer"}
    assert components["Inner"]["properties"]["guildId"]["pattern"] == SNOWFLAKE_PATTERN


@pytest.mark.parametrize(
    "number", [1, 9, 10, 99, 10**18, 9 * 10**18, MAX_INT8 - 1, MAX_INT8, 8999999999999999999]
)
@pytest.mark.fault("V3")
def test_every_discord_id_that_fits_is_taken(number: int) -> None:
    assert TypeAdapter[int](Snowflake).validate_python(str(number)) == number


@pytest.mark.parametrize(
    "number", [0, -1, MAX_INT8 + 1, 9223372036854775810, 9300000000000000000, 10**19, 2**64]
)
@pytest.mark.fault("V3")
def test_every_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[int](Snowflake).validate_python(str(number))

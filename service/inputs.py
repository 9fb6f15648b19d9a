"""The kinds of values that may come in, each with the exact JSON schema of what it accepts."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from service.examples import GUILD, USER
from service.jsoninput import NO_NUL, REFERENCE
from slimy_dal.domain.memberships import Role
from slimy_dal.engine.rows import MAX_LIMIT
from slimy_dal.engine.types import UNSET, Unset

T = TypeVar("T")

MAX_INT8 = 2**63 - 1
MAX_SAFE = 2**53 - 1
"""The largest whole number that every reader of JSON can hold."""


def _up_to(limit: int) -> str:
    """Return a pattern for the decimal numbers from 1 to `limit`, without leading zeros."""
    digits = str(limit)
    choices = [f"[1-9][0-9]{{0,{len(digits) - 2}}}"]
    for position, digit in enumerate(digits):
        low, high = ("1" if position == 0 else "0"), int(digit) - 1
        if high < int(low):
            continue
        rest = len(digits) - position - 1
        tail = f"[0-9]{{{rest}}}" if rest else ""
        choices.append(f"{digits[:position]}[{low}-{high}]{tail}")
    return f"^(?:{'|'.join([*choices, digits])})$"


SNOWFLAKE_PATTERN = _up_to(MAX_INT8)
"""Exact, so that the published schema and the check agree on the last number int8 can hold."""

_SNOWFLAKE = re.compile(SNOWFLAKE_PATTERN.removesuffix("$") + r"\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_LIMIT = re.compile(r"[0-9]{1,3}\Z")
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)\Z", re.ASCII
)


def _snowflake(value: Any) -> int:
    if not isinstance(value, str):
        raise PydanticCustomError("snowflake_type", "must be a string of digits, not another type")
    if not _SNOWFLAKE.match(value):
        raise PydanticCustomError(
            "snowflake",
            "must be a Discord id: digits without leading zeros, from 1 to 9223372036854775807",
        )
    return int(value)


def _uuid(value: Any) -> UUID:
    if isinstance(value, str) and _UUID.match(value):
        return UUID(value)
    raise PydanticCustomError("uuid", "must be a UUID, written as 8-4-4-4-12 hexadecimal digits")


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("time_type", "must be a string with an RFC 3339 time")
    if not _MOMENT.match(value):
        raise PydanticCustomError(
            "time", "must be an RFC 3339 time with an offset from UTC, such as 2026-01-31T12:00:00Z"
        )
    try:
        moment = datetime.fromisoformat(_six_digits(value.upper())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("time", "must be a time that exists in the calendar") from None
    return moment


def _six_digits(text: str) -> str:
    """Cut the fraction of a second to microseconds, which is what PostgreSQL keeps."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def _limit(value: Any) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _LIMIT.match(value) and 1 <= int(value) <= MAX_LIMIT:
        return int(value)
    raise PydanticCustomError(
        "limit", "must be a whole number from 1 to {most}", {"most": MAX_LIMIT}
    )


def _cursor(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,1024}", value):
        return value
    raise PydanticCustomError("cursor", "must be a cursor of an earlier page, unchanged")


def _flag(value: Any) -> bool:
    # pydantic would take "yes", "on" and "1" too, which the published schema does not.
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise PydanticCustomError("flag", "must be true or false")


def _whole(value: Any) -> Any:
    # To JSON schema 5.0 is a whole number, and some languages write every number like that.
    return int(value) if isinstance(value, float) and value.is_integer() else value


DEFAULT_LIMIT = 50

LEFT_OUT: Any = None
"""Default of a field that stays as it is when it is not sent, and may not be null; `Body.given` leaves it out."""

SNOWFLAKE_SCHEMA = {
    "type": "string",
    "pattern": SNOWFLAKE_PATTERN,
    "examples": [GUILD],
    "description": "A Discord id. A string, because JSON numbers lose digits beyond 2^53.",
}
_UUID_SCHEMA = {
    "type": "string",
    "format": "uuid",
    "examples": [USER],
}

_MOMENT_SCHEMA = {
    "type": "string",
    "format": "date-time",
    "examples": ["2030-01-31T12:00:00Z"],
}

Snowflake = Annotated[
    int, BeforeValidator(_snowflake), PlainSerializer(str), WithJsonSchema(SNOWFLAKE_SCHEMA)
]
Id = Annotated[UUID, BeforeValidator(_uuid), WithJsonSchema(_UUID_SCHEMA)]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema(_MOMENT_SCHEMA)]
Limit = Annotated[
    int,
    BeforeValidator(_limit),
    WithJsonSchema(
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    ),
    Field(description="How many entries a page may have."),
]
Cursor = Annotated[
    str,
    BeforeValidator(_cursor),
    WithJsonSchema(
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,1024}$", "format": "slimy-cursor"}
    ),
    Field(description="`nextCursor` or `prevCursor` of a page of this list with the same filters."),
]

WHOLE = BeforeValidator(_whole)
"""Stands after the limits of a whole number in a body: what stands after it does not get into the schema."""
Whole = Annotated[int, Field(ge=0, le=MAX_SAFE), WHOLE]
"""A number of things, in a body."""

Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
"""A query parameter that is true or false."""

# The guard has refused NUL in bodies already; the pattern is for addresses, and for readers of the schema.
_TEXT = NO_NUL
# Where a pattern refuses newlines it ends in `(?!\n)$`: Python's `$` alone also stands before the last one.

Search = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=_TEXT),
    Field(description="Words, each by its beginning; all of them must occur."),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_TEXT)]
Link = Annotated[str, StringConstraints(min_length=1, max_length=2048, pattern=_TEXT)]
Email = Annotated[
    str,
    StringConstraints(
        min_length=3, max_length=320, pattern=r"^[^@\x00-\x20]+@[^@\x00-\x20]+(?!\n)$"
    ),
    Field(examples=["nelly@discord.com"]),
]
Token = Annotated[
    str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[\x21-\x7e]+(?!\n)$")
]


def _each_once(roles: list[Role]) -> list[Role]:
    if len(set(roles)) != len(roles):
        raise PydanticCustomError("repeated", "must name each role once")
    return roles


Roles = Annotated[
    list[Role],
    Field(min_length=1, max_length=4, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_each_once),
]

_FREE: dict[str, Any] = {
    "propertyNames": {"pattern": NO_NUL},
    "additionalProperties": {"$ref": REFERENCE},
}
JsonObject = Annotated[dict[str, JsonValue], WithJsonSchema({"type": "object", **_FREE})]


def asked(value: T | None) -> T | Unset:
    """Return a query parameter as the domain's filters take it: UNSET where it was not sent."""
    return UNSET if value is None else value


class Body(BaseModel):
    """What every request body is: camelCase, exact types, and no field that is not known."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        regex_engine="python-re",
    )

    def given(self) -> dict[str, Any]:
        """Return the fields that were sent, by their Python names: null is sent, absence is not."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Foreign(Body):
    """A body whose shape is another's (Discord's): what our tables do not hold is ignored."""

    model_config = ConfigDict(extra="ignore", alias_generator=None, json_schema_extra=_FREE)

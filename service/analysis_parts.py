"""What the routes of club analyses and of screenshots share: who may, and the kinds of values they take."""

import math
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, WithJsonSchema
from pydantic.types import StringConstraints
from pydantic_core import PydanticCustomError

from service.auth import Anyone, Granted, InGuild, Own, Policy
from service.inputs import Whole
from service.jsoninput import NO_NUL, REFERENCE, SCHEMA

if TYPE_CHECKING:
    from slimy_dal.domain.database import Nouns


async def _sees_analysis(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return await db.club_analyses.may_see(id, user_id)


async def _changes_analysis(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return await db.club_analyses.may_change(id, user_id)


async def _owns_screenshot(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return await db.screenshot_analyses.find_owner(id) == user_id


async def _owns_comparison(db: "Nouns", id: UUID, user_id: UUID) -> bool:
    return await db.screenshot_comparisons.find_owner(id) == user_id


async def _guild_of_analysis(db: "Nouns", id: UUID) -> int | None:
    return await db.club_analyses.find_guild(id)


ANALYSIS = ("club analysis", "analysis_id")
SCREENSHOT = Granted(
    "screenshot analysis", "screenshot_id", "the user whose it is", _owns_screenshot
)
COMPARISON = Granted(
    "screenshot comparison", "comparison_id", "the user whose it is", _owns_comparison
)

GUILD_ANALYSES = Policy("analyses:read", (InGuild("view_members"),))
NEW_ANALYSIS = Policy("analyses:write", (InGuild("view_members"),))
OWN_ANALYSES = Policy("analyses:read", (Own(),))
READ_ANALYSIS = Policy(
    "analyses:read",
    (
        Granted(
            *ANALYSIS,
            "its creator or a member of its guild",
            _sees_analysis,
            guild_sees="view_members",
            guild_of=_guild_of_analysis,
        ),
    ),
)
CHANGE_ANALYSIS = Policy(
    "analyses:write",
    (
        Granted(
            *ANALYSIS,
            "its creator or an owner or admin of its guild",
            _sees_analysis,
            _changes_analysis,
            guild_sees="view_members",
            guild_changes="manage_guild",
            guild_of=_guild_of_analysis,
        ),
    ),
)

ANY_SCREENSHOTS = Policy("screenshots:read")
OWN_SCREENSHOTS = Policy("screenshots:read", (Own(),))
NEW_SCREENSHOT = Policy("screenshots:write", (Own(),))
READ_SCREENSHOT = Policy("screenshots:read", (SCREENSHOT,))
CHANGE_SCREENSHOT = Policy("screenshots:write", (SCREENSHOT,))
NEW_COMPARISON = Policy("screenshots:write", (Anyone(),))
READ_COMPARISON = Policy("screenshots:read", (COMPARISON,))
CHANGE_COMPARISON = Policy("screenshots:write", (COMPARISON,))


Order = Literal["newest", "oldest"]

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?\Z")


def _share(value: Any) -> float:
    # Python takes "nan", "1_0" and blanks for numbers too, which JSON and the published schema do not.
    if isinstance(value, str) and _NUMBER.match(value) and 0 <= float(value) <= 1:
        return math.fabs(float(value))
    raise PydanticCustomError("out_of_range", "must be a number from 0 to 1")


def _value(value: JsonValue) -> JsonValue:
    if value is None:
        raise PydanticCustomError("wrong_type", "must be a JSON value other than null")
    return value


def _raw(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict | list):
        raise PydanticCustomError("wrong_type", "must be an object or an array")
    return value


MinConfidence = Annotated[
    float,
    BeforeValidator(_share),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
    Field(description="Only what the model was at least this sure of."),
]
Confidence = Annotated[
    float, Field(ge=0, le=1, description="How sure the model is of it, from 0 to 1.")
]
Size = Whole

Title = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Summary = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=NO_NUL)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]
Category = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]
Passage = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=NO_NUL)]
Kind = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}(?!\n)$"),
    Field(description="One lower-case word.", examples=["club_roster"]),
]

Value = Annotated[
    JsonValue,
    AfterValidator(_value),
    WithJsonSchema({"anyOf": SCHEMA["anyOf"][1:]}),
    Field(description="Any JSON value but null; at most 16 KiB."),
]
Raw = Annotated[
    JsonValue,
    AfterValidator(_raw),
    WithJsonSchema({"anyOf": SCHEMA["anyOf"][-2:]}),
    Field(description="What the model answered, before it was read."),
]
AnyValue = Annotated[JsonValue, WithJsonSchema({"$ref": REFERENCE})]

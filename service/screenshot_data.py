"""Screenshot data over HTTP: the values of an analysis, and how a user's value went over time (SPEC D9)."""

from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from service.analysis_parts import (
    CHANGE_SCREENSHOT,
    OWN_SCREENSHOTS,
    READ_SCREENSHOT,
    Category,
    Confidence,
    Key,
    Kind,
    MinConfidence,
    Order,
    Value,
)
from service.faults import named_in_path
from service.inputs import DEFAULT_LIMIT, Body, Cursor, Id, Limit, Moment, asked
from service.routes import LARGE_BODY, Call, Routes
from slimy_dal.domain.analysis_entries import MAX_DATA, DataType
from slimy_dal.domain.screenshot_data import (
    ListHistoryFilter,
    ListOfAnalysisFilter,
    NewDataPoint,
    PastDataPoint,
    ScreenshotDataPoint,
)
from slimy_dal.engine.types import Page

routes = Routes("screenshot data", "Values that were read out of screenshots.")

PATH = "/v1/screenshots/{screenshot_id}/data"
VALUE_EXAMPLE = {"dataType": "number", "value": 48, "category": "size", "confidence": 0.98}
POINT_EXAMPLE = {"key": "memberCount", **VALUE_EXAMPLE}

PYTHON_TYPES: dict[DataType, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "date": (str,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
SCHEMAS: list[Any] = [
    {
        "properties": {
            "dataType": {"const": name},
            "value": {"type": "string" if name == "date" else name},
        }
    }
    for name in PYTHON_TYPES
]


def _of_type(value: Any, info: ValidationInfo) -> Any:
    kind = info.data.get("data_type")
    fits = kind is None or (
        isinstance(value, PYTHON_TYPES[kind]) and (isinstance(value, bool) == (kind == "boolean"))
    )
    if not fits:
        raise PydanticCustomError("wrong_type", "must be of the kind that dataType says")
    return value


class DataValue(Body):
    """What a data point is; a date is written as a string."""

    model_config = ConfigDict(json_schema_extra={"anyOf": SCHEMAS})

    # Before the value, so that it is known when the value is looked at.
    data_type: DataType
    value: Annotated[Value, AfterValidator(_of_type)]
    category: Category
    confidence: Confidence | None = None


class DataPointOfScreenshot(DataValue):
    """A data point with its key."""

    key: Key

    def entry(self) -> NewDataPoint:
        """Return it as the domain takes it."""
        return NewDataPoint(self.key, self.value, self.data_type, self.category, self.confidence)


class DataToPut(Body):
    """Data points to add or correct; each key stands there once."""

    data: Annotated[list[DataPointOfScreenshot], Field(min_length=1, max_length=MAX_DATA)]


class PutData(msgspec.Struct, frozen=True, rename="camel"):
    """The data points that were added or corrected."""

    data: list[ScreenshotDataPoint]


@routes.route("GET", PATH, READ_SCREENSHOT, "not_found", "invalid_cursor")
async def list_of_analysis(
    call: Call,
    *,
    screenshot_id: Id,
    category: Category | None = None,
    data_type: DataType | None = None,
    min_confidence: MinConfidence | None = None,
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ScreenshotDataPoint]:
    """List the data points of a screenshot by key.

    With `minConfidence`, without those whose confidence is not known.
    """
    wanted = ListOfAnalysisFilter(
        category=asked(category),
        data_type=asked(data_type),
        min_confidence=asked(min_confidence),
    )
    return await call.db.screenshot_data.list_of_analysis(
        screenshot_id, filter=wanted, cursor=cursor, limit=limit
    )


@routes.route(
    "POST",
    f"{PATH}:put",
    CHANGE_SCREENSHOT,
    "not_found",
    body_limit=LARGE_BODY,
    entries="all",
    body_example={"data": [POINT_EXAMPLE]},
)
async def put_many(call: Call, *, screenshot_id: Id, body: DataToPut) -> PutData:
    """Add up to 1000 data points to a screenshot, or correct those whose keys it has: all of them, or none."""
    points = [point.entry() for point in body.data]
    with named_in_path("analysis_id", "screenshot analysis"):
        return PutData(await call.db.screenshot_data.put_many(screenshot_id, points))


@routes.route("PUT", f"{PATH}/{{key}}", CHANGE_SCREENSHOT, "not_found", body_example=VALUE_EXAMPLE)
async def put(call: Call, *, screenshot_id: Id, key: Key, body: DataValue) -> ScreenshotDataPoint:
    """Add a data point to a screenshot, or correct the one of that key."""
    point = NewDataPoint(key, body.value, body.data_type, body.category, body.confidence)
    with named_in_path("analysis_id", "screenshot analysis"):
        (kept,) = await call.db.screenshot_data.put_many(screenshot_id, [point])
    return kept


@routes.route("DELETE", f"{PATH}/{{key}}", CHANGE_SCREENSHOT, "not_found")
async def remove(call: Call, *, screenshot_id: Id, key: Key) -> None:
    """Remove a data point from a screenshot."""
    await call.db.screenshot_data.delete(screenshot_id, key)


@routes.route(
    "GET", "/v1/users/{user_id}/screenshots:trend", OWN_SCREENSHOTS, "not_found", "invalid_cursor"
)
async def list_history(
    call: Call,
    *,
    user_id: Id,
    key: Key,
    screenshot_type: Kind | None = None,
    min_confidence: MinConfidence | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Order = "newest",
    cursor: Cursor | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[PastDataPoint]:
    """List the values that a key had in a user's screenshots, newest first, or oldest first with `sort=oldest`.

    `since` is part of the time asked for, `until` is not.
    """
    wanted = ListHistoryFilter(
        screenshot_type=asked(screenshot_type),
        min_confidence=asked(min_confidence),
        since=asked(since),
        until=asked(until),
    )
    return await call.db.screenshot_data.list_history(
        user_id, key, filter=wanted, sort=sort, cursor=cursor, limit=limit
    )

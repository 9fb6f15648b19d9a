"""What is read out of images, as it is handed in: images, figures, tags and the like, checked before they are sent."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from slimy_dal.engine.errors import InvalidValue
from slimy_dal.engine.types import Json

__all__ = [
    "MAX_DATA",
    "MAX_IMAGES",
    "MAX_METRICS",
    "MAX_TAGS",
    "MAX_WORDS",
    "DataType",
    "Level",
    "NewDataPoint",
    "NewImage",
    "NewInsight",
    "NewMetric",
    "NewRecommendation",
    "NewTag",
    "distinct",
    "written",
]

DataType = Literal["array", "boolean", "date", "number", "object", "string"]
Level = Literal["low", "medium", "high"]

MAX_IMAGES: Final = 50
MAX_METRICS: Final = 500
MAX_DATA: Final = 1000
MAX_TAGS: Final = 100
MAX_WORDS: Final = 100
"""The most images, metrics, data points, tags, and insights or recommendations of one call."""


class NewImage(msgspec.Struct, frozen=True):
    """An image that an analysis is made from; `file_size` in bytes."""

    image_url: str
    original_name: str
    file_size: int


class NewMetric(msgspec.Struct, frozen=True):
    """A figure that was read out of a club's images: any JSON value but null."""

    name: str
    value: Json
    category: str
    unit: str | None = None


class NewDataPoint(msgspec.Struct, frozen=True):
    """A value that was read out of a screenshot, of the kind that `data_type` says."""

    key: str
    value: Json
    data_type: DataType
    category: str
    confidence: float | None = None


class NewTag(msgspec.Struct, frozen=True):
    """A word that a screenshot is found by."""

    tag: str
    category: str


class NewInsight(msgspec.Struct, frozen=True):
    """Something that a screenshot shows."""

    type: str
    priority: Level
    title: str
    description: str
    confidence: float
    actionable: bool = False


class NewRecommendation(msgspec.Struct, frozen=True):
    """Something that a screenshot says to do."""

    type: str
    priority: Level
    title: str
    description: str
    impact: Level
    effort: Level
    actionable: bool = True


def written(field: str, entries: Sequence[msgspec.Struct], most: int) -> list[dict[str, Any]]:
    """Return entries as the queries take them. Raises InvalidValue for too many, and for the first of a wrong type."""
    if len(entries) > most:
        raise InvalidValue(field, f"holds more than {most} entries")
    found = []
    for index, entry in enumerate(entries):
        values = msgspec.structs.asdict(entry)
        try:
            msgspec.convert(values, type(entry))
        except msgspec.ValidationError as error:
            raise InvalidValue(field, f"entry {index} is not right: {error}") from None
        found.append(values)
    return found


def distinct(field: str, names: Sequence[str]) -> None:
    """Raise InvalidValue where a name stands twice: which of the two to keep, nobody could say."""
    seen = set[str]()
    for index, name in enumerate(names):
        if name in seen:
            raise InvalidValue(field, f"entry {index} has the name of an earlier one")
        seen.add(name)

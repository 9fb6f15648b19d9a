"""Nested creates and gets of analyses: one round trip against the same SQL by hand and against a statement for each."""

# ruff: noqa: S608 -- what is put into the texts are names of this file

from typing import Any
from uuid import UUID

from paired import Call, Ground, Ready, always, compare

from slimy_dal.domain.analysis_entries import (
    NewDataPoint,
    NewImage,
    NewInsight,
    NewMetric,
    NewRecommendation,
    NewTag,
)
from slimy_dal.queries import club_analyses, screenshot_analyses

GUILD = 1
CALLS = 20
SUMMARY = "The club has grown by three members since last week and stands at rank forty. " * 4

CLUB: dict[str, Any] = {"title": "Week 42", "summary": SUMMARY, "confidence": 0.93}
IMAGES = [NewImage(f"https://example.com/{n}.png", f"{n}.png", 1000 + n) for n in range(4)]
METRICS = [NewMetric(f"metric {n}", n * 1.5, "power", "points") for n in range(20)]
SCREENSHOT: dict[str, Any] = {
    "screenshot_type": "club",
    "image_url": "https://example.com/1.png",
    "title": "Week 42",
    "description": "",
    "summary": SUMMARY,
    "confidence": 0.93,
    "processing_time_ms": 1200,
    "model_used": "model-1",
    "raw_response": {"choices": [{"text": "words " * 40}]},
}
PARTS: dict[str, Any] = {
    "data": [NewDataPoint(f"key {n}", n * 2, "number", "power", 0.9) for n in range(20)],
    "tags": [NewTag(f"tag {n}", "club") for n in range(5)],
    "insights": [NewInsight("growth", "high", f"t {n}", "words", 0.8) for n in range(5)],
    "recommendations": [
        NewRecommendation("growth", "low", f"t {n}", "words", "high", "low") for n in range(5)
    ],
}
TABLES = {
    "data": "screenshot_data",
    "tags": "screenshot_tags",
    "insights": "screenshot_insights",
    "recommendations": "screenshot_recommendations",
}


def _rows(parts: list[Any]) -> list[dict[str, Any]]:
    return [{name: getattr(part, name) for name in part.__struct_fields__} for part in parts]


class ByHand:
    """One nested thing as it is stored and read without a statement made for it: a statement for each table."""

    def __init__(self, table: str, row: dict[str, Any], parts: dict[str, list[Any]]) -> None:
        self.insert = (
            f"INSERT INTO slimy.{table} ({', '.join(row)})"
            f" VALUES ({', '.join(f'${n}' for n in range(1, len(row) + 1))}) RETURNING *"
        )
        self.row = tuple(row.values())
        self.read = f"SELECT * FROM slimy.{table} WHERE id = $1"
        self.parts: list[tuple[str, list[tuple[Any, ...]], str]] = []
        for name, entries in parts.items():
            fields = _rows(entries)[0]
            self.parts.append(
                (
                    (
                        f"INSERT INTO slimy.{name} (analysis_id, {', '.join(fields)})"
                        f" VALUES ({', '.join(f'${n}' for n in range(1, len(fields) + 2))})"
                    ),
                    [tuple(entry.values()) for entry in _rows(entries)],
                    f"SELECT * FROM slimy.{name} WHERE analysis_id = $1",
                )
            )

    async def create(self, raw: Any) -> object:
        """Store it, statement by statement, in a transaction; asyncpg keeps the statements prepared."""
        async with raw.transaction():
            made = await raw.fetchrow(self.insert, *self.row)
            for insert, rows, _ in self.parts:
                await raw.executemany(insert, [(made["id"], *row) for row in rows])
        return made

    async def get(self, raw: Any, id: UUID) -> list[object]:
        """Read it, table by table."""
        found: list[object] = [await raw.fetchrow(self.read, id)]
        for _, _, read in self.parts:
            found.append(await raw.fetch(read, id))
        return found


async def _compare(
    title: str,
    on: Ground,
    *,
    statements: tuple[Any, Any],
    given: dict[str, Any],
    by_hand: ByHand,
    ours: tuple[Call, Any],
    rounds: int,
) -> None:
    create, get = statements
    prepared = await on.raw.prepare(create.sql)
    arguments = [given[parameter.name] for parameter in create.parameters]
    contestants: dict[str, Ready] = {
        "same SQL": always(lambda: prepared.fetchrow(*arguments)),
        "again": always(lambda: prepared.fetchrow(*arguments)),
        "create": always(ours[0]),
        "a statement each": always(lambda: by_hand.create(on.raw)),
    }
    await compare(f"{title}: create", on, contestants, rounds=rounds, calls=CALLS)
    id_ = (await ours[0]()).id
    reading = await on.raw.prepare(get.sql)
    contestants = {
        "same SQL": always(lambda: reading.fetchrow(id_)),
        "again": always(lambda: reading.fetchrow(id_)),
        "get": always(lambda: ours[1](id_)),
        "a statement each": always(lambda: by_hand.get(on.raw, id_)),
    }
    await compare(f"{title}: get", on, contestants, rounds=rounds, calls=CALLS * 5)


async def nested(on: Ground, user: UUID, rounds: int) -> None:
    """Run the four workloads."""
    row = {"guild_id": GUILD, "user_id": user, **CLUB}
    parts: dict[str, Any] = {"club_analysis_images": IMAGES, "club_metrics": METRICS}
    await _compare(
        "club analysis",
        on,
        statements=(club_analyses.CREATE, club_analyses.GET),
        given={**row, "images": _rows(IMAGES), "metrics": _rows(METRICS)},
        by_hand=ByHand("club_analyses", row, parts),
        ours=(
            lambda: on.db.club_analyses.create(GUILD, user, **CLUB, images=IMAGES, metrics=METRICS),
            on.db.club_analyses.get,
        ),
        rounds=rounds,
    )
    row = {"user_id": user, **SCREENSHOT}
    await _compare(
        "screenshot analysis",
        on,
        statements=(screenshot_analyses.CREATE, screenshot_analyses.GET),
        given={**row, **{name: _rows(entries) for name, entries in PARTS.items()}},
        by_hand=ByHand("screenshot_analyses", row, {TABLES[n]: part for n, part in PARTS.items()}),
        ours=(
            lambda: on.db.screenshot_analyses.create(user, **SCREENSHOT, **PARTS),
            on.db.screenshot_analyses.get,
        ),
        rounds=rounds,
    )

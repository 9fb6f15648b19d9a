"""Rows of comparisons: two screenshots of a user side by side, as the database would compare them."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any, Final

from slimy_dal.queries.screenshot_comparisons import LoadItem as ComparisonItem
from slimy_dal.seed.keys import key
from slimy_dal.seed.shots import Point, Shot, points, shots, trend
from slimy_dal.seed.words import longest, sentence
from slimy_dal.seed.world import World

__all__ = ["comparisons"]

CENT: Final = Decimal("0.01")
LONGEST: Final = "a".ljust(64, "z")
"""The type of the one comparison that is made up from end to end, to be as long as it may be."""


def comparisons(world: World) -> Iterator[ComparisonItem]:
    """Return the comparison of every pair that both could be read of, and one more of the first pair."""
    for first, second in pairwise(shots(world, "comparisons")):
        if first.number % 2 or first.bare or second.bare:
            continue
        differences = _differences(points(world, first), points(world, second))
        yield _item(world, first, second, differences)
        if first.number == 0:
            yield _item(world, first, second, differences)._replace(
                id=key(second.time, second.randomness),
                comparison_type=LONGEST,
                summary=longest(20_000),
                differences=["x" * (1_048_576 - len('[""]'))],
                insights=["x" * (65_536 - len('[""]'))],
            )


def _item(
    world: World, first: Shot, second: Shot, differences: list[dict[str, Any]]
) -> ComparisonItem:
    time = second.time + timedelta(hours=1)
    return ComparisonItem(
        id=key(time, second.randomness),
        user_id=world.users[first.user],
        analysis_id_1=first.id,
        analysis_id_2=second.id,
        comparison_type="progress",
        summary=sentence(second.randomness, 30),
        trend=trend(first.number),
        differences=differences,
        insights=[*_extreme(differences, 1), *_extreme(differences, -1)],
        created_at=time,
    )


def _differences(before: list[Point], after: list[Point]) -> list[dict[str, Any]]:
    """Return what is not the same in both, by key, as `screenshot_differences` gives it."""
    olds, news = ({name: point for name, *point in read} for read in (before, after))
    found = []
    for name in sorted(olds.keys() | news.keys()):
        old, new = olds.get(name), news.get(name)
        if old is not None and new is not None and old[0] == new[0]:
            continue
        change, percent = _change(old, new)
        found.append(
            {
                "key": name,
                "category": (new or old or [None, None, None])[2],
                "kind": "added" if old is None else "removed" if new is None else "changed",
                "firstValue": None if old is None else old[0],
                "secondValue": None if new is None else new[0],
                "change": change,
                "changePercent": percent,
            }
        )
    return found


def _change(old: list[Any] | None, new: list[Any] | None) -> tuple[float | None, float | None]:
    if old is None or new is None or old[1] != "number" or new[1] != "number":
        return None, None
    before, after = Decimal(str(old[0])), Decimal(str(new[0]))
    percent = (after - before) * 100 / abs(before)
    return float(after - before), float(percent.quantize(CENT, ROUND_HALF_UP))


def _extreme(differences: list[dict[str, Any]], sign: int) -> list[dict[str, Any]]:
    """Return the largest rise, or fall, where there is one."""
    found = [entry for entry in differences if (entry["change"] or 0) * sign > 0]
    if not found:
        return []
    most = max(found, key=lambda entry: abs(entry["changePercent"]))
    kind = "largest_rise" if sign > 0 else "largest_fall"
    return [{"kind": kind, **{name: most[name] for name in ("key", "change", "changePercent")}}]

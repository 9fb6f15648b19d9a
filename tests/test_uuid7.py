from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from slimy_dal.engine.uuid7 import uuids_v7

TIME = datetime(2024, 11, 6, 10, 0, 0, 123456, tzinfo=UTC)


def test_keys_are_version_7_of_their_time() -> None:
    [key] = uuids_v7([TIME])
    assert (key.version, key.variant) == (7, "specified in RFC 4122")
    assert key.int >> 80 == int(TIME.timestamp() * 1000)


def test_keys_sort_by_time_and_then_by_place() -> None:
    times = [TIME + timedelta(microseconds=n // 10) for n in range(30_000)]
    keys = uuids_v7(times)
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set(uuids_v7(times))


def test_keys_made_here_sort_among_the_databases_own(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as sql:
        [before] = one(sql, "SELECT slimy.uuid_v7()")
        [now] = one(sql, "SELECT clock_timestamp()")
        [here] = uuids_v7([now])
        [after] = one(sql, "SELECT slimy.uuid_v7()")
    assert before < here < after


def one(sql: psycopg.Connection[tuple[Any, ...]], text: str) -> tuple[Any, ...]:
    row = sql.execute(text).fetchone()
    assert row is not None
    return tuple(row)


def test_what_cannot_be_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="before 1970"):
        uuids_v7([datetime(1969, 12, 31, tzinfo=UTC)])
    with pytest.raises(ValueError, match="more than"):
        uuids_v7([TIME] * (2**20 + 1))

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue

cursors = Cursors(b"secret")
times = st.datetimes(timezones=st.just(UTC))
ids = st.uuids()


@given(times, ids)
def test_a_cursor_gives_back_its_sort_key(time: datetime, key: UUID) -> None:
    cursor = cursors.encode("members", (time, key))
    assert cursors.decode("members", cursor, tuple[datetime, UUID]) == (time, key)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?")


@given(st.integers(0, 2**63 - 1), st.integers(0, 10**6), st.integers(1, 255))
def test_a_changed_cursor_is_refused(key: int, place: int, change: int) -> None:
    cursor = cursors.encode("guilds", (key,))
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[place % len(raw)] ^= change
    forged = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    with pytest.raises(InvalidValue, match="cursor: is not a cursor of this list"):
        cursors.decode("guilds", forged, tuple[int])


@given(st.text(max_size=2000))
def test_no_text_breaks_a_cursor(text: str) -> None:
    with pytest.raises(InvalidValue):
        cursors.decode("guilds", text, tuple[int])


def test_a_cursor_is_good_for_its_list_and_its_secret_only() -> None:
    cursor = cursors.encode("guilds/1/members", (1,))
    for other, place in ((cursors, "guilds/2/members"), (Cursors(b"other"), "guilds/1/members")):
        with pytest.raises(InvalidValue):
            other.decode(place, cursor, tuple[int])

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import InvalidValue

cursors = Cursors(b"secret")


@given(st.binary(max_size=500))
def test_a_cursor_gives_back_what_it_carries(payload: bytes) -> None:
    cursor = cursors.seal("members", payload)
    assert cursors.open("members", cursor) == payload
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?")


@given(st.binary(max_size=100), st.integers(0, 10**6), st.integers(1, 255))
@pytest.mark.fault("V10")
def test_a_changed_cursor_is_refused(payload: bytes, place: int, change: int) -> None:
    cursor = cursors.seal("guilds", payload)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[place % len(raw)] ^= change
    forged = base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()
    with pytest.raises(InvalidValue, match="cursor: is not a cursor of this list"):
        cursors.open("guilds", forged)


@given(st.text(max_size=2000))
def test_no_text_breaks_a_cursor(text: str) -> None:
    with pytest.raises(InvalidValue):
        cursors.open("guilds", text)


def test_a_cursor_is_good_for_its_list_and_its_secret_only() -> None:
    cursor = cursors.seal("guilds/1/members", b"1")
    for other, place in ((cursors, "guilds/2/members"), (Cursors(b"other"), "guilds/1/members")):
        with pytest.raises(InvalidValue):
            other.open(place, cursor)

"""The only place that makes and reads page cursors: opaque, signed, good for one list only."""

import base64
import binascii
import hmac
from typing import Any, TypeVar

import msgspec

from slimy_dal.engine.errors import InternalError, InvalidValue

SIGNATURE_BYTES = 16
MAX_LENGTH = 1024

_URL_SAFE = bytes.maketrans(b"+/", b"-_")

Key = TypeVar("Key", bound=tuple[Any, ...])


class Cursors:
    """Cursors of one secret. A cursor that was changed, or made for another list or another secret, is refused.

    `place` names the list and everything that shapes it (its filter, its parent), so that a cursor cannot be carried
    from one guild's members to another's.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def _sign(self, place: str, payload: bytes) -> bytes:
        named = place.encode()
        message = len(named).to_bytes(4, "big") + named + payload
        return hmac.digest(self._secret, message, "sha256")[:SIGNATURE_BYTES]

    def seal(self, place: str, payload: bytes) -> str:
        """Return the cursor that carries these bytes. Raises InternalError where they are too many to be read again."""
        signed = self._sign(place, payload) + payload
        # What base64.urlsafe_b64encode does, in half its time: a page makes two of them.
        written = binascii.b2a_base64(signed, newline=False).rstrip(b"=")
        cursor = written.translate(_URL_SAFE).decode()
        if len(cursor) > MAX_LENGTH:
            raise InternalError(
                f"a row's sort key of {len(payload)} bytes does not fit into a cursor: sort by shorter columns"
            )
        return cursor

    def open(self, place: str, cursor: str) -> bytes:
        """Return the bytes that a cursor of this list carries. Raises InvalidValue(field="cursor")."""
        try:
            if not isinstance(cursor, str) or len(cursor) > MAX_LENGTH:
                raise ValueError
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            signature, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
            if not hmac.compare_digest(signature, self._sign(place, payload)):
                raise ValueError
        except (ValueError, binascii.Error):
            raise not_of_this_list() from None
        return payload

    def encode(self, place: str, key: tuple[Any, ...]) -> str:
        """Return the cursor after the row with this sort key."""
        return self.seal(place, msgspec.json.encode(key))

    def decode(self, place: str, cursor: str, key: type[Key]) -> Key:
        """Return the sort key that a cursor of this list carries. Raises InvalidValue(field="cursor")."""
        payload = self.open(place, cursor)
        try:
            decoded: Key = msgspec.json.decode(payload, type=key)
        except (ValueError, msgspec.MsgspecError):
            raise not_of_this_list() from None
        return decoded


def not_of_this_list() -> InvalidValue:
    """Return the error of a cursor that does not belong where it was given; it says nothing of why."""
    return InvalidValue("cursor", "is not a cursor of this list: start from the first page")

"""The only place that makes and reads page cursors: opaque, signed, good for one list only."""

import base64
import binascii
import hashlib
import hmac
from typing import Any, TypeVar

import msgspec

from slimy_dal.engine.errors import InvalidValue

SIGNATURE_BYTES = 16
MAX_LENGTH = 1024

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
        message = len(place).to_bytes(4, "big") + place.encode() + payload
        return hmac.new(self._secret, message, hashlib.sha256).digest()[:SIGNATURE_BYTES]

    def encode(self, place: str, key: tuple[Any, ...]) -> str:
        """Return the cursor after the row with this sort key."""
        payload = msgspec.json.encode(key)
        return base64.urlsafe_b64encode(self._sign(place, payload) + payload).rstrip(b"=").decode()

    def decode(self, place: str, cursor: str, key: type[Key]) -> Key:
        """Return the sort key that a cursor of this list carries. Raises InvalidValue(field="cursor")."""
        try:
            if len(cursor) > MAX_LENGTH:
                raise ValueError
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            signature, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
            if not hmac.compare_digest(signature, self._sign(place, payload)):
                raise ValueError
            decoded: Key = msgspec.json.decode(payload, type=key)
        except (ValueError, binascii.Error, msgspec.MsgspecError):
            raise InvalidValue(
                "cursor", "is not a cursor of this list: start from the first page"
            ) from None
        return decoded

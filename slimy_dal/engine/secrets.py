"""The only place that makes and checks secrets: encryption of columns, tokens and their hashes."""

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Mapping
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION: Final = 1
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TOKEN_BYTES: Final = 32
KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")
FORM: Final = "`id:base64 of 32 bytes`"


class KeyringError(Exception):
    """A key that is missing, malformed, or not the one a value was encrypted with."""


class Keyring:
    """The keys that encrypt columns (AES-256-GCM, NIST SP 800-38D): the first encrypts, all of them decrypt.

    A ciphertext is bound to its key, its column and its row: copied elsewhere it does not open. The envelope is one
    byte of version, one byte of length and the key's id, 12 bytes of nonce, then ciphertext and tag.
    """

    __slots__ = ("_ciphers", "current")

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take keys by id, the encrypting one first; each has 32 bytes. Raises KeyringError."""
        if not keys:
            raise KeyringError(f"no encryption key: give one as {FORM}")
        for number, (name, key) in enumerate(keys.items(), start=1):
            if not KEY_ID.fullmatch(name):
                raise KeyringError(f"key {number}: its id is not 1 to 32 of A-Z a-z 0-9 . _ -")
            if len(key) != KEY_BYTES:
                raise KeyringError(f"key {number} has {len(key)} bytes: AES-256 takes {KEY_BYTES}")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.current = next(iter(keys))

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._ciphers)})"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `id:base64,id:base64`, the encrypting key first. Raises KeyringError without repeating the text."""
        keys: dict[str, bytes] = {}
        for number, part in enumerate(text.split(","), start=1):
            name, colon, encoded = part.strip().partition(":")
            if not colon:
                raise KeyringError(f"key {number} has no id: write {FORM}")
            if name in keys:
                raise KeyringError(f"key {number} has the id of one before it")
            try:
                keys[name] = base64.b64decode(encoded, validate=True)
            except ValueError:
                raise KeyringError(f"key {number} is not base64") from None
        return cls(keys)

    @staticmethod
    def generate(name: str) -> str:
        """Return a new random key in the form that `parse` reads."""
        return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"

    def encrypt(self, plaintext: str, *, column: str, row: str) -> bytes:
        """Return the envelope of a text for one column of one row, under the current key."""
        name = self.current.encode()
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.current].encrypt(
            nonce, plaintext.encode(), _binding(name, column, row)
        )
        return bytes((VERSION, len(name))) + name + nonce + sealed

    def decrypt(self, envelope: bytes, *, column: str, row: str) -> str:
        """Return the text of an envelope that was made for this column and row.

        Raises KeyringError when its key is not in the ring, or when it is damaged or was made for another place.
        """
        name, rest = self.key_id(envelope).encode(), envelope[2 + envelope[1] :]
        cipher = self._ciphers.get(name.decode())
        if cipher is None:
            raise KeyringError(
                f"{column}: encrypted with key `{name.decode()}`, which is not in the ring"
            )
        try:
            plain = cipher.decrypt(
                rest[:NONCE_BYTES], rest[NONCE_BYTES:], _binding(name, column, row)
            )
        except (InvalidTag, ValueError):
            raise KeyringError(
                f"{column}: the value is damaged or belongs to another row"
            ) from None
        return plain.decode()

    @staticmethod
    def key_id(envelope: bytes) -> str:
        """Return the id of the key an envelope was made with. Raises KeyringError for anything else."""
        try:
            if envelope[0] != VERSION:
                raise KeyringError("not an encrypted value of a known version")
            return envelope[2 : 2 + envelope[1]].decode()
        except (IndexError, UnicodeDecodeError):
            raise KeyringError("not an encrypted value") from None


def _binding(key_id: bytes, column: str, row: str) -> bytes:
    """Return the additional authenticated data; lengths in front, so that no two places read the same."""
    parts = (key_id, column.encode(), row.encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def new_token() -> str:
    """Return a random token of 256 bits, safe in URLs and headers."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 that is kept of a token. Fast on purpose: a 256-bit random secret cannot be guessed."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimy_dal.engine.secrets import Keyring, KeyringError, new_token, token_hash

OLD, NEW = Keyring.generate("old"), Keyring.generate("new")
COLUMN = "slimy.users.discord_access_token"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(texts, texts)
def test_what_was_encrypted_for_a_row_opens_for_that_row(secret: str, row: str) -> None:
    ring = Keyring.parse(NEW)
    envelope = ring.encrypt(secret, column=COLUMN, row=row)
    assert ring.decrypt(envelope, column=COLUMN, row=row) == secret
    assert secret.encode() not in envelope or len(secret) < 3


@pytest.mark.parametrize(
    ("column", "row"),
    [(COLUMN, "2"), ("slimy.users.discord_refresh_token", "1"), (COLUMN + "1", "")],
)
@pytest.mark.fault("S6")
def test_a_ciphertext_copied_elsewhere_does_not_open(column: str, row: str) -> None:
    ring = Keyring.parse(NEW)
    envelope = ring.encrypt("token", column=COLUMN, row="1")
    with pytest.raises(KeyringError, match="damaged or belongs to another row"):
        ring.decrypt(envelope, column=column, row=row)


@pytest.mark.fault("S6")
def test_every_changed_byte_is_noticed() -> None:
    ring = Keyring.parse(NEW)
    envelope = ring.encrypt("token", column=COLUMN, row="1")
    for place in range(len(envelope)):
        changed = bytearray(envelope)
        changed[place] ^= 1
        with pytest.raises(KeyringError):
            ring.decrypt(bytes(changed), column=COLUMN, row="1")


@given(st.binary(max_size=64))
def test_no_bytes_break_decryption(envelope: bytes) -> None:
    with pytest.raises(KeyringError):
        Keyring.parse(NEW).decrypt(envelope, column=COLUMN, row="1")


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    envelope = Keyring.parse(OLD).encrypt("token", column=COLUMN, row="1")
    both = Keyring.parse(f"{NEW},{OLD}")
    assert both.decrypt(envelope, column=COLUMN, row="1") == "token"
    assert Keyring.key_id(both.encrypt("token", column=COLUMN, row="1")) == "new"
    with pytest.raises(KeyringError, match="key `old`, which is not in the ring"):
        Keyring.parse(NEW).decrypt(envelope, column=COLUMN, row="1")


def test_no_two_encryptions_are_equal() -> None:
    ring = Keyring.parse(NEW)
    assert len({ring.encrypt("token", column=COLUMN, row="1") for _ in range(5000)}) == 5000


SECRET = NEW.partition(":")[2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "key 1 has no id"),
        (SECRET, "key 1 has no id"),
        (f"{SECRET}:2026a", "key 1"),
        ("x:é", "key 1 is not base64"),
        ("x:" + base64.b64encode(b"short").decode(), "key 1 has 5 bytes: AES-256 takes 32"),
        (f"a b:{SECRET}", "key 1: its id"),
        (f"{NEW},{NEW}", "key 2 has the id of one before it"),
    ],
    ids=["empty", "secret", "secret first", "letter", "short", "space", "twice"],
)
def test_a_malformed_key_is_refused_without_being_repeated(text: str, problem: str) -> None:
    with pytest.raises(KeyringError, match=problem) as refused:
        Keyring.parse(text)
    assert SECRET not in str(refused.value)
    assert not text or text not in str(refused.value)


def test_a_ring_never_shows_its_keys() -> None:
    ring = Keyring.parse(NEW)
    assert repr(ring) == "Keyring(new)"


def test_tokens_are_random_and_hashes_are_32_bytes() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}
    assert {len(token_hash(token)) for token in tokens} == {32}

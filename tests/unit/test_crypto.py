"""Encryption, keyed hashes and signatures."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.core import crypto
from station.core.settings import Keys
from tests.conftest import TEST_KEYS


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    crypto.configure(TEST_KEYS)
    yield
    crypto.configure(TEST_KEYS)


@given(st.text(max_size=60))
def test_encrypted_text_comes_back_and_never_looks_the_same(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    first, second = crypto.encrypt(text), crypto.encrypt(text)
    assert first != second
    assert crypto.decrypt(first) == crypto.decrypt(second) == text


@given(st.binary(max_size=60))
def test_encrypted_bytes_come_back_and_never_look_the_same(content: bytes) -> None:
    first, second = crypto.encrypt_bytes(content), crypto.encrypt_bytes(content)
    assert first != second
    assert crypto.decrypt_bytes(first) == crypto.decrypt_bytes(second) == content


def test_a_changed_byte_is_noticed() -> None:
    blob = bytearray(crypto.encrypt("13812344068"))
    blob[-1] ^= 1
    with pytest.raises(ValueError, match="does not fit"):
        crypto.decrypt(bytes(blob))


def test_another_key_reads_nothing() -> None:
    blob = crypto.encrypt("陈晓明")
    crypto.configure(Keys(b"s" * 32, b"D" * 32, b"h" * 32, b"g" * 32))
    with pytest.raises(ValueError, match="does not fit"):
        crypto.decrypt(blob)


def test_the_same_text_hashes_differently_for_another_purpose() -> None:
    assert crypto.keyed_hash("phone", "1") == crypto.keyed_hash("phone", "1")
    assert crypto.keyed_hash("phone", "1") != crypto.keyed_hash("name", "1")
    assert len(crypto.keyed_hash("phone", "1")) == 16


def test_a_signature_fits_only_its_message_and_key() -> None:
    signature, public = crypto.sign(b"head"), crypto.public_key()
    assert crypto.verify(b"head", signature, public)
    assert not crypto.verify(b"tail", signature, public)
    assert not crypto.verify(b"head", signature, b"\0" * 32)
    assert not crypto.verify(b"head", signature, b"short")

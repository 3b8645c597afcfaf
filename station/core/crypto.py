"""Keyed hashes, encryption and signatures with the installation's keys. Keys come from settings, never from here.

Personal values are encrypted with AES-256-GCM (NIST SP 800-38D, 96-bit random nonce); look-ups use HMAC-SHA256
(RFC 2104), split by purpose so that equal texts in two columns do not show as equal.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from station.core.settings import Keys

FORMAT = b"\x01"  # first byte of every ciphertext: leaves room for another key or cipher
NONCE_BYTES = 12  # SP 800-38D section 5.2.1.1
HASH_BYTES = 16  # 128 bits: no accidental collision among the people of any network


@dataclass(frozen=True)
class _Ring:
    aead: AESGCM
    hash_key: bytes
    signer: Ed25519PrivateKey


_ring: _Ring | None = None


def configure(keys: Keys) -> None:
    """Set the keys of this process; called once when the application is made."""
    global _ring  # noqa: PLW0603 - one process serves one installation
    _ring = _Ring(AESGCM(keys.data), keys.hash, Ed25519PrivateKey.from_private_bytes(keys.signing))


def _keys() -> _Ring:
    if _ring is None:
        raise RuntimeError("crypto.configure was not called")
    return _ring


def encrypt(text: str) -> bytes:
    """Encrypt `text`; twice the same text gives different bytes."""
    return encrypt_bytes(text.encode())


def decrypt(blob: bytes) -> str:
    """Return the text of `encrypt`. Raises ValueError when the bytes were changed or the key is another."""
    return decrypt_bytes(blob).decode()


def encrypt_bytes(content: bytes) -> bytes:
    """Encrypt `content`, a picture for instance; 29 bytes longer, and different each time."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + _keys().aead.encrypt(nonce, content, None)


def decrypt_bytes(blob: bytes) -> bytes:
    """Return the content of `encrypt_bytes`. Raises ValueError when the bytes were changed or the key is another."""
    if blob[:1] != FORMAT:
        raise ValueError("unknown ciphertext format")
    nonce, body = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
    try:
        return _keys().aead.decrypt(nonce, body, None)
    except InvalidTag as error:
        raise ValueError("ciphertext does not fit the key") from error


def keyed_hash(purpose: str, text: str) -> bytes:
    """Return 16 bytes that name `text` for `purpose` to whoever holds the key, and to nobody else."""
    return hmac.digest(_keys().hash_key, f"{purpose}\0{text}".encode(), hashlib.sha256)[:HASH_BYTES]


def same(left: bytes, right: bytes) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(left, right)


def sign(message: bytes) -> bytes:
    """Sign with the installation's Ed25519 key (RFC 8032); 64 bytes."""
    return _keys().signer.sign(message)


def public_key() -> bytes:
    """Return the raw 32 bytes of the public key that checks `sign`."""
    return _keys().signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def verify(message: bytes, signature: bytes, public: bytes) -> bool:
    """Tell whether `signature` over `message` was made by the holder of `public`'s private key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True

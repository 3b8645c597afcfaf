"""Encrypting templates: AES-256-GCM, each bound to the person it belongs to, so that none can be moved to another."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12  # bytes; NIST SP 800-38D, 8.2: random nonces are safe for 2^32 messages of one key


class UnreadableError(Exception):
    """The key does not open this: it is another kiosk's or an earlier key's, or the file was changed."""


class Sealer:
    """Seals and unseals with one key of 32 bytes: AES-256."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, person: str, plain: bytes) -> bytes:
        """Encrypt something of this person: nonce, then ciphertext with its tag."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, person.encode())

    def unseal(self, person: str, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for this person. Raises UnreadableError."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], person.encode())
        except (InvalidTag, ValueError) as error:
            raise UnreadableError from error

"""Encrypting templates: AES-256-GCM, each bound to the person it belongs to, so that none can be moved to another."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12  # bytes; NIST SP 800-38D, 8.2: random nonces are safe for 2^32 messages of one key
KEY = 32  # bytes: AES-256
PURPOSE = b"stationmaster kiosk faces 1"  # another use of the kiosk's key derives another one


class UnreadableError(Exception):
    """The key does not open this: it is another kiosk's or an earlier key's, or the file was changed."""


def face_key(kiosk_key: str) -> bytes:
    """Derive the templates' key from the kiosk's own (hex, settings.Enrolment.key). Source: HKDF, RFC 5869."""
    return HKDF(algorithm=SHA256(), length=KEY, salt=None, info=PURPOSE).derive(bytes.fromhex(kiosk_key))


class Sealer:
    """Seals and unseals with one key of 32 bytes."""

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

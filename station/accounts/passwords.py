"""Passwords: which are good enough, how they are hashed, and how guesses cost the same whoever is named."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from station.core.errors import StationError
from station.core.i18n import gettext as _

MIN_LENGTH = 10  # above the 8 of NIST SP 800-63B section 5.1.1.2; the product's own choice
MAX_LENGTH = 128  # at least 64 are to be allowed (same section)
ONE_TIME_LENGTH = 12
# No letters or digits that are read or heard for one another: a one-time password is written down and typed once.
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

# The commonest passwords of ten and more characters in published breaches; shorter ones are refused by length.
_COMMON_LIST = """
    0000000000 0123456789 0987654321 1111111111 1122334455 112233445566 1234512345 123456123456 1234567890
    12345678900 12345678910 123456789a 123456789abc 123456789q 1234567891 123321123321 123qweasdzxc 1314520520
    147258369a 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 5201314520 9876543210 a123456789 aa123456789 abc123456789
    abcd123456 abcdefghij admin12345 admin123456 administrator asdf123456 asdfghjkl1 changeme123 iloveyou123
    letmein123 p@ssw0rd123 passw0rd123 password12 password123 password1234 q1w2e3r4t5 qq123456789 qwerty1234
    qwerty12345 qwerty123456 qwertyuiop welcome123 woaini1314 zxcvbnm123
"""
COMMON = frozenset(_COMMON_LIST.split())
# Argon2id with the package's parameters, RFC 9106's second recommended option (64 MiB, 3 passes, 4 lanes).
_hasher = PasswordHasher()


def require_strong(password: str, login: str) -> None:
    """Raise StationError `password_weak` unless `password` may be used by `login`."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise StationError(
            "password_weak",
            _(
                "Use %(low)s to %(high)s characters. Three or four words are easy to remember.",
                low=MIN_LENGTH,
                high=MAX_LENGTH,
            ),
        )
    plain = password.casefold()
    if plain in COMMON or plain == login.casefold() or len(set(plain)) == 1:
        raise StationError("password_weak", _("This password is easy to guess. Choose another one."))


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password` with its own salt."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether `password` belongs to `password_hash`; without a hash it works as long and says no."""
    try:
        return _hasher.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def one_time() -> str:
    """Return a random password that somebody types once: 12 of 31 signs, 59 bits."""
    return "".join(secrets.choice(ONE_TIME_ALPHABET) for _position in range(ONE_TIME_LENGTH))


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())

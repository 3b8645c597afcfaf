"""The words of messages that are about no parcel, in the language spoken now. None: nothing is left to tell."""

from collections.abc import Callable
from enum import StrEnum

from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.events.outbox import Claimed
from station.residents import sign_in
from station.residents.service import phone_hash


class Note(StrEnum):
    """What a message that is about no parcel tells; the outbox keeps it as the topic."""

    SIGN_IN_CODE = sign_in.TOPIC


def _sign_in_code(claimed: Claimed, phone: Phone) -> str | None:
    code = sign_in.current_code(phone_hash(phone.key))
    if code is None:
        return None
    minutes = int(sign_in.VALID.total_seconds() // 60)
    return _(
        "%(code)s is your code to sign in, valid for %(minutes)s minutes. Do not tell it to anybody.",
        code=code,
        minutes=minutes,
    )


WRITERS: dict[str, Callable[[Claimed, Phone], str | None]] = {Note.SIGN_IN_CODE: _sign_in_code}
SECRET: frozenset[str] = frozenset({Note.SIGN_IN_CODE})
"""What these messages said is not kept."""
AT_ONCE: frozenset[str] = frozenset({Note.SIGN_IN_CODE})
"""Messages that somebody waits for at this moment: they go out in quiet hours too, and to who wants no other."""

"""Who stands at the counter or kiosk: told by the identity code on their phone, or by the six digits beside it."""

import unicodedata

from station.core import clock, shown_codes
from station.core.actor import Actor
from station.events.service import take_turn
from station.residents import identity, six_digits

PURPOSE = "identity"  # of refused scans


def is_meant(text: str) -> bool:
    """Tell whether text from a box is an identity code, or tail and six digits."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    return plain.startswith(shown_codes.IDENTITY) or shown_codes.tail_and_digits(text) is not None


def by_text(actor: Actor, text: str) -> int:
    """Return the recipient whom the text of a box names (`is_meant`); refuses as `by_code` and `by_digits` do."""
    typed = shown_codes.tail_and_digits(text)
    return by_digits(actor, *typed) if typed else by_code(actor, text)


def by_code(actor: Actor, text: str) -> int:
    """Return the recipient whose identity code this is, and use the code up. Raises StationError as identity.read."""
    take_turn(actor.station_id)
    return identity.read(actor, text, now=clock.now())


def by_digits(actor: Actor, tail: str, digits: str) -> int:
    """Return the recipient with this phone tail whose digits these are. Raises as six_digits.prove."""
    take_turn(actor.station_id)
    return six_digits.prove(actor, tail, digits)

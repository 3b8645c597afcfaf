"""Whom an order is for: one person is one phone number, however many names came to it."""

from collections.abc import Sequence

from station.accounts.queries import Resident
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.names import clean
from station.core.phones import PhoneKind, parse
from station.residents import queries as residents
from station.residents import service as recipients
from station.residents.queries import Contact

TAIL = 4  # digits


def entry_of(resident: Resident, station_id: int) -> int | None:
    """Return the entry under which a resident orders: the oldest at their phone; None where nobody knows them."""
    return _oldest(residents.same_phone(station_id, resident.phone_hash))


def enter(resident: Resident, station_id: int) -> int:
    """Return the entry under which a resident orders, made from what another of their stations knows.

    Raises StationError `not_found` for a number that no station knows: then nobody could reach them.
    """
    known = entry_of(resident, station_id)
    if known is not None:
        return known
    for other in residents.stations_of(resident.phone_hash):
        entry = entry_of(resident, other)
        personal = residents.personal(other, entry) if entry is not None else None
        phone = parse(personal.phone) if personal else None
        if personal and phone:
            return recipients.find_or_add(station_id, phone, personal.name).id
    raise StationError("not_found", _("No station knows your number yet. Order at the counter this once."))


def _oldest(contacts: Sequence[Contact]) -> int | None:
    return min((contact.id for contact in contacts), default=None)


def find(station_id: int, typed: str) -> list[Contact]:
    """Return whom staff may mean by a phone number or its last four digits: one entry for each phone, the oldest.

    Raises StationError `bad_input` for anything else, and for a privacy number, which is nobody's for long.
    """
    digits = typed.strip()
    if len(digits) == TAIL and digits.isascii() and digits.isdecimal():
        return _one_each(residents.by_tail(station_id, digits))
    phone = parse(typed)
    if phone is None or phone.kind is PhoneKind.PRIVACY:
        raise StationError("bad_input", _("Type the whole phone number, or its last 4 digits."))
    return _one_each(residents.by_phone(station_id, phone))


def _one_each(contacts: Sequence[Contact]) -> list[Contact]:
    oldest: dict[bytes, Contact] = {}
    for contact in sorted(contacts, key=lambda one: one.id):
        if contact.phone_kind != PhoneKind.PRIVACY:
            oldest.setdefault(contact.phone_hash, contact)
    return list(oldest.values())


def newcomer(station_id: int, phone_typed: str, name_typed: str) -> int:
    """Return the entry of a phone number, added with the name when nobody has it yet.

    Raises StationError `bad_input` for what is no phone number.
    """
    known = find(station_id, phone_typed)
    phone = parse(phone_typed)
    if known:
        return known[0].id
    if phone is None:
        raise StationError("bad_input", _("Type the whole phone number."))
    return recipients.find_or_add(station_id, phone, clean(name_typed)).id

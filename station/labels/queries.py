"""What the books say of a parcel whose label was read: whether it is here or expected, and for whom."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, select

from station.core import phones
from station.core.db import connection
from station.labels.reading import Fields, agrees
from station.parcels.intake import find_for_check_in
from station.parcels.lifecycle import ON_SHELF
from station.residents.models import Recipient


class Match(StrEnum):
    """How the number on the label stands to the one that was announced."""

    SAME = "same"
    DIFFERS = "differs"
    NOT_SHOWN = "not_shown"


@dataclass(frozen=True, slots=True)
class Announced:
    """Whom a parcel was announced for, masked, and whether the label can be theirs."""

    name_masked: str
    phone_tail: str
    match: Match


@dataclass(frozen=True, slots=True)
class Books:
    """What is known of a waybill. `pickup_code`: of a parcel that is here already."""

    carrier: str | None = None
    announced: Announced | None = None
    pickup_code: str | None = None


def of_waybill(station_id: int, waybill: str, fields: Fields) -> Books:
    """Return what is known of a waybill, the phone numbers of the label compared with the announced one."""
    existing = find_for_check_in(station_id, waybill)
    if existing is None:
        return Books()
    if existing.state in ON_SHELF:
        return Books(existing.carrier, None, existing.pickup_code)
    shown = tuple(found.value for found in fields.phones)
    return Books(existing.carrier, announced(station_id, existing.recipient_id, shown))


def announced(station_id: int, recipient_id: int | None, shown: tuple[str, ...]) -> Announced | None:
    """Return who a parcel's recipient is, compared with the numbers on its label; None when nobody was named."""
    if recipient_id is None:
        return None
    mine = and_(Recipient.station_id == station_id, Recipient.id == recipient_id)
    query = select(Recipient.name_masked, Recipient.phone_tail, Recipient.phone).where(mine)
    row = connection().execute(query).one()
    return Announced(row.name_masked, row.phone_tail, match_of(row.phone, shown))


def match_of(key: str, shown: tuple[str, ...]) -> Match:
    """Compare the announced number's key with those on the label; one that agrees is enough."""
    if any(agrees(one, key) for one in shown):
        return Match.SAME
    return Match.DIFFERS if any(phones.tail_of(one) for one in shown) else Match.NOT_SHOWN

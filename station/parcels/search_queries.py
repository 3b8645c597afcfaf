"""Which parcels a search means: every reading of the text looked up by its own index."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from station.core import names
from station.core.db import connection
from station.core.phones import Phone
from station.core.statements import Statement
from station.parcels import codes
from station.parcels.models import Parcel
from station.parcels.models import PickupCode as Code
from station.parcels.search import TAIL, Query
from station.residents.models import Recipient, RecipientPrefix
from station.residents.service import phone_hash, prefix_hash

FOUND = 200  # parcels for each reading: more is a list to page through, not an answer
# The newest people of a reading. Four digits are shared by a ten-thousandth of all; one letter of a name by more, and
# then the rest of the name is typed.
PEOPLE = 1000

_KEPT = func.coalesce(Recipient.merged_into, Recipient.id)
_BY_CODE = Statement(
    select(Code.parcel_id)
    .where(Code.station_id == bindparam("station_id"), Code.code == bindparam("code"))
    .order_by(Code.released_at.is_not(None), Code.id.desc())
    .limit(FOUND)
)
_BY_TAIL = Statement(
    select(Parcel.id, Parcel.waybill)
    .where(Parcel.station_id == bindparam("station_id"), Parcel.waybill_tail == bindparam("tail"))
    .order_by(Parcel.id.desc())
)


def parcel_ids(station_id: int, query: Query) -> list[int]:
    """Return the parcels the text means, whatever their state: at most FOUND for each reading, those here first.

    A code finds the parcel that has it now, as its alias too, before those that had it once.
    """
    found: list[int] = []
    if query.code:
        rows = _BY_CODE.all(station_id=station_id, code=codes.canonical(query.code))
        found += [row.parcel_id for row in rows]
    if query.waybill_end:
        found += _ending(station_id, query.waybill_end)
    for reading in (Query(phone=query.phone), Query(tail=query.tail), Query(name=query.name)):
        if not reading.is_empty:
            found += _of_people(station_id, people(station_id, reading))
    return list(dict.fromkeys(found))


def people(station_id: int, query: Query) -> list[int]:
    """Return the recipients that a phone, a tail or a name means, the newest of each reading first."""
    found: list[int] = []
    if query.phone:
        found += _with_phone(station_id, query.phone)
    if query.tail:
        found += _people(station_id, Recipient.phone_tail == query.tail)
    if query.name:
        found += _named(station_id, query.name)
    return list(dict.fromkeys(found))


def of_person(station_id: int, recipient_id: int) -> list[int]:
    """Return the parcels for everybody at a recipient's phone, those here first, at most FOUND."""
    phone = select(Recipient.phone_hash).where(
        Recipient.station_id == station_id, Recipient.id == recipient_id
    )
    return _of_people(station_id, _people(station_id, Recipient.phone_hash == phone.scalar_subquery()))


def owners(station_id: int, parcel_ids: Sequence[int]) -> list[int | None]:
    """Return a recipient for each phone that parcels are for; None among them for parcels of nobody known."""
    query = (
        select(func.min(Recipient.id))
        .select_from(Parcel)
        .outerjoin(
            Recipient, and_(Recipient.station_id == Parcel.station_id, Recipient.id == Parcel.recipient_id)
        )
        .where(Parcel.station_id == station_id, Parcel.id.in_(parcel_ids))
        .group_by(Recipient.phone_hash)
    )
    return list(connection().scalars(query))


def _ending(station_id: int, end: str) -> list[int]:
    rows = _BY_TAIL.all(station_id=station_id, tail=end[-TAIL:])
    return [row.id for row in rows if row.waybill.endswith(end)][:FOUND]


def _with_phone(station_id: int, phone: Phone) -> list[int]:
    return _people(station_id, Recipient.phone_hash == phone_hash(phone.key))


def _people(station_id: int, condition: ColumnElement[bool]) -> list[int]:
    """Return who fits a condition; an entry that was merged stands for the one it leads to."""
    query = select(_KEPT).where(Recipient.station_id == station_id, condition)
    return list(connection().scalars(query.order_by(Recipient.id.desc()).limit(PEOPLE)))


def _named(station_id: int, name: str) -> list[int]:
    """Look the indexed prefix up, then keep whom the whole of the typed text fits."""
    key = names.search_key(name) or ""
    prefixed = select(RecipientPrefix.recipient_id).where(
        RecipientPrefix.station_id == station_id, RecipientPrefix.prefix_hash == prefix_hash(key)
    )
    query = select(_KEPT.label("id"), Recipient.name).where(
        Recipient.station_id == station_id, Recipient.id.in_(prefixed)
    )
    rows = connection().execute(query.order_by(Recipient.id.desc()).limit(PEOPLE))
    return [row.id for row in rows if row.name and names.matches(row.name, name)]


def _of_people(station_id: int, recipient_ids: list[int]) -> list[int]:
    query = (
        select(Parcel.id)
        .where(Parcel.station_id == station_id, Parcel.recipient_id.in_(recipient_ids))
        .order_by(Parcel.left_at.is_not(None), Parcel.id.desc())
        .limit(FOUND)
    )
    return list(connection().scalars(query))

"""Which parcels a search means: every reading of the text looked up by its own index."""

from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from station.core import names
from station.core.db import connection
from station.core.statements import Statement
from station.parcels import codes
from station.parcels.models import Parcel
from station.parcels.models import PickupCode as Code
from station.parcels.search import TAIL, Query
from station.residents.models import Recipient, RecipientPrefix
from station.residents.service import phone_hash, prefix_hash

FOUND = 200  # parcels for each reading: more is a list to page through, not an answer

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
    if query.phone:
        hashed = phone_hash(query.phone.key)
        found += _ids(_of_people(station_id).where(Recipient.phone_hash == hashed))
    if query.tail:
        found += _ids(_of_people(station_id).where(Recipient.phone_tail == query.tail))
    if query.name:
        found += _named(station_id, query.name)
    return list(dict.fromkeys(found))


def _ending(station_id: int, end: str) -> list[int]:
    rows = _BY_TAIL.all(station_id=station_id, tail=end[-TAIL:])
    return [row.id for row in rows if row.waybill.endswith(end)][:FOUND]


def _of_people(station_id: int) -> Select[Any]:
    mine = and_(Parcel.station_id == Recipient.station_id, Parcel.recipient_id == Recipient.id)
    return (
        select(Parcel.id)
        .select_from(Recipient)
        .join(Parcel, mine)
        .where(Recipient.station_id == station_id)
        .order_by(Parcel.left_at.is_not(None), Parcel.id.desc())
        .limit(FOUND)
    )


def _ids(query: Select[Any]) -> list[int]:
    return [row.id for row in connection().execute(query)]


def _named(station_id: int, name: str) -> list[int]:
    """Look the indexed prefix up, then keep whom the whole of the typed text fits."""
    key = names.search_key(name)
    found = select(RecipientPrefix.recipient_id).where(
        RecipientPrefix.station_id == station_id, RecipientPrefix.prefix_hash == prefix_hash(key or "")
    )
    rows = connection().execute(
        _of_people(station_id).add_columns(Recipient.name).where(Recipient.id.in_(found))
    )
    return [row.id for row in rows if row.name and names.matches(row.name, name)]

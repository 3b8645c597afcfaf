"""Giving one person's parcels to another entry of the same person, when the two are merged.

Not for a parcel that turns out to be somebody else's (handling.assign_recipient): here the person stays the same, so
neither consent nor messages change.
"""

from sqlalchemy import select, update

from station.core.db import connection
from station.parcels.models import OpenQuestion, Parcel


def reassign(station_id: int, before: int, after: int) -> list[int]:
    """Give every parcel and open question of the recipient `before` to `after`; return the parcels, oldest first.

    The caller has the station's turn.
    """
    theirs = (Parcel.station_id == station_id, Parcel.recipient_id == before)
    parcel_ids = list(connection().scalars(select(Parcel.id).where(*theirs).order_by(Parcel.id)))
    connection().execute(update(Parcel).where(*theirs).values(recipient_id=after, version=Parcel.version + 1))
    asked = (OpenQuestion.station_id == station_id, OpenQuestion.recipient_id == before)
    connection().execute(update(OpenQuestion).where(*asked).values(recipient_id=after))
    return parcel_ids

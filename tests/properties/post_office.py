"""A channel that checks what it is given against the database, and fails or crashes when told to."""

import re

from sqlalchemy import select

from station.core.db import connection, reading
from station.events.models import OutboxMessage, OutboxParcel
from station.notices.channels import ChannelError
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel

CODE = re.compile(r"[0-9A-Z]+-[0-9]+-[0-9]+")


class Crash(BaseException):
    """The process died between handing a message over and keeping that it went out."""


class PostOffice:
    """Takes messages of one station. `delivered`: every (id, text) taken, crashes and repeats included."""

    name = "post"
    medium = "sms"

    def reaches(self, phone, email):
        return True

    def __init__(self, station_id):
        self.station_id, self.way, self.delivered = station_id, "well", []

    def send(self, message):
        if self.way == "refused":
            raise ChannelError("file_not_writable")
        self.tells_what_is_true(message)
        self.delivered.append((message.id, message.text))
        if self.way == "crash":
            raise Crash

    def tells_what_is_true(self, message):
        """Invariant 7: the message is committed, and names the stored parcels it is about and no other."""
        with reading():
            owed = (
                connection()
                .execute(
                    select(OutboxMessage.topic, OutboxMessage.state, OutboxMessage.recipient_id).where(
                        OutboxMessage.station_id == self.station_id, OutboxMessage.id == message.id
                    )
                )
                .one()
            )
            parcels = (
                connection()
                .execute(
                    select(Parcel.pickup_code, Parcel.state, Parcel.recipient_id)
                    .join(OutboxParcel, OutboxParcel.parcel_id == Parcel.id)
                    .where(
                        Parcel.station_id == self.station_id,
                        OutboxParcel.station_id == self.station_id,
                        OutboxParcel.message_id == message.id,
                    )
                )
                .all()
            )
        assert owed.state == "claimed"
        told = {
            parcel.pickup_code
            for parcel in parcels
            if _waits_for(parcel, owed.recipient_id) is (owed.topic != "undone")
        }
        assert told
        assert set(CODE.findall(message.text)) == told


def _waits_for(parcel, recipient_id):
    return parcel.state == ParcelState.STORED and parcel.recipient_id == recipient_id

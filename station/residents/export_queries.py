"""Reads everything that is kept about the names at one phone at one station, table by table, as plain values."""

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import inspect, select

from station.accounts.models import Account
from station.accounts.queries import Resident
from station.claims import personal_queries as claims
from station.core.db import connection
from station.disputes.models import Dispute, DisputeParcel
from station.events.models import CustodyEvent, OutboxMessage
from station.group_buys import personal as group_buys
from station.kiosks.models import KioskSession
from station.kiosks.watch_models import FaceEnrolment, KioskConflict
from station.ledger import personal
from station.parcels import story
from station.parcels.models import Attachment, HandOver, Parcel
from station.residents.models import (
    Agreement,
    ConsentRecord,
    Proxy,
    Recipient,
    RecipientNote,
    RecipientPreferences,
)

Fact = str | int | bool | None
Facts = dict[str, Fact]

# The columns of each table that say something about the person; the others are keys, hashes and who of the staff acted.
_OF_RECIPIENT: dict[str, tuple[Any, tuple[str, ...]]] = {
    "people": (
        Recipient,
        ("id", "name", "phone", "phone_kind", "standing_choice", "created_at"),
    ),
    "preferences": (
        RecipientPreferences,
        ("channel", "email", "language", "quiet_from", "quiet_until", "changed_at"),
    ),
    "consents": (ConsentRecord, ("parcel_id", "choice", "how", "recorded_at")),
    "agreements": (
        Agreement,
        (
            "purpose",
            "word",
            "text_version",
            "text_language",
            "given_by",
            "guardian_name",
            "guardian_phone",
            "recorded_at",
        ),
    ),
    "parcels": (
        Parcel,
        (
            "id",
            "waybill",
            "carrier",
            "state",
            "pickup_code",
            "consent_basis",
            "problem",
            "announced_at",
            "stored_at",
            "left_at",
        ),
    ),
    "messages": (OutboxMessage, ("topic", "state", "channel", "body", "created_at", "sent_at")),
    "proxies": (Proxy, ("parcel_id", "name", "phone_tail", "state", "given_at", "expires_at", "ended_at")),
    "notes": (RecipientNote, ("text", "written_at")),
    "visits": (KioskSession, ("way", "began_at")),
    "faces": (FaceEnrolment, ("enrolled_at", "expires_at", "gone_at", "gone_reason")),
    "kiosk_conflicts": (KioskConflict, ("parcel_id", "way", "handed_over_at")),
}
# Of what others gave: not whose parcel it was for, which is theirs.
_COLLECTING = ("name", "phone_tail", "state", "given_at", "expires_at", "ended_at")
_OF_PARCEL: dict[str, tuple[Any, tuple[str, ...]]] = {
    "hand_overs": (HandOver, ("parcel_id", "at", "method", "taken_by", "proxy_name", "undone_at")),
    "pictures": (Attachment, ("parcel_id", "kind", "media_type", "added_at")),
}


def account(resident: Resident) -> Facts:
    """Return what is kept of a resident's sign-in."""
    names = ("created_at", "signed_in_at", "language", "theme", "contrast")
    row = connection().execute(
        select(*(getattr(Account, name) for name in names)).where(Account.id == resident.account_id)
    )
    return _plain(row.one()._mapping)


def at_station(station_id: int, recipient_ids: Sequence[int], phone_hash: bytes) -> dict[str, list[Facts]]:
    """Return what a station keeps about these recipients at a phone, by the kind of thing, in the order it came."""
    found = {
        kind: _rows(table, columns, station_id, _key(table).in_(recipient_ids))
        for kind, (table, columns) in _OF_RECIPIENT.items()
    }
    parcel_ids = [int(str(parcel["id"])) for parcel in found["parcels"]]
    found |= {
        kind: _rows(table, columns, station_id, table.parcel_id.in_(parcel_ids))
        for kind, (table, columns) in _OF_PARCEL.items()
    }
    about = select(DisputeParcel.dispute_id).where(
        DisputeParcel.station_id == station_id, DisputeParcel.parcel_id.in_(parcel_ids)
    )
    written = ("opened_at", "words", "answer")
    found["disputes"] = _rows(Dispute, written, station_id, Dispute.id.in_(about))
    found["collecting"] = _rows(Proxy, _COLLECTING, station_id, Proxy.phone_hash == phone_hash)
    found["group_orders"] = group_buys.orders(station_id, recipient_ids)
    found["group_reminders"] = group_buys.reminders(station_id, recipient_ids)
    found["group_claims"] = claims.of_people(station_id, recipient_ids)
    found["money"] = personal.movements(station_id, recipient_ids)
    return found | {"log": _log(station_id, parcel_ids)}


def _key(table: Any) -> Any:
    return Recipient.id if table is Recipient else table.recipient_id


def _rows(table: Any, columns: Sequence[str], station_id: int, theirs: Any) -> list[Facts]:
    keys = inspect(table).primary_key
    query = select(*(getattr(table, name) for name in columns))
    query = query.where(table.station_id == station_id, theirs).order_by(*keys)
    return [_plain(row._mapping) for row in connection().execute(query)]


def _log(station_id: int, parcel_ids: Sequence[int]) -> list[Facts]:
    """Return the custody log of these parcels in words; what the log itself holds is ids and codes."""
    query = (
        select(CustodyEvent.parcel_id, CustodyEvent.at, CustodyEvent.kind, CustodyEvent.data)
        .where(CustodyEvent.station_id == station_id, CustodyEvent.parcel_id.in_(parcel_ids))
        .order_by(CustodyEvent.seq)
    )
    return [
        {
            "parcel_id": str(row.parcel_id),
            "at": row.at.isoformat(),
            "what": story.tell(row.kind, json.loads(row.data)),
        }
        for row in connection().execute(query)
    ]


def _plain(row: Any) -> Facts:
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Fact:
    if isinstance(value, datetime | time):
        return value.isoformat()
    if value is not None and (name == "id" or name.endswith("_id")):
        return str(value)  # 63 bits are more than a reader of JSON keeps exactly
    known: Fact = value
    return known

"""Merging two entries of one person, and linking a privacy number to its person: by staff only, and logged.

The rule: only entries of the same phone are merged, or a privacy number into a person with a number of their own; two
phones never. One entry is kept. Parcels, proxies, notes and messages of the other go over to it, and the other stays
as a name that leads to the kept one: the next parcel with that name or number is the kept person's. What was said of
where parcels may be left never changes: it stays with its entry and counts for both. Agreements are nobody's to give
for somebody else, so those of the other entry are withdrawn. Nothing of this is taken back by itself: `separate` lets
the other entry stand alone again for what comes from then on.
"""

from dataclasses import dataclass

from sqlalchemy import delete, exists, or_, select, update

from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone, PhoneKind
from station.events import readdress
from station.events.service import Event, append, take_turn
from station.parcels import reassign
from station.residents import agreements, queries
from station.residents.agreement_texts import Purpose
from station.residents.models import (
    ConsentRecord,
    DigitSecret,
    MessageLink,
    Proxy,
    Recipient,
    RecipientNote,
    RecipientPreferences,
)
from station.residents.service import phone_hash

# What goes over to the kept entry as it is.
_GO_OVER = (MessageLink, Proxy, RecipientNote)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What decides whether two entries may be merged."""

    id: int
    phone_hash: bytes
    phone_kind: str
    is_over: bool


def merge(actor: Actor, kept_id: int, other_id: int) -> int:
    """Merge the entry `other_id` into `kept_id`; return how many parcels went over.

    Raises StationError `different_phones` for entries that may not be merged, `stale` when one of them was merged or
    erased in the meantime, `not_found` for an entry the station does not have.
    """
    take_turn(actor.station_id)
    kept, other = _entry(actor.station_id, kept_id), _entry(actor.station_id, other_id)
    if kept.is_over or other.is_over or kept.id == other.id:
        raise StationError(
            "stale", _("One of these entries was merged or erased before. Load the page again.")
        )
    is_privacy = other.phone_kind == PhoneKind.PRIVACY and kept.phone_kind != PhoneKind.PRIVACY
    if kept.phone_hash != other.phone_hash and not is_privacy:
        raise StationError(
            "different_phones",
            _("These are two phone numbers, so they may be two people: they are never merged."),
        )
    return _merge(actor, kept.id, other.id)


def link(actor: Actor, kept_id: int, phone: Phone) -> int:
    """Link a privacy number to the person `kept_id`: merge all entries of it; return how many parcels went over.

    Raises StationError `bad_input` for any other phone number and for one that the station has not seen, and as
    `merge` does.
    """
    take_turn(actor.station_id)
    if phone.kind is not PhoneKind.PRIVACY:
        raise StationError(
            "bad_input", _("This is no privacy number. Type number and extension, like 17012345678,8462.")
        )
    query = select(Recipient.id).where(
        Recipient.station_id == actor.station_id,
        Recipient.phone_hash == phone_hash(phone.key),
        Recipient.merged_into.is_(None),
        Recipient.id != kept_id,
    )
    entries = list(connection().scalars(query.order_by(Recipient.id)))
    if not entries:
        raise StationError("bad_input", _("No parcel with this privacy number has come to your station."))
    return sum(merge(actor, kept_id, entry) for entry in entries)


def separate(actor: Actor, kept_id: int, other_id: int) -> None:
    """Let a merged entry stand alone again for what comes from now on; what went over stays with the kept one.

    Raises StationError `stale` for entries that are not merged, `not_found` for an unknown one.
    """
    take_turn(actor.station_id)
    for entry_id in (kept_id, other_id):
        _entry(actor.station_id, entry_id)
    merged = (
        Recipient.station_id == actor.station_id,
        Recipient.id == other_id,
        Recipient.merged_into == kept_id,
    )
    if not connection().execute(update(Recipient).where(*merged).values(merged_into=None)).rowcount:
        raise StationError("stale", _("These entries are separate already. Load the page again."))
    facts = {"recipient": str(kept_id), "other": str(other_id)}
    append(actor, Event("recipients_separated", data=facts))


def _entry(station_id: int, recipient_id: int) -> _Entry:
    query = select(
        Recipient.id,
        Recipient.phone_hash,
        Recipient.phone_kind,
        or_(Recipient.merged_into.is_not(None), Recipient.erased_at.is_not(None)),
    ).where(Recipient.station_id == station_id, Recipient.id == recipient_id)
    row = connection().execute(query).one_or_none()
    if row is None:
        raise StationError("not_found", _("This person is not known at your station."))
    return _Entry(row[0], bytes(row[1]), row[2], bool(row[3]))


def _merge(actor: Actor, kept_id: int, other_id: int) -> int:
    station_id = actor.station_id
    for purpose in Purpose:
        agreements.withdraw(actor, other_id, purpose)
    parcel_ids = reassign.reassign(station_id, other_id, kept_id)
    readdress.readdress(station_id, other_id, kept_id)
    for table in _GO_OVER:
        theirs = (table.station_id == station_id, table.recipient_id == other_id)
        connection().execute(update(table).where(*theirs).values(recipient_id=kept_id))
    _keep_preferences(station_id, kept_id, other_id)
    connection().execute(
        delete(DigitSecret).where(DigitSecret.station_id == station_id, DigitSecret.recipient_id == other_id)
    )
    _lead_to(station_id, kept_id, other_id)
    facts = {"recipient": str(kept_id), "other": str(other_id)}
    append(
        actor,
        Event("recipients_merged", data=facts),
        *(Event("recipients_merged", parcel_id, facts) for parcel_id in parcel_ids),
    )
    return len(parcel_ids)


def _keep_preferences(station_id: int, kept_id: int, other_id: int) -> None:
    """Keep the kept one's own wishes about messages; without any, the other's go over."""
    own = exists().where(
        RecipientPreferences.station_id == station_id, RecipientPreferences.recipient_id == kept_id
    )
    theirs = (RecipientPreferences.station_id == station_id, RecipientPreferences.recipient_id == other_id)
    if connection().scalar(select(own)):
        connection().execute(delete(RecipientPreferences).where(*theirs))
    else:
        connection().execute(update(RecipientPreferences).where(*theirs).values(recipient_id=kept_id))


def _lead_to(station_id: int, kept_id: int, other_id: int) -> None:
    """Let the other entry, and what led to it, lead to the kept one, which now has the newest standing choice."""
    at_station = Recipient.station_id == station_id
    leads = or_(Recipient.id == other_id, Recipient.merged_into == other_id)
    connection().execute(update(Recipient).where(at_station, leads).values(merged_into=kept_id))
    newest = (
        select(ConsentRecord.choice)
        .where(
            ConsentRecord.station_id == station_id,
            ConsentRecord.recipient_id.in_(queries.entries_of(station_id, kept_id)),
            ConsentRecord.parcel_id.is_(None),
        )
        .order_by(ConsentRecord.id.desc())
        .limit(1)
    )
    choice = connection().scalar(newest)
    connection().execute(
        update(Recipient).where(at_station, Recipient.id == kept_id).values(standing_choice=choice)
    )

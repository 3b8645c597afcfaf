"""Recipients of a station and their word on where parcels may be left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from station.core import clock, crypto, ids, names
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.listed import among
from station.core.phones import Phone, PhoneKind
from station.core.statements import Statement
from station.events.service import Event, append
from station.residents.models import ConsentRecord, PhoneStation, Recipient, RecipientPrefix

CHOICES = ("station", "door", "locker", "ask")
SEND_BACK = "return"  # said of one parcel only: nobody refuses for good what was not sent yet
HOW = ("phone_call", "in_person", "courier")  # how staff know of somebody's word
OWN_WORD = ("own_page", "message")  # how recipients say it themselves
_WAYS = {
    ActorKind.STAFF: HOW,
    ActorKind.DEVICE: HOW,
    ActorKind.COURIER: ("phone_call", "in_person"),
    ActorKind.RESIDENT: OWN_WORD,
    ActorKind.LINK: ("message",),
    ActorKind.SYSTEM: HOW + OWN_WORD,
}
PRIVACY_KEPT = timedelta(days=30)  # DESIGN.md 5: then the platform may have given the number to somebody else


@dataclass(frozen=True, slots=True)
class Known:
    """A recipient as check-in needs to know them: masked."""

    id: int
    phone_tail: str
    name_masked: str
    standing_choice: str | None


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody the station does not know yet, and who they will be."""

    known: Known
    phone: Phone
    name: str | None


_COLUMNS = (Recipient.id, Recipient.phone_tail, Recipient.name_masked, Recipient.standing_choice)
_ENTRY = aliased(Recipient)
# The entry asked for, or the one it was merged into.
_KEPT = (
    select(*_COLUMNS)
    .select_from(_ENTRY)
    .join(
        Recipient,
        and_(
            Recipient.station_id == _ENTRY.station_id,
            Recipient.id == func.coalesce(_ENTRY.merged_into, _ENTRY.id),
        ),
    )
    .where(_ENTRY.station_id == bindparam("station_id"))
)
_FIND = Statement(
    _KEPT.where(
        _ENTRY.phone_hash == bindparam("phone_hash"),
        _ENTRY.name_hash == bindparam("name_hash"),
    )
)
_OLD = Statement(
    select(Recipient.id).where(
        Recipient.station_id == bindparam("station_id"),
        Recipient.phone_hash == bindparam("phone_hash"),
        Recipient.created_at <= bindparam("until"),
    )
)
_LET_GO = Statement(
    update(Recipient)
    .where(Recipient.station_id == bindparam("station"), Recipient.id == bindparam("recipient"))
    .values(phone_hash=bindparam("gone"))
)
_GET = Statement(_KEPT.where(_ENTRY.id == bindparam("id")))
_GET_ALL = Statement(_KEPT.add_columns(_ENTRY.id.label("asked")).where(among(_ENTRY.id, "ids")))
_ADD = Statement(insert(Recipient))
_ADD_PREFIX = Statement(insert(RecipientPrefix))
_ADD_STATION = {
    "sqlite": Statement(sqlite.insert(PhoneStation).on_conflict_do_nothing()),
    "postgresql": Statement(postgresql.insert(PhoneStation).on_conflict_do_nothing()),
}
_RECORD = Statement(insert(ConsentRecord))
_CHOOSE = Statement(
    update(Recipient)
    .where(Recipient.station_id == bindparam("station"), Recipient.id == bindparam("recipient"))
    .values(standing_choice=bindparam("choice"))
)


def phone_hash(key: str) -> bytes:
    """Return the look-up hash of a phone (`Phone.key`), the same in the whole network."""
    return crypto.keyed_hash("phone", key)


def name_hash(name: str | None) -> bytes:
    """Return the look-up hash of a whole name; letter case and width do not count."""
    return crypto.keyed_hash("name", names.folded(name) if name else "")


def prefix_hash(prefix: str) -> bytes:
    """Return the blind-index hash of a name's beginning."""
    return crypto.keyed_hash("name-prefix", prefix)


def get(station_id: int, recipient_id: int) -> Known:
    """Return a recipient of the station, or whom they were merged into. Raises StationError `not_found`."""
    row = _GET.first(station_id=station_id, id=recipient_id)
    if row is None:
        raise StationError("not_found", _("This person is not known at your station."))
    return Known(*row)


def get_all(station_id: int, recipient_ids: Sequence[int]) -> dict[int, Known]:
    """Return recipients of the station, or whom they were merged into, by the ids asked for; without unknown ones."""
    rows = _GET_ALL.all(station_id=station_id, ids=list(recipient_ids))
    return {asked: Known(*known) for *known, asked in rows}


def find_or_add(station_id: int, phone: Phone, name: str | None) -> Known:
    """Return the recipient with this phone and name, added when new. Two names at one phone are two recipients."""
    return find(station_id, phone, name) or add(station_id, newcomer(phone, name))


def find(station_id: int, phone: Phone, name: str | None) -> Known | None:
    """Return the recipient with this phone and name.

    A privacy number names nobody any more PRIVACY_KEPT after it was first seen here; from then on it is a new one.
    """
    found = phone_hash(phone.key)
    if phone.kind is PhoneKind.PRIVACY:
        _let_expire(station_id, found)
    row = _FIND.first(station_id=station_id, phone_hash=found, name_hash=name_hash(name))
    return Known(*row) if row else None


def newcomer(phone: Phone, name: str | None) -> Newcomer:
    """Return somebody not known yet; nothing of them is kept before `add`."""
    return Newcomer(Known(ids.next_id(), phone.tail, names.masked(name or ""), None), phone, name)


def _let_expire(station_id: int, found: bytes) -> None:
    """Take a privacy number from those who had it long ago; what they have here stays theirs."""
    for old in _OLD.all(station_id=station_id, phone_hash=found, until=clock.now() - PRIVACY_KEPT):
        gone = crypto.keyed_hash("phone-expired", str(old.id))
        _LET_GO.run(station=station_id, recipient=old.id, gone=gone)


def add(station_id: int, new: Newcomer) -> Known:
    """Keep a newcomer; return who they are from now on."""
    known, phone, name = new.known, new.phone, new.name
    _ADD.run(
        station_id=station_id,
        id=known.id,
        phone=phone.key,
        phone_kind=phone.kind,
        phone_tail=phone.tail,
        name=name,
        name_masked=known.name_masked,
        standing_choice=None,
        created_at=clock.now(),
        phone_hash=phone_hash(phone.key),
        name_hash=name_hash(name),
    )
    if phone.kind is not PhoneKind.PRIVACY:
        _ADD_STATION[connection().dialect.name].run(phone_hash=phone_hash(phone.key), station_id=station_id)
    prefixes = {prefix_hash(prefix) for prefix in names.search_prefixes(name)} if name else set()
    _ADD_PREFIX.run_many(
        [{"prefix_hash": found} for found in sorted(prefixes)], station_id=station_id, recipient_id=known.id
    )
    return known


def record_consent(
    actor: Actor,
    recipient_id: int,
    *,
    choice: str,
    how: str,
    parcel_id: int | None = None,
    at: datetime | None = None,
) -> None:
    """Append what a recipient (or the courier in their name) said; without a parcel it is a standing choice.

    Raises StationError `bad_input` for an unknown choice or way, and for a way that is not the
    actor's (nobody but the recipient speaks on their own page); `not_found` for an unknown recipient.
    """
    is_choice = choice in CHOICES or (choice == SEND_BACK and parcel_id is not None)
    if not is_choice or how not in _WAYS[actor.kind]:
        raise StationError("bad_input", _("Choose where the parcel may be left and how you know."))
    get(actor.station_id, recipient_id)
    _RECORD.run(
        station_id=actor.station_id,
        id=ids.next_id(),
        recipient_id=recipient_id,
        parcel_id=parcel_id,
        choice=choice,
        how=how,
        recorded_by=actor.key,
        recorded_at=at or clock.now(),
    )
    if parcel_id is None:
        _CHOOSE.run(station=actor.station_id, recipient=recipient_id, choice=choice)
    facts = {"recipient": str(recipient_id), "choice": choice, "how": how}
    append(actor, Event("consent_recorded", parcel_id, facts), at=at)

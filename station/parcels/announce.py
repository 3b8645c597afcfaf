"""Announcements: a carrier tells of a parcel before it arrives, one by one or many in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.core.statements import Statement
from station.events.service import Event, append, take_turn
from station.parcels.consent import YES
from station.parcels.intake import find_active
from station.parcels.lifecycle import Action, ConsentBasis, begin
from station.parcels.models import ACTIVE, Parcel
from station.parcels.search import TAIL
from station.residents import many as many_residents
from station.residents import service as residents
from station.residents.service import Known

# How a yes for one parcel can be known of, by its ground (DESIGN.md 5). What the sender wishes is neither: it is the
# recipient whom the law asks (快递市场管理办法 art. 28).
WAYS = {
    ConsentBasis.THIS_PARCEL: ("phone_call", "in_person"),
    ConsentBasis.DECLARED_BY_COURIER: ("courier",),
}
_ADD = Statement(insert(Parcel))


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a carrier says of a parcel under way; the waybill is canonical.

    `consent_how`: how a yes for this parcel is known of (WAYS), None when there is none.
    """

    waybill: str
    carrier: str
    phone: Phone | None = None
    name: str | None = None
    size_class: str = "medium"
    consent: ConsentBasis = ConsentBasis.UNKNOWN
    consent_how: str | None = None


def announce(actor: Actor, said: Announcement) -> int:
    """Expect a parcel; return its id. Announced twice, or here already, it stays one parcel.

    A yes for this parcel is put on record with who told of it, when and how. Raises StationError `bad_input` for a yes
    that nobody is known to have given.
    """
    _check_ground(said)
    take_turn(actor.station_id)
    existing = find_active(actor.station_id, said.waybill)
    if existing:
        return existing.id
    recipient = residents.find_or_add(actor.station_id, said.phone, said.name) if said.phone else None
    if said.consent is ConsentBasis.STANDING:
        _check_standing(recipient)
    return _expect(actor, said, recipient)


def _check_ground(said: Announcement) -> None:
    """Refuse a yes for this parcel without a person who gave it, or without how it is known."""
    ways = WAYS.get(said.consent)
    is_known = said.phone is not None and said.consent_how in ways if ways else said.consent_how is None
    if not is_known:
        raise StationError("bad_input", _("Say who gave the consent and how you know of it."))


def _check_standing(recipient: Known | None) -> None:
    if recipient is None or recipient.standing_choice != YES:
        raise StationError(
            "bad_input",
            _("This person is not on record as always agreeing to this station. Ask for this parcel."),
        )


def _expect(actor: Actor, said: Announcement, recipient: Known | None) -> int:
    parcel_id, now = ids.next_id(), clock.now()
    _ADD.run(**_row(parcel_id, said, recipient), **_all_of_them(actor, now))
    append(actor, _event(parcel_id, said), at=now)
    if recipient and said.consent_how:
        residents.record_consent(
            actor, recipient.id, choice=YES, how=said.consent_how, parcel_id=parcel_id, at=now
        )
    return parcel_id


def _all_of_them(actor: Actor, now: datetime) -> dict[str, Any]:
    return {"station_id": actor.station_id, "state": begin(Action.ANNOUNCE), "announced_at": now}


def _row(parcel_id: int, said: Announcement, recipient: Known | None) -> dict[str, Any]:
    return {
        "id": parcel_id,
        "waybill": said.waybill,
        "waybill_tail": said.waybill[-TAIL:],
        "carrier": said.carrier,
        "recipient_id": recipient.id if recipient else None,
        "size_class": said.size_class,
        "consent_basis": said.consent,
    }


def _event(parcel_id: int, said: Announcement) -> Event:
    return Event("announced", parcel_id, {"carrier": said.carrier})


@dataclass(frozen=True, slots=True)
class Expected:
    """The parcel that an announcement means; `is_new` when nobody had told of it and it is not here."""

    parcel_id: int
    is_new: bool


def announce_many(actor: Actor, many: Sequence[Announcement]) -> list[Expected | StationError]:
    """Expect parcels as `announce` does; return for each, in order, the parcel or why it was refused.

    A waybill that comes twice is one parcel, as the first says. The refused leave the others alone.
    """
    take_turn(actor.station_id)
    refusals = {place: error for place, said in enumerate(many) if (error := _refusal_of_ground(said))}
    here = _active(actor.station_id, {said.waybill for said in many})
    first: dict[str, int] = {}  # the announcement of each waybill that is new
    for place, said in enumerate(many):
        if place not in refusals and said.waybill not in here:
            first.setdefault(said.waybill, place)
    people = many_residents.find_or_add(
        actor.station_id,
        [(said.phone, said.name) for place in first.values() if (said := many[place]).phone is not None],
    )
    fresh = _expect_many(actor, [many[place] for place in first.values()], people)
    return [
        refusals.get(place) or _meant(place, said.waybill, here, first=first, fresh=fresh)
        for place, said in enumerate(many)
    ]


def _refusal_of_ground(said: Announcement) -> StationError | None:
    """Return why an announcement is refused. A standing yes is found by itself at check-in, so none is taken here."""
    if said.consent is ConsentBasis.STANDING:
        return StationError(
            "bad_input", _("A standing yes is found by itself; announce the parcel without it.")
        )
    try:
        _check_ground(said)
    except StationError as error:
        return error
    return None


def _active(station_id: int, waybills: set[str]) -> dict[str, int]:
    query = select(Parcel.waybill, Parcel.id).where(
        Parcel.station_id == station_id, Parcel.waybill.in_(waybills), ACTIVE
    )
    return {row.waybill: row.id for row in connection().execute(query)}


def _expect_many(
    actor: Actor, many: Sequence[Announcement], people: dict[many_residents.Person, Known]
) -> dict[str, int]:
    """Write new parcels, their events and what was said of consent; return the parcel of each waybill."""
    now = clock.now()
    rows: list[dict[str, Any]] = []
    events: list[Event] = []
    told: list[tuple[int, int, str]] = []
    for said in many:
        recipient = people[(said.phone, said.name)] if said.phone else None
        parcel_id = ids.next_id()
        rows.append(_row(parcel_id, said, recipient))
        events.append(_event(parcel_id, said))
        if recipient and said.consent_how:
            told.append((recipient.id, parcel_id, said.consent_how))
    _ADD.run_many(rows, **_all_of_them(actor, now))
    events += many_residents.record_yes(actor, told, at=now)
    if events:
        append(actor, *events, at=now)
    return {row["waybill"]: row["id"] for row in rows}


def _meant(
    place: int, waybill: str, here: dict[str, int], *, first: dict[str, int], fresh: dict[str, int]
) -> Expected:
    if waybill in here:
        return Expected(here[waybill], is_new=False)
    return Expected(fresh[waybill], is_new=first[waybill] == place)

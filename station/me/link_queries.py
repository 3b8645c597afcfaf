"""What the link in a message shows: the parcels of that message that still wait, and what can be done about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from station.core import clock
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.models import OutboxParcel
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels import clock_rules, consent_answers, extension, store
from station.parcels.clock_rules import Explanation, StorageLevel
from station.parcels.lifecycle import ParcelState
from station.parcels.station_clock import calendar, limits
from station.parcels.store import Current
from station.residents import links
from station.residents import queries as residents
from station.residents.links import Link


@dataclass(frozen=True, slots=True)
class Waits:
    """A parcel that waits. `why_not`: why its time cannot be extended; else it would then wait `longer_until`."""

    id: int
    pickup_code: str
    carrier: str | None
    goes_back: Explanation
    is_asked: bool
    why_not: str | None
    longer_until: datetime


@dataclass(frozen=True, slots=True)
class LinkPage:
    """All that a link shows."""

    rules: StationRules
    parcels: list[Waits]


def page(link: Link) -> LinkPage:
    """Return what a link shows. Raises StationError `link_over` when none of its parcels waits any more."""
    rules, found = network.rules(link.station_id), _parcels(link)
    owners = [one.recipient_id for one in found if one.recipient_id]
    asked = consent_answers.unanswered(link.station_id, owners)
    return LinkPage(rules, [waits(one, rules, is_asked=one.id in asked) for one in found])


def waiting(rules: StationRules, parcel_id: int) -> Waits:
    """Return one waiting parcel. Raises StationError `not_found` when it waits no more."""
    found = [one for one in store.look(rules.station_id, [parcel_id]) if one.state == ParcelState.STORED]
    if not found:
        raise StationError("not_found", _("This parcel does not wait at the station any more."))
    asked = consent_answers.unanswered(rules.station_id, [found[0].recipient_id or 0])
    return waits(found[0], rules, is_asked=parcel_id in asked)


def waits(parcel: Current, rules: StationRules, *, is_asked: bool) -> Waits:
    """Return until when a stored parcel waits and what can be done about it."""
    now = clock.now()
    counting, put_off = limits(rules, timedelta(hours=parcel.extended_h))
    return Waits(
        id=parcel.id,
        pickup_code=parcel.pickup_code or "",
        carrier=parcel.carrier,
        goes_back=clock_rules.explain(
            StorageLevel.RETURN,
            parcel.stored_at or now,
            rules=counting,
            calendar=calendar(rules),
            extension=put_off,
        ),
        is_asked=is_asked,
        why_not=extension.refusal(parcel, rules, now),
        longer_until=extension.waits_until(parcel, rules, 1),
    )


def parcel_ids(link: Link) -> list[int]:
    """Return the parcels of a link that wait. Raises StationError `link_over` when there is none."""
    return [one.id for one in _parcels(link)]


def require_in(link: Link, parcel_id: int) -> None:
    """Raise StationError `not_found` for a parcel that the link is not about, `link_over` when it is about none."""
    if parcel_id not in parcel_ids(link):
        raise StationError("not_found", _("This link is not about that parcel."))


def _parcels(link: Link) -> list[Current]:
    told = select(OutboxParcel.parcel_id).where(
        OutboxParcel.station_id == link.station_id, OutboxParcel.message_id == link.message_id
    )
    person = residents.contacts(link.station_id, [link.recipient_id]).get(link.recipient_id)
    theirs = residents.ids_at_phone(link.station_id, person.phone_hash) if person else []
    found = [
        one
        for one in store.look(link.station_id, list(connection().scalars(told)))
        if one.state == ParcelState.STORED and one.recipient_id in theirs
    ]
    if not found:
        raise links.over()
    return found

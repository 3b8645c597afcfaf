"""Handing parcels over to people, each at most once, and taking a mistake back by a new event."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events import outbox
from station.events import queries as events
from station.events.service import Event, append
from station.network import queries as network
from station.parcels import allocation, places, proxy_use, store, telling
from station.parcels.lifecycle import Action, ParcelState
from station.parcels.models import HandOver, Parcel
from station.parcels.store import Current
from station.shelves import service as shelves

METHODS = ("counter", "api", "kiosk")  # behind kiosk stands the way in which somebody was known there
_CODE_TOPICS = ("stored", "moved")  # the messages that tell a recipient where the parcel waits


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes parcels: the recipient, or a proxy, whose name is noted.

    `method`: where it happened: counter, api, or kiosk_ and the way in which somebody showed who they are.
    `proxy_id` is the word of the recipient that lets them (residents.proxies).
    """

    method: str = "counter"
    proxy_name: str | None = None
    proxy_id: int | None = None

    @property
    def taken_by(self) -> str:
        """`recipient` or `proxy`."""
        return "proxy" if self.proxy_name or self.proxy_id else "recipient"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A parcel that left."""

    parcel_id: int
    hand_over_id: int
    waybill: str
    pickup_code: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Restored:
    """A parcel that came back on the shelf after a mistaken hand-over."""

    parcel_id: int
    pickup_code: str
    is_same_code: bool


_ADD = Statement(insert(HandOver))
_LAST = Statement(
    select(
        HandOver.id, HandOver.at, HandOver.method, HandOver.taken_by, HandOver.handed_by, HandOver.proxy_id
    )
    .where(
        HandOver.station_id == bindparam("station_id"),
        HandOver.parcel_id == bindparam("parcel_id"),
        HandOver.undone_at.is_(None),
    )
    .limit(1)
)
_UNDO = Statement(
    update(HandOver)
    .where(HandOver.station_id == bindparam("station"), HandOver.id == bindparam("hand_over"))
    .values(undone_at=bindparam("at"))
)
# The hot change: by primary key, and only if the parcel is still what was read.
_LEAVE = Statement(
    update(Parcel)
    .where(
        Parcel.station_id == bindparam("station"),
        Parcel.id == bindparam("parcel"),
        Parcel.version == bindparam("seen"),
    )
    .values(
        state=ParcelState.HANDED_OVER,
        layer_id=None,
        due_at=None,
        left_at=bindparam("at"),
        version=bindparam("next"),
    )
)


def hand_over(actor: Actor, parcel_id: int, taker: Taker, *, at: datetime | None = None) -> HandedOver:
    """Hand one parcel to a person, or write down that they took it `at` a moment that has passed.

    Raises StationError `already_handed_over` (it says when, how and by whom it left), `illegal_transition` (what
    became of it, and what to do), `is_held`, `not_found` or `stale`; for a proxy as proxy_use.use does.
    """
    parcel = store.get(actor.station_id, parcel_id)
    _check(actor, parcel)
    if taker.proxy_id is not None:
        proxy = proxy_use.use(actor, taker.proxy_id, parcel, at=at or clock.now())
        taker = replace(taker, proxy_name=taker.proxy_name or proxy.name)
    now, hand_over_id = clock.now(), ids.next_id()
    left_at = at or now
    left = _LEAVE.run(
        station=actor.station_id, parcel=parcel.id, seen=parcel.version, at=left_at, next=parcel.version + 1
    )
    if not left:
        raise StationError("stale", _("Somebody else changed this parcel at the same moment. Load it again."))
    if parcel.layer_id is not None:
        shelves.free_place(actor.station_id, parcel.layer_id)
    allocation.release(actor.station_id, parcel.id, now)
    _ADD.run(
        station_id=actor.station_id,
        id=hand_over_id,
        parcel_id=parcel.id,
        at=left_at,
        method=taker.method,
        taken_by=taker.taken_by,
        proxy_name=taker.proxy_name,
        proxy_id=taker.proxy_id,
        handed_by=actor.key,
        undone_at=None,
    )
    facts = _facts(parcel, taker, hand_over_id) | _withdraw(actor, parcel.id)
    if taker.proxy_id is not None:
        proxy_use.tell_owner(actor, parcel)
    if at:
        facts["at"] = at.isoformat()
    append(actor, Event("handed_over", parcel.id, facts), at=now)
    return HandedOver(parcel.id, hand_over_id, parcel.waybill, parcel.pickup_code, left_at)


def _check(actor: Actor, parcel: Current) -> None:
    if parcel.state == ParcelState.HANDED_OVER:
        raise _second(actor, parcel)
    state = ParcelState(parcel.state)
    if state in telling.TURNS:
        became = telling.what_became(actor.station_id, parcel.id, state)
        raise StationError("illegal_transition", became, state=state.value, parcel_id=str(parcel.id))
    store.next_state(parcel, Action.HAND_OVER)


def _second(actor: Actor, parcel: Current) -> StationError:
    facts: dict[str, Any] = {"parcel_id": str(parcel.id), "pickup_code": parcel.pickup_code}
    last = _LAST.first(station_id=actor.station_id, parcel_id=parcel.id)
    if last is None:
        return StationError("already_handed_over", _("This parcel has left the station already."), **facts)
    how = {"method": last.method, "taken_by": last.taken_by, "handed_by": last.handed_by}
    left = telling.how_it_left(actor.station_id, last.at, **how)
    facts |= how | {"at": last.at.isoformat()}
    return StationError(
        "already_handed_over", _("This parcel has left the station already. %(how)s", how=left), **facts
    )


def _facts(parcel: Current, taker: Taker, hand_over_id: int) -> dict[str, Any]:
    facts = {
        "code": parcel.pickup_code,
        "method": taker.method,
        "taken_by": taker.taken_by,
        "hand_over": str(hand_over_id),
    }
    return facts | ({"proxy": str(taker.proxy_id)} if taker.proxy_id else {})


def _withdraw(actor: Actor, parcel_id: int) -> dict[str, list[str]]:
    """Withdraw what still waits to be sent, and return as a fact which words about the code were among it.

    Only this tells an undo whether they are owed again: a message of another kind may have gone out since.
    """
    untold = [topic for topic in _CODE_TOPICS if outbox.withdraw(actor.station_id, parcel_id, {topic})]
    outbox.withdraw(actor.station_id, parcel_id)
    return {"untold": untold} if untold else {}


def undo_hand_over(actor: Actor, parcel_id: int, *, reason: str) -> Restored:
    """Put a parcel that was handed over by mistake back on its shelf, as a new event.

    The old code comes back if nobody has it now, and a message about it that the hand-over withdrew is owed again;
    else a new one is given and the recipient told.
    Raises StationError `illegal_transition`, `already_checked_in` (the waybill came in again) or `not_found`.
    """
    parcel = store.get(actor.station_id, parcel_id)
    state = store.next_state(parcel, Action.UNDO_HAND_OVER)
    last = _LAST.first(station_id=actor.station_id, parcel_id=parcel.id)
    place = places.put_back(actor, parcel, state)
    now = clock.now()
    if last:
        _UNDO.run(station=actor.station_id, hand_over=last.id, at=now)
    if last and last.proxy_id:
        proxy_use.take_back(actor, last.proxy_id, parcel)
    facts = {"code": place.pickup_code, "reason": reason, "hand_over": str(last.id) if last else None}
    append(actor, Event("hand_over_undone", parcel.id, facts), at=now)
    topics = _untold(actor, parcel.id, facts["hand_over"]) if place.is_same_code else ["moved"]
    _tell_code(actor, parcel, topics, at=now)
    return Restored(parcel.id, place.pickup_code, place.is_same_code)


def _untold(actor: Actor, parcel_id: int, hand_over_key: str | None) -> list[str]:
    """Return the topics that a hand-over withdrew unsent; none when nobody was to be told any more, or ever."""
    for event in events.story(actor.station_id, parcel_id):
        if event.kind == "handed_over" and event.data["hand_over"] == hand_over_key:
            return list(event.data.get("untold", ()))
    return []


def _tell_code(actor: Actor, parcel: Current, topics: list[str], *, at: datetime) -> None:
    if parcel.recipient_id is None or not topics:
        return
    due_at = at + places.notice_delay(network.rules(actor.station_id))
    for topic in topics:
        outbox.enqueue(
            actor.station_id,
            topic=topic,
            recipient_id=parcel.recipient_id,
            parcel_id=parcel.id,
            due_at=due_at,
        )

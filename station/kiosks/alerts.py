"""What staff are called for at a kiosk: raised, raised again, dismissed by somebody, or over by itself.

A kiosk has one open alert of a kind at most, so that a fault that repeats, or a button pressed in a temper, fills no
page. How an alert is shown is the pages' matter; that a kiosk is silent is found by jobs.py.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import take_turn
from station.kiosks import watch_queries
from station.kiosks.call_kinds import AlertKind
from station.kiosks.watch_models import KioskAlert

KEPT = timedelta(days=30)  # ours: as long as the photos of hand-overs, which may be looked at beside it


@dataclass(frozen=True, slots=True)
class Call:
    """What a kiosk calls for. `part`: of the machine, with a fault."""

    kind: AlertKind
    parcel_id: int | None = None
    part: str | None = None


def raise_alert(station_id: int, kiosk_id: int, call: Call) -> int:
    """Open an alert, or raise the one of this kind that is open; return its id."""
    take_turn(station_id)
    facts = {
        "raised_at": clock.now(),
        # A call for help is never refused for its details.
        "parcel_id": watch_queries.parcel_here(station_id, call.parcel_id),
        "part": call.part,
    }
    again = (
        update(KioskAlert)
        .where(*_open(station_id, kiosk_id, call.kind))
        .values(times=KioskAlert.times + 1, **facts)
        .returning(KioskAlert.id)
    )
    raised = connection().scalar(again)
    if raised is not None:
        return int(raised)
    alert_id = ids.next_id()
    own = {"station_id": station_id, "id": alert_id, "kiosk_id": kiosk_id, "kind": call.kind, "times": 1}
    connection().execute(insert(KioskAlert).values(**own, **facts))
    return alert_id


def dismiss(actor: Actor, alert_id: int) -> None:
    """Note that somebody has seen to an alert. Raises StationError `not_found` when it is over already."""
    take_turn(actor.station_id)
    mine = (KioskAlert.station_id == actor.station_id, KioskAlert.id == alert_id)
    live = update(KioskAlert).where(*mine, KioskAlert.ended_at.is_(None))
    if not connection().execute(live.values(ended_at=clock.now(), ended_by=actor.key)).rowcount:
        raise StationError("not_found", _("Somebody has seen to this already."))


def end(actor: Actor, kiosk_id: int, kind: AlertKind) -> bool:
    """End a kiosk's open alert of a kind, because what it told of is over; return whether there was one."""
    live = update(KioskAlert).where(*_open(actor.station_id, kiosk_id, kind))
    return bool(connection().execute(live.values(ended_at=clock.now(), ended_by=actor.key)).rowcount)


def forget_old(station_id: int) -> int:
    """Delete alerts that were over KEPT ago; return how many."""
    old = delete(KioskAlert).where(
        KioskAlert.station_id == station_id, KioskAlert.ended_at < clock.now() - KEPT
    )
    return connection().execute(old).rowcount


def _open(station_id: int, kiosk_id: int, kind: AlertKind) -> tuple[ColumnElement[bool], ...]:
    return (
        KioskAlert.station_id == station_id,
        KioskAlert.kiosk_id == kiosk_id,
        KioskAlert.kind == kind,
        KioskAlert.ended_at.is_(None),
    )

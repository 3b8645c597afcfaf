"""Letting a parcel leave at a kiosk: the person of the visit, that parcel's own waybill, and each key settled once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from station.carriers.detection import canonical_waybill
from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events.service import take_turn
from station.kiosks import sessions
from station.kiosks.models import KioskRelease
from station.kiosks.sessions import Visit
from station.parcels import hand_over, parcel_queries
from station.parcels.hand_over import Taker


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parcel that was scanned at a kiosk, and the key that the kiosk gave this release, online or offline."""

    key: str
    parcel_id: int
    waybill: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a release: the hand-over, or the conflict that was made of it. `at`: when the parcel left."""

    parcel_id: int | None
    at: datetime
    hand_over_id: int | None = None
    conflict_id: int | None = None


_ADD = Statement(insert(KioskRelease))
_GET = Statement(
    select(
        KioskRelease.parcel_id, KioskRelease.at, KioskRelease.hand_over_id, KioskRelease.conflict_id
    ).where(
        KioskRelease.station_id == bindparam("station_id"),
        KioskRelease.kiosk_id == bindparam("kiosk_id"),
        KioskRelease.key == bindparam("key"),
    )
)


def release(kiosk: Actor, session_id: int, wanted: Wanted) -> Outcome:
    """Hand a parcel to the person of a visit. A key that was settled before, online or by a replay, says so again.

    Raises StationError `session_over`, `not_your_parcel`, `waybill_mismatch`, `not_found`, and as hand_over.hand_over;
    `stale` for a key that was settled otherwise.
    """
    take_turn(kiosk.station_id)
    known = settled(kiosk, wanted.key)
    if known:
        return _again(known, wanted)
    visit = sessions.require(kiosk, session_id)
    outcome = give(kiosk, visit, wanted)
    keep(kiosk, wanted.key, outcome, session_id=visit.id)
    return outcome


def _again(known: Outcome, wanted: Wanted) -> Outcome:
    if known.hand_over_id is None or known.parcel_id != wanted.parcel_id:
        raise StationError("stale", _("This was settled otherwise in the meantime. Ask the staff."))
    return known


def give(kiosk: Actor, visit: Visit, wanted: Wanted, *, at: datetime | None = None) -> Outcome:
    """Hand a parcel over to the person of a visit, or write down that it left `at` a moment that has passed.

    Raises StationError `not_your_parcel`, `waybill_mismatch`, `not_found`, and as hand_over.hand_over does.
    """
    parcel = parcel_queries.detail(kiosk.station_id, wanted.parcel_id)
    proxy_id = sessions.covering(kiosk.station_id, visit, parcel.id, at=at or clock.now())
    if canonical_waybill(wanted.waybill) != parcel.waybill:
        message = _("This is not the label of the parcel that waits there. Put it back and ask the staff.")
        raise StationError("waybill_mismatch", message, parcel_id=str(parcel.id))
    taker = Taker(method=visit.method, proxy_id=proxy_id)
    done = hand_over.hand_over(kiosk, parcel.id, taker, at=at)
    return Outcome(parcel.id, done.at, hand_over_id=done.hand_over_id)


def settled(kiosk: Actor, key: str) -> Outcome | None:
    """Return what came of the release with a key of this kiosk; None when it is not settled yet."""
    row = _GET.first(station_id=kiosk.station_id, kiosk_id=kiosk.id, key=key)
    return Outcome(*row) if row else None


def keep(kiosk: Actor, key: str, outcome: Outcome, *, session_id: int | None) -> None:
    """Keep what came of the release with a key, for whoever asks again."""
    _ADD.run(
        station_id=kiosk.station_id,
        kiosk_id=kiosk.id,
        key=key,
        session_id=session_id,
        parcel_id=outcome.parcel_id,
        hand_over_id=outcome.hand_over_id,
        conflict_id=outcome.conflict_id,
        at=outcome.at,
        noted_at=clock.now(),
    )

"""Hand-overs whose kiosk restarted before the door opened: staff look, and say whether the parcel left."""

from sqlalchemy import Row, insert, select, update

from station.core import clock
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append, take_turn
from station.kiosks import alerts, watch_queries
from station.kiosks.alerts import Call
from station.kiosks.call_kinds import AlertKind
from station.kiosks.models import KioskRelease
from station.kiosks.watch_models import KioskUnfinished
from station.parcels import hand_over

NOT_TAKEN = "not_taken"  # of events.vocabulary


def note(actor: Actor, parcel_ids: tuple[int, ...]) -> tuple[int, ...]:
    """Keep what a kiosk does not know the end of, calling staff once; return the parcels that are settled.

    A release that has not come here yet waits: the kiosk asks for its outcome, or replays it. One that became a
    conflict is settled there.
    """
    if not parcel_ids:
        return ()
    take_turn(actor.station_id)
    return tuple(one for one in dict.fromkeys(parcel_ids) if _is_settled(actor, one))


def _is_settled(actor: Actor, parcel_id: int) -> bool:
    release = _newest_release(actor, parcel_id)
    if release is None:
        return False
    hand_over_id = release.hand_over_id
    if hand_over_id is None or not watch_queries.stands(actor.station_id, hand_over_id):
        return True
    mine = (KioskUnfinished.station_id == actor.station_id, KioskUnfinished.hand_over_id == hand_over_id)
    known = connection().execute(select(KioskUnfinished.settled_at).where(*mine)).first()
    if known is None:
        _open(actor, hand_over_id, parcel_id)
        return False
    return known.settled_at is not None


def _newest_release(actor: Actor, parcel_id: int) -> Row[tuple[int | None]] | None:
    mine = (
        KioskRelease.station_id == actor.station_id,
        KioskRelease.parcel_id == parcel_id,
        KioskRelease.kiosk_id == actor.id,
    )
    newest = select(KioskRelease.hand_over_id).where(*mine).order_by(KioskRelease.noted_at.desc()).limit(1)
    return connection().execute(newest).first()


def _open(actor: Actor, hand_over_id: int, parcel_id: int) -> None:
    values = {
        "station_id": actor.station_id,
        "hand_over_id": hand_over_id,
        "kiosk_id": actor.id,
        "parcel_id": parcel_id,
        "reported_at": clock.now(),
    }
    connection().execute(insert(KioskUnfinished).values(**values))
    append(actor, Event("release_unfinished", parcel_id, {"hand_over": str(hand_over_id)}))
    alerts.raise_alert(actor.station_id, actor.id, Call(AlertKind.RECOVER, parcel_id))


def it_left(actor: Actor, hand_over_id: int) -> None:
    """Settle that the parcel left: the hand-over stands. Raises StationError `not_found` when it is settled."""
    parcel_id = _settle(actor, hand_over_id, has_left=True)
    append(actor, Event("release_finished", parcel_id, {"hand_over": str(hand_over_id)}))


def it_is_here(actor: Actor, hand_over_id: int) -> None:
    """Settle that the parcel is still here: the hand-over is taken back, unless it was already.

    Raises StationError `not_found` when it is settled, and as hand_over.undo_hand_over does.
    """
    parcel_id = _settle(actor, hand_over_id, has_left=False)
    if watch_queries.stands(actor.station_id, hand_over_id):
        hand_over.undo_hand_over(actor, parcel_id, reason=NOT_TAKEN)


def _settle(actor: Actor, hand_over_id: int, *, has_left: bool) -> int:
    take_turn(actor.station_id)
    mine = (KioskUnfinished.station_id == actor.station_id, KioskUnfinished.hand_over_id == hand_over_id)
    settled = (
        update(KioskUnfinished)
        .where(*mine, KioskUnfinished.settled_at.is_(None))
        .values(settled_at=clock.now(), settled_by=actor.key, has_left=has_left)
        .returning(KioskUnfinished.parcel_id, KioskUnfinished.kiosk_id)
    )
    row = connection().execute(settled).first()
    if row is None:
        raise StationError("not_found", _("Somebody has settled this already."))
    if not watch_queries.unfinished_of(actor.station_id, row.kiosk_id):
        alerts.end(actor, row.kiosk_id, AlertKind.RECOVER)
    return int(row.parcel_id)

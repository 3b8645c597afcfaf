"""Forgetting what manifests hold of people: uploads nobody confirmed, refused values, masked numbers."""

from datetime import timedelta

from sqlalchemy import or_, select, update

from station.core import clock
from station.core.db import connection
from station.events.service import take_turn
from station.manifests.lifecycle import ManifestState
from station.manifests.models import Announced, Manifest, ManifestFault

LEFT_ALONE = timedelta(days=1)  # ours: who uploads a file confirms it in the same sitting
KEPT = timedelta(days=30)  # ours: as long as a privacy number names somebody (DESIGN.md 5)


def give_up_drafts(station_id: int) -> int:
    """Cancel uploads whose columns nobody confirmed; return how many."""
    take_turn(station_id)
    now = clock.now()
    late = (
        update(Manifest)
        .where(
            Manifest.station_id == station_id,
            Manifest.state == ManifestState.DRAFT,
            Manifest.added_at <= now - LEFT_ALONE,
        )
        .values(state=ManifestState.CANCELLED, ended_at=now)
    )
    return connection().execute(late).rowcount


def erase(station_id: int) -> int:
    """Erase what refused rows held, and whom old announcements hinted at; return how many rows."""
    take_turn(station_id)
    old = select(Manifest.id).where(
        Manifest.station_id == station_id, Manifest.added_at <= clock.now() - KEPT
    )
    faults = update(ManifestFault).where(
        ManifestFault.station_id == station_id,
        ManifestFault.manifest_id.in_(old),
        ManifestFault.value.is_not(None),
    )
    hints = update(Announced).where(
        Announced.station_id == station_id,
        Announced.manifest_id.in_(old),
        or_(Announced.masked_phone.is_not(None), Announced.name.is_not(None)),
    )
    erased = connection().execute(faults.values(value=None)).rowcount
    return erased + connection().execute(hints.values(masked_phone=None, name=None)).rowcount

"""Check-in batches: what one person's scans have in common - the shelf, the carrier, the size, the consent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from station.carriers.catalogue import COMPANIES
from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import db
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.statements import Statement
from station.events.service import Event, append, take_turn
from station.parcels.models import CheckInBatch
from station.shelves import queries as shelves
from station.shelves.placing import SIZE_CLASSES
from station.shelves.queries import LayerFacts


@dataclass(frozen=True, slots=True)
class Batch:
    """An open check-in batch."""

    id: int
    layer_id: int | None
    carrier: str | None
    is_silent: bool
    is_declared: bool
    size_class: str
    opened_at: datetime


_COLUMNS = (
    CheckInBatch.id,
    CheckInBatch.layer_id,
    CheckInBatch.carrier,
    CheckInBatch.is_silent,
    CheckInBatch.is_declared,
    CheckInBatch.size_class,
    CheckInBatch.opened_at,
)
_OPEN = (CheckInBatch.station_id == bindparam("station_id"), CheckInBatch.closed_at.is_(None))
_GET = Statement(
    select(*_COLUMNS).where(
        *_OPEN, CheckInBatch.id == bindparam("id"), CheckInBatch.opened_by == bindparam("actor")
    )
)
_CURRENT = Statement(
    select(*_COLUMNS)
    .where(*_OPEN, CheckInBatch.opened_by == bindparam("actor"))
    .order_by(CheckInBatch.id.desc())
    .limit(1)
)
_ADD = Statement(insert(CheckInBatch))


def open_batch(actor: Actor, *, layer_id: int | None = None, is_silent: bool = False) -> Batch:
    """Open a batch; `is_silent` is for parcels the station held before it began with this software."""
    batch = Batch(ids.next_id(), layer_id, None, is_silent, False, "medium", clock.now())
    _ADD.run(
        station_id=actor.station_id,
        id=batch.id,
        layer_id=layer_id,
        carrier=None,
        is_silent=is_silent,
        is_declared=False,
        size_class=batch.size_class,
        opened_by=actor.key,
        opened_at=batch.opened_at,
        closed_at=None,
    )
    return batch


def get(actor: Actor, batch_id: int) -> Batch:
    """Return an open batch of the actor. Raises StationError `batch_closed`."""
    row = _GET.first(station_id=actor.station_id, id=batch_id, actor=actor.key)
    if row is None:
        raise StationError("batch_closed", _("This batch is closed. Load the page again to go on scanning."))
    return Batch(*row)


def current(actor: Actor) -> Batch | None:
    """Return the batch the actor opened last and has not closed."""
    row = _CURRENT.first(station_id=actor.station_id, actor=actor.key)
    return Batch(*row) if row else None


def choose_row(actor: Actor, batch_id: int, *, shelf: str, layer: int) -> LayerFacts:
    """Put the following parcels on this row. Raises StationError `not_found` for an unknown or retired shelf."""
    get(actor, batch_id)
    row = shelves.layer_by_code(actor.station_id, shelf, layer)
    if row is None:
        raise StationError("not_found", _("There is no shelf %(row)s here.", row=f"{shelf}-{layer}"))
    _set(actor, batch_id, layer_id=row.id)
    return row


def choose_carrier(actor: Actor, batch_id: int, carrier: str | None) -> None:
    """Say which carrier brought the batch; None means: tell it from each number."""
    if carrier is not None and carrier not in COMPANIES:
        raise StationError("bad_input", _("Choose a carrier from the list."))
    _set(actor, batch_id, carrier=carrier)


def choose_size(actor: Actor, batch_id: int, size_class: str) -> None:
    """Say how large the following parcels are."""
    if size_class not in SIZE_CLASSES:
        raise StationError("bad_input", _("Choose small, medium or large."))
    _set(actor, batch_id, size_class=size_class)


def declare_consent(actor: Actor, batch_id: int, *, is_declared: bool) -> None:
    """Note whether the courier declared the recipients' consent for the whole batch, and that somebody noted it."""
    take_turn(actor.station_id)
    batch = get(actor, batch_id)
    if batch.is_declared is is_declared:
        return
    _set(actor, batch_id, is_declared=is_declared)
    facts = {"batch": str(batch_id), "carrier": batch.carrier, "declared": is_declared}
    append(actor, Event("consent_declared", data=facts))


def keep_silent(actor: Actor, batch_id: int, *, is_silent: bool) -> None:
    """Say whether the following parcels are ones the station holds already: then nobody gets a message."""
    _set(actor, batch_id, is_silent=is_silent)


def close(actor: Actor, batch_id: int) -> None:
    """Close a batch of the actor; closing it twice changes nothing."""
    _set(actor, batch_id, closed_at=clock.now())


def _set(actor: Actor, batch_id: int, **values: Any) -> None:
    changed = db.session.execute(
        update(CheckInBatch)
        .where(
            CheckInBatch.station_id == actor.station_id,
            CheckInBatch.id == batch_id,
            CheckInBatch.opened_by == actor.key,
            CheckInBatch.closed_at.is_(None),
        )
        .values(**values)
    )
    if not changed.rowcount and "closed_at" not in values:  # type: ignore[attr-defined] # an UPDATE has a row count
        raise StationError("batch_closed", _("This batch is closed. Load the page again to go on scanning."))

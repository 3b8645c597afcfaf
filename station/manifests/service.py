"""Manifests: announcing rows that are in order, and listing those that are not. Never sees HTTP.

A file is imported in steps of CHUNK rows, each in one transaction together with how far it came, so that a stop at any
moment loses nothing and doubles nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from station.core import clock, ids
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.statements import Statement
from station.core.text import printable
from station.events.service import take_turn
from station.manifests import rows
from station.manifests.cells import Fault, Why
from station.manifests.columns import Field, Mapping
from station.manifests.lifecycle import ManifestAction, ManifestState, step
from station.manifests.models import Announced, Manifest, ManifestFault
from station.manifests.rows import Rules, Said
from station.manifests.spool import Placed, Spooled
from station.parcels.announce import Announcement, Expected, announce_many

# Rows of a transaction: scanners wait for about 0.1 s, as for a batch of the API (parcels.schemas.BATCH).
CHUNK = 500
NAME = 120  # characters of a file's name that are kept

_ADD = Statement(insert(Manifest))
_ADD_ANNOUNCED = Statement(insert(Announced))
_ADD_FAULT = Statement(insert(ManifestFault))
_FOR_CHANGE = Statement(
    select(
        Manifest.state,
        Manifest.carrier,
        Manifest.expected_on,
        Manifest.layout,
        Manifest.sha256,
        Manifest.rows,
        Manifest.rows_done,
        Manifest.added_by,
    ).where(Manifest.station_id == bindparam("station_id"), Manifest.id == bindparam("manifest_id"))
)
_PROGRESS = Statement(
    update(Manifest)
    .where(Manifest.station_id == bindparam("station"), Manifest.id == bindparam("manifest"))
    .values(
        rows_done=Manifest.rows_done + bindparam("rows_more"),
        place=bindparam("new_place"),
        announced=Manifest.announced + bindparam("announced_more"),
        known=Manifest.known + bindparam("known_more"),
        refused=Manifest.refused + bindparam("refused_more"),
    )
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of rows."""

    announced: int
    known: int
    refused: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of an uploaded file: which column means what, where its rows begin, and what goes for all."""

    mapping: Mapping
    first_row: int
    carrier: str | None
    expected_on: date


def keep_draft(actor: Actor, manifest_id: int, spooled: Spooled, *, name: str, today: date) -> None:
    """Keep an uploaded file whose columns nobody has confirmed yet."""
    layout = {
        "kind": spooled.layout.kind,
        "encoding": spooled.layout.encoding,
        "delimiter": spooled.layout.delimiter,
        "headers": spooled.headers,
    }
    _ADD.run(
        station_id=actor.station_id,
        id=manifest_id,
        source="file",
        state=ManifestState.DRAFT,
        expected_on=today,
        file_name=printable(name, limit=NAME),
        sha256=spooled.sha256,
        layout=json.dumps(layout),
        rows=spooled.rows,
        added_by=actor.key,
        added_at=clock.now(),
    )


def start(actor: Actor, manifest_id: int, choice: Choice) -> None:
    """Begin the import of an uploaded file.

    Raises StationError `bad_input` without a column for the waybill, `announcement_ended` when it was begun or given
    up, `announced_before` for a file that was imported with the same columns, `not_found`.
    """
    take_turn(actor.station_id)
    manifest = _get(actor.station_id, manifest_id)
    state = _step(manifest.state, ManifestAction.START)
    if Field.WAYBILL not in choice.mapping:
        raise StationError("bad_input", _("Choose the column with the waybill."))
    if len(set(choice.mapping.values())) < len(choice.mapping):
        raise StationError("bad_input", _("Two fields have the same column."))
    said = _said(choice)
    fingerprint = hashlib.sha256(manifest.sha256 + said.encode()).digest()
    before = _imported_before(actor.station_id, fingerprint)
    if before is not None:
        message = _("This file was imported with these columns before. Nothing was imported again.")
        raise StationError("announced_before", message, manifest_id=str(before))
    layout = json.loads(manifest.layout) | {"choice": json.loads(said)}
    _set(
        actor.station_id,
        manifest_id,
        state=state,
        carrier=choice.carrier,
        expected_on=choice.expected_on,
        layout=json.dumps(layout),
        fingerprint=fingerprint,
    )


def _said(choice: Choice) -> str:
    """Return a choice as text, the same for the same choice. The day is left out: a file is the same file tomorrow."""
    columns = {field.value: place for field, place in choice.mapping.items()}
    said = {"columns": columns, "first_row": choice.first_row, "carrier": choice.carrier}
    return json.dumps(said, sort_keys=True)


def import_rows(actor: Actor, manifest_id: int, placed: Sequence[Placed], *, today: date, done: int) -> bool:
    """Import the next rows of a running manifest; return False when somebody else did, or it was stopped.

    `done`: how many rows were done before. All of it commits together or not at all.
    """
    take_turn(actor.station_id)
    manifest = _get(actor.station_id, manifest_id)
    if manifest.state != ManifestState.RUNNING or manifest.rows_done != done:
        return False
    choice = json.loads(manifest.layout)["choice"]
    mapping = {Field(name): int(place) for name, place in choice["columns"].items()}
    rules = Rules(manifest.carrier, manifest.expected_on, today)
    read = [
        (one.number, rows.read(one.cells, mapping, rules))
        for one in placed
        if one.number >= choice["first_row"]
    ]
    tally = _announce(actor, manifest_id, read)
    _PROGRESS.run(
        station=actor.station_id,
        manifest=manifest_id,
        rows_more=len(placed),
        new_place=placed[-1].behind,
        announced_more=tally.announced,
        known_more=tally.known,
        refused_more=tally.refused,
    )
    return True


def _announce(actor: Actor, manifest_id: int, read: Sequence[tuple[int, Said | Fault]]) -> Tally:
    good = [(number, one) for number, one in read if isinstance(one, Said)]
    faults = [(number, one) for number, one in read if isinstance(one, Fault)]
    outcomes = announce_rows(actor, manifest_id, good)
    refused = [
        (number, Fault("", Why.REFUSED, error.message))
        for (number, _said), error in zip(good, outcomes, strict=True)
        if isinstance(error, StationError)
    ]
    _ADD_FAULT.run_many(
        [
            {
                "row": number,
                "column": fault.column,
                "reason": fault.why,
                "value": printable(fault.value) or None,
            }
            for number, fault in faults + refused
        ],
        station_id=actor.station_id,
        manifest_id=manifest_id,
    )
    new = sum(isinstance(one, Expected) and one.is_new for one in outcomes)
    return Tally(new, len(good) - len(refused) - new, len(faults) + len(refused))


def announce_rows(
    actor: Actor, manifest_id: int, said: Sequence[tuple[int, Said]]
) -> list[Expected | StationError]:
    """Announce rows by their number, and keep with each new parcel what the row says beside it."""
    outcomes = announce_many(actor, [_announcement(one) for _number, one in said])
    _ADD_ANNOUNCED.run_many(
        [
            {
                "parcel_id": outcome.parcel_id,
                "row": number,
                "expected_on": one.expected_on,
                "masked_phone": one.masked_phone,
                "name": None if one.phone else one.name,
            }
            for (number, one), outcome in zip(said, outcomes, strict=True)
            if isinstance(outcome, Expected) and outcome.is_new
        ],
        station_id=actor.station_id,
        manifest_id=manifest_id,
    )
    return outcomes


def _announcement(said: Said) -> Announcement:
    return Announcement(
        waybill=said.waybill,
        carrier=said.carrier,
        phone=said.phone,
        name=said.name if said.phone else None,
        size_class=said.size_class,
        consent=said.consent,
        consent_how=said.consent_how,
    )


def open_request(actor: Actor, *, carrier: str | None, expected_on: date, count: int) -> int:
    """Keep that a carrier's system announces `count` rows; return the manifest, which `close_request` ends."""
    manifest_id, now = ids.next_id(), clock.now()
    _ADD.run(
        station_id=actor.station_id,
        id=manifest_id,
        source="api",
        state=ManifestState.DONE,
        carrier=carrier,
        expected_on=expected_on,
        rows=count,
        rows_done=count,
        added_by=actor.key,
        added_at=now,
        ended_at=now,
    )
    return manifest_id


def close_request(actor: Actor, manifest_id: int, tally: Tally) -> None:
    """Note what became of a request's rows."""
    _set(
        actor.station_id,
        manifest_id,
        announced=tally.announced,
        known=tally.known,
        refused=tally.refused,
    )


def end(station_id: int, manifest_id: int, action: ManifestAction) -> bool:
    """Finish, fail or cancel a manifest; return False when that was done already. Raises StationError `not_found`."""
    take_turn(station_id)
    state = step(ManifestState(_get(station_id, manifest_id).state), action)
    if state is None:
        return False
    _set(station_id, manifest_id, state=state, ended_at=clock.now())
    return True


def cancel(actor: Actor, manifest_id: int) -> None:
    """Give a file up; what was imported of it stays. Raises StationError `announcement_ended`, `not_found`."""
    if not end(actor.station_id, manifest_id, ManifestAction.CANCEL):
        raise _ended()


def importer(station_id: int, added_by: str) -> Actor:
    """Return who an import acts as: whoever uploaded the file, so that the log says who told of each consent."""
    kind, _colon, number = added_by.partition(":")
    return Actor(ActorKind(kind), int(number), station_id, Role.CLERK)


def _imported_before(station_id: int, fingerprint: bytes) -> int | None:
    return connection().scalar(
        select(Manifest.id).where(
            Manifest.station_id == station_id,
            Manifest.fingerprint == fingerprint,
            Manifest.state.in_((ManifestState.RUNNING, ManifestState.DONE)),
        )
    )


def _get(station_id: int, manifest_id: int) -> Any:
    found = _FOR_CHANGE.first(station_id=station_id, manifest_id=manifest_id)
    if found is None:
        raise StationError("not_found", _("There is no such announcement at your station."))
    return found


def _step(state: str, action: ManifestAction) -> ManifestState:
    after = step(ManifestState(state), action)
    if after is None:
        raise _ended()
    return after


def _ended() -> StationError:
    return StationError(
        "announcement_ended", _("This manifest was begun or ended already. Load the page again.")
    )


def _set(station_id: int, manifest_id: int, **values: Any) -> None:
    connection().execute(
        update(Manifest).where(Manifest.station_id == station_id, Manifest.id == manifest_id).values(**values)
    )

"""Return manifests: opened for a carrier, filled scan by scan, signed for by its courier.

What may go back and what returning does to a parcel are the parcels room's rules (parcels/handling.py); this room
keeps what goes together, and closes all of it in one transaction.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, update

from station.carriers.catalogue import CARRIERS, COMPANIES
from station.core import clock, crypto, ids, names
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.parcels import attachments, facts, handling, store, words
from station.parcels import queries as parcels
from station.parcels.counter import read_waybill
from station.parcels.lifecycle import ON_SHELF, Action, ParcelState
from station.parcels.store import Current
from station.returns import queries
from station.returns.lifecycle import ItemState, ManifestAction, ManifestState, can
from station.returns.models import ReturnItem, ReturnManifest
from station.returns.queries import Item, Manifest, Why
from station.returns.words import how_it_ended

MOST = 500  # parcels on one manifest: more than a van load; source: ours
NAMED = 5  # parcels named in one refusal
# Why a return begins that the scan onto the manifest begins.
BEGINS = {Why.TERM: "not_collected", Why.REFUSED: "refused"}


@dataclass(frozen=True, slots=True)
class Added:
    """A parcel that was put on a manifest."""

    parcel_id: int
    pickup_code: str | None
    waybill: str


def open_manifest(actor: Actor, carrier: str) -> int:
    """Return the carrier's open manifest, made when it has none. Raises StationError `bad_input`."""
    take_turn(actor.station_id)
    if carrier not in COMPANIES:
        raise StationError("bad_input", _("There is no such carrier."))
    known = queries.open_manifests(actor.station_id).get(carrier)
    if known:
        return known.id
    manifest_id = ids.next_id()
    connection().execute(
        insert(ReturnManifest).values(
            station_id=actor.station_id,
            id=manifest_id,
            carrier=carrier,
            state=ManifestState.OPEN,
            opened_by=actor.key,
            opened_at=clock.now(),
        )
    )
    append(actor, Event("manifest_opened", data={"manifest": str(manifest_id), "carrier": carrier}))
    return manifest_id


def add(actor: Actor, manifest_id: int, raw: str) -> Added:
    """Put the scanned parcel on an open manifest; the return of one that is only due begins with it.

    Raises StationError `manifest_ended`, `manifest_full`, `not_found` (no such manifest, or a waybill nobody knows),
    `not_here`, `on_manifest` (this one or another), `other_carrier`, `is_held`, `not_going_back`, and
    `waybill_malformed` or `two_scans_glued` for a scan that is none.
    """
    waybill = read_waybill(raw)
    take_turn(actor.station_id)
    manifest = _open(actor, manifest_id, ManifestAction.ADD)
    parcel = store.get(actor.station_id, facts.id_of(actor.station_id, waybill))
    _refuse_unfit(actor, manifest, parcel)
    if parcel.state == ParcelState.STORED:
        handling.start_return(actor, parcel.id, reason=_reason(actor, parcel))
    connection().execute(
        insert(ReturnItem).values(
            station_id=actor.station_id,
            id=ids.next_id(),
            manifest_id=manifest_id,
            parcel_id=parcel.id,
            state=ItemState.ON,
            added_by=actor.key,
            added_at=clock.now(),
        )
    )
    append(actor, Event("put_on_manifest", parcel.id, {"manifest": str(manifest_id)}))
    return Added(parcel.id, parcel.pickup_code, parcel.waybill)


def _open(actor: Actor, manifest_id: int, action: ManifestAction) -> Manifest:
    manifest = queries.manifest(actor.station_id, manifest_id)
    if not can(ManifestState(manifest.state), action):
        zone = network.rules(actor.station_id).zone
        raise StationError("manifest_ended", how_it_ended(manifest, zone), by=manifest.ended_by)
    return manifest


def _refuse_unfit(actor: Actor, manifest: Manifest, parcel: Current) -> None:
    """Refuse a parcel that does not belong on the manifest, in the words of whoever holds it in their hand."""
    if parcel.state not in ON_SHELF:
        state = _(words.STATES[ParcelState(parcel.state)])
        raise StationError("not_here", _("This one is not here by the books: %(state)s.", state=state))
    on = queries.on_manifests(actor.station_id, [parcel.id]).get(parcel.id)
    if on == manifest.id:
        raise StationError("on_manifest", _("This one was scanned already. It is on the manifest once."))
    if on is not None:
        raise StationError("on_manifest", _("This one is on another manifest. Take it off there first."))
    if parcel.carrier != manifest.carrier:
        raise StationError("other_carrier", _other_carrier(parcel.carrier), parcel_id=str(parcel.id))
    store.next_state(
        parcel,
        Action.START_RETURN if parcel.state == ParcelState.STORED else Action.RETURN_TO_CARRIER,
    )
    if manifest.parcels >= MOST:
        raise StationError("manifest_full", _("This manifest is full. Let it be signed and open another."))


def _other_carrier(carrier: str | None) -> str:
    if carrier not in CARRIERS:
        return _("Nobody knows this parcel's carrier. Choose it on the parcel's page first.")
    name = CARRIERS[carrier].short_name(language())
    return _("This one belongs to %(carrier)s. Put it back.", carrier=name)


def _reason(actor: Actor, parcel: Current) -> str:
    listed = parcels.by_ids(parcels.clock_of(actor.station_id), [parcel.id])[parcel.id]
    why = queries.why(listed)
    if why not in BEGINS:
        raise StationError(
            "not_going_back",
            _(
                "This one is not on the return list. If it goes back all the same, begin its return on its page."
            ),
            parcel_id=str(parcel.id),
        )
    return BEGINS[why]


def take_off(actor: Actor, manifest_id: int, parcel_id: int, *, reason: str | None = None) -> None:
    """Take a parcel off an open manifest; it stays picked for its carrier. `reason`: why its courier refuses it.

    Raises StationError `manifest_ended`, or `not_found` when the parcel is not on it.
    """
    take_turn(actor.station_id)
    _open(actor, manifest_id, ManifestAction.TAKE_OFF)
    line = {"parcel_id": parcel_id}
    if not _end_items(actor, manifest_id, line, state=ItemState.OFF, off_reason=reason):
        raise StationError("not_found", _("This parcel is not on the manifest."))
    why = {} if reason is None else {"reason": reason}
    append(actor, Event("taken_off_manifest", parcel_id, {"manifest": str(manifest_id), **why}))


def cancel(actor: Actor, manifest_id: int) -> None:
    """Give an open manifest up: its parcels stay picked for their carrier. Raises StationError `manifest_ended`."""
    take_turn(actor.station_id)
    _open(actor, manifest_id, ManifestAction.CANCEL)
    on = queries.items(actor.station_id, manifest_id)
    _end_items(actor, manifest_id, {}, state=ItemState.OFF)
    _end(actor, manifest_id, state=ManifestState.CANCELLED)
    facts_of = {"manifest": str(manifest_id)}
    off = [Event("taken_off_manifest", item.parcel_id, facts_of) for item in on]
    append(actor, *off, Event("manifest_cancelled", data=facts_of))


def sign(actor: Actor, manifest_id: int, *, courier_name: str, signature: bytes) -> int:
    """Let the courier sign: everything on the manifest is given back, or nothing is; return how many parcels.

    Raises StationError `bad_input` (no name, or no picture of a signature), `manifest_ended` (signed before, too),
    `manifest_empty`, or `manifest_blocked` when something has happened to a parcel since it was scanned.
    """
    take_turn(actor.station_id)
    manifest = _open(actor, manifest_id, ManifestAction.SIGN)
    name, media_type = names.clean(courier_name), attachments.media_type_of(signature)
    if name is None:
        raise StationError("bad_input", _("Type the courier's name."))
    if media_type is None or len(signature) > attachments.LARGEST:
        raise StationError("bad_input", _("The courier has to sign first, or add a photo of at most 4 MB."))
    items = queries.items(actor.station_id, manifest_id)
    _refuse_changed(manifest, items)
    for item in items:
        handling.return_to_carrier(actor, item.parcel_id, manifest_id=manifest_id)
    _end_items(actor, manifest_id, {}, state=ItemState.RETURNED)
    digest = hashlib.sha256(signature).digest()
    _end(
        actor,
        manifest_id,
        state=ManifestState.SIGNED,
        courier_name=name,
        media_type=media_type,
        sha256=digest,
        signature=crypto.encrypt_bytes(signature),
    )
    signed = {"manifest": str(manifest_id), "carrier": manifest.carrier, "signature": digest.hex()}
    append(actor, Event("manifest_signed", data={**signed, "parcels": len(items)}))
    return len(items)


def _refuse_changed(manifest: Manifest, items: list[Item]) -> None:
    if not items:
        raise StationError("manifest_empty", _("Nothing is on this manifest yet. Scan the parcels first."))
    changed = [one for one in items if not one.may_leave or one.carrier != manifest.carrier]
    if changed:
        codes = ", ".join(one.pickup_code or one.waybill for one in changed[:NAMED])
        raise StationError(
            "manifest_blocked",
            _("Something has happened to %(codes)s since. Take it off the manifest, then sign.", codes=codes),
        )


def _end_items(actor: Actor, manifest_id: int, line: dict[str, int], **values: Any) -> int:
    """End the lines that are on a manifest, or only the one that `line` names; return how many."""
    ends = update(ReturnItem).where(
        ReturnItem.station_id == actor.station_id,
        ReturnItem.manifest_id == manifest_id,
        ReturnItem.state == ItemState.ON,
    )
    ended = {"ended_by": actor.key, "ended_at": clock.now(), **values}
    return connection().execute(ends.filter_by(**line).values(**ended)).rowcount


def _end(actor: Actor, manifest_id: int, **values: Any) -> None:
    connection().execute(
        update(ReturnManifest)
        .where(
            ReturnManifest.station_id == actor.station_id,
            ReturnManifest.id == manifest_id,
            ReturnManifest.state == ManifestState.OPEN,
        )
        .values(ended_by=actor.key, ended_at=clock.now(), **values)
    )

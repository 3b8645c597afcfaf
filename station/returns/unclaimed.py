"""The register of the unclaimable (无着快件): parcels that nobody collects and no carrier takes back.

Nobody may dispose of them before their term (快递市场管理办法 art. 29; DOMAIN.md 3), and they stay in the books for
good. A disposal is a write-off, with its two people (parcels/handling.py), and says what was done with the parcel.
"""

from datetime import timedelta

from sqlalchemy import insert, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events.service import Event, append, take_turn
from station.network import queries as network
from station.parcels import facts, handling, store, words
from station.parcels import queries as parcels
from station.parcels.counter import read_waybill
from station.parcels.lifecycle import ON_SHELF
from station.returns import queries, register_queries
from station.returns.manifests import BEGINS
from station.returns.models import UnclaimedParcel


def enter(actor: Actor, raw: str, *, reason: str) -> int:
    """Enter the scanned parcel into the register, its term beginning now; return the entry.

    The return of a parcel that is due begins with it: its storage clock stops, and no message is sent any more.
    Raises StationError `bad_input`, `not_found`, `not_going_back` (it is not here, or not to be returned),
    `on_manifest`, `already_registered`, `is_held`, and what `read_waybill` raises.
    """
    if reason not in words.UNCLAIMED_REASONS:
        raise StationError("bad_input", _("Choose why nobody can be given this parcel."))
    waybill = read_waybill(raw)
    take_turn(actor.station_id)
    parcel_id = facts.id_of(actor.station_id, waybill)
    _refuse_unfit(actor, parcel_id)
    begin_return(actor, parcel_id)
    now = clock.now()
    term_ends_at = now + timedelta(days=network.rules(actor.station_id).unclaimed_days)
    entry_id = ids.next_id()
    connection().execute(
        insert(UnclaimedParcel).values(
            station_id=actor.station_id,
            id=entry_id,
            parcel_id=parcel_id,
            reason=reason,
            entered_by=actor.key,
            entered_at=now,
            term_ends_at=term_ends_at,
        )
    )
    store.change(actor.station_id, store.get(actor.station_id, parcel_id), kept_until=term_ends_at)
    said = {"entry": str(entry_id), "reason": reason, "until": term_ends_at.isoformat()}
    append(actor, Event("unclaimed_entered", parcel_id, said))
    return entry_id


def _refuse_unfit(actor: Actor, parcel_id: int) -> None:
    if queries.in_register(actor.station_id, [parcel_id]):
        raise StationError("already_registered", _("This parcel is in the register already."))
    if queries.on_manifests(actor.station_id, [parcel_id]):
        raise StationError("on_manifest", _("This one is on a return manifest. Take it off there first."))


def begin_return(actor: Actor, parcel_id: int) -> None:
    """Pick a parcel for its carrier unless it is already. Raises StationError `not_going_back`, `is_held`."""
    listed = parcels.by_ids(parcels.clock_of(actor.station_id), [parcel_id]).get(parcel_id)
    why = queries.why(listed) if listed else None
    if why is None:
        raise StationError(
            "not_going_back",
            _("Only a parcel that is here and should go back can be entered in the register."),
        )
    if why in BEGINS:
        handling.start_return(actor, parcel_id, reason=BEGINS[why])


def propose(actor: Actor, entry_id: int, *, done: str) -> None:
    """Propose a disposal: `done` says what shall be done with the parcel; a colleague confirms.

    Raises StationError `bad_input`, `not_found`, `term_not_over`, `illegal_transition`, `is_held`.
    """
    take_turn(actor.station_id)
    if done not in words.DISPOSALS:
        raise StationError("bad_input", _("Choose what is done with the parcel."))
    handling.ask_write_off(actor, _in_force(actor, entry_id), reason=done)


def confirm(actor: Actor, entry_id: int) -> None:
    """Confirm that a parcel was disposed of as a colleague proposed.

    Raises StationError `second_person_needed`, `term_not_over`, `not_found`, `illegal_transition`, `is_held`.
    """
    take_turn(actor.station_id)
    parcel_id = _in_force(actor, entry_id)
    done = store.get(actor.station_id, parcel_id).write_off_reason
    handling.confirm_write_off(actor, parcel_id)
    append(actor, Event("disposed", parcel_id, {"entry": str(entry_id), "reason": done}))


def refuse(actor: Actor, entry_id: int) -> None:
    """Turn a proposed disposal down. Raises StationError `not_found`."""
    take_turn(actor.station_id)
    handling.refuse_write_off(actor, _in_force(actor, entry_id))


def remove(actor: Actor, entry_id: int) -> None:
    """Take a parcel out of the register: somebody was found for it after all. It stays as it is, picked or waiting.

    Raises StationError `not_found`, or `illegal_transition` for a parcel that is not here any more.
    """
    take_turn(actor.station_id)
    parcel_id = _in_force(actor, entry_id)
    if store.get(actor.station_id, parcel_id).state not in ON_SHELF:
        raise StationError("illegal_transition", _("This parcel is not here any more: the entry stays."))
    handling.refuse_write_off(actor, parcel_id)
    store.change(actor.station_id, store.get(actor.station_id, parcel_id), kept_until=None)
    connection().execute(
        update(UnclaimedParcel)
        .where(UnclaimedParcel.station_id == actor.station_id, UnclaimedParcel.id == entry_id)
        .values(removed_by=actor.key, removed_at=clock.now())
    )
    append(actor, Event("unclaimed_removed", parcel_id, {"entry": str(entry_id)}))


def _in_force(actor: Actor, entry_id: int) -> int:
    """Return the parcel of an entry that still holds."""
    entry = register_queries.entry(actor.station_id, entry_id)
    if entry.removed_at is not None:
        raise StationError("illegal_transition", _("This entry was taken out of the register."))
    return entry.parcel_id

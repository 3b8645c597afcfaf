"""What happens to a stored parcel besides coming and going: problems, holds, moves, returns, loss and write-off."""

from datetime import datetime

from station.core import clock
from station.core.actor import Actor, ActorKind
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events import outbox
from station.events.service import Event, append
from station.network import queries as network
from station.parcels import places, store
from station.parcels.consent import UNWILLING, ground
from station.parcels.intake import Arrival, CheckedIn, Intake, refuse_own
from station.parcels.lifecycle import Action, ConsentBasis, Problem
from station.parcels.places import Place
from station.residents import service as residents

# What staff may say of a parcel; the other problems arise at check-in.
STAFF_PROBLEMS = (Problem.DAMAGED, Problem.WRONG_STATION, Problem.REFUSED)
# What hung on nobody, or on the wrong one, being known as the recipient.
_OF_ANOTHER = (Problem.NO_PHONE, Problem.ASK, Problem.DOOR_WANTED)


def mark_problem(actor: Actor, parcel_id: int, problem: Problem) -> None:
    """Say that something is wrong with a stored parcel."""
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.MARK_PROBLEM)
    if parcel.problem == problem:
        return
    store.change(actor.station_id, parcel, problem=problem)
    append(actor, Event("problem_marked", parcel.id, {"problem": problem}))


def clear_problem(actor: Actor, parcel_id: int) -> None:
    """Say that a problem is solved; the recipient, if known, is told like at check-in."""
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.CLEAR_PROBLEM)
    if parcel.problem is None:
        return
    store.change(actor.station_id, parcel, problem=None)
    append(actor, Event("problem_cleared", parcel.id, {"problem": parcel.problem}))
    if parcel.recipient_id:
        _tell(actor, "stored", parcel.recipient_id, parcel.id)


def assign_recipient(actor: Actor, parcel_id: int, recipient_id: int) -> None:
    """Say whom a stored parcel is for; a missing phone number is a problem no more.

    Whoever it was said to be for before hears nothing more of it, and that a message was a mistake. Their word on where
    it may be left does not count for the new one, whose own does.
    Raises StationError `not_found` for a person the station does not know.
    """
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.CLEAR_PROBLEM)
    recipient = residents.get(actor.station_id, recipient_id)
    if recipient.id == parcel.recipient_id:
        return
    if parcel.recipient_id:
        _take_back(actor, parcel.recipient_id, parcel.id)
    is_declared = parcel.consent_basis == ConsentBasis.DECLARED_BY_COURIER
    basis = ground(ConsentBasis.DECLARED_BY_COURIER if is_declared else None, recipient.standing_choice)
    problem = None if parcel.problem in _OF_ANOTHER else parcel.problem
    if problem is None and basis is ConsentBasis.UNKNOWN and recipient.standing_choice in UNWILLING:
        problem = UNWILLING[recipient.standing_choice]
    store.change(actor.station_id, parcel, recipient_id=recipient.id, problem=problem, consent_basis=basis)
    facts = {"recipient": str(recipient.id), "consent_basis": basis}
    append(actor, Event("recipient_assigned", parcel.id, facts))
    if problem is None:
        _tell(actor, "stored", recipient.id, parcel.id)


def hold(actor: Actor, parcel_id: int, *, reason: str) -> None:
    """Keep a parcel from being handed over until the hold is lifted."""
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.HOLD)
    store.change(actor.station_id, parcel, hold_reason=reason)
    append(actor, Event("held", parcel.id, {"reason": reason}))


def release_hold(actor: Actor, parcel_id: int) -> None:
    """Lift a hold."""
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.RELEASE_HOLD)
    if parcel.hold_reason is None:
        return
    store.change(actor.station_id, parcel, hold_reason=None)
    append(actor, Event("hold_released", parcel.id))


def move(actor: Actor, parcel_id: int, layer_id: int) -> Place:
    """Move a parcel to another row: a new code and one message; the old code stays an alias of this parcel.

    Raises StationError `shelf_full`, `row_codes_exhausted`, `illegal_transition` or `not_found`.
    """
    parcel = store.get(actor.station_id, parcel_id)
    state = store.next_state(parcel, Action.MOVE)
    if parcel.layer_id == layer_id and parcel.pickup_code:
        return Place(parcel.pickup_code, is_same_code=True)
    place = places.give_row(actor, parcel, layer_id, state=state)
    append(actor, Event("moved", parcel.id, {"from": parcel.pickup_code, "code": place.pickup_code}))
    # Whoever was not told yet will read the new code in the message that waits.
    if parcel.recipient_id and outbox.was_told(actor.station_id, parcel.id):
        _tell(actor, "moved", parcel.recipient_id, parcel.id)
    return place


def remind(actor: Actor, parcel_id: int) -> None:
    """Owe the recipient a reminder now. Raises StationError `bad_input` when the parcel has no recipient."""
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.HAND_OVER)
    if parcel.recipient_id is None:
        raise StationError("bad_input", _("This parcel has no phone number to send a message to."))
    outbox.enqueue(
        actor.station_id,
        topic="remind",
        recipient_id=parcel.recipient_id,
        parcel_id=parcel.id,
        due_at=clock.now(),
    )
    append(actor, Event("reminder_asked", parcel.id))


def start_return(actor: Actor, parcel_id: int, *, reason: str) -> None:
    """Pick a parcel for its carrier. It keeps its place until it is given back."""
    parcel = store.get(actor.station_id, parcel_id)
    store.change(actor.station_id, parcel, state=store.next_state(parcel, Action.START_RETURN), due_at=None)
    outbox.withdraw(actor.station_id, parcel.id)
    append(actor, Event("return_started", parcel.id, {"reason": reason}))


def cancel_return(actor: Actor, parcel_id: int) -> None:
    """Keep a parcel that was picked for its carrier, and tell its recipient the code, which may be a new one."""
    parcel = store.get(actor.station_id, parcel_id)
    state = store.next_state(parcel, Action.CANCEL_RETURN)
    store.change(
        actor.station_id,
        parcel,
        state=state,
        **places.clock_values(parcel, network.rules(actor.station_id), state),
    )
    append(actor, Event("return_cancelled", parcel.id))
    if parcel.recipient_id and parcel.problem is None:
        _tell(actor, "stored", parcel.recipient_id, parcel.id)


def withdraw(actor: Actor, parcel_id: int) -> None:
    """Note that an announced parcel will not come: its carrier took it back on the way."""
    parcel = store.get(actor.station_id, parcel_id)
    store.change(actor.station_id, parcel, state=store.next_state(parcel, Action.WITHDRAW))
    append(actor, Event("withdrawn", parcel.id, {"carrier": parcel.carrier}))


def return_to_carrier(actor: Actor, parcel_id: int, *, manifest_id: int | None = None) -> None:
    """Note that the carrier's courier took a parcel back; `manifest_id`: the return manifest they signed for it."""
    parcel = store.get(actor.station_id, parcel_id)
    places.leave(actor, parcel, store.next_state(parcel, Action.RETURN_TO_CARRIER))
    signed = {} if manifest_id is None else {"manifest": str(manifest_id)}
    data = {"carrier": parcel.carrier, "code": parcel.pickup_code, **signed}
    append(actor, Event("returned", parcel.id, data))


def undo_return_to_carrier(actor: Actor, parcel_id: int, *, reason: str) -> Place:
    """Put a parcel that was not given back after all where it was, still picked for its carrier.

    The old code comes back if nobody has it now, else there is a new one; who is told of it when the return is
    cancelled. Raises StationError `illegal_transition`, `already_checked_in` (the waybill came in again),
    `shelf_full`, `row_codes_exhausted`, `not_found` (its shelf is out of use) or `bag_unknown` (the station's own bag).
    """
    parcel = store.get(actor.station_id, parcel_id)
    refuse_own(parcel.carrier)
    place = places.put_back(actor, parcel, store.next_state(parcel, Action.UNDO_RETURN_TO_CARRIER))
    append(actor, Event("return_undone", parcel.id, {"code": place.pickup_code, "reason": reason}))
    return place


def mark_lost(actor: Actor, parcel_id: int, *, reason: str) -> None:
    """Note that a parcel is not where it should be and was not found."""
    parcel = store.get(actor.station_id, parcel_id)
    places.leave(actor, parcel, store.next_state(parcel, Action.MARK_LOST))
    outbox.withdraw(actor.station_id, parcel.id)
    append(actor, Event("lost", parcel.id, {"reason": reason, "code": parcel.pickup_code}))


def find_again(actor: Actor, parcel_id: int, layer_id: int) -> CheckedIn:
    """Put a lost or written-off parcel that turned up into a row: the same parcel, with a new code and a message.

    Raises StationError `illegal_transition`, `already_checked_in` (the waybill came in again), `shelf_full`,
    `row_codes_exhausted`, `not_found` or `bag_unknown` (a bag of a group buy that was written off).
    """
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.FIND_AGAIN)
    intake = Intake(actor)
    existing = intake.existing(parcel.waybill)
    if existing is None or existing.id != parcel.id:
        raise places.refuse_since(existing)
    recipient = residents.get(actor.station_id, parcel.recipient_id) if parcel.recipient_id else None
    still_wrong = parcel.problem or (None if recipient else Problem.NO_PHONE)
    found = intake.add(
        Arrival(
            waybill=parcel.waybill,
            layer_id=layer_id,
            carrier=parcel.carrier,
            recipient=recipient,
            size_class=existing.size_class,
            consent=ConsentBasis(existing.consent_basis),
            problem=Problem(still_wrong) if still_wrong else None,
        )
    )
    intake.write()
    return found


def ask_write_off(actor: Actor, parcel_id: int, *, reason: str) -> None:
    """Ask for a parcel to be written off; somebody else has to confirm.

    Raises StationError `term_not_over` for a parcel that must be kept longer (returns/unclaimed.py).
    """
    parcel = store.get(actor.station_id, parcel_id)
    store.next_state(parcel, Action.WRITE_OFF)
    _refuse_before_term(parcel)
    store.change(actor.station_id, parcel, write_off_reason=reason, write_off_by=actor.key)
    append(actor, Event("write_off_asked", parcel.id, {"reason": reason}))


def confirm_write_off(actor: Actor, parcel_id: int) -> datetime:
    """Write a parcel off that a colleague asked to; return when.

    Raises StationError `second_person_needed` when the same person confirms or nobody asked, `term_not_over` for a
    parcel that must be kept longer.
    """
    parcel = store.get(actor.station_id, parcel_id)
    state = store.next_state(parcel, Action.WRITE_OFF)
    if parcel.write_off_by is None or parcel.write_off_by == actor.key or actor.kind is not ActorKind.STAFF:
        raise StationError(
            "second_person_needed", _("A colleague has to confirm this, not the person who asked.")
        )
    _refuse_before_term(parcel)
    places.leave(actor, parcel, state)
    outbox.withdraw(actor.station_id, parcel.id)
    facts = {"reason": parcel.write_off_reason, "asked_by": parcel.write_off_by, "code": parcel.pickup_code}
    append(actor, Event("written_off", parcel.id, facts))
    return clock.now()


def _refuse_before_term(parcel: store.Current) -> None:
    """Refuse before the term is over, for a lost parcel too: calling it lost would be the way around the term."""
    if parcel.kept_until and clock.now() < parcel.kept_until:
        raise StationError(
            "term_not_over",
            _("It is in the register of the unclaimable and must be kept until its term is over."),
            until=parcel.kept_until.isoformat(),
        )


def refuse_write_off(actor: Actor, parcel_id: int) -> None:
    """Turn a request for a write-off down."""
    parcel = store.get(actor.station_id, parcel_id)
    if parcel.write_off_by is None:
        return
    store.change(actor.station_id, parcel, write_off_reason=None, write_off_by=None)
    append(actor, Event("write_off_refused", parcel.id, {"asked_by": parcel.write_off_by}))


def _take_back(actor: Actor, recipient_id: int, parcel_id: int) -> None:
    """Withdraw what is not sent yet; correct what is."""
    outbox.withdraw(actor.station_id, parcel_id)
    if outbox.was_told(actor.station_id, parcel_id):
        _tell(actor, outbox.CORRECTION, recipient_id, parcel_id)


def _tell(actor: Actor, topic: str, recipient_id: int, parcel_id: int) -> None:
    due_at = clock.now() + places.notice_delay(network.rules(actor.station_id))
    outbox.enqueue(
        actor.station_id, topic=topic, recipient_id=recipient_id, parcel_id=parcel_id, due_at=due_at
    )

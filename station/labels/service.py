"""Checking a parcel in by what somebody confirmed of its label. The same steps as a scan: counter.py decides."""

from dataclasses import dataclass
from typing import Any

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.phones import Phone
from station.labels.queries import Match, announced
from station.parcels import check_in_answers, check_in_scans, counter
from station.parcels.counter import Asks, Outcome
from station.parcels.intake import Existing, find_for_check_in

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What somebody says the label says. `phone`: None where the label hides digits of it or shows none.

    `shown`: the number as it stands on the label, hidden digits as `*`. `is_theirs`: the clerk says that the parcel is
    for whom it was announced, though the label shows another number.
    """

    waybill: str
    carrier: str | None = None
    phone: Phone | None = None
    name: str | None = None
    shown: str = ""
    is_theirs: bool = False


def check_in(actor: Actor, said: Confirmed) -> Json:
    """Check a parcel in as a scan does, and answer from the label what the scan asks; other questions stay open.

    Raises what a scan raises (check_in_scans.take), and StationError `label_differs` when the label shows another
    phone number than was announced and nobody says whose the parcel is.
    """
    batch = check_in_scans.current_or_new(actor)
    waybill = counter.read_waybill(said.waybill)
    _check_announcement(actor, find_for_check_in(actor.station_id, waybill), said)
    first = counter.scan(actor, batch.id, waybill, scanned_at=clock.now())
    outcome = _answered(actor, batch.id, first, said)
    aside = check_in_answers.of_aside(first.set_aside)["parcel"] if first.set_aside else None
    return check_in_scans.settled(actor, batch, outcome) | {"waybill": waybill, "aside": aside}


def _check_announcement(actor: Actor, existing: Existing | None, said: Confirmed) -> None:
    if existing is None or existing.recipient_id is None or said.is_theirs:
        return
    whom = announced(actor.station_id, existing.recipient_id, (said.shown,) if said.shown else ())
    if whom and whom.match is Match.DIFFERS:
        raise StationError(
            "label_differs",
            _(
                "The label shows another phone number than was announced. Say whose the parcel is, or set it aside."
            ),
        )


def _answered(actor: Actor, batch_id: int, outcome: Outcome, said: Confirmed) -> Outcome:
    """Answer what the label tells: first the carrier, then the recipient."""
    if _asks(outcome, Asks.UNKNOWN_CARRIER) and said.carrier:
        outcome = counter.answer_carrier(actor, batch_id, said.carrier)
    if _asks(outcome, Asks.NO_PHONE) and said.phone:
        outcome = counter.answer_phone(actor, batch_id, said.phone, said.name)
    return outcome


def _asks(outcome: Outcome, what: Asks) -> bool:
    return outcome.question is not None and outcome.question.asks is what

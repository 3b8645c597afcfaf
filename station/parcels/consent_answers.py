"""What a recipient answers when asked about one parcel: it may stay, bring it to the door, or send it back.

The caller has made sure that it is the recipient who answers. Not for staff who write down what they were told
(solving.record_consent), nor for standing choices (residents.service.record_consent).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events import outbox
from station.parcels import handling, store
from station.parcels.consent import REFUSALS, YES
from station.parcels.lifecycle import ConsentBasis, ParcelState, Problem
from station.parcels.models import Parcel
from station.parcels.solving import SHORT_OF_CONSENT
from station.parcels.store import Current
from station.residents import queries as residents_queries
from station.residents import service as residents
from station.residents.service import SEND_BACK


class Answer(StrEnum):
    """What can be answered to the question in a parcel's first message."""

    YES = "yes"
    DELIVER = "deliver"
    RETURN = "return"


WORD = {Answer.YES: YES, Answer.DELIVER: "door", Answer.RETURN: SEND_BACK}
"""The choice that each answer is recorded as."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer led to. `is_new`: it was recorded now; False when it stood already."""

    parcel_id: int
    answer: Answer
    is_new: bool


_UNANSWERED = (
    Parcel.state == ParcelState.STORED,
    Parcel.consent_basis == ConsentBasis.UNKNOWN,
    Parcel.problem.is_(None) | (Parcel.problem == Problem.ASK),
)


def answer(actor: Actor, parcel_id: int, choice: str, how: str = "message") -> Answered:
    """Act on a recipient's answer about a stored parcel whose consent is not known; the same again changes nothing.

    Yes is kept as the parcel's consent. Deliver and return are kept as what they are, never as a yes, and set the
    parcel aside: wanted at the door, or refused, to be picked for its carrier by the staff.
    Raises StationError `bad_input` for an unknown answer or a parcel nobody's name is on, `not_found`,
    `already_handed_over` when the parcel has left, `illegal_transition` when it has not come or is being sent back,
    `consent_known` when something else was said before.
    """
    said = _answer(choice)
    parcel = store.get(actor.station_id, parcel_id)
    if parcel.recipient_id is None:
        raise StationError("bad_input", _("Nobody knows whose parcel this is. Ask at the counter."))
    before = residents_queries.newest_own_word(actor.station_id, parcel.recipient_id, parcel.id)
    _refuse_elsewhere(parcel)
    if _stands(parcel, said, before):
        return Answered(parcel.id, said, is_new=False)
    _refuse_second(parcel)
    residents.record_consent(actor, parcel.recipient_id, choice=WORD[said], how=how, parcel_id=parcel.id)
    _act(actor, parcel, said)
    return Answered(parcel.id, said, is_new=True)


def unanswered(station_id: int, recipient_ids: Sequence[int]) -> frozenset[int]:
    """Return the parcels of these recipients that still wait for an answer."""
    query = select(Parcel.id).where(
        Parcel.station_id == station_id, Parcel.recipient_id.in_(recipient_ids), *_UNANSWERED
    )
    return frozenset(connection().scalars(query))


def _answer(choice: str) -> Answer:
    if choice not in set(Answer):
        raise StationError("bad_input", _("Choose one of the three answers."))
    return Answer(choice)


def _refuse_elsewhere(parcel: Current) -> None:
    if parcel.state == ParcelState.STORED:
        return
    if parcel.state == ParcelState.EXPECTED:
        raise StationError("illegal_transition", _("This parcel has not come yet. We ask when it is here."))
    if parcel.state == ParcelState.RETURNING:
        raise StationError(
            "illegal_transition", _("This parcel is being sent back already. Ask at the counter.")
        )
    raise StationError(
        "already_handed_over", _("This parcel is not at the station any more, so nothing can be changed.")
    )


def _stands(parcel: Current, said: Answer, before: str | None) -> bool:
    """Tell whether an answer says nothing that does not stand already."""
    if parcel.consent_basis != ConsentBasis.UNKNOWN:
        return said is Answer.YES
    return before == WORD[said] and parcel.problem is not None


def _refuse_second(parcel: Current) -> None:
    if parcel.consent_basis != ConsentBasis.UNKNOWN:
        raise StationError(
            "consent_known", _("It is on record that this parcel may stay here. Tell the counter if not.")
        )
    if parcel.problem == Problem.REFUSED:
        raise StationError(
            "consent_known", _("This parcel is set aside to go back. Tell the counter if that changed.")
        )


def _act(actor: Actor, parcel: Current, said: Answer) -> None:
    if said is Answer.YES:
        store.change(actor.station_id, parcel, consent_basis=ConsentBasis.THIS_PARCEL)
        if parcel.problem in SHORT_OF_CONSENT:
            handling.clear_problem(actor, parcel.id)
        return
    if said is Answer.RETURN:
        outbox.withdraw(actor.station_id, parcel.id)
    # Damage and the like are for the staff to solve first; the answer stands in the story.
    if said is Answer.RETURN or parcel.problem in (None, *SHORT_OF_CONSENT):
        handling.mark_problem(actor, parcel.id, REFUSALS[WORD[said]])

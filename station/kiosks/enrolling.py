"""Enrolling a face at a kiosk: only after an identity code, with a text read there, and for a child by a guardian."""

from dataclasses import dataclass
from datetime import datetime

from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.kiosks import faces, rules, sessions
from station.kiosks.faces import Agreed
from station.kiosks.lifecycle import ENROLS
from station.kiosks.sessions import Visit
from station.residents import queries as residents
from station.residents.agreements import Guardian


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to be enrolled, as visits, and which text was on the screen, in which language."""

    session_id: int
    guardian_session_id: int | None
    version: int
    language: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who is enrolled at the kiosk now, and until when unless the face is used."""

    recipient_id: int
    expires_at: datetime


def enrol(actor: Actor, wish: Wish) -> Enrolled:
    """Record the agreement and the enrolment of a visitor.

    Raises StationError `way_off` where faces are not taken, `session_over` and `not_found` for a visit, `forbidden` for
    one that began otherwise than by identity code, `bad_input` for a guardian who is none, and as faces.enrol does.
    """
    if not rules.for_station(actor.station_id).takes_faces:
        raise StationError("way_off", _("This station takes no faces. Use another way."))
    visit = sessions.require(actor, wish.session_id)
    if visit.way not in ENROLS:
        raise StationError("forbidden", _("Show your identity code first. Then you can enrol your face."))
    guardian = _guardian(actor, visit, wish.guardian_session_id) if wish.guardian_session_id else None
    agreed = Agreed(wish.version, wish.language, guardian)
    return Enrolled(visit.recipient_id, faces.enrol(actor, visit.recipient_id, agreed))


def _guardian(actor: Actor, child: Visit, session_id: int) -> Guardian:
    visit = sessions.require(actor, session_id)
    is_fit = sessions.is_guardian_fit(actor.station_id, visit) and visit.recipient_id != child.recipient_id
    person = residents.personal(actor.station_id, visit.recipient_id) if is_fit else None
    if person is None or not person.name:
        message = _("A parent or guardian shows their own identity code, with a name the station knows.")
        raise StationError("bad_input", message)
    return Guardian(person.name, person.phone)

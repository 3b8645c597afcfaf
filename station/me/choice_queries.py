"""What a resident has chosen, for each name at their phone and each station that knows it."""

from dataclasses import dataclass

from sqlalchemy import select

from station.accounts.queries import Resident
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.kiosks import face_queries
from station.kiosks.face_queries import Enrolment
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels.models import Parcel
from station.residents import agreements, preferences
from station.residents import queries as residents
from station.residents import service as recipients
from station.residents.agreement_texts import Purpose
from station.residents.agreements import InForce
from station.residents.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one recipient has chosen at one station. `place`: the standing choice, None before the first.

    `faces`: at which kiosks theirs is enrolled, and where it was deleted lately.
    """

    rules: StationRules
    recipient_id: int
    name_masked: str
    place: str | None
    preferences: Preferences
    agreements: dict[Purpose, InForce]
    faces: list[Enrolment]


def everybody(resident: Resident) -> list[Chosen]:
    """Return the choices of every name at the resident's phone, station by station."""
    return [
        _chosen(network.rules(station_id), recipient_id)
        for station_id in residents.stations_of(resident.phone_hash)
        for recipient_id in _ids(resident, station_id)
    ]


def one(resident: Resident, station_id: int, recipient_id: int) -> Chosen:
    """Return the choices of one recipient. Raises StationError `not_found` for one who is not at this phone."""
    if recipient_id not in _ids(resident, station_id):
        raise StationError("not_found", _("This is not about you. Open your choices again."))
    return _chosen(network.rules(station_id), recipient_id)


def refuse_others_parcel(resident: Resident, station_id: int, parcel_id: int) -> None:
    """Raise StationError `not_found` for a parcel that is for nobody at the resident's phone."""
    query = select(Parcel.recipient_id).where(Parcel.station_id == station_id, Parcel.id == parcel_id)
    if connection().scalar(query) not in _ids(resident, station_id):
        raise StationError("not_found", _("This parcel is not one of yours."))


def _ids(resident: Resident, station_id: int) -> list[int]:
    return [one.id for one in residents.same_phone(station_id, resident.phone_hash)]


def _chosen(rules: StationRules, recipient_id: int) -> Chosen:
    known = recipients.get(rules.station_id, recipient_id)
    held = agreements.all_in_force(rules.station_id, [recipient_id])
    return Chosen(
        rules,
        recipient_id,
        known.name_masked,
        known.standing_choice,
        preferences.of(rules.station_id, recipient_id),
        {purpose: found for (_recipient, purpose), found in held.items()},
        face_queries.of_recipient(rules.station_id, recipient_id),
    )

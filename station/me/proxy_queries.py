"""Who may collect for a resident, and what they can let somebody collect, at every station that knows their phone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from station.accounts.queries import Resident
from station.core import clock
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.me import queries
from station.network import queries as network
from station.network.queries import StationRules
from station.parcels.lifecycle import ParcelState
from station.parcels.models import Parcel
from station.residents import proxies
from station.residents import queries as residents
from station.residents.proxies import GivenProxy


@dataclass(frozen=True, slots=True)
class Allowed:
    """Somebody who may collect now. `pickup_code`: of the one parcel; None for all that waits."""

    rules: StationRules
    proxy: GivenProxy
    pickup_code: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be let to somebody: one waiting parcel, or (None) all that waits at a station today."""

    rules: StationRules
    recipient_id: int
    parcel_id: int | None
    pickup_code: str | None

    @property
    def key(self) -> str:
        """What a form says for it."""
        return (
            f"parcel-{self.rules.station_id}-{self.parcel_id}"
            if self.parcel_id
            else f"day-{self.rules.station_id}"
        )


def allowed(resident: Resident) -> list[Allowed]:
    """Return who may collect now; a proxy for a parcel that has left is of no use and left out."""
    return [
        one for station_id in residents.stations_of(resident.phone_hash) for one in _at(station_id, resident)
    ]


def _at(station_id: int, resident: Resident) -> list[Allowed]:
    rules, waiting = network.rules(station_id), _waiting(station_id, resident)
    return [
        Allowed(rules, one, waiting[one.parcel_id].pickup_code if one.parcel_id else None)
        for one in proxies.given_by(station_id, resident.phone_hash, clock.now())
        if one.parcel_id in {None, *waiting}
    ]


def offers(resident: Resident) -> list[Offer]:
    """Return what can be let to somebody: at each station with waiting parcels all of today, then each parcel."""
    found: list[Offer] = []
    for station_id in residents.stations_of(resident.phone_hash):
        rules, waiting = network.rules(station_id), _waiting(station_id, resident)
        if waiting:
            found.append(Offer(rules, queries.recipient(station_id, resident), None, None))
        found += [Offer(rules, row.recipient_id, row.id, row.pickup_code) for row in waiting.values()]
    return found


def offer(resident: Resident, key: str) -> Offer:
    """Return what a form means. Raises StationError `not_found` for what is not, or no more, the resident's to give."""
    for one in offers(resident):
        if one.key == key:
            return one
    raise StationError("not_found", _("This parcel does not wait for you any more. Open the page again."))


def require_own(resident: Resident, station_id: int, proxy_id: int) -> None:
    """Raise StationError `not_found` for a proxy that somebody else gave."""
    proxy = proxies.get(station_id, proxy_id)
    if proxy.recipient_id not in queries.recipients(station_id, resident):
        raise StationError("not_found", _("This is not known any more."))


def _waiting(station_id: int, resident: Resident) -> dict[int, Row[Any]]:
    """Return pickup code and recipient of each parcel that waits for the resident."""
    query = select(Parcel.id, Parcel.pickup_code, Parcel.recipient_id).where(
        Parcel.station_id == station_id,
        Parcel.recipient_id.in_(queries.recipients(station_id, resident)),
        Parcel.state == ParcelState.STORED,
    )
    return {row.id: row for row in connection().execute(query.order_by(Parcel.stored_at, Parcel.id))}

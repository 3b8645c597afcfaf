"""What is kept about a courier: taking it along, and having it erased.

The custody log and what was dropped or signed for name the account by its id only. Erasing empties the name, forgets
the number and ends the account at every station; the id stays, so that a story stays provable.
"""

import json
from typing import Any

from sqlalchemy import delete

from station.accounts import couriers as accounts
from station.core import clock
from station.core.db import connection
from station.couriers import applications, invitations, people_queries, phones, queries
from station.couriers.models import Courier, CourierCarrier
from station.couriers.queries import SignedInCourier
from station.disputes import queries as dispute_queries
from station.disputes import service as disputes
from station.events import service as events
from station.events.service import Event
from station.residents.service import phone_hash


def export(courier: SignedInCourier) -> str:
    """Return everything that is kept about a courier, as JSON."""
    known = queries.known(courier.account_id)
    found: dict[str, Any] = {
        "made_at": clock.now().isoformat(),
        "account": str(courier.account_id),
        "name": known.name if known else "",
        "phone": known.phone.key if known else "",
        "stations": [
            {"name": place.name, "carriers": list(queries.carriers_of(place.station_id, courier.account_id))}
            for place in queries.stations(courier.account_id)
        ],
        "phones": [
            {
                "name": one.name,
                "signed_in_at": one.signed_in_at.isoformat(),
                "until": one.expires_at.isoformat(),
            }
            for one in people_queries.phones_of([courier.account_id]).get(courier.account_id, ())
        ],
        "disputes": [
            {"opened_at": at.isoformat(), "words": words}
            for at, words in dispute_queries.words_by(courier.actor.key)
        ],
    }
    return json.dumps(found, ensure_ascii=False, indent=1)


def erase(courier: SignedInCourier) -> None:
    """Erase a courier: at every station they came to, and their account. Signed out everywhere."""
    known = queries.known(courier.account_id)
    found = phone_hash(known.phone.key) if known else b""
    for station_id in sorted(queries.all_stations(courier.account_id)):
        actor = courier.at(station_id)
        events.append(actor, Event("courier_erased", data={"account": str(courier.account_id)}))
        applications.forget(station_id, found)
        disputes.forget_words_of(station_id, actor.key)
        connection().execute(
            delete(CourierCarrier).where(
                CourierCarrier.station_id == station_id, CourierCarrier.account_id == courier.account_id
            )
        )
    invitations.forget(found)
    phones.end_all(courier.account_id)
    accounts.close(courier.account_id)
    connection().execute(delete(Courier).where(Courier.account_id == courier.account_id))

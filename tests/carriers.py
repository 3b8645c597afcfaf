"""A carrier's side of tests: parcels of its own, its webhook, and a receiver that remembers what came."""

from sqlalchemy import update

from station.core import clock
from station.core.db import connection, reading, transaction
from station.notices import wire
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from station.tracking import deliveries, dispatch, webhooks
from station.tracking.models import WebhookDelivery
from station.tracking.queries import Target

CARRIER = "sf"


def make_webhook(station, url, *, carrier=CARRIER):
    with transaction():
        return webhooks.add(station.manager, carrier, url, rule=wire.anywhere)


def hand_over_to(station, parcel):
    with transaction():
        hand_over.hand_over(station.clerk, parcel.parcel_id, Taker("counter"))


def tell(later=None):
    """Send what is due, now or some time later, as the scheduler does."""
    now = clock.now() + later if later else clock.now()
    with clock.use(lambda: now):
        return dispatch.run_all(wire.anywhere, now)


def give_up(station, webhook_id):
    """Give up what is owed to a webhook, as after its last attempt."""
    with transaction():
        deliveries.fan_out(Target(station.id, webhook_id), clock.now())
        dead = {"state": "dead", "failure": "answer 500", "settled_at": clock.now()}
        connection().execute(
            update(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id).values(dead)
        )


def events_of(requests):
    return [(request.json["event"]["waybill"], request.json["event"]["status"]) for request in requests]


def read(act):
    with reading():
        return act()

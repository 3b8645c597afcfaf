"""What goes with a payment to its provider, for pages: a provider that is ready, and the whole addresses it needs."""

from flask import current_app, request, url_for

from station.core.db import reading
from station.network import queries as network
from station.payments import settings
from station.payments.provider import Provider, Wish
from station.payments.queries import Asked


def ready(asked: Asked, page: str) -> tuple[Provider, Wish]:
    """Return a payment's provider and what it is asked; `page`: our address to come back to, as a path.

    Raises StationError `not_found` when the station has this provider no more.
    """
    config = current_app.config["SETTINGS"]
    base = config.public_url or request.host_url.rstrip("/")
    at_test = url_for("test_payments.page", station_id=asked.station_id, number=0, seal="x")
    tell = url_for("payment_callbacks.tell", provider=asked.provider, station_id=asked.station_id)
    with reading():
        through = settings.provider(
            asked.station_id, asked.provider, config, page_url=at_test.removesuffix("/0/x")
        )
        subject = network.station(asked.station_id).name
    return through, Wish(
        number=str(asked.id),
        subject=subject,
        amount_minor=asked.amount_minor,
        currency=asked.currency,
        expires_at=asked.expires_at or asked.asked_at,
        notify_url=f"{base}{tell}",
        return_url=f"{base}{page}",
    )

"""Handing a parcel to somebody who collects for its recipient: whether they may, what it uses up, and who is told."""

from datetime import datetime

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events import outbox
from station.parcels.store import Current
from station.residents import proxies
from station.residents.proxies import GivenProxy

COLLECTED = "proxy_collected"  # topics of messages to the recipient
NOT_COLLECTED = "proxy_undone"


def use(actor: Actor, proxy_id: int, parcel: Current, *, at: datetime) -> GivenProxy:
    """Let a parcel leave by a proxy that is valid `at` a moment; one that was given for this parcel only is used up.

    Raises StationError `not_your_parcel` for a parcel it does not name, and as proxies.require_valid does.
    """
    proxy = proxies.get(actor.station_id, proxy_id)
    proxies.require_valid(proxy, at)
    if not covers(actor.station_id, proxy, parcel.id, recipient_id=parcel.recipient_id):
        message = _("The recipient gave this for another parcel. Put this one back.")
        raise StationError("not_your_parcel", message, parcel_id=str(parcel.id))
    if proxy.parcel_id is not None:
        proxies.use(actor.station_id, proxy, at=at)
    return proxy


def covers(station_id: int, proxy: GivenProxy, parcel_id: int, *, recipient_id: int | None) -> bool:
    """Tell whether a proxy names a parcel: itself, or with all that waits at the giver's phone; no other phone's."""
    is_named = proxy.parcel_id in (None, parcel_id)
    return is_named and recipient_id is not None and proxies.is_from(station_id, proxy, recipient_id)


def tell_owner(actor: Actor, parcel: Current) -> None:
    """Owe the recipient word at once that a proxy took their parcel, with the hand-over that it tells of."""
    _owe(actor, parcel, COLLECTED)


def take_back(actor: Actor, proxy_id: int, parcel: Current) -> None:
    """Undo what a proxy's hand-over led to: it may collect again, and who was told of it is told that it was none."""
    proxies.restore(actor.station_id, proxy_id)
    if not outbox.withdraw(actor.station_id, parcel.id, {COLLECTED}):
        _owe(actor, parcel, NOT_COLLECTED)


def _owe(actor: Actor, parcel: Current, topic: str) -> None:
    if parcel.recipient_id is not None:
        outbox.enqueue(
            actor.station_id,
            topic=topic,
            recipient_id=parcel.recipient_id,
            parcel_id=parcel.id,
            due_at=clock.now(),
        )

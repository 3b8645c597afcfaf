"""Webhooks: where a carrier wants to be told of its parcels, by its own key or by the station's manager.

Responsible for the subscriptions: making, ending, replaying, trying a dead letter again. Sending is dispatch.py's.
`carrier` says whose a webhook has to be; None: the manager's, who may touch each of the station's.
"""

import ipaddress
import secrets
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import delete, func, insert, select, update

from station.carriers.catalogue import COMPANIES
from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_line
from station.events import queries as events
from station.events.service import Event, append, take_turn
from station.notices import wire
from station.notices.signed_post import SCHEMES
from station.notices.wire import AddressRule
from station.tracking import queries
from station.tracking.models import WAITING, Webhook, WebhookDelivery

URL_LIMIT = 500
SECRET_BYTES = 32  # 256 bits, as our keys have
MOST = 10  # ours: of one carrier at one station; a carrier has one system, and one more while it changes
A_HOUSE = ipaddress.ip_address("10.0.0.1")  # an address inside some house (RFC 1918), to ask a rule about


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook just made, with the secret that is shown this once; `cursor`: what it is told comes behind it."""

    id: int
    secret: str = field(repr=False)
    cursor: int


def add(actor: Actor, carrier: str, url: str, *, rule: AddressRule) -> NewWebhook:
    """Tell a carrier from now on what happens to its parcels, at `url`.

    Raises StationError `bad_input` for an address that `rule` forbids or that is none, `too_many_webhooks`.
    """
    take_turn(actor.station_id)
    if carrier not in COMPANIES:
        raise StationError("bad_input", _("There is no such carrier."))
    target = _good(url, rule)
    if _open_ones(actor.station_id, carrier) >= MOST:
        raise StationError(
            "too_many_webhooks",
            _("This carrier has %(most)s webhooks already. End one of them first.", most=MOST),
        )
    made = NewWebhook(ids.next_id(), secrets.token_urlsafe(SECRET_BYTES), events.head(actor.station_id))
    connection().execute(
        insert(Webhook).values(
            station_id=actor.station_id,
            id=made.id,
            carrier=carrier,
            url=target,
            secret=made.secret,
            cursor=made.cursor,
            round=0,
            made_by=actor.key,
            made_at=clock.now(),
        )
    )
    _note(actor, "webhook_added", made.id, carrier=carrier)
    return made


def end(actor: Actor, webhook_id: int, *, carrier: str | None = None) -> None:
    """Tell nothing more to a webhook; what was still owed to it is forgotten. Raises StationError `not_found`."""
    _require_open(actor, webhook_id, carrier)
    _change(actor, webhook_id, ended_at=clock.now())
    _forget_waiting(actor, webhook_id, after=0)
    _note(actor, "webhook_ended", webhook_id)


def replay(actor: Actor, webhook_id: int, *, after: int, carrier: str | None = None) -> None:
    """Tell a webhook again all that happened behind `after`, each as a new delivery.

    What is still owed from there on is part of it. Raises StationError `not_found`, `bad_input` for a cursor that the
    log has not reached.
    """
    _require_open(actor, webhook_id, carrier)
    if not 0 <= after <= events.head(actor.station_id):
        raise StationError("bad_input", _("This cursor is ahead of the log. Begin from 0."))
    _forget_waiting(actor, webhook_id, after=after)
    _change(actor, webhook_id, cursor=after, round=Webhook.round + 1)
    _note(actor, "webhook_replayed", webhook_id, after=after)


def resend(actor: Actor, webhook_id: int, delivery_id: int, *, carrier: str | None = None) -> None:
    """Try a dead letter again from the beginning, under its own delivery id. Raises StationError `not_found`."""
    _require_open(actor, webhook_id, carrier)
    again = (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.station_id == actor.station_id,
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.id == delivery_id,
            WebhookDelivery.state == "dead",
        )
        .values(state="waiting", attempts=0, due_at=clock.now(), settled_at=None)
    )
    if not connection().execute(again).rowcount:
        raise StationError("not_found", _("There is no such dead letter."))
    _note(actor, "webhook_resent", webhook_id, delivery=str(delivery_id))


def _good(url: str, rule: AddressRule) -> str:
    """Return an address that may be written to. A name is judged again whenever it is looked up (wire.py)."""
    try:
        target = urlsplit(clean_line(url, limit=URL_LIMIT) or "")
        is_address = target.scheme in SCHEMES and bool(target.hostname) and target.port != 0
    except ValueError:
        is_address = False
    if not is_address or "@" in target.netloc or not url.isascii() or " " in url.strip():
        raise StationError("bad_input", _("Type an address such as https://carrier.example/events."))
    if not _allows(target, rule):
        raise StationError("bad_input", wire.forbidden())
    return target.geturl()


def _allows(target: SplitResult, rule: AddressRule) -> bool:
    allowed = rule if target.scheme == "https" else wire.unencrypted(rule)
    try:
        return allowed(ipaddress.ip_address(target.hostname or ""))
    except ValueError:  # a name: https is judged when it is looked up, http never leaves a house
        return target.scheme == "https" or allowed(A_HOUSE)


def _open_ones(station_id: int, carrier: str) -> int:
    query = select(func.count()).where(
        Webhook.station_id == station_id, Webhook.carrier == carrier, Webhook.ended_at.is_(None)
    )
    return connection().scalar(query) or 0


def _require_open(actor: Actor, webhook_id: int, carrier: str | None) -> None:
    """Take the station's turn, then raise StationError `not_found` unless the webhook is there and in use."""
    take_turn(actor.station_id)
    if queries.webhook(actor.station_id, webhook_id, carrier=carrier).ended_at is not None:
        raise StationError("not_found", _("This webhook has ended."))


def _change(actor: Actor, webhook_id: int, **values: object) -> None:
    mine = (Webhook.station_id == actor.station_id, Webhook.id == webhook_id)
    connection().execute(update(Webhook).where(*mine).values(**values))


def _forget_waiting(actor: Actor, webhook_id: int, *, after: int) -> None:
    connection().execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.station_id == actor.station_id,
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.seq > after,
            WAITING,
        )
    )


def _note(actor: Actor, kind: str, webhook_id: int, **facts: object) -> None:
    append(actor, Event(kind, data={"webhook": str(webhook_id), **facts}))

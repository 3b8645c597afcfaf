"""The API that carriers' systems speak: their parcels' events, and webhooks by which they are told them.

Every function asks for the key first: it says whose parcels there are, and whether it is for this at all.
"""

from flask import Blueprint, current_app

from station.carriers import keys
from station.carriers.keys import Scope
from station.core.actor import Actor
from station.core.permissions import Permission
from station.tracking import dispatch, queries, schemas, webhooks
from station.web.api import Nothing, Operation, reads, writes
from station.web.openapi import PREFIX

ONE_WEBHOOK = "/webhooks/<int:webhook_id>"

bp = Blueprint("tracking_api", __name__, url_prefix=PREFIX)


@bp.get("/events")
@reads(
    Operation(
        "listEvents",
        "What happened to the carrier's parcels, oldest first",
        schemas.TrackingQuery,
        schemas.TrackingEvents,
        permission=Permission.CARRIER_API,
    )
)
def events(actor: Actor, query: schemas.TrackingQuery) -> schemas.TrackingEvents:
    """Answer a page of the stream."""
    carrier = keys.require(actor, Scope.EVENTS).carrier
    page = queries.stream(actor.station_id, carrier, after=int(query.after), limit=query.limit)
    return schemas.TrackingEvents(
        events=[
            schemas.TrackingEvent(
                cursor=str(one.cursor),
                at=one.at,
                status=one.status,
                codes={vocabulary.value: code for vocabulary, code in one.codes.items()},
                parcel_id=str(one.parcel_id),
                waybill=one.waybill,
                manifest_id=one.manifest_id,
            )
            for one in page.events
        ],
        next_cursor=str(page.next_cursor),
        has_more=page.has_more,
    )


@bp.get("/webhooks")
@reads(
    Operation(
        "listWebhooks",
        "The carrier's webhooks",
        Nothing,
        schemas.CarrierWebhooks,
        permission=Permission.CARRIER_API,
    )
)
def list_webhooks(actor: Actor, query: Nothing) -> schemas.CarrierWebhooks:
    """Answer where the carrier is told, and what it is owed."""
    carrier = keys.require(actor, Scope.WEBHOOKS).carrier
    return schemas.CarrierWebhooks(
        webhooks=[
            schemas.CarrierWebhook(
                id=str(one.id),
                url=one.url,
                cursor=str(one.cursor),
                made_at=one.made_at,
                ended_at=one.ended_at,
                waiting=one.waiting,
                dead=one.dead,
            )
            for one in queries.webhooks(actor.station_id, carrier=carrier)
        ]
    )


@bp.post("/webhooks")
@writes(
    Operation(
        "addWebhook",
        "Be told from now on; the secret that signs is answered once",
        schemas.NewCarrierWebhook,
        schemas.CarrierWebhookSecret,
        ("too_many_webhooks",),
        permission=Permission.CARRIER_API,
    )
)
def add_webhook(actor: Actor, body: schemas.NewCarrierWebhook) -> schemas.CarrierWebhookSecret:
    """Answer the new webhook with its secret."""
    carrier = keys.require(actor, Scope.WEBHOOKS).carrier
    rule = dispatch.rule_of(current_app.config["SETTINGS"])
    made = webhooks.add(actor, carrier, body.url, rule=rule)
    return schemas.CarrierWebhookSecret(id=str(made.id), secret=made.secret, cursor=str(made.cursor))


@bp.post(f"{ONE_WEBHOOK}/end")
@writes(
    Operation(
        "endWebhook",
        "Be told nothing more; what is still owed is forgotten",
        Nothing,
        schemas.Done,
        ("not_found",),
        permission=Permission.CARRIER_API,
    )
)
def end_webhook(actor: Actor, body: Nothing, *, webhook_id: int) -> schemas.Done:
    """End a webhook of the carrier."""
    webhooks.end(actor, webhook_id, carrier=keys.require(actor, Scope.WEBHOOKS).carrier)
    return schemas.Done()


@bp.post(f"{ONE_WEBHOOK}/replay")
@writes(
    Operation(
        "replayWebhook",
        "Be told again all that happened behind a cursor",
        schemas.WebhookReplay,
        schemas.Done,
        ("not_found",),
        permission=Permission.CARRIER_API,
    )
)
def replay_webhook(actor: Actor, body: schemas.WebhookReplay, *, webhook_id: int) -> schemas.Done:
    """Set a webhook of the carrier back."""
    carrier = keys.require(actor, Scope.WEBHOOKS).carrier
    webhooks.replay(actor, webhook_id, after=int(body.after), carrier=carrier)
    return schemas.Done()


@bp.get(f"{ONE_WEBHOOK}/dead-letters")
@reads(
    Operation(
        "listDeadLetters",
        "What could not be told to a webhook",
        Nothing,
        schemas.WebhookDeadLetters,
        ("not_found",),
        permission=Permission.CARRIER_API,
    )
)
def dead_letters(actor: Actor, query: Nothing, *, webhook_id: int) -> schemas.WebhookDeadLetters:
    """Answer the dead letters of a webhook of the carrier."""
    carrier = keys.require(actor, Scope.WEBHOOKS).carrier
    queries.webhook(actor.station_id, webhook_id, carrier=carrier)
    return schemas.WebhookDeadLetters(
        dead_letters=[
            schemas.WebhookDeadLetter(
                delivery_id=str(one.id),
                cursor=str(one.cursor),
                waybill=one.waybill,
                attempts=one.attempts,
                failure=one.failure,
                given_up_at=one.settled_at,
            )
            for one in queries.dead_letters(actor.station_id, webhook_id)
        ]
    )


@bp.post(f"{ONE_WEBHOOK}/resend")
@writes(
    Operation(
        "resendDeadLetter",
        "Try a dead letter again",
        schemas.WebhookResend,
        schemas.Done,
        ("not_found",),
        permission=Permission.CARRIER_API,
    )
)
def resend(actor: Actor, body: schemas.WebhookResend, *, webhook_id: int) -> schemas.Done:
    """Try a dead letter of the carrier again."""
    carrier = keys.require(actor, Scope.WEBHOOKS).carrier
    webhooks.resend(actor, webhook_id, int(body.delivery_id), carrier=carrier)
    return schemas.Done()

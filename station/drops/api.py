"""JSON for a courier's phone: a drop is opened, scanned for, one by one or hundreds at once, and finished.

Signed in by the courier's session. Scans carry a key each, so a request of many needs none; every other one carries
its own. The pages on top are courier_views.py's.
"""

from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request
from pydantic import ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from station.core import clock
from station.core.actor import Actor
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.idempotency import KEY, OK, Answer
from station.core.ids import LARGEST_ID
from station.core.permissions import Permission
from station.couriers import queries as couriers
from station.couriers.queries import SignedInCourier
from station.drops import answers, consent, presence, queries, scans, schemas, service
from station.drops.scans import Scan
from station.drops.schemas import Unreadable
from station.events.service import Refusal, keep_refused_scan
from station.network import queries as network
from station.web.api import BODY_LIMIT, Schema, bad_input
from station.web.errors import problem
from station.web.gate import current_courier, needs
from station.web.idempotent import act_once, key_of_request

bp = Blueprint("drops_api", __name__, url_prefix="/courier/drops")

ONE = "/<int:drop_id>"
Json = dict[str, Any]
Takes = TypeVar("Takes", bound=Schema)


@bp.get("")
@needs(Permission.OWN_DROPS)
def today() -> Response:
    """Return the courier's drops of today at the station they are at, and those not finished."""
    actor = current_courier().actor
    with reading():
        found = queries.today(actor.station_id, actor.id)
        counts = queries.counts_of(actor.station_id, found)
        name = network.station(actor.station_id).name
    return jsonify({"drops": [answers.of_drop(drop, name, counts[drop.id]) for drop in found]})


@bp.post("")
@needs(Permission.OWN_DROPS)
def open_drop() -> Response:
    """Begin a drop at the station whose code was scanned, or go on with the open one."""
    _need_key()
    body = _read(schemas.Open)
    seen = presence.read(body.presence)
    actor = _at(current_courier(), seen.station_id)

    def act(actor: Actor) -> Json:
        opened = service.open_drop(actor, seen, body.scanned_at or clock.now())
        counts = queries.counts(actor.station_id, opened.drop.id)
        name = network.station(actor.station_id).name
        return answers.of_drop(opened.drop, name, counts) | {"is_new": opened.is_new}

    return _respond(act_once("drops.open", body.model_dump(mode="json"), act, actor=actor))


@bp.get(ONE)
@needs(Permission.OWN_DROPS)
def show(drop_id: int) -> Response:
    """Return a drop with its scans in the order in which they came, a page at a time."""
    actor, after = _of(drop_id), _cursor()
    with reading():
        drop = queries.own(actor, drop_id)
        found = queries.scans(drop, after=after, limit=queries.PAGE + 1)
        counts = queries.counts(actor.station_id, drop.id)
        waiting = scans.waiting_for_all(actor, found)
        said = answers.of_drop(drop, network.station(actor.station_id).name, counts)
    page = found[: queries.PAGE]
    shown = [answers.of_scan(scan, waiting.get(scan.id), is_replayed=True) for scan in page]
    return jsonify(said | {"answers": shown, "next": str(page[-1].id) if len(found) > len(page) else None})


@bp.post(f"{ONE}/scans")
@needs(Permission.OWN_DROPS)
def scan(drop_id: int) -> Response:
    """Take scans in; each is answered, and acts once by its own key."""
    body, actor = _read(schemas.Scans), _of(drop_id)
    readable = [_scan(one) for one in body.scans if isinstance(one, schemas.Scan)]
    with transaction():
        taken = iter(scans.take(actor, drop_id, readable) if readable else ())
        drop = queries.own(actor, drop_id)
        said = [_said(actor, one, taken) for one in body.scans]
        counts = queries.counts(actor.station_id, drop.id)
    return jsonify({"answers": said, "counts": counts.as_json()})


def _said(actor: Actor, one: schemas.Scan | Unreadable, taken: Any) -> Json:
    if isinstance(one, Unreadable):
        keep_refused_scan(actor, Refusal(scans.PURPOSE, "bad_input", one.raw))
        return answers.of_unreadable(one.key)
    answer = next(taken)
    return answers.of_scan(answer.scan, answer.recipient, is_replayed=answer.is_replayed)


@bp.post(f"{ONE}/consent")
@needs(Permission.OWN_DROPS)
def say_consent(drop_id: int) -> Response:
    """Record what the recipient of a stopped parcel said; after a yes it is taken in."""
    _need_key()
    body, actor = _read(schemas.Consent), _of(drop_id)

    def act(actor: Actor) -> Json:
        answer = consent.answer(actor, drop_id, body.key, choice=body.choice, how=body.how)
        said = answers.of_scan(answer.scan, answer.recipient, is_replayed=False)
        return {"answer": said, "counts": queries.counts(actor.station_id, drop_id).as_json()}

    return _respond(act_once("drops.consent", _whole(drop_id, body), act, actor=actor))


@bp.post(f"{ONE}/finish")
@needs(Permission.OWN_DROPS)
def finish(drop_id: int) -> Response:
    """End the drop; answer the signed receipt."""
    _need_key()
    body, actor = _read(schemas.Finish), _of(drop_id)
    name = current_courier().name

    def act(actor: Actor) -> Json:
        drop = service.finish(actor, drop_id, body.count)
        station = network.station(actor.station_id).name
        return {"receipt": answers.of_receipt(drop, station=station, courier=name)}

    return _respond(act_once("drops.finish", _whole(drop_id, body), act, actor=actor))


def _whole(drop_id: int, body: Schema) -> Json:
    return {"drop": str(drop_id), **body.model_dump(mode="json")}


def _scan(one: schemas.Scan) -> Scan:
    return Scan(one.key, one.seq, one.raw, one.scanned_at, one.size)


def _need_key() -> None:
    """Refuse a request without a key before anything else is read. Raises StationError `idempotency_key_missing`."""
    if not KEY.fullmatch(key_of_request()):
        message = _("This page is too old. Load it again and repeat what you did.")
        raise StationError("idempotency_key_missing", message)


def _read(wanted: type[Takes]) -> Takes:
    if not request.is_json:
        raise UnsupportedMediaType
    request.max_content_length = BODY_LIMIT
    try:
        return wanted.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        raise bad_input(error) from None


def _cursor() -> int:
    typed = request.args.get("after", "0")
    if not typed.isascii() or not typed.isdigit() or len(typed) > len(str(LARGEST_ID)):
        raise StationError("bad_input", _("The request is not understood. Load the page again."))
    return min(int(typed), LARGEST_ID)


def _at(courier: SignedInCourier, station_id: int) -> Actor:
    """Return who the courier is at a station. Raises StationError `forbidden` where they do not come."""
    with reading():
        places = [place.station_id for place in couriers.stations(courier.account_id)]
    if station_id not in places:
        raise StationError(
            "forbidden", _("You are no courier of this station. Ask its manager to let you in.")
        )
    return courier.at(station_id)


def _of(drop_id: int) -> Actor:
    """Return who the courier is at the station of their drop: not always the one they are at now."""
    courier = current_courier()
    with reading():
        return courier.at(queries.own_anywhere(courier.account_id, drop_id).station_id)


def _respond(answer: Answer) -> Response:
    if answer.status == OK:
        return jsonify(answer.body)
    facts = {name: value for name, value in answer.body.items() if name not in ("code", "message")}
    return problem(answer.status, answer.body["code"], detail=answer.body["message"], facts=facts)

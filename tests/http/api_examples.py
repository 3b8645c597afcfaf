"""For each operation of the API something to send that is in order, made at a real station."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from station.core.db import reading, transaction
from station.kiosks import enrolment, pictures
from station.parcels.intake import CheckedIn
from station.residents.agreement_texts import CURRENT, Purpose
from station.tracking import queries
from tests.carriers import give_up, hand_over_to, make_webhook
from tests.factories import Station, make_station, recipient, store, waybill
from tests.hand_backs import signed
from tests.http.carrier_system import make_system
from tests.http.kiosks import Kiosk, allow, code, make_kiosk, now
from tests.http.scanner import Scanner, make_scanner, parcel_of

JPEG = "/9j/4CBoYW5kcw=="  # base64 of something that begins as a JPEG does
Values = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What a request brings: places in its address, and its query or its body."""

    path: Values = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    body: Values | None = None


class World:
    """A station with a device, a kiosk and a carrier's system that speak to the API."""

    def __init__(self, web: Flask) -> None:
        self.station: Station = make_station()
        allow(self.station)
        self.kiosk: Kiosk = make_kiosk(web, self.station)
        self.device: Scanner = make_scanner(web, self.station)
        self.carrier: Scanner = make_system(web, self.station, per_minute=6000)

    def headers(self, kind: str | None) -> dict[str, str]:
        """Return what signs a request in by a kind of key."""
        speakers = {"kiosk": self.kiosk, "device": self.device, "carrier": self.carrier}
        return speakers[kind].headers if kind else {}

    def person(self) -> int:
        return recipient(self.station).id

    def code(self) -> str:
        return code(self.station, recipient(self.station))

    def visit(self) -> str:
        return str(self.kiosk.begin("identity_code", text=self.code()).json["session_id"])

    def gone(self) -> CheckedIn:
        parcel = store(self.station)
        hand_over_to(self.station, parcel)
        return parcel

    def webhook(self) -> str:
        return str(make_webhook(self.station, "https://carrier.example/events").id)


def _parcel(world: World) -> Values:
    return {"parcel_id": str(store(world.station).parcel_id)}


def _enrolment(world: World) -> Request:
    with transaction():
        made = enrolment.make_code(world.station.manager, name="Hall")
    return Request(body={"code": made.code, "version": "1.0"})


def _release(world: World) -> Request:
    parcel = store(world.station)
    said = {"parcel_id": str(parcel.parcel_id), "waybill": parcel.waybill, "at": now()}
    return Request(body={"session_id": world.visit()} | said)


def _replay(world: World) -> Request:
    parcel = store(world.station)
    visit = {"way": "identity_code", "text": world.code(), "began_at": now()}
    said = {"parcel_id": str(parcel.parcel_id), "waybill": parcel.waybill, "at": now()}
    return Request(body={"key": "offline-key-1", "session": visit} | said)


def _photo(world: World) -> Request:
    released = world.kiosk.release({"session_id": world.visit()}, store(world.station)).json
    return Request(body={"hand_over_id": released["hand_over_id"], "taken_at": now(), "jpeg": JPEG})


def _thumbnail(world: World) -> Request:
    with transaction():
        pictures.ask(world.station.manager, world.kiosk.id)
    return Request(body={"taken_at": now(), "jpeg": JPEG})


def _report(world: World) -> Request:
    counts = {"queue_length": 0, "clock_drift_ms": 12, "list_age_s": 5, "faces": 0}
    return Request(body=counts | {"at": now(), "version": "1.0", "camera": "ok"})


def _face(world: World) -> Request:
    said = {"version": CURRENT[Purpose.FACE], "language": "zh", "at": now()}
    return Request(body={"session_id": world.visit()} | said)


def _face_gone(world: World) -> Request:
    return Request(body={"recipient_id": str(world.person()), "reason": "unused", "at": now()})


def _waiting(world: World) -> Request:
    store(world.station)
    return Request(query={"limit": "5"})


def _events(world: World) -> Request:
    world.gone()
    return Request(query={"limit": "5"})


def _webhooks(world: World) -> Request:
    world.webhook()
    return Request()


def _dead_letter(world: World) -> Request:
    """Give up the only delivery of a webhook."""
    webhook_id = world.webhook()
    store(world.station)
    give_up(world.station, int(webhook_id))
    with reading():
        (letter,) = queries.dead_letters(world.station.id, int(webhook_id))
    return Request({"webhook_id": webhook_id}, body={"delivery_id": str(letter.id)})


def _undo(world: World) -> Request:
    return Request({"parcel_id": str(world.gone().parcel_id)}, body={"reason": "wrong_parcel"})


def _announcement(world: World) -> Request:
    row = {"waybill": waybill(), "phone": "138****4068", "name": "陈晓明", "size_class": "small"}
    return Request(body={"rows": [row, {"waybill": "?"}]})


def _claim(world: World) -> Request:
    manifest_id, (parcel,) = signed(world.station, count=1)
    said = {"manifest_id": str(manifest_id), "waybills": [parcel.waybill], "claim": "not_received"}
    return Request(body=said)


def _dispute(world: World) -> Values:
    body = _claim(world).body
    return {"dispute_id": str(world.carrier.post("/disputes", body).json["id"])}


EXAMPLES: dict[str, Callable[[World], Request]] = {
    "addWebhook": lambda _world: Request(body={"url": "https://carrier.example/events"}),
    "announce": _announcement,
    "checkIn": lambda _world: Request(body=parcel_of()),
    "checkInBatch": lambda _world: Request(body={"parcels": [parcel_of(), parcel_of(shelf="77")]}),
    "endWebhook": lambda world: Request({"webhook_id": world.webhook()}, body={}),
    "enrolKiosk": _enrolment,
    "getDispute": lambda world: Request(_dispute(world)),
    "getDisputeLog": lambda world: Request(_dispute(world)),
    "getHandBack": lambda world: Request({"manifest_id": str(signed(world.station)[0])}),
    "getParcel": lambda world: Request(_parcel(world)),
    "getStory": lambda world: Request(_parcel(world), query={"cursor": "0"}),
    "handOver": lambda world: Request(_parcel(world), body={"proxy_name": "李雷"}),
    "handOverMany": lambda world: Request(body={"parcel_ids": [_parcel(world)["parcel_id"], "1"]}),
    "identify": lambda world: Request(body={"code": world.code()}),
    "kioskAgreement": lambda _world: Request(query={"language": "zh"}),
    "kioskAlert": lambda _world: Request(body={"kind": "fault", "at": now(), "part": "printer"}),
    "kioskFace": _face,
    "kioskFaceGone": _face_gone,
    "kioskFacesUsed": lambda world: Request(body={"recipient_ids": [str(world.person())], "at": now()}),
    "kioskPhoto": _photo,
    "kioskRelease": _release,
    "kioskReplay": _replay,
    "kioskReport": _report,
    "kioskSession": lambda world: Request(body={"way": "identity_code", "text": world.code(), "at": now()}),
    "kioskSetup": lambda _world: Request(),
    "kioskThumbnail": _thumbnail,
    "kioskWaiting": _waiting,
    "listDeadLetters": lambda world: Request(_dead_letter(world).path),
    "listEvents": _events,
    "listWebhooks": _webhooks,
    "openDispute": _claim,
    "replayWebhook": lambda world: Request({"webhook_id": world.webhook()}, body={"after": "0"}),
    "resendDeadLetter": _dead_letter,
    "searchParcels": lambda world: Request(body={"query": store(world.station).waybill}),
    "undoHandOver": _undo,
    "withdrawDispute": lambda world: Request(_dispute(world), body={}),
}

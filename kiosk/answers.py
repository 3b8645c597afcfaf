"""The station's answers as values. A body that lacks something raises, and counts as no answer. Pure.

Reading is strict in what the kiosk needs and silent about what it does not know, so that a newer station can add.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kiosk.model import Parcel, PublicKey, Rules, Station, Way

_HASH_BYTES = 16
_KEY_BYTES = 32


class StrangeError(Exception):
    """What came is no JSON."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the station decided for this kiosk. `version` changes with any of it; `said` is the whole answer."""

    version: str
    now: datetime
    station: Station
    kiosk_name: str
    keys: tuple[PublicKey, ...]
    rules: Rules
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One parcel of the waiting list with what proves its owner offline, all salted hashes."""

    parcel: Parcel
    name: str
    aliases: tuple[str, ...]
    weak: tuple[bytes, ...]
    tail: bytes | None
    faces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Changes of the waiting list behind a cursor. `people`: the recipients that belong to each owner."""

    changed: tuple[Waiting, ...]
    gone: tuple[str, ...]
    people: dict[str, tuple[str, ...]]
    next_cursor: str
    is_complete: bool
    as_of: datetime
    salt: bytes


@dataclass(frozen=True, slots=True)
class Joined:
    """A session that the station began."""

    session_id: str
    way: Way
    name: str
    recipient_id: str | None
    parcels: tuple[Parcel, ...]
    expires_at: datetime
    may_enrol: bool
    is_guardian_fit: bool
    shows_face: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of an offline hand-over: a hand-over, or a conflict that staff look at."""

    is_accepted: bool
    hand_over_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Reported:
    """What the station answers to a report."""

    now: datetime
    setup_version: str
    waiting_head: str
    thumbnail_wanted: bool
    forget_faces: tuple[str, ...]
    settled: tuple[str, ...]
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment code was exchanged for."""

    token: str
    kiosk_id: str
    name: str
    station_id: str

    def __repr__(self) -> str:
        return f"Enrolled({self.kiosk_id})"


@dataclass(frozen=True, slots=True)
class FaceAgreed:
    """An agreement to face pickup that the station recorded."""

    recipient_id: str
    expires_at: datetime


def as_json(content: bytes) -> Any:
    """Return the body's JSON. Raises StrangeError."""
    try:
        return json.loads(content)
    except ValueError as error:
        raise StrangeError from error


def setup(said: dict[str, Any]) -> Setup:
    """Read GET /setup."""
    station, rules = said["station"], said["rules"]
    return Setup(
        version=_text(said["version"]),
        now=_moment(said["now"]),
        station=Station(
            id=_text(station["id"]),
            name=_text(station["name"]),
            zone=_text(station["zone"]),
            hours_today=dict(station["hours_today"]),
            phone=station.get("phone"),
        ),
        kiosk_name=_text(said["kiosk"]["name"]),
        keys=tuple(_key(key) for key in said["identity_keys"]),
        rules=_rules(rules),
        said=said,
    )


def _key(said: dict[str, Any]) -> PublicKey:
    retired = said["retired_at"]
    return PublicKey(
        int(said["id"]), _bytes(said["public"], _KEY_BYTES), _moment(retired) if retired is not None else None
    )


def _rules(said: dict[str, Any]) -> Rules:
    switches = ("takes_pickup_codes", "takes_faces", "face_always_asks_tail", "takes_photos")
    return Rules(
        languages=tuple(_text(language) for language in said["languages"]),
        idle_s=int(said["idle_s"]),
        warning_s=int(said["warning_s"]),
        list_valid=timedelta(seconds=int(said["list_valid_s"])),
        drift_limit=timedelta(seconds=int(said["drift_limit_s"])),
        **{name: _switch(said[name]) for name in switches},
    )


def waiting(said: dict[str, Any]) -> WaitingPage:
    """Read GET /waiting."""
    return WaitingPage(
        changed=tuple(_waiting(one) for one in said["changed"]),
        gone=tuple(_text(one) for one in said["gone"]),
        people={
            _text(one["owner"]): tuple(_text(person) for person in one["recipient_ids"])
            for one in said["people"]
        },
        next_cursor=_text(said["next_cursor"]),
        is_complete=_switch(said["is_complete"]),
        as_of=_moment(said["as_of"]),
        salt=_bytes(said["salt"], _KEY_BYTES),
    )


def _waiting(said: dict[str, Any]) -> Waiting:
    return Waiting(
        parcel=parcel(said),
        name=_text(said["name"]),
        aliases=tuple(_text(code) for code in said["aliases"]),
        weak=tuple(_bytes(one, _HASH_BYTES) for one in said["weak"]),
        tail=_bytes(said["tail"], _HASH_BYTES) if said["tail"] is not None else None,
        faces=tuple(_text(one) for one in said["faces"]),
    )


def parcel(said: dict[str, Any]) -> Parcel:
    """Read one parcel of a list or a session."""
    return Parcel(
        id=_text(said["parcel_id"]),
        waybill=_text(said["waybill"]),
        owner=_text(said["owner"]),
        pickup_code=_text(said["pickup_code"]),
        shelf=_text(said["shelf"]),
        layer=int(said["layer"]),
        layers=int(said["layers"]),
        carrier=said.get("carrier"),
        size=said.get("size"),
        is_held=_switch(said["is_held"]),
        until=said.get("until"),
        storage=said.get("storage"),
    )


def joined(said: dict[str, Any]) -> Joined:
    """Read POST /sessions."""
    return Joined(
        session_id=_text(said["session_id"]),
        way=Way(said["way"]),
        name=_text(said["name"]),
        recipient_id=said["recipient_id"],
        parcels=tuple(parcel(one) for one in said["parcels"]),
        expires_at=_moment(said["expires_at"]),
        may_enrol=_switch(said["may_enrol"]),
        is_guardian_fit=_switch(said["is_guardian_fit"]),
        shows_face=_switch(said.get("shows_face", False)),
    )


def accepted(said: dict[str, Any]) -> str:
    """Read POST /releases: the hand-over's id. Anything but an acceptance is no answer."""
    if said["outcome"] != "accepted":
        raise ValueError("not an acceptance")
    return _text(said["hand_over_id"])


def replayed(said: dict[str, Any]) -> Replayed:
    """Read POST /replays."""
    if said["outcome"] not in ("accepted", "conflict"):
        raise ValueError("neither accepted nor a conflict")
    return Replayed(said["outcome"] == "accepted", said.get("hand_over_id"), said.get("reason"))


def reported(said: dict[str, Any]) -> Reported:
    """Read POST /reports."""
    return Reported(
        now=_moment(said["now"]),
        setup_version=_text(said["setup_version"]),
        waiting_head=_text(said["waiting_head"]),
        thumbnail_wanted=_switch(said["thumbnail_wanted"]),
        forget_faces=tuple(_text(one) for one in said["forget_faces"]),
        settled=tuple(_text(one) for one in said["settled"]),
        is_revoked=_switch(said["is_revoked"]),
    )


def enrolled(said: dict[str, Any]) -> Enrolled:
    """Read POST /enrol."""
    return Enrolled(*(_text(said[name]) for name in ("token", "kiosk_id", "name", "station_id")))


def agreement(said: dict[str, Any]) -> tuple[int, str]:
    """Read GET /agreement: version and text."""
    return int(said["version"]), _text(said["text"])


def face_agreed(said: dict[str, Any]) -> FaceAgreed:
    """Read POST /faces."""
    return FaceAgreed(_text(said["recipient_id"]), _moment(said["expires_at"]))


def nothing(said: dict[str, Any]) -> None:
    """Read an answer that says no more than that it came; it is an object all the same."""
    said.get("")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment


def _bytes(value: Any, length: int) -> bytes:
    content = base64.b64decode(_text(value), validate=True)
    if len(content) != length:
        raise ValueError("wrong length")
    return content

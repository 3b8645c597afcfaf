"""The API that kiosks speak for what people do there: enrol, setup, waiting list, visits, releases, replays.

What kiosks tell of themselves is in watch_api.py.
"""

import base64
from dataclasses import asdict
from datetime import date

from flask import Blueprint, request

from station.core import shown_codes
from station.core.actor import Actor
from station.core.db import transaction
from station.core.errors import StationError
from station.core.permissions import Permission
from station.events.service import Refusal, keep_refused_scan
from station.kiosks import enrolment, list_queries, releases, replays, schemas, sessions, setup, waiting
from station.kiosks.lifecycle import ENROLS, Way
from station.kiosks.list_queries import Waiting
from station.kiosks.releases import Wanted
from station.kiosks.replays import Told
from station.kiosks.sessions import Shown
from station.web.api import KEY_HEADER, Nothing, Operation, opens, reads, writes
from station.web.openapi import PREFIX

PURPOSE = "kiosk"  # of refused scans

bp = Blueprint("kiosks_api", __name__, url_prefix=f"{PREFIX}/kiosks")


@bp.post("/enrol")
@opens(
    Operation(
        "enrolKiosk",
        "Become a kiosk of the station that made this code; the code is used up",
        schemas.KioskEnrolment,
        schemas.KioskEnrolled,
        ("enrol_code_wrong",),
    )
)
def enrol(body: schemas.KioskEnrolment) -> schemas.KioskEnrolled:
    """Answer the kiosk's token; a try counts whatever comes of it."""
    with transaction():
        enrolment.count_try(request.remote_addr)
    with transaction():
        made = enrolment.enrol(body.code, version=body.version)
    return schemas.KioskEnrolled(
        token=made.token, kiosk_id=str(made.kiosk_id), name=made.name, station_id=str(made.station_id)
    )


@bp.get("/setup")
@reads(
    Operation(
        "kioskSetup",
        "What holds for this kiosk now",
        Nothing,
        schemas.KioskSetup,
        permission=Permission.KIOSK,
    )
)
def get_setup(actor: Actor, query: Nothing) -> schemas.KioskSetup:
    """Answer names, hours, keys and rules."""
    found = setup.setup_of(actor)
    return schemas.KioskSetup(
        version=found.version,
        now=found.now,
        station=schemas.KioskStation(
            id=str(found.station_id),
            name=found.name,
            zone=found.zone,
            phone=None,
            hours_today=found.hours_today,
        ),
        kiosk=schemas.KioskItself(id=str(found.kiosk_id), name=found.kiosk_name),
        identity_keys=[
            schemas.KioskKey(id=key.id, public=_base64(key.public), retired_at=key.retired_at)
            for key in found.identity_keys
        ],
        rules=schemas.KioskRulesOut(
            languages=list(found.languages),
            **asdict(found.rules),
            idle_s=found.idle_s,
            warning_s=found.warning_s,
            list_valid_s=found.list_valid_s,
            drift_limit_s=found.drift_limit_s,
        ),
    )


@bp.get("/waiting")
@reads(
    Operation(
        "kioskWaiting",
        "What has changed on the list of parcels that wait",
        schemas.KioskWaitingQuery,
        schemas.KioskWaiting,
        ("cursor_unknown",),
        Permission.KIOSK,
    )
)
def get_waiting(actor: Actor, query: schemas.KioskWaitingQuery) -> schemas.KioskWaiting:
    """Answer what changed behind a cursor, and the next one."""
    page = waiting.changes(actor, query.after, limit=query.limit)
    return schemas.KioskWaiting(
        changed=[_parcel(one) for one in page.changed],
        gone=[str(one) for one in page.gone],
        people=[
            schemas.KioskPeople(owner=one.owner, recipient_ids=[str(each) for each in one.recipient_ids])
            for one in page.people
        ],
        next_cursor=page.next_cursor,
        is_complete=page.is_complete,
        as_of=page.as_of,
        salt=_base64(page.salt),
    )


def _keep_shown(actor: Actor, error: StationError, body: schemas.KioskShown, /) -> None:
    """Keep that something was refused, never what could still open something."""
    raw = {
        Way.IDENTITY_CODE: shown_codes.IDENTITY + shown_codes.HIDDEN,
        Way.SIX_DIGITS: f"{body.tail} {body.digits}",
        Way.PICKUP_CODE: f"{body.code} {shown_codes.HIDDEN}",
        Way.PROXY_CODE: shown_codes.PROXY + shown_codes.HIDDEN,
        Way.FACE: shown_codes.HIDDEN,
    }[body.way]
    keep_refused_scan(actor, Refusal(PURPOSE, error.code, raw, scanned_at=body.at))


@bp.post("/sessions")
@writes(
    Operation(
        "kioskSession",
        "Begin the visit of whoever shows this; one-time codes are used up",
        schemas.KioskShown,
        schemas.KioskVisit,
        (
            "identity_code_invalid",
            "identity_code_expired",
            "identity_code_used",
            "other_station",
            "six_digits_wrong",
            "pickup_code_or_tail_wrong",
            "proxy_code_wrong",
            "proxy_used",
            "proxy_revoked",
            "proxy_expired",
            "face_not_agreed",
            "tail_needed",
            "way_off",
            "not_found",
        ),
        Permission.KIOSK,
    ),
    keep=_keep_shown,
)
def begin_session(actor: Actor, body: schemas.KioskShown) -> schemas.KioskVisit:
    """Answer who is there, masked, and what they may take."""
    shown = Shown(
        body.way,
        text=body.text or "",
        code=body.code or "",
        tail=body.tail or "",
        digits=body.digits or "",
        recipient_id=int(body.recipient_id or 0),
    )
    visit = sessions.begin(actor, shown)
    parcel_ids = sessions.parcels_of(actor.station_id, visit)
    found, _people = list_queries.describe(waiting.key_of(actor), parcel_ids)
    days = list_queries.last_days(actor.station_id, parcel_ids)
    return schemas.KioskVisit(
        session_id=str(visit.id),
        way=visit.way,
        name=sessions.name_of(actor.station_id, visit),
        recipient_id=str(visit.recipient_id) if visit.is_themselves else None,
        parcels=[_parcel(one, until=days.get(one.parcel_id)) for one in found],
        expires_at=visit.expires_at,
        may_enrol=visit.way in ENROLS,
        is_guardian_fit=sessions.is_guardian_fit(actor.station_id, visit),
        shows_face=sessions.shows_face(actor.station_id, visit),
    )


def _keep_release(actor: Actor, error: StationError, body: schemas.KioskReleaseIn, /) -> None:
    keep_refused_scan(actor, Refusal(PURPOSE, error.code, body.waybill, scanned_at=body.at))


@bp.post("/releases")
@writes(
    Operation(
        "kioskRelease",
        "Hand a parcel to the person of a visit, once its own waybill was scanned",
        schemas.KioskReleaseIn,
        schemas.KioskReleased,
        (
            "session_over",
            "not_your_parcel",
            "waybill_mismatch",
            "already_handed_over",
            "illegal_transition",
            "is_held",
            "not_found",
            "proxy_used",
            "proxy_revoked",
            "proxy_expired",
            "stale",
        ),
        Permission.KIOSK,
    ),
    keep=_keep_release,
)
def release(actor: Actor, body: schemas.KioskReleaseIn) -> schemas.KioskReleased:
    """Answer the hand-over; only this opens anything."""
    wanted = Wanted(request.headers[KEY_HEADER], int(body.parcel_id), body.waybill)
    done = releases.release(actor, int(body.session_id), wanted)
    return schemas.KioskReleased(
        outcome="accepted", hand_over_id=str(done.hand_over_id), parcel_id=str(done.parcel_id), at=done.at
    )


@bp.post("/replays")
@writes(
    Operation(
        "kioskReplay",
        "Tell of a hand-over that was made offline; one that the books cannot take becomes a conflict",
        schemas.KioskReplayIn,
        schemas.KioskReplayed,
        permission=Permission.KIOSK,
    )
)
def replay(actor: Actor, body: schemas.KioskReplayIn) -> schemas.KioskReplayed:
    """Answer what came of it."""
    said = body.session
    shown = replays.Shown(
        said.way,
        said.began_at,
        text=said.text or "",
        code_hash=said.code_hash or "",
        recipient_id=int(said.recipient_id) if said.recipient_id else None,
    )
    told = Told(Wanted(body.key, int(body.parcel_id), body.waybill), shown, body.at)
    done = replays.replay(actor, told)
    hand_over_id, conflict_id = done.outcome.hand_over_id, done.outcome.conflict_id
    return schemas.KioskReplayed(
        outcome="conflict" if conflict_id else "accepted",
        hand_over_id=str(hand_over_id) if hand_over_id else None,
        conflict_id=str(conflict_id) if conflict_id else None,
        reason=done.reason,
    )


def _parcel(one: Waiting, *, until: date | None = None) -> schemas.KioskParcel:
    said = asdict(one) | {
        "parcel_id": str(one.parcel_id),
        "aliases": list(one.aliases),
        "weak": list(one.weak),
        "faces": [str(recipient_id) for recipient_id in one.faces],
    }
    return schemas.KioskParcel(**said, until=until)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()

"""The API by which kiosks tell of themselves: reports, alerts, pictures, and whose face they hold.

What people do at a kiosk is in api.py.
"""

import base64

from flask import Blueprint

from station.core import clock
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.kiosks import alerts, enrolling, faces, pictures, reports, setup, waiting, watch_schemas
from station.kiosks.alerts import Call
from station.kiosks.call_kinds import SENT
from station.kiosks.enrolling import Wish
from station.kiosks.pictures import Photo
from station.kiosks.reports import Report
from station.residents import agreement_texts
from station.residents.agreement_texts import CURRENT, Purpose
from station.web.api import Nothing, Operation, reads, renews, writes
from station.web.openapi import PREFIX

bp = Blueprint("kiosk_watch_api", __name__, url_prefix=f"{PREFIX}/kiosks")


@bp.post("/reports")
@renews(
    Operation(
        "kioskReport",
        "Say how this kiosk is, every 15 seconds; the answer says what it must do",
        watch_schemas.KioskReportIn,
        watch_schemas.KioskOrders,
        permission=Permission.KIOSK,
    )
)
def report(actor: Actor, body: watch_schemas.KioskReportIn) -> watch_schemas.KioskOrders:
    """Keep the report and answer what the kiosk must do."""
    said = Report(
        body.version,
        body.queue_length,
        body.clock_drift_ms,
        body.list_age_s,
        body.camera,
        body.faces,
        is_demo=body.is_demo,
    )
    wanted = reports.note(actor, said, tuple(int(one) for one in body.unfinished))
    return watch_schemas.KioskOrders(
        now=clock.now(),
        setup_version=setup.setup_of(actor).version,
        waiting_head=waiting.head(actor),
        thumbnail_wanted=wanted.is_thumbnail_wanted,
        forget_faces=[str(one) for one in wanted.forget_faces],
        settled=[str(one) for one in wanted.settled],
    )


@bp.post("/alerts")
@writes(
    Operation(
        "kioskAlert",
        "Call staff to this kiosk",
        watch_schemas.KioskAlertIn,
        watch_schemas.KioskAlertKept,
        permission=Permission.KIOSK,
    )
)
def alert(actor: Actor, body: watch_schemas.KioskAlertIn) -> watch_schemas.KioskAlertKept:
    """Open an alert at the counter, or raise the open one."""
    if body.kind not in SENT:
        raise StationError("bad_input", _("The station finds this out by itself."))
    parcel_id = int(body.parcel_id) if body.parcel_id else None
    alert_id = alerts.raise_alert(actor.station_id, actor.id, Call(body.kind, parcel_id, body.part))
    return watch_schemas.KioskAlertKept(alert_id=str(alert_id))


@bp.post("/photos")
@writes(
    Operation(
        "kioskPhoto",
        "Keep the photo of a hand-over for thirty days",
        watch_schemas.KioskPhotoIn,
        watch_schemas.KioskPhotoKept,
        ("photos_off", "not_found"),
        Permission.KIOSK,
    )
)
def photo(actor: Actor, body: watch_schemas.KioskPhotoIn) -> watch_schemas.KioskPhotoKept:
    """Keep the photo with its parcel."""
    taken = Photo(int(body.hand_over_id), body.taken_at, _decoded(body.jpeg))
    return watch_schemas.KioskPhotoKept(photo_id=str(pictures.keep_photo(actor, taken)))


@bp.post("/thumbnails")
@writes(
    Operation(
        "kioskThumbnail",
        "Send the look through the camera that somebody asked for",
        watch_schemas.KioskThumbnailIn,
        Nothing,
        permission=Permission.KIOSK,
    )
)
def thumbnail(actor: Actor, body: watch_schemas.KioskThumbnailIn) -> Nothing:
    """Keep the look until it is shown, ten minutes at most."""
    pictures.receive(actor, _decoded(body.jpeg))
    return Nothing()


@bp.get("/agreement")
@reads(
    Operation(
        "kioskAgreement",
        "The text to agree to before a face is enrolled",
        watch_schemas.KioskAgreementQuery,
        watch_schemas.KioskAgreement,
        permission=Permission.KIOSK,
    )
)
def agreement(actor: Actor, query: watch_schemas.KioskAgreementQuery) -> watch_schemas.KioskAgreement:
    """Answer the current text."""
    text = agreement_texts.current(Purpose.FACE, query.language)
    return watch_schemas.KioskAgreement(version=CURRENT[Purpose.FACE], text=text.body)


@bp.post("/faces")
@writes(
    Operation(
        "kioskFace",
        "Record that a visitor agreed to be known by face at this kiosk",
        watch_schemas.KioskFaceIn,
        watch_schemas.KioskFace,
        ("way_off", "session_over", "not_found", "stale"),
        Permission.KIOSK,
    )
)
def enrol_face(actor: Actor, body: watch_schemas.KioskFaceIn) -> watch_schemas.KioskFace:
    """Record agreement and enrolment; the template stays in the kiosk."""
    guardian = int(body.guardian_session_id) if body.guardian_session_id else None
    done = enrolling.enrol(actor, Wish(int(body.session_id), guardian, body.version, body.language))
    return watch_schemas.KioskFace(recipient_id=str(done.recipient_id), expires_at=done.expires_at)


@bp.post("/faces/gone")
@writes(
    Operation(
        "kioskFaceGone",
        "Tell that a template was deleted here",
        watch_schemas.KioskFaceGone,
        Nothing,
        permission=Permission.KIOSK,
    )
)
def face_gone(actor: Actor, body: watch_schemas.KioskFaceGone) -> Nothing:
    """Keep the receipt, which the resident sees."""
    faces.gone(actor, int(body.recipient_id), body.reason, at=body.at)
    return Nothing()


@bp.post("/faces/used")
@writes(
    Operation(
        "kioskFacesUsed",
        "Tell whose faces were used here, so that they are not deleted as unused",
        watch_schemas.KioskFacesUsed,
        Nothing,
        permission=Permission.KIOSK,
    )
)
def faces_used(actor: Actor, body: watch_schemas.KioskFacesUsed) -> Nothing:
    """Let the enrolments count on."""
    faces.used(actor, [int(one) for one in body.recipient_ids], at=body.at)
    return Nothing()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # of binascii, or of text beyond ASCII
        raise StationError("bad_input", _("The picture is not in base64.")) from error

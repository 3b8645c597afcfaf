"""Pages of what goes back: the return list, a manifest under the scanner, the courier's signature, what is printed.

A scan is one request that acts once by its key; a refused one is kept with its reason, as at the hand-over desk.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.carriers.catalogue import CARRIERS, COMPANIES
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import language, ngettext
from station.core.idempotency import OK, Answer, Body
from station.core.permissions import Permission
from station.disputes import queries as disputes
from station.disputes import words as dispute_words
from station.events.service import Refusal, keep_refused_scan
from station.network import queries as network
from station.parcels import attachments, words
from station.parcels import queries as parcels
from station.returns import export, manifests, phone, phone_queries, queries
from station.returns import words as returns_words
from station.returns.forms import ItemForm, KeyForm, OpenForm, ScanForm, SignForm
from station.returns.lifecycle import ManifestState
from station.returns.queries import Going, Manifest
from station.shelves import cards
from station.web import idempotent
from station.web.errors import wants_fragment
from station.web.forms import Form, first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, json_body, key_of_request, new_key, told
from station.web.paging import cursor

bp = Blueprint("returns", __name__)
idempotent.install(bp)

PURPOSE = "return"  # of refused scans
PREFIX = "MANIFEST:"  # every code we print says what it is (DOMAIN.md 4.6)
ONE = "/returns/manifests/<int:manifest_id>"
_CODE = re.compile(rf"{PREFIX}([0-9]{{1,19}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Notice:
    """What came of the last scan. `kind`, which is also the sound: ok, warn or bad."""

    kind: str
    title: str


def names_of_templates() -> dict[str, Any]:
    """Return the names that the templates of this room use."""
    return {
        "new_key": new_key,
        "words": words,
        "returns_words": returns_words,
        "dispute_words": dispute_words,
        "carrier_name": carrier_name,
    }


bp.context_processor(names_of_templates)


def carrier_name(code: str | None) -> str:
    """Return a carrier's short name in the language spoken now."""
    return CARRIERS[code].short_name(language()) if code in CARRIERS else _("not known")


def filled(form: Form) -> Any:
    """Return a form that is in order. Raises StationError `bad_input`."""
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return form


@bp.get("/returns")
@needs(Permission.PARCELS_SEE)
def page() -> ResponseReturnValue:
    """Show what goes back, by carrier and in the order of the shelves, and the manifests."""
    station_id = current_actor().station_id
    with reading():
        going = queries.going_back(parcels.clock_of(station_id))
        opened = queries.open_manifests(station_id)
        ended = queries.ended(station_id)
        disputed = disputes.how_many_stand(station_id)
        names = accounts.names(station_id, [one.ended_by for one in ended if one.ended_by])
    return render_template(
        "returns/page.html",
        groups=_by_carrier(going, opened),
        opened=opened,
        ended=ended,
        disputed=disputed,
        names=names,
        is_cut=len(going) >= parcels.MANY,
        page_size=queries.PAGE,
    )


def _by_carrier(going: list[Going], opened: dict[str, Manifest]) -> dict[str | None, list[Going]]:
    """Group the list by carrier, the largest group first; a carrier with an open manifest has its place too."""
    groups: dict[str | None, list[Going]] = {carrier: [] for carrier in opened}
    for one in going:
        groups.setdefault(one.row.carrier, []).append(one)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


@bp.get("/returns/pick/<carrier>")
@needs(Permission.PARCELS_SEE)
def pick(carrier: str) -> ResponseReturnValue:
    """Show a carrier's picking list, ready to print."""
    if carrier not in COMPANIES:
        raise StationError("not_found", _("There is no such carrier."))
    with reading():
        going = queries.going_back(parcels.clock_of(current_actor().station_id))
    mine = [one for one in going if one.row.carrier == carrier and one.is_to_fetch]
    return render_template("returns/pick.html", carrier=carrier, going=mine)


@bp.get("/returns/manifests")
@needs(Permission.PARCELS_SEE)
def ended() -> ResponseReturnValue:
    """Show signed and cancelled manifests, newest first."""
    station_id, before = current_actor().station_id, request.args.get("before", "")
    with reading():
        found = queries.ended(station_id, before=cursor(before))
        names = accounts.names(station_id, [one.ended_by for one in found if one.ended_by])
    return render_template("returns/ended.html", ended=found, names=names, page_size=queries.PAGE)


@bp.get("/returns/find")
@needs(Permission.PARCELS_SEE)
def find() -> ResponseReturnValue:
    """Lead to the manifest whose printed code was scanned."""
    found = _CODE.fullmatch(request.args.get("code", "").strip().upper())
    if not found:
        raise StationError("bad_input", _("This is not the code of a return manifest."))
    return redirect(url_for("returns.manifest", manifest_id=int(found[1])), 303)


@bp.post("/returns/manifests")
@needs(Permission.PARCELS_CHANGE)
def open_one() -> ResponseReturnValue:
    """Open a carrier's manifest, or go on with the one that is open."""
    carrier = str(filled(OpenForm()).carrier.data)

    def act(actor: Actor) -> Body:
        return {"manifest": str(manifests.open_manifest(actor, carrier))}

    answer = act_once("returns.open", {"carrier": carrier}, act)
    if answer.status != OK:
        told(answer, "")
        return redirect(url_for("returns.page"), 303)
    return redirect(url_for("returns.manifest", manifest_id=int(answer.body["manifest"])), 303)


@bp.get(ONE)
@needs(Permission.PARCELS_SEE)
def manifest(manifest_id: int) -> ResponseReturnValue:
    """Show a manifest; an open one listens to the scanner."""
    return render_template("returns/manifest.html", **_values(manifest_id))


@bp.post(f"{ONE}/add")
@needs(Permission.PARCELS_CHANGE)
def add(manifest_id: int) -> ResponseReturnValue:
    """Put a parcel on the manifest without scripts."""
    return _drawn(manifest_id, _added(manifest_id, str(filled(ScanForm()).value.data), key_of_request()))


@bp.post(f"{ONE}/scan")
@needs(Permission.PARCELS_CHANGE)
def scan(manifest_id: int) -> ResponseReturnValue:
    """Take one scan of the page's queue."""
    body = json_body("value", "scanned_at")
    answer = _added(manifest_id, body["value"], key_of_request())
    notice = _notice(answer)
    html = render_template("returns/_manifest.html", **_values(manifest_id, notice))
    return {"kind": "manifest", "sound": notice.kind, "html": html}, answer.status


def _added(manifest_id: int, raw: str, key: str) -> Answer:
    def act(actor: Actor) -> Body:
        added = manifests.add(actor, manifest_id, raw)
        return {"code": added.pickup_code or added.waybill}

    def keep(error: StationError) -> None:
        keep_refused_scan(current_actor(), Refusal(PURPOSE, error.code, raw))

    said = {"manifest": str(manifest_id), "value": raw}
    return act_once("returns.add", said, act, key=key, on_refusal=keep)


def _notice(answer: Answer) -> Notice:
    if answer.status == OK:
        return Notice("ok", _("On the manifest: %(code)s", code=answer.body["code"]))
    return Notice("bad", str(answer.body["message"]))


def _drawn(manifest_id: int, answer: Answer) -> ResponseReturnValue:
    name = "returns/_manifest.html" if wants_fragment() else "returns/manifest.html"
    return render_template(name, **_values(manifest_id, _notice(answer))), answer.status


@bp.post(f"{ONE}/take-off")
@needs(Permission.PARCELS_CHANGE)
def take_off(manifest_id: int) -> ResponseReturnValue:
    """Take a parcel off the manifest again."""
    parcel_id = cursor(str(filled(ItemForm()).parcel.data)) or 0

    def act(actor: Actor) -> None:
        manifests.take_off(actor, manifest_id, parcel_id)

    answer = act_once("returns.take_off", {"manifest": str(manifest_id), "parcel": str(parcel_id)}, act)
    done = _("Taken off. It stays on the return list.")
    notice = Notice("ok", done) if answer.status == OK else _notice(answer)
    name = "returns/_manifest.html" if wants_fragment() else "returns/manifest.html"
    return render_template(name, **_values(manifest_id, notice)), answer.status


@bp.post(f"{ONE}/cancel")
@needs(Permission.PARCELS_CHANGE)
def cancel(manifest_id: int) -> ResponseReturnValue:
    """Give the manifest up; its parcels stay."""
    filled(KeyForm())

    def act(actor: Actor) -> None:
        manifests.cancel(actor, manifest_id)

    answer = act_once("returns.cancel", {"manifest": str(manifest_id)}, act)
    told(answer, _("The manifest was given up. Its parcels stay on the return list."))
    return redirect(url_for("returns.page"), 303)


@bp.get(f"{ONE}/sign")
@needs(Permission.PARCELS_CHANGE)
def signing(manifest_id: int) -> ResponseReturnValue:
    """Show the courier what they sign for, and a field to sign in."""
    values = _values(manifest_id)
    if values["manifest"].state != ManifestState.OPEN:
        return redirect(url_for("returns.manifest", manifest_id=manifest_id), 303)
    return render_template("returns/sign.html", form=SignForm(formdata=None), **values)


@bp.post(f"{ONE}/sign")
@needs(Permission.PARCELS_CHANGE)
def sign(manifest_id: int) -> ResponseReturnValue:
    """Close the manifest with the courier's signature: everything on it is given back."""
    form = filled(SignForm())
    name, seen, picture = str(form.courier_name.data), str(form.seen.data), _uploaded()

    def act(actor: Actor) -> Body:
        phone.require_seen(actor, manifest_id, seen)
        return {"parcels": manifests.sign(actor, manifest_id, courier_name=name, signature=picture)}

    said = {"manifest": str(manifest_id), "name": name, "seen": seen}
    said["sha256"] = hashlib.sha256(picture).hexdigest()
    answer = act_once("returns.sign", said, act)
    count = int(answer.body.get("parcels", 0))
    done = ngettext(
        "Signed: %(num)s parcel is back with its carrier.",
        "Signed: %(num)s parcels are back with their carrier.",
        count,
    )
    is_done = told(answer, done)
    is_ended = is_done or answer.body.get("code") == "manifest_ended"
    return redirect(
        url_for("returns.manifest" if is_ended else "returns.signing", manifest_id=manifest_id), 303
    )


def _uploaded() -> bytes:
    upload = request.files.get("picture")
    return upload.stream.read(attachments.LARGEST + 1) if upload else b""


@bp.get(f"{ONE}/print")
@needs(Permission.PARCELS_SEE)
def printed(manifest_id: int) -> ResponseReturnValue:
    """Show a manifest on A4, with its code."""
    qr = cards.draw(f"{PREFIX}{manifest_id}")
    return render_template("returns/print.html", drawing=qr, **_values(manifest_id))


@bp.get(f"{ONE}/manifest.csv")
@needs(Permission.PARCELS_EXPORT)
def as_csv(manifest_id: int) -> ResponseReturnValue:
    """Answer a manifest as CSV."""
    station_id = current_actor().station_id
    with reading():
        found = queries.manifest(station_id, manifest_id)
        text = export.as_csv(
            found, queries.items(station_id, manifest_id), zone=network.rules(station_id).zone
        )
    headers = {"Content-Disposition": f'attachment; filename="manifest-{manifest_id}.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)


@bp.get(f"{ONE}/signature")
@needs(Permission.PARCELS_SEE)
def signature(manifest_id: int) -> ResponseReturnValue:
    """Send the courier's signature."""
    with reading():
        found = queries.signature(current_actor().station_id, manifest_id)
    return Response(found.content, mimetype=found.media_type)


def _values(manifest_id: int, notice: Notice | None = None) -> dict[str, Any]:
    station_id = current_actor().station_id
    with reading():
        found = queries.manifest(station_id, manifest_id)
        items = queries.items(station_id, manifest_id)
        is_open = found.state == ManifestState.OPEN
        going = queries.going_back(parcels.clock_of(station_id)) if is_open else []
        refused = phone_queries.refused(station_id, manifest_id)
        known = disputes.of_lines(station_id, manifest_id)
        people = [found.opened_by, found.ended_by, *(one.ended_by for one in refused)]
        names = accounts.names(station_id, [one for one in people if one])
    return {
        "manifest": found,
        "items": items,
        "is_open": is_open,
        "left": [one for one in going if one.row.carrier == found.carrier and one.is_to_fetch],
        "refused": refused,
        "known": known,
        "seen": phone_queries.fingerprint(items),
        "names": names,
        "notice": notice,
    }

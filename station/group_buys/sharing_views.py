"""Pages of arrival and share-out: the order to the supplier, counting, packing, and bags under the scanner."""

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.i18n import lazy as _l
from station.core.i18n import ngettext
from station.core.idempotency import OK, Answer, Body
from station.core.ids import LARGEST_ID
from station.core.permissions import Permission
from station.events.service import Refusal, keep_refused_scan
from station.group_buys import (
    arrival,
    bags,
    calling_off,
    order_paper,
    picking,
    sharing_words,
    shelving,
    store,
    supplier_orders,
    suppliers,
    unclaimed,
)
from station.group_buys.forms import BagForm, CallOffForm, CountForm, CrateForm, ScanForm
from station.network import queries as network
from station.network.queries import StationFacts
from station.parcels import attachments
from station.shelves import cards
from station.web import idempotent
from station.web.downloads import download
from station.web.errors import wants_fragment
from station.web.forms import Form, KeyForm, first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, json_body, key_of_request, new_key, said, told

bp = Blueprint("group_sharing", __name__)
idempotent.install(bp)


@bp.context_processor
def _names() -> dict[str, Any]:
    return {"sharing_words": sharing_words}


LABEL_PAPERS = {"sticker": _l("Label paper of 60 × 40 mm"), "a4": _l("A4")}
PURPOSE = "share_out"  # of refused scans
ONE = "/group-buys/<int:campaign_id>/sharing"


@dataclass(frozen=True, slots=True)
class Notice:
    """What came of the last scan. `kind`, which is also the sound: ok, warn or bad."""

    kind: str
    title: str
    more: str = ""
    warning: str = ""


@bp.get("/group-buys/sharing")
@needs(Permission.SHARE_OUT)
def page() -> ResponseReturnValue:
    """Show what is to be done for campaigns between cut-off and end."""
    with reading():
        found = picking.work(current_actor().station_id)
    return render_template("group_buys/sharing/page.html", works=found)


@bp.get(ONE)
@needs(Permission.SHARE_OUT)
def one(campaign_id: int) -> ResponseReturnValue:
    """Show a campaign's work: whichever step it has reached."""
    return render_template("group_buys/sharing/one.html", **_values(campaign_id))


def _values(campaign_id: int, notice: Notice | None = None) -> dict[str, Any]:
    actor = current_actor()
    station_id = actor.station_id
    with reading():
        campaign = store.look_campaign(station_id, campaign_id)
        packed = picking.of_campaign(station_id, campaign_id)
        crates = arrival.crates(station_id, campaign_id)
        order = supplier_orders.of_campaign(station_id, campaign_id)
        supplier = suppliers.get(station_id, campaign.supplier_id)
        row = shelving.row_of(actor)
        shelves = shelving.shelves_for(actor, campaign.storage)
    return {
        "campaign": campaign,
        "packed": packed,
        "to_shelve": [each for each in packed if each.is_to_shelve],
        "crates": crates,
        "order": order,
        "supplier": supplier,
        "row": row,
        "shelves": shelves,
        "came": sum(crate.counted - crate.damaged for crate in crates),
        "notice": notice,
        "crate_form": CrateForm(formdata=None),
        "count_form": CountForm(formdata=None),
        "off_form": CallOffForm(formdata=None),
        "new_key": new_key,
    }


def _filled(form: Form) -> Any:
    if not form.validate():
        raise StationError("bad_input", first_error(form))
    return form


def _back(campaign_id: int) -> ResponseReturnValue:
    return redirect(url_for("group_sharing.one", campaign_id=campaign_id), 303)


# --- the order to the supplier -------------------------------------------------------------------------------------


@bp.post(f"{ONE}/order")
@needs(Permission.GROUP_BUYS)
def make_order(campaign_id: int) -> ResponseReturnValue:
    """Make the supplier's order."""
    _filled(KeyForm())

    def act(actor: Actor) -> Body:
        return {"order": str(supplier_orders.make(actor, campaign_id))}

    answer = act_once("group_sharing.order", {"campaign": str(campaign_id)}, act)
    told(answer, _("The order is made. It goes out by e-mail where there is an address; else print it."))
    return _back(campaign_id)


@bp.post(f"{ONE}/order/sent")
@needs(Permission.SHARE_OUT)
def sent(campaign_id: int) -> ResponseReturnValue:
    """Note that somebody handed the order over."""
    _filled(KeyForm())

    def act(actor: Actor) -> None:
        supplier_orders.mark_sent(actor, _order(actor.station_id, campaign_id).id, way="by_hand")

    answer = act_once("group_sharing.sent", {"campaign": str(campaign_id)}, act)
    told(answer, _("Noted: the supplier has the order."))
    return _back(campaign_id)


def _order(station_id: int, campaign_id: int) -> supplier_orders.Made:
    found = supplier_orders.of_campaign(station_id, campaign_id)
    if found is None:
        raise StationError("not_found", _("There is no such order."))
    return found


@bp.get(f"{ONE}/order.csv")
@needs(Permission.SHARE_OUT)
def order_csv(campaign_id: int) -> ResponseReturnValue:
    """Send the order as CSV."""
    content, name = order_paper.csv(*_paper(campaign_id))
    return download(content, "text/csv", name)


@bp.get(f"{ONE}/order.pdf")
@needs(Permission.SHARE_OUT)
def order_pdf(campaign_id: int) -> ResponseReturnValue:
    """Send the order as PDF."""
    content, name = order_paper.pdf(*_paper(campaign_id))
    return download(content, "application/pdf", name)


def _paper(campaign_id: int) -> tuple[supplier_orders.Made, store.Current, suppliers.Known, StationFacts]:
    station_id = current_actor().station_id
    with reading():
        campaign = store.look_campaign(station_id, campaign_id)
        supplier = suppliers.get(station_id, campaign.supplier_id)
        return _order(station_id, campaign_id), campaign, supplier, network.station(station_id)


@bp.post(f"{ONE}/call-off")
@needs(Permission.GROUP_BUYS)
def call_off(campaign_id: int) -> ResponseReturnValue:
    """Call it off and give everything back."""
    reason = str(_filled(CallOffForm()).reason.data)

    def act(actor: Actor) -> Body:
        return {"people": calling_off.call_off(actor, campaign_id, reason=reason)}

    answer = act_once("group_sharing.call_off", {"campaign": str(campaign_id), "reason": reason}, act)
    told(answer, _("It is called off. Everybody has their money back on their account and is told."))
    return _back(campaign_id)


# --- counting ------------------------------------------------------------------------------------------------------


@bp.post(f"{ONE}/crates")
@needs(Permission.SHARE_OUT)
def count(campaign_id: int) -> ResponseReturnValue:
    """Keep what a crate holds."""
    form, picture = _filled(CrateForm()), _uploaded()
    crate, counted = str(form.crate.data), form.count()

    def act(actor: Actor) -> Body:
        return {"crate": str(arrival.count_crate(actor, campaign_id, crate, counted, picture=picture))}

    wanted = {"campaign": str(campaign_id), "crate": crate, "picture": hashlib.sha256(picture).hexdigest()}
    numbers = {"counted": counted.counted, "damaged": counted.damaged, "short": counted.short}
    answer = act_once("group_sharing.count", {**wanted, **numbers}, act)
    told(answer, _("Counted. Scan the next crate, or finish."))
    return _back(campaign_id)


def _uploaded() -> bytes:
    upload = request.files.get("picture")
    return upload.stream.read(attachments.LARGEST + 1) if upload else b""


@bp.post(f"{ONE}/crates/<int:crate_id>")
@needs(Permission.SHARE_OUT)
def recount(campaign_id: int, crate_id: int) -> ResponseReturnValue:
    """Put the numbers of a crate right."""
    form = _filled(CountForm())

    def act(actor: Actor) -> None:
        arrival.recount(actor, campaign_id, crate_id, form.count())

    wanted = {"campaign": str(campaign_id), "crate": str(crate_id), **said(form)}
    told(act_once("group_sharing.recount", wanted, act), _("The crate's numbers are changed."))
    return _back(campaign_id)


@bp.get(f"{ONE}/crates/<int:crate_id>/photo")
@needs(Permission.SHARE_OUT)
def photo(campaign_id: int, crate_id: int) -> ResponseReturnValue:
    """Send the photo of a crate."""
    with reading():
        found = arrival.picture_of(current_actor().station_id, campaign_id, crate_id)
    return Response(found.content, mimetype=found.media_type)


@bp.post(f"{ONE}/counted")
@needs(Permission.SHARE_OUT)
def counted(campaign_id: int) -> ResponseReturnValue:
    """Finish counting: every order gets its part of what came."""
    _filled(KeyForm())

    def act(actor: Actor) -> Body:
        found = arrival.finish(actor, campaign_id)
        return {"came": found.came, "left_over": found.left_over}

    answer = act_once("group_sharing.counted", {"campaign": str(campaign_id)}, act)
    left = int(answer.body.get("left_over", 0))
    more = ngettext("%(num)s unit is left over.", "%(num)s units are left over.", left) if left else ""
    told(answer, " ".join([_("Counting is finished. Now pack the bags."), more]).strip())
    return _back(campaign_id)


# --- bags ----------------------------------------------------------------------------------------------------------


@bp.post(f"{ONE}/bags")
@needs(Permission.SHARE_OUT)
def pack(campaign_id: int) -> ResponseReturnValue:
    """Make the bags."""
    _filled(KeyForm())

    def act(actor: Actor) -> Body:
        return {"bags": bags.pack(actor, campaign_id)}

    answer = act_once("group_sharing.pack", {"campaign": str(campaign_id)}, act)
    made = int(answer.body.get("bags", 0))
    told(answer, ngettext("%(num)s bag: print its label.", "%(num)s bags: print their labels.", made))
    return _back(campaign_id)


@bp.post(f"{ONE}/shelve")
@needs(Permission.SHARE_OUT)
def shelve(campaign_id: int) -> ResponseReturnValue:
    """Take a scan without scripts."""
    notice, status = _scanned(campaign_id, str(_filled(ScanForm()).value.data), key_of_request())
    name = "group_buys/sharing/_desk.html" if wants_fragment() else "group_buys/sharing/one.html"
    return render_template(name, **_values(campaign_id, notice)), status


@bp.post(f"{ONE}/scan")
@needs(Permission.SHARE_OUT)
def scan(campaign_id: int) -> ResponseReturnValue:
    """Take one scan of the page's queue."""
    notice, status = _scanned(campaign_id, json_body("value", "scanned_at")["value"], key_of_request())
    html = render_template("group_buys/sharing/_desk.html", **_values(campaign_id, notice))
    return {"kind": "sharing", "sound": notice.kind, "html": html}, status


def _scanned(campaign_id: int, raw: str, key: str) -> tuple[Notice, int]:
    def act(actor: Actor) -> Body:
        store.look_campaign(actor.station_id, campaign_id)
        found = shelving.scan(actor, raw)
        return {"row": found.row, "code": found.pickup_code, "warning": found.warning}

    def keep(error: StationError) -> None:
        keep_refused_scan(current_actor(), Refusal(PURPOSE, error.code, raw))

    answer = act_once("group_sharing.scan", {"value": raw}, act, key=key, on_refusal=keep)
    return _notice(answer), answer.status


def _notice(answer: Answer) -> Notice:
    if answer.status != OK:
        return Notice("bad", str(answer.body["message"]))
    if answer.body["code"]:
        title, warning = _("Put it at %(row)s.", row=answer.body["row"]), str(answer.body["warning"])
        return Notice("warn" if warning else "ok", title, str(answer.body["code"]), warning)
    return Notice("ok", _("You are at %(row)s. Scan the bags.", row=answer.body["row"]))


@bp.post(f"{ONE}/release")
@needs(Permission.SHARE_OUT)
def release(campaign_id: int) -> ResponseReturnValue:
    """Note that a buyer said they will not come and lets others have the goods."""
    order_id = _id(str(_filled(BagForm()).bag.data))

    def act(actor: Actor) -> None:
        unclaimed.agree_release(actor, order_id)

    answer = act_once("group_sharing.release", {"order": str(order_id)}, act)
    told(answer, _("Noted. Whoever waits for the goods is asked."))
    return _back(campaign_id)


@bp.post(f"{ONE}/clear")
@needs(Permission.SHARE_OUT)
def clear(campaign_id: int) -> ResponseReturnValue:
    """Note that a bag nobody collected was taken off its shelf."""
    bag_id = _id(str(_filled(BagForm()).bag.data))

    def act(actor: Actor) -> None:
        unclaimed.clear_shelf(actor, bag_id)

    answer = act_once("group_sharing.clear", {"bag": str(bag_id)}, act)
    told(answer, _("Taken off the shelf."))
    return _back(campaign_id)


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_ID):
        raise StationError("bad_input", _("The request is not understood. Load the page again."))
    return int(text)


# --- paper ---------------------------------------------------------------------------------------------------------


@bp.get(f"{ONE}/labels")
@needs(Permission.SHARE_OUT)
def labels(campaign_id: int) -> ResponseReturnValue:
    """Show the labels of the bags that stand on no shelf yet, ready to print on either paper."""
    paper = request.args.get("paper", "sticker")
    if paper not in LABEL_PAPERS:
        raise StationError("bad_input", _("There is no such paper."))
    station_id = current_actor().station_id
    with reading():
        campaign = store.look_campaign(station_id, campaign_id)
        packed = [each for each in picking.of_campaign(station_id, campaign_id) if each.is_to_shelve]
    drawn = {each.bag.id: cards.draw(each.waybill) for each in packed}
    values = {"campaign": campaign, "packed": packed, "drawn": drawn, "paper": paper, "papers": LABEL_PAPERS}
    return render_template("group_buys/sharing/labels.html", **values)


@bp.get("/group-buys/sharing/picking")
@needs(Permission.SHARE_OUT)
def pick() -> ResponseReturnValue:
    """Show what is to be packed, by how it is kept and by buyer, ready to print."""
    with reading():
        found = picking.to_pack(current_actor().station_id)
    totals = {storage: picking.totals(rows) for storage, rows in found.items()}
    return render_template("group_buys/sharing/picking.html", groups=found, totals=totals)

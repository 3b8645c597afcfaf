"""Pages of journals: the list with its filters in the address, one journal with its reversal, and its receipt."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from station.accounts import queries as accounts
from station.core.actor import Actor
from station.core.db import reading
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Permission
from station.ledger import asked, queries, service, whose
from station.ledger.chart import BY_HAND, AccountKind, JournalKind
from station.ledger.forms import ReverseForm
from station.ledger.journal import Posted
from station.ledger.views import names_of_templates
from station.ledger.words import ABOUT, about
from station.parcels import parcel_queries
from station.web import idempotent
from station.web.forms import first_error
from station.web.gate import current_actor, needs
from station.web.idempotent import act_once, key_of_request, said, told

bp = Blueprint("journals", __name__)
idempotent.install(bp)
bp.context_processor(names_of_templates)

PAGE = 50
ONE = "/money/journals/<int:journal_id>"
RECEIPTS = frozenset(
    {
        JournalKind.PAYMENT,
        JournalKind.REFUND,
        JournalKind.SALE,
        JournalKind.GIVE_BACK,
        JournalKind.CHARGE,
        JournalKind.STORAGE_FEE,
        JournalKind.REVERSAL,
    }
)
PAPERS = {"a4": "A4", "roll": "80 mm"}  # a sheet, or the roll of a receipt printer


@bp.get("/money/journals")
@needs(Permission.MONEY_SEE)
def page() -> ResponseReturnValue:
    """Show journals, newest first."""
    wanted, station_id = asked.journals(request.args), current_actor().station_id
    with reading():
        found = queries.find_journals(station_id, wanted, limit=PAGE + 1)
        names = accounts.names(station_id, [one.actor for one in found])
        called = whose.names(station_id, _refs(found))
    return render_template(
        "ledger/journals.html",
        wanted=wanted,
        journals=found[:PAGE],
        following=found[PAGE - 1].id if len(found) > PAGE else None,
        names=names,
        accounts=called,
        kinds=tuple(JournalKind),
    )


def _refs(journals: list[Posted]) -> set[Any]:
    return {ref for one in journals for move in one.moves for ref in (move.debit, move.credit)}


@bp.get(ONE)
@needs(Permission.MONEY_SEE)
def one(journal_id: int) -> ResponseReturnValue:
    """Show one journal."""
    with reading():
        values = _values(current_actor(), journal_id)
    return render_template("ledger/journal.html", form=ReverseForm(), **values)


def _values(actor: Actor, journal_id: int) -> dict[str, Any]:
    found = queries.posted(actor.station_id, journal_id)
    return {
        "journal": found,
        "note": queries.note_of(actor.station_id, journal_id),
        "reversal_id": queries.reversal_of(actor.station_id, journal_id),
        "names": accounts.names(actor.station_id, [found.actor]),
        "accounts": whose.names(actor.station_id, _refs([found])),
        "is_by_hand": found.kind in BY_HAND,
        "has_receipt": found.kind in RECEIPTS,
    }


@bp.post(f"{ONE}/reverse")
@needs(Permission.MONEY_CHANGE)
def reverse(journal_id: int) -> ResponseReturnValue:
    """Take a journal back."""
    form = ReverseForm()
    if not form.validate():
        flash(first_error(form), "bad")
        return redirect(url_for("journals.one", journal_id=journal_id), 303)
    key = f"reversal:{key_of_request()}"[:80]

    def act(actor: Actor) -> None:
        _refuse_others(queries.posted(actor.station_id, journal_id))
        service.reverse(actor, journal_id, key=key, reason=str(form.reason.data))

    body = {"journal": journal_id, **said(form)}
    told(act_once("journal_reverse", body, act), _("The journal was reversed."))
    return redirect(url_for("journals.one", journal_id=journal_id), 303)


def _refuse_others(found: Posted) -> None:
    """Refuse to reverse here what another room also remembers: it would go on believing in the money."""
    if found.kind not in BY_HAND:
        message = _("This was posted by a group buy or a payment. Take it back there, and the books follow.")
        raise StationError("journal_refused", message)


@bp.get(f"{ONE}/receipt")
@needs(Permission.CASH)
def receipt(journal_id: int) -> ResponseReturnValue:
    """Show the receipt of a payment, a refund or a charge, ready to print."""
    paper = request.args.get("paper", "roll")
    if paper not in PAPERS:
        raise StationError("bad_input", _("There is no such paper."))
    with reading():
        values = _values(current_actor(), journal_id)
        values["about"] = _about(values["journal"])
    if values["journal"].kind not in RECEIPTS:
        raise StationError("bad_input", _("There is no receipt for this kind of journal."))
    refs = (ref for move in values["journal"].moves for ref in (move.debit, move.credit))
    resident = next((ref for ref in refs if ref.kind is AccountKind.RESIDENT), None)
    return render_template("ledger/receipt.html", paper=paper, papers=PAPERS, whose=resident, **values)


def _about(journal: Posted) -> str:
    """Return what a receipt is about; a parcel by the number that its owner knows."""
    kind, _colon, number = (journal.refers_to or "").partition(":")
    if kind == "parcel" and number.isdecimal():
        return f"{_(ABOUT[kind])} {parcel_queries.detail(current_actor().station_id, int(number)).waybill}"
    return about(journal.refers_to)

"""Drops, scans and receipts as JSON values with the words a courier reads."""

from typing import Any

from station.core.i18n import gettext as _
from station.drops import receipts, words
from station.drops.lifecycle import DropState, Outcome
from station.drops.queries import Counts, DropFacts, ScanFacts
from station.residents.service import Known

Json = dict[str, Any]


def of_drop(drop: DropFacts, station: str, counts: Counts) -> Json:
    """Return a drop; `station` is the name of its station."""
    return {
        "drop_id": str(drop.id),
        "station": {"id": str(drop.station_id), "name": station},
        "state": drop.state,
        "opened_at": drop.opened_at.isoformat(),
        "closes_at": drop.closes_at.isoformat(),
        "counts": counts.as_json(),
        "receipt_url": None if drop.state == DropState.OPEN else receipt_url(drop),
    }


def of_scan(scan: ScanFacts, recipient: Known | None, *, is_replayed: bool) -> Json:
    """Return what came of a scan."""
    return {
        "key": scan.key,
        "seq": scan.seq,
        "outcome": scan.outcome,
        "sound": words.sound(scan),
        "title": words.title(scan),
        "sentence": words.sentence(scan),
        "waybill": scan.waybill,
        "place": _place(scan),
        "choices": words.choices(scan),
        "hint": _hint(recipient) if recipient else None,
        "replayed": is_replayed,
    }


def of_unreadable(key: str) -> Json:
    """Return the answer to what cannot be read as a scan at all."""
    return {
        "key": key,
        "seq": None,
        "outcome": Outcome.MALFORMED,
        "sound": "bad",
        "title": words.stop(Outcome.MALFORMED),
        "sentence": _("The phone sent something that is no scan. Scan the parcel again."),
        "waybill": None,
        "place": None,
        "choices": [],
        "hint": None,
        "replayed": False,
    }


def _place(scan: ScanFacts) -> Json | None:
    if scan.outcome != Outcome.ACCEPTED or scan.tag is None:
        return None
    shelf, _dash, layer = scan.tag.rpartition("-")
    return {
        "tag": scan.tag,
        "pickup_code": scan.pickup_code,
        "shelf": shelf,
        "layer": int(layer),
        "needs_sticker": scan.needs_sticker,
        "is_set_aside": scan.problem is not None,
        "problem": scan.problem,
    }


def _hint(recipient: Known) -> str:
    return f"{recipient.name_masked} {recipient.phone_tail}".strip()


def receipt_url(drop: DropFacts) -> str:
    """Return where the receipt of a drop is shown to its courier."""
    return f"/courier/drops/{drop.id}/receipt"


def of_receipt(drop: DropFacts, *, station: str, courier: str) -> Json:
    """Return the receipt of a finished drop, with the text that was signed."""
    return {
        "drop_id": str(drop.id),
        "station": station,
        "courier": courier,
        "opened_at": drop.opened_at.isoformat(),
        "finished_at": drop.finished_at.isoformat() if drop.finished_at else None,
        "counts": receipts.signed_counts(drop),
        "told": drop.told,
        "exceptions": [
            {"waybill": waybill, "outcome": outcome, "title": words.stop(outcome)}
            for waybill, outcome in receipts.exceptions(drop)
        ],
        "text": drop.receipt,
        "signature": drop.signature.hex() if drop.signature else None,
        "url": receipt_url(drop),
    }

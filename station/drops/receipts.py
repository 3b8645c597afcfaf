"""The receipt of a drop: what was taken in and what was not, signed so that both sides can show it."""

import hashlib
import json
from datetime import datetime

from station.core import crypto
from station.drops import queries
from station.drops.lifecycle import Outcome
from station.drops.queries import DropFacts, ScanFacts
from station.events.chain import canonical

VERSION = "stationmaster-drop-1"


def sign(drop: DropFacts, *, told: int | None, at: datetime) -> tuple[str, bytes]:
    """Return the text of a drop's receipt, as canonical JSON, and the signature (Ed25519) over its UTF-8 bytes.

    `parcels_sha256`: of the accepted waybills in the order of the alphabet, each with a line feed after it.
    """
    scans = _all(drop)
    accepted = sorted(scan.waybill or "" for scan in scans if scan.outcome == Outcome.ACCEPTED)
    others = [[scan.waybill, scan.outcome] for scan in scans if scan.outcome != Outcome.ACCEPTED]
    listed = "".join(f"{waybill}\n" for waybill in accepted)
    text = canonical(
        {
            "version": VERSION,
            "station": str(drop.station_id),
            "drop": str(drop.id),
            "courier": str(drop.account_id),
            "opened_at": drop.opened_at.isoformat(),
            "finished_at": at.isoformat(),
            "counts": queries.counts(drop.station_id, drop.id).as_json(),
            "accepted": len(accepted),
            "told": told,
            "parcels_sha256": hashlib.sha256(listed.encode()).hexdigest(),
            "exceptions": others,
        }
    )
    return text, crypto.sign(text.encode())


def is_genuine(drop: DropFacts) -> bool:
    """Tell whether a drop's receipt is what the station signed."""
    if drop.receipt is None or drop.signature is None:
        return False
    return crypto.verify(drop.receipt.encode(), drop.signature, crypto.public_key())


def signed_counts(drop: DropFacts) -> dict[str, int]:
    """Return the counts as they were signed; later scans are in no receipt. Empty for a drop without one."""
    return dict(json.loads(drop.receipt)["counts"]) if drop.receipt else {}


def exceptions(drop: DropFacts) -> list[tuple[str | None, str]]:
    """Return waybill and outcome of each scan whose parcel was not taken in, as they were signed."""
    listed = json.loads(drop.receipt)["exceptions"] if drop.receipt else []
    return [(waybill, outcome) for waybill, outcome in listed]


def not_taken(drop: DropFacts) -> list[ScanFacts]:
    """Return the scans of a drop whose parcels the station has not, in their order; later ones too."""
    return [scan for scan in _all(drop) if scan.outcome != Outcome.ACCEPTED]


def _all(drop: DropFacts) -> list[ScanFacts]:
    found: list[ScanFacts] = []
    while page := queries.scans(drop, after=found[-1].id if found else 0):
        found += page
    return found

"""The log that is attached to a dispute: made at its opening, pinned in the custody log by its hash, checked later.

A document is UTF-8 JSON; docs/disputes.md specifies it. It holds ids, codes and hashes, nothing about any person.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from station.disputes import log_queries
from station.disputes.log_queries import Proven, Signed
from station.events.chain import Link, link_hash
from station.returns.queries import Item, Manifest

VERSION = "stationmaster-dispute-1"
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"  # as in the custody log (docs/custody-log.md)


class Fault(StrEnum):
    """Why a document is not what was attached."""

    UNREADABLE = "unreadable"  # no document of this version
    NOT_PINNED = "not_pinned"  # the custody log names no document of this dispute with this hash
    EVENT = "event"  # an event in it is not made as the custody log's are, or stands otherwise there


@dataclass(frozen=True, slots=True)
class Opened:
    """What is claimed, by whom and when."""

    dispute_id: int
    claim: str
    by: str
    at: datetime


def make(station_id: int, manifest: Manifest, items: Sequence[Item], opened: Opened) -> bytes:
    """Return the document: what the station's log says of these lines of a signed manifest up to now.

    To be called in the station's turn, so that the head is that of the last event in it.
    """
    signed_at = manifest.ended_at or opened.at
    found = log_queries.events_about(station_id, [one.parcel_id for one in items], signed_at=signed_at)
    seq, head = log_queries.head(station_id)
    anchor = log_queries.newest_anchor(station_id)
    content = {
        "version": VERSION,
        "station_id": str(station_id),
        "dispute_id": str(opened.dispute_id),
        "claim": opened.claim,
        "opened_by": opened.by,
        "opened_at": opened.at.strftime(TIME),
        "manifest_id": str(manifest.id),
        "carrier": manifest.carrier,
        "signature_sha256": manifest.sha256.hex() if manifest.sha256 else None,
        "parcels": [
            {"line_id": str(one.id), "parcel_id": str(one.parcel_id), "waybill": one.waybill} for one in items
        ],
        "head": {"seq": seq, "hash": head.hex()},
        "anchor": _anchor(anchor) if anchor else None,
        "events": [_event(one) for one in found if _belongs(one.link, manifest.id)],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _belongs(link: Link, manifest_id: int) -> bool:
    return link.parcel_id is not None or json.loads(link.data)["manifest"] == str(manifest_id)


def _anchor(anchor: Signed) -> dict[str, Any]:
    return {
        "seq": anchor.seq,
        "hash": anchor.hash.hex(),
        "signed_at": anchor.signed_at.strftime(TIME),
        "signature": anchor.signature.hex(),
    }


def _event(one: Proven) -> dict[str, Any]:
    link = one.link
    return {
        "seq": link.seq,
        "at": link.at.strftime(TIME),
        "kind": link.kind,
        "parcel_id": None if link.parcel_id is None else str(link.parcel_id),
        "actor": link.actor,
        "data": link.data,
        "previous": one.previous.hex(),
        "hash": link.hash.hex(),
    }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of checking a document: of which dispute it is, how many events it holds, what is wrong with it."""

    station_id: int = 0
    dispute_id: int = 0
    events: int = 0
    fault: Fault | None = None


def check(document: bytes) -> Verdict:
    """Compare a document with the custody log of the station it names."""
    try:
        return _checked(document, json.loads(document))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return Verdict(fault=Fault.UNREADABLE)


def _checked(document: bytes, content: dict[str, Any]) -> Verdict:
    if content["version"] != VERSION:
        raise ValueError("another version")
    station_id, dispute_id = int(content["station_id"]), int(content["dispute_id"])
    links = [_link(station_id, one) for one in content["events"]]
    pins = log_queries.openings(station_id, int(content["parcels"][0]["parcel_id"]))
    digest, fault = hashlib.sha256(document).hexdigest(), None
    if not any(_pins(data, str(dispute_id), digest) for data in pins):
        fault = Fault.NOT_PINNED
    elif not _stand(station_id, links):
        fault = Fault.EVENT
    return Verdict(station_id, dispute_id, len(links), fault)


def _pins(data: str, dispute_id: str, digest: str) -> bool:
    told = json.loads(data)
    return bool(told["dispute"] == dispute_id and told["sha256"] == digest)


def _link(station_id: int, one: dict[str, Any]) -> Proven:
    at = datetime.strptime(one["at"], TIME).replace(tzinfo=UTC)
    parcel_id = None if one["parcel_id"] is None else int(one["parcel_id"])
    hash_ = bytes.fromhex(one["hash"])
    link = Link(station_id, int(one["seq"]), at, one["kind"], parcel_id, one["actor"], one["data"], hash_)
    return Proven(link, bytes.fromhex(one["previous"]))


def _stand(station_id: int, links: Sequence[Proven]) -> bool:
    stored = log_queries.hashes(station_id, [one.link.seq for one in links])
    return all(
        link_hash(one.previous, one.link) == one.link.hash == stored.get(one.link.seq) for one in links
    )

"""The custody chain as bytes: how a link's hash is made, and how a chain is checked. Pure.

docs/custody-log.md specifies the bytes; a golden test pins them. Change nothing here without a new VERSION.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

VERSION = "stationmaster-custody-1"
GENESIS = hashlib.sha256(VERSION.encode()).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """One event as it stands in the log. `data` is canonical JSON; `at` aware UTC, whole microseconds."""

    station_id: int
    seq: int
    at: datetime
    kind: str
    parcel_id: int | None
    actor: str
    data: str
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain first stops being whole: the number of the link and what is wrong with it."""

    seq: int
    reason: str  # gap, changed


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(data: dict[str, Any]) -> str:
    """Return `data` as JSON with sorted keys, no spaces and plain UTF-8."""
    return _ENCODER.encode(data)


def link_hash(previous: bytes, link: Link) -> bytes:
    """Return the SHA-256 (FIPS 180-4) of the previous hash and of every field of `link`.

    The fields are joined by the unit separator U+001F, which no field can contain: kinds and actors are our own
    words, and JSON escapes control characters.
    """
    fields = (
        VERSION,
        str(link.station_id),
        str(link.seq),
        link.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        link.kind,
        "" if link.parcel_id is None else str(link.parcel_id),
        link.actor,
        link.data,
    )
    return hashlib.sha256(previous + "\x1f".join(fields).encode()).digest()


def first_break(links: Iterable[Link], *, previous: bytes = GENESIS, seq: int = 0) -> Break | None:
    """Walk `links` in the order of their numbers, starting behind (`seq`, `previous`); return the first break."""
    for link in links:
        seq += 1
        if link.seq != seq:
            return Break(seq, "gap")
        if link_hash(previous, link) != link.hash:
            return Break(seq, "changed")
        previous = link.hash
    return None


def anchor_message(station_id: int, seq: int, head: bytes, signed_at: datetime) -> bytes:
    """Return the bytes an anchor's signature covers."""
    moment = signed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"{VERSION}\x1fanchor\x1f{station_id}\x1f{seq}\x1f{head.hex()}\x1f{moment}".encode()

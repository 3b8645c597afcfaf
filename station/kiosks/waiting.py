"""The waiting list that a kiosk keeps: all of it once, then only what the custody log says has changed.

A list is of one version: one local day (its salt) and one set of rules. A cursor says how far a kiosk has read:
`VERSION-SEQ` behind a link of the chain, `VERSION-SEQ-STORED-PARCEL` while the whole list is read for the first time,
with the last parcel and when it came in, in microseconds since 1970.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from station.core import clock
from station.core.actor import Actor
from station.core.db import EPOCH, MICROSECOND
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.ids import LARGEST_ID
from station.events import queries as events
from station.events.queries import Change
from station.kiosks import hashes, list_queries, queries, rules
from station.kiosks.list_queries import ListKey, People, Waiting
from station.kiosks.queries import FIRST, Place
from station.network import queries as network

LIMIT = 500  # parcels, or links of the log, in one answer: some 300 kB of JSON
_CURSOR = re.compile(r"(\d{8}[01]{2})-(\d{1,18})(?:-(\d{1,17})-(\d{1,19}))?", re.ASCII)
# What changes who may take parcels without being about one.
_ABOUT_PEOPLE = frozenset({"agreement_given", "agreement_withdrawn"})
_ABOUT_PROXIES = frozenset({"proxy_given", "proxy_revoked"})


@dataclass(frozen=True, slots=True)
class Page:
    """What has changed. `gone`: parcels that wait no more. `is_complete`: there is nothing further now."""

    changed: list[Waiting]
    gone: list[int]
    people: list[People]
    next_cursor: str
    is_complete: bool
    as_of: datetime
    salt: bytes


@dataclass(frozen=True, slots=True)
class _Read:
    """How far a kiosk has read; `place` is the last parcel's while it reads the whole list."""

    seq: int
    place: Place | None


@dataclass(frozen=True, slots=True)
class _Part:
    """The parcels to tell of next, and what comes after them."""

    parcel_ids: list[int]
    read: _Read
    is_complete: bool


def key_of(kiosk: Actor) -> ListKey:
    """Return what a kiosk's list is made with today: two statements."""
    zone = ZoneInfo(network.station(kiosk.station_id).zone)
    today, station = clock.now().astimezone(zone).date(), rules.for_station(kiosk.station_id)
    version = f"{today:%Y%m%d}{station.takes_pickup_codes:d}{station.takes_faces:d}"
    return ListKey(kiosk, version, hashes.salt(kiosk, today), station)


def head(kiosk: Actor) -> str:
    """Return the cursor of a kiosk that has read everything."""
    return _cursor(key_of(kiosk), _Read(events.head(kiosk.station_id), None))


def changes(kiosk: Actor, after: str, *, limit: int = LIMIT) -> Page:
    """Return what has changed behind a cursor; "" is before everything.

    Raises StationError `cursor_unknown` for a cursor of another version of the list, and for one that is none.
    """
    key = key_of(kiosk)
    read = _where(key, after)
    part = _first_time(kiosk, read.seq, read.place, limit) if read.place else _behind(kiosk, read.seq, limit)
    found, people = list_queries.describe(key, part.parcel_ids)
    waiting = {one.parcel_id for one in found}
    return Page(
        changed=found,
        gone=[one for one in part.parcel_ids if one not in waiting],
        people=people,
        next_cursor=_cursor(key, part.read),
        is_complete=part.is_complete,
        as_of=clock.now(),
        salt=key.salt,
    )


def _where(key: ListKey, after: str) -> _Read:
    if not after:
        return _Read(events.head(key.kiosk.station_id), FIRST)
    found = _CURSOR.fullmatch(after)
    if not found or found[1] != key.version or int(found[4] or 0) > LARGEST_ID:
        raise StationError("cursor_unknown", _("The list has begun anew. Read it from the beginning."))
    place = Place(EPOCH + int(found[3]) * MICROSECOND, int(found[4])) if found[4] else None
    return _Read(int(found[2]), place)


def _cursor(key: ListKey, read: _Read) -> str:
    text = f"{key.version}-{read.seq}"
    if read.place is None:
        return text
    return f"{text}-{(read.place.stored_at - EPOCH) // MICROSECOND}-{read.place.parcel_id}"


def _first_time(kiosk: Actor, seq: int, after: Place, limit: int) -> _Part:
    """Read the next part of the whole list. What changes meanwhile stands behind the link at which it began."""
    places = queries.next_waiting(kiosk.station_id, after, limit=limit)
    parcel_ids = [place.parcel_id for place in places]
    if len(places) == limit:
        return _Part(parcel_ids, _Read(seq, places[-1]), is_complete=False)
    return _Part(parcel_ids, _Read(seq, None), is_complete=seq >= events.head(kiosk.station_id))


def _behind(kiosk: Actor, seq: int, limit: int) -> _Part:
    """Read the log's next links. A link about a person stands for all that waits at their phone."""
    links = events.since(kiosk.station_id, seq, limit=limit)
    parcel_ids = {link.parcel_id for link in links if link.parcel_id is not None}
    parcel_ids |= _of_people(kiosk.station_id, links)
    last = links[-1].seq if links else seq
    return _Part(sorted(parcel_ids), _Read(last, None), is_complete=len(links) < limit)


def _of_people(station_id: int, links: Sequence[Change]) -> set[int]:
    recipients = {int(link.data["recipient"]) for link in links if link.kind in _ABOUT_PEOPLE}
    proxies = {int(link.data["proxy"]) for link in links if link.kind in _ABOUT_PROXIES}
    if not recipients and not proxies:
        return set()
    return set(queries.concerned(station_id, recipients, proxies))

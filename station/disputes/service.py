"""Disputes: opened about lines of a signed manifest with the log attached, answered, settled, withdrawn.

What a parcel is by the books is not changed here: whoever finds it undoes its return on its page.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, update

from station.carriers import keys
from station.core import clock, ids
from station.core.actor import Actor, ActorKind
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.permissions import Role
from station.core.text import clean_block
from station.disputes import log, queries
from station.disputes.lifecycle import STANDING, Claim, DisputeAction, DisputeState, next_state
from station.disputes.log import Opened
from station.disputes.models import Dispute, DisputeParcel
from station.disputes.queries import Case
from station.events.service import Event, append, take_turn
from station.returns import phone_queries
from station.returns import queries as returns
from station.returns.lifecycle import ManifestState
from station.returns.queries import Item, Manifest

WORDS_LIMIT = 1000  # characters: what somebody types on a phone, and a clerk reads at a counter
NAMED = 5  # parcels named in one refusal


@dataclass(frozen=True, slots=True)
class Wish:
    """What is claimed of which parcels of a manifest; `words`: what whoever claims it says, may be empty."""

    manifest_id: int
    claim: str
    words: str = ""
    parcel_ids: Collection[int] = field(default_factory=tuple)


def open_case(actor: Actor, wish: Wish) -> int:
    """Open a dispute about parcels of a signed manifest; return its id.

    Raises StationError `not_found` (no manifest that the actor may see, or a parcel was not given back on it),
    `bad_input` (no parcel, no such claim, words that are too long), `manifest_not_signed`, `dispute_stands`.
    """
    take_turn(actor.station_id)
    manifest = manifest_for(actor, wish.manifest_id)
    words = _words(wish.words)
    if wish.claim not in set(Claim):
        raise StationError("bad_input", _("Choose what is wrong with the parcels."))
    if manifest.state != ManifestState.SIGNED:
        raise StationError(
            "manifest_not_signed", _("Nobody signed this manifest: nothing was given back on it.")
        )
    items = _lines(actor.station_id, manifest.id, wish.parcel_ids)
    opened = Opened(ids.next_id(), wish.claim, actor.key, clock.now())
    document = log.make(actor.station_id, manifest, items, opened)
    digest = hashlib.sha256(document).digest()
    _insert(actor, manifest, opened, words=words, document=document, sha256=digest)
    _insert_lines(actor.station_id, opened.dispute_id, items)
    facts = {"dispute": str(opened.dispute_id), "manifest": str(manifest.id), "claim": wish.claim}
    append(
        actor,
        *(Event("dispute_opened", one.parcel_id, {**facts, "sha256": digest.hex()}) for one in items),
    )
    return opened.dispute_id


def manifest_for(actor: Actor, manifest_id: int) -> Manifest:
    """Return a manifest that the actor may make a claim about. Raises StationError `not_found`."""
    if actor.kind is ActorKind.COURIER:
        return phone_queries.of_courier(actor, manifest_id)
    found = returns.manifest(actor.station_id, manifest_id)
    if actor.role is Role.CARRIER and found.carrier != keys.of(actor).carrier:
        raise StationError("not_found", _("There is no such return manifest at your station."))
    return found


def case_for(actor: Actor, dispute_id: int) -> Case:
    """Return a dispute that the actor may see. Raises StationError `not_found`."""
    found = queries.case(actor.station_id, dispute_id)
    manifest_for(actor, found.manifest_id)
    return found


def _words(text: str) -> str:
    cleaned = clean_block(text, limit=WORDS_LIMIT)
    if cleaned is None:
        raise StationError("bad_input", _("Say it in at most %(most)s characters.", most=WORDS_LIMIT))
    return cleaned


def _lines(station_id: int, manifest_id: int, parcel_ids: Collection[int]) -> list[Item]:
    wanted = set(parcel_ids)
    if not wanted:
        raise StationError("bad_input", _("Choose at least one parcel."))
    items = [one for one in queries.claimable(station_id, manifest_id) if one.parcel_id in wanted]
    if {one.parcel_id for one in items} != wanted:
        raise StationError("not_found", _("This parcel was not given back on this manifest."))
    known = queries.of_lines(station_id, manifest_id)
    standing = {one.id: known[one.id] for one in items if one.id in known and known[one.id].is_standing}
    if standing:
        codes = ", ".join([one.waybill for one in items if one.id in standing][:NAMED])
        dispute_id = str(next(iter(standing.values())).dispute_id)
        raise StationError(
            "dispute_stands",
            _("There is an open dispute about %(codes)s already.", codes=codes),
            dispute_id=dispute_id,
        )
    return items


def _insert(actor: Actor, manifest: Manifest, opened: Opened, **values: Any) -> None:
    words = values.pop("words") or None
    connection().execute(
        insert(Dispute).values(
            station_id=actor.station_id,
            id=opened.dispute_id,
            manifest_id=manifest.id,
            carrier=manifest.carrier,
            claim=opened.claim,
            state=DisputeState.OPEN,
            opened_by=opened.by,
            opened_at=opened.at,
            words=words,
            **values,
        )
    )


def _insert_lines(station_id: int, dispute_id: int, items: Sequence[Item]) -> None:
    lines = [
        {
            "station_id": station_id,
            "dispute_id": dispute_id,
            "item_id": one.id,
            "parcel_id": one.parcel_id,
            "ended_at": None,
        }
        for one in items
    ]
    connection().execute(insert(DisputeParcel), lines)


def answer(actor: Actor, dispute_id: int, text: str) -> None:
    """Keep what the station says to a claim. Raises StationError `not_found`, `bad_input`, `dispute_ended`."""
    take_turn(actor.station_id)
    said = _words(text)
    if not said:
        raise StationError("bad_input", _("Write what the station says to it."))
    said_by = {"answer": said, "answered_by": actor.key, "answered_at": clock.now()}
    _step(actor, dispute_id, DisputeAction.ANSWER, **said_by)
    _log(actor, "dispute_answered", dispute_id, {})


def settle(actor: Actor, dispute_id: int, action: DisputeAction) -> None:
    """Settle a dispute that was answered, for the station or for the carrier.

    Raises StationError `not_found`, `dispute_ended` (ended, or not answered yet).
    """
    take_turn(actor.station_id)
    state = _step(actor, dispute_id, action)
    _log(actor, "dispute_settled", dispute_id, {"outcome": str(state)})


def withdraw(actor: Actor, dispute_id: int) -> None:
    """Take a claim back; its own side does that: staff theirs, the carrier's couriers and systems the carrier's.

    Raises StationError `not_found`, `forbidden`, `dispute_ended`.
    """
    take_turn(actor.station_id)
    found = case_for(actor, dispute_id)
    if found.is_of_station != (actor.kind is ActorKind.STAFF):
        raise StationError("forbidden", _("A claim is taken back by the side that made it."))
    _step(actor, dispute_id, DisputeAction.WITHDRAW)
    _log(actor, "dispute_withdrawn", dispute_id, {})


def _step(actor: Actor, dispute_id: int, action: DisputeAction, **values: Any) -> DisputeState:
    """Move a dispute on and return where it stands then. Raises StationError `not_found`, `dispute_ended`."""
    found = queries.case(actor.station_id, dispute_id)
    state = next_state(DisputeState(found.state), action)
    if state is None:
        raise StationError("dispute_ended", _("This cannot be done with the dispute as it stands now."))
    mine = (Dispute.station_id == actor.station_id, Dispute.id == dispute_id)
    if state not in STANDING:
        values |= {"ended_by": actor.key, "ended_at": clock.now()}
        lines = (DisputeParcel.station_id == actor.station_id, DisputeParcel.dispute_id == dispute_id)
        connection().execute(update(DisputeParcel).where(*lines).values(ended_at=clock.now()))
    connection().execute(update(Dispute).where(*mine).values(state=state, **values))
    return state


def _log(actor: Actor, kind: str, dispute_id: int, facts: dict[str, str]) -> None:
    about = queries.lines(actor.station_id, dispute_id)
    append(actor, *(Event(kind, one.parcel_id, {"dispute": str(dispute_id), **facts}) for one in about))


def forget_words(station_id: int, recipient_ids: Collection[int]) -> None:
    """Erase what was written in disputes about parcels of these recipients; claims and logs stay."""
    theirs = queries.about(station_id, recipient_ids)
    written = (Dispute.station_id == station_id, Dispute.id.in_(theirs))
    connection().execute(update(Dispute).where(*written).values(words=None, answer=None))


def forget_words_of(station_id: int, actor_key: str) -> None:
    """Erase what an actor wrote in opening disputes of a station; claims and logs stay."""
    written = (Dispute.station_id == station_id, Dispute.opened_by == actor_key)
    connection().execute(update(Dispute).where(*written).values(words=None))

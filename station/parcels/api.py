"""The parcels room's JSON API: check-in, hand-over, facts and story of a parcel."""

from dataclasses import dataclass, field

from flask import Blueprint

from station.core import phones
from station.core.actor import Actor
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.events import queries as events
from station.events.service import Refusal as RefusedScan
from station.events.service import keep_refused_scan
from station.parcels import facts, hand_over, queries, schemas, search, search_queries
from station.parcels.arrivals import Arrivals, Delivered
from station.parcels.counter import read_waybill
from station.parcels.facts import Facts
from station.parcels.hand_over import HandedOver, Taker
from station.parcels.intake import CheckedIn
from station.parcels.lifecycle import ConsentBasis
from station.parcels.parcel_queries import Detail
from station.parcels.queries import Listed
from station.parcels.schemas import Unreadable
from station.residents import proxies, proxy_codes
from station.residents.service import Known
from station.shelves import queries as shelves
from station.web.api import PARCEL_ID, Nothing, Operation, Refusal, asks, bad_input, reads, writes
from station.web.openapi import PREFIX

CHECK_IN = "check_in"  # purposes of refused scans
HAND_OVER = "hand_over"
CHECK_IN_REFUSALS = (
    "waybill_malformed",
    "two_scans_glued",
    "already_checked_in",
    "shelf_full",
    "row_codes_exhausted",
    "no_set_aside_shelf",
    "wrong_storage",
    "not_found",
)
PROXY_REFUSALS = ("proxy_code_wrong", "proxy_expired", "proxy_revoked", "proxy_used", "too_many_attempts")
HAND_OVER_REFUSALS = (
    "already_handed_over",
    "is_held",
    "illegal_transition",
    "not_your_parcel",
    "stale",
    "not_found",
    *PROXY_REFUSALS,
)

bp = Blueprint("parcels_api", __name__, url_prefix=PREFIX)


def _keep_check_in(actor: Actor, error: StationError, body: schemas.CheckIn, /) -> None:
    _keep(actor, CHECK_IN, error, body)


@bp.post("/parcels")
@writes(
    Operation("checkIn", "Check one parcel in", schemas.CheckIn, schemas.Stored, CHECK_IN_REFUSALS),
    keep=_keep_check_in,
)
def check_in(actor: Actor, body: schemas.CheckIn) -> schemas.Stored:
    """Store one parcel, or set it aside with its problem."""
    arrivals = Arrivals(actor)
    stored = arrivals.add(_delivered(_Rows(actor), body))
    arrivals.write()
    return _stored(stored)


@bp.post("/parcels/batch")
@writes(
    Operation(
        "checkInBatch",
        "Check up to 500 parcels in; each is stored or refused for itself",
        schemas.CheckInBatch,
        schemas.BatchResult,
    )
)
def check_in_batch(actor: Actor, body: schemas.CheckInBatch) -> schemas.BatchResult:
    """Store what can be stored, in one transaction; tell of each item what became of it."""
    arrivals, rows = Arrivals(actor), _Rows(actor)
    read = [_read(rows, item) for item in body.parcels]
    arrivals.expect(one for one in read if isinstance(one, Delivered))
    items = [_take_in(arrivals, item, one) for item, one in zip(body.parcels, read, strict=True)]
    arrivals.write()
    refused = sum(item.refused is not None for item in items)
    return schemas.BatchResult(stored=len(items) - refused, refused=refused, items=items)


@bp.post("/parcels/search")
@asks(
    Operation(
        "searchParcels", "Parcels that a text means, by any reading of it", schemas.Search, schemas.FoundPage
    )
)
def search_parcels(actor: Actor, query: schemas.Search) -> schemas.FoundPage:
    """Answer the parcels a text means, those here first."""
    meant = search_queries.parcel_ids(actor.station_id, search.interpret(query.query))
    ids = _behind(meant, query.cursor)
    known = queries.by_ids(queries.clock_of(actor.station_id), ids[: query.limit])
    return schemas.FoundPage(
        parcels=[_found(known[one]) for one in ids[: query.limit] if one in known],
        next_cursor=str(ids[query.limit - 1]) if len(ids) > query.limit else None,
    )


def _behind(meant: list[int], cursor: str | None) -> list[int]:
    """Return what follows the parcel of the cursor; one that is meant no more begins the list again."""
    place = meant.index(int(cursor)) + 1 if cursor and int(cursor) in meant else 0
    return meant[place:]


@bp.get(f"/parcels/{PARCEL_ID}")
@reads(Operation("getParcel", "One parcel as it stands now", Nothing, schemas.Parcel, ("not_found",)))
def parcel(actor: Actor, query: Nothing, *, parcel_id: int) -> schemas.Parcel:
    """Answer a parcel's facts, masked."""
    return _parcel(facts.get(actor.station_id, parcel_id))


@bp.get(f"/parcels/{PARCEL_ID}/story")
@reads(
    Operation(
        "getStory", "What happened to a parcel", schemas.StoryQuery, schemas.Story, refusals=("not_found",)
    )
)
def story(actor: Actor, query: schemas.StoryQuery, *, parcel_id: int) -> schemas.Story:
    """Answer a parcel's custody events, oldest first."""
    facts.get(actor.station_id, parcel_id)
    found = events.story(actor.station_id, parcel_id, after=int(query.cursor))
    return schemas.Story(
        events=[
            schemas.StoryEvent(
                seq=str(one.seq),
                at=one.at,
                kind=one.kind,
                actor=one.actor,
                data=one.data,
                hash=one.hash.hex(),
            )
            for one in found
        ],
        next_cursor=str(found[-1].seq) if len(found) == events.PAGE else None,
    )


def _keep_hand_over(actor: Actor, error: StationError, body: schemas.Take, /, *, parcel_id: int) -> None:
    keep_refused_scan(actor, RefusedScan(HAND_OVER, error.code, str(parcel_id)))


@bp.post(f"/parcels/{PARCEL_ID}/hand-over")
@writes(
    Operation(
        "handOver", "Hand one parcel to a person", schemas.Take, schemas.HandedOver, HAND_OVER_REFUSALS
    ),
    keep=_keep_hand_over,
)
def hand_over_one(actor: Actor, body: schemas.Take, *, parcel_id: int) -> schemas.HandedOver:
    """Hand one parcel over."""
    return _handed_over(hand_over.hand_over(actor, parcel_id, _taker(actor, body)))


@bp.post("/hand-overs")
@writes(
    Operation(
        "handOverMany",
        "Hand several parcels to one person; each leaves or is refused for itself",
        schemas.TakeMany,
        schemas.TakenMany,
        PROXY_REFUSALS,
    )
)
def hand_over_many(actor: Actor, body: schemas.TakeMany) -> schemas.TakenMany:
    """Hand over what may leave, in one transaction; tell of each parcel what became of it."""
    wanted = [schemas.TakenItem(parcel_id=one) for one in body.parcel_ids]
    wanted += [schemas.TakenItem(waybill=one) for one in body.waybills]
    taker = _taker(actor, body)
    items = [_take(actor, one, taker) for one in wanted]
    refused = sum(item.refused is not None for item in items)
    return schemas.TakenMany(handed_over=len(items) - refused, refused=refused, items=items)


@bp.post(f"/parcels/{PARCEL_ID}/hand-over/undo")
@writes(
    Operation(
        "undoHandOver",
        "Put a parcel back that was handed over by mistake",
        schemas.Undo,
        schemas.Restored,
        (
            "illegal_transition",
            "already_checked_in",
            "shelf_full",
            "row_codes_exhausted",
            "not_found",
            "stale",
        ),
    )
)
def undo(actor: Actor, body: schemas.Undo, *, parcel_id: int) -> schemas.Restored:
    """Take a hand-over back by a new event."""
    restored = hand_over.undo_hand_over(actor, parcel_id, reason=body.reason)
    return schemas.Restored(
        parcel_id=str(restored.parcel_id),
        pickup_code=restored.pickup_code,
        is_same_code=restored.is_same_code,
    )


def _keep(actor: Actor, purpose: str, error: StationError, item: schemas.CheckIn | Unreadable) -> None:
    raw = item.raw if isinstance(item, Unreadable) else item.waybill
    scanned_at = None if isinstance(item, Unreadable) else item.scanned_at
    keep_refused_scan(actor, RefusedScan(purpose, error.code, raw, scanned_at))


@dataclass
class _Rows:
    """The rows that bodies name; each is looked up once."""

    actor: Actor
    _known: dict[tuple[str, int], int] = field(init=False, default_factory=dict)

    def id_of(self, item: schemas.CheckIn) -> int:
        """Return the layer an item names. Raises StationError `not_found`."""
        if item.shelf is None or item.layer is None:
            return int(item.layer_id or 0)
        place = (item.shelf, item.layer)
        if place not in self._known:
            row = shelves.layer_by_code(self.actor.station_id, *place)
            if row is None:
                raise StationError("not_found", _("This shelf layer is not in use at your station."))
            self._known[place] = row.id
        return self._known[place]


def _delivered(rows: _Rows, item: schemas.CheckIn | Unreadable) -> Delivered:
    if isinstance(item, Unreadable):
        raise bad_input(item.error)
    return Delivered(
        raw=item.waybill,
        layer_id=rows.id_of(item),
        carrier=item.carrier,
        phone=phones.parse(item.phone) if item.phone else None,
        name=item.name,
        size_class=item.size_class,
        consent=ConsentBasis(item.consent),
        consent_how=item.consent_how,
        is_silent=item.silent,
        scanned_at=item.scanned_at,
    )


def _read(rows: _Rows, item: schemas.CheckIn | Unreadable) -> Delivered | StationError:
    try:
        return _delivered(rows, item)
    except StationError as error:
        return error


def _take_in(
    arrivals: Arrivals, item: schemas.CheckIn | Unreadable, read: Delivered | StationError
) -> schemas.BatchItem:
    if isinstance(read, StationError):
        return _refused(arrivals.actor, item, read)
    try:
        stored = arrivals.add(read)
    except StationError as error:
        return _refused(arrivals.actor, item, error)
    return schemas.BatchItem(waybill=stored.waybill, stored=_stored(stored))


def _refused(actor: Actor, item: schemas.CheckIn | Unreadable, error: StationError) -> schemas.BatchItem:
    _keep(actor, CHECK_IN, error, item)
    waybill = item.raw if isinstance(item, Unreadable) else item.waybill
    return schemas.BatchItem(waybill=waybill, refused=Refusal.of(error))


def _stored(one: CheckedIn) -> schemas.Stored:
    return schemas.Stored(
        parcel_id=str(one.parcel_id),
        waybill=one.waybill,
        pickup_code=one.pickup_code,
        shelf=one.row.shelf_code,
        layer=one.row.number,
        needs_sticker=one.needs_sticker,
        carrier=one.carrier,
        problem=one.problem,
        consent_basis=one.consent_basis,
        recipient=_recipient(one.recipient),
        stored_at=one.stored_at,
        is_told=one.is_told,
    )


def _recipient(known: Known | None) -> schemas.Recipient | None:
    if known is None:
        return None
    return schemas.Recipient(id=str(known.id), phone_tail=known.phone_tail, name_masked=known.name_masked)


def _parcel(one: Facts) -> schemas.Parcel:
    own = one.detail
    return schemas.Parcel(
        parcel_id=str(own.id),
        waybill=own.waybill,
        state=own.state,
        carrier=own.carrier,
        pickup_code=own.pickup_code,
        shelf=own.shelf_code,
        layer=own.layer_number,
        needs_sticker=own.needs_sticker,
        size_class=own.size_class,
        consent_basis=own.consent_basis,
        problem=own.problem,
        is_held=own.hold_reason is not None,
        level=one.level,
        due_at=one.due_at,
        announced_at=own.announced_at,
        stored_at=own.stored_at,
        left_at=own.left_at,
        recipient=_masked(own),
    )


def _found(one: Listed) -> schemas.Found:
    return schemas.Found(
        parcel_id=str(one.id),
        waybill=one.waybill,
        state=one.state,
        carrier=one.carrier,
        pickup_code=one.pickup_code,
        problem=one.problem,
        is_held=one.hold_reason is not None,
        level=one.level,
        stored_at=one.stored_at,
        left_at=one.left_at,
        recipient=_masked(one),
    )


def _masked(one: Detail | Listed) -> schemas.Recipient | None:
    if one.recipient_id is None:
        return None
    return schemas.Recipient(
        id=str(one.recipient_id), phone_tail=one.phone_tail or "", name_masked=one.name_masked or ""
    )


def _taker(actor: Actor, body: schemas.Take | schemas.TakeMany) -> Taker:
    proxy_id = None
    if body.proxy_code is not None:
        proxy_id = proxies.prove(actor, proxy_codes.read(body.proxy_code) or "").id
    return Taker(method="api", proxy_name=body.proxy_name, proxy_id=proxy_id)


def _take(actor: Actor, wanted: schemas.TakenItem, taker: Taker) -> schemas.TakenItem:
    try:
        parcel_id = _wanted_id(actor, wanted)
        left = hand_over.hand_over(actor, parcel_id, taker)
    except StationError as error:
        raw = wanted.waybill or wanted.parcel_id or ""
        keep_refused_scan(actor, RefusedScan(HAND_OVER, error.code, raw))
        return wanted.model_copy(update={"refused": Refusal.of(error)})
    return wanted.model_copy(update={"handed_over": _handed_over(left)})


def _wanted_id(actor: Actor, wanted: schemas.TakenItem) -> int:
    if wanted.parcel_id:
        return int(wanted.parcel_id)
    return facts.id_of(actor.station_id, read_waybill(wanted.waybill or ""))


def _handed_over(left: HandedOver) -> schemas.HandedOver:
    return schemas.HandedOver(
        parcel_id=str(left.parcel_id),
        hand_over_id=str(left.hand_over_id),
        waybill=left.waybill,
        pickup_code=left.pickup_code,
        at=left.at,
    )

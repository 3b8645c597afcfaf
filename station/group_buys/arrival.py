"""What came: crates counted one by one under whatever their labels say, then all of it dealt out over the orders.

Good units are those counted without the damaged ones. When counting is finished each order gets its part of them
(allocation.share_out), and what it was charged for the rest is given back.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from station.core import clock, ids
from station.core.actor import Actor
from station.core.db import connection
from station.core.errors import StationError
from station.core.i18n import gettext as _
from station.core.text import clean_line
from station.events.service import Event, append
from station.group_buys import charges, messages, sharing_store, store, surplus
from station.group_buys.allocation import Allocated, Share, share_out
from station.group_buys.lifecycle import CampaignAction, OrderAction, OrderState
from station.group_buys.messages import GroupNote
from station.group_buys.models import Arrival
from station.group_buys.plans import MOST_UNITS
from station.group_buys.sharing_store import Change
from station.group_buys.store import Current, Order
from station.ledger import service as ledger
from station.parcels import attachments

LABEL = 40  # characters of a crate's label


@dataclass(frozen=True, slots=True)
class Count:
    """What somebody counted in a crate. `short`: how many fewer than its label says, for the supplier to read."""

    counted: int
    damaged: int = 0
    short: int = 0


@dataclass(frozen=True, slots=True)
class Crate:
    """A crate as it was counted."""

    id: int
    crate: str
    counted: int
    damaged: int
    short: int
    by: str
    at: datetime
    media_type: str | None

    @property
    def count(self) -> Count:
        """The numbers alone."""
        return Count(self.counted, self.damaged, self.short)


@dataclass(frozen=True, slots=True)
class Finished:
    """What counting came to, in units: good ones, those the orders got, and what is left over beyond all orders."""

    came: int
    shared: int

    @property
    def left_over(self) -> int:
        """Units that nobody ordered."""
        return self.came - self.shared


_COLUMNS = tuple(getattr(Arrival, name) for name in Crate.__slots__)


def crates(station_id: int, campaign_id: int) -> list[Crate]:
    """Return the crates counted so far, the first one first."""
    query = (
        select(*_COLUMNS)
        .where(Arrival.station_id == station_id, Arrival.campaign_id == campaign_id)
        .order_by(Arrival.id)
    )
    return [Crate(*row) for row in connection().execute(query)]


def label_of(raw: str) -> str:
    """Return a crate's label as it is kept: any text, in one spelling. Raises StationError `bad_input` for none."""
    label = clean_line(unicodedata.normalize("NFKC", raw), limit=LABEL)
    if not label:
        raise StationError("bad_input", _("Scan the crate's label, or type what stands on it."))
    return label


def count_crate(actor: Actor, campaign_id: int, raw: str, count: Count, *, picture: bytes = b"") -> int:
    """Keep what a crate holds; return its id. The same crate with the same numbers again changes nothing.

    Raises StationError `bad_input`, `campaign_moved_on` before the order or after counting was finished,
    `crate_counted` when somebody counted other numbers in this crate: recount it then.
    """
    campaign = _countable(actor, campaign_id)
    label = label_of(raw)
    _check(count)
    known = next((one for one in crates(actor.station_id, campaign.id) if one.crate == label), None)
    if known:
        return _same(known, count)
    crate_id, now = ids.next_id(), clock.now()
    values = {"crate": label, "counted": count.counted, "damaged": count.damaged, "short": count.short}
    kept = values | _picture(picture) | {"by": actor.key, "at": now}
    connection().execute(
        insert(Arrival).values(station_id=actor.station_id, id=crate_id, campaign_id=campaign.id, **kept)
    )
    _log(actor, campaign, crate_id, count)
    return crate_id


def recount(actor: Actor, campaign_id: int, crate_id: int, count: Count) -> None:
    """Put the numbers of a crate right. Raises StationError `bad_input`, `campaign_moved_on`, `not_found`."""
    campaign = _countable(actor, campaign_id)
    _check(count)
    mine = (
        Arrival.station_id == actor.station_id,
        Arrival.campaign_id == campaign.id,
        Arrival.id == crate_id,
    )
    values = {"counted": count.counted, "damaged": count.damaged, "short": count.short}
    changed = update(Arrival).where(*mine).values(**values, by=actor.key, at=clock.now())
    if not connection().execute(changed).rowcount:
        raise StationError("not_found", _("This crate was not counted here."))
    _log(actor, campaign, crate_id, count)


def picture_of(station_id: int, campaign_id: int, crate_id: int) -> attachments.Picture:
    """Return the photo of a crate. Raises StationError `not_found`."""
    query = select(Arrival.media_type, Arrival.picture).where(
        Arrival.station_id == station_id, Arrival.campaign_id == campaign_id, Arrival.id == crate_id
    )
    row = connection().execute(query).one_or_none()
    if row is None or row.picture is None:
        raise StationError("not_found", _("There is no photo of this crate."))
    return attachments.Picture(row.media_type, row.picture)


def finish(actor: Actor, campaign_id: int) -> Finished:
    """Finish counting: each order gets its part, and money back for what it was charged and does not get.

    Raises StationError `campaign_moved_on`, or `nothing_counted` before any crate was.
    """
    campaign = _countable(actor, campaign_id)
    counted = crates(actor.station_id, campaign.id)
    if not counted:
        raise StationError("nothing_counted", _("Nothing was counted yet. If nothing comes, call it off."))
    came = sum(one.counted - one.damaged for one in counted)
    orders = sharing_store.orders(actor.station_id, campaign.id, {OrderState.ALLOCATED})
    shares = {one.order_id: one for one in share_out([_allocated(one) for one in orders], came)}
    sharing_store.change(actor.station_id, [_change(one, shares[one.id]) for one in orders])
    sharing_store.advance(actor.station_id, campaign, CampaignAction.ARRIVE, arrived_at=clock.now())
    short = [one for one in orders if shares[one.id].units < (one.allocated or 0)]
    _give_back(actor, campaign, short, shares=shares)
    found = Finished(came, sum(share.units for share in shares.values()))
    facts = {"campaign": str(campaign.id), "came": came, "shared": found.shared}
    append(actor, Event("arrival_counted", data=facts))
    messages.tell(actor.station_id, GroupNote.SHORT, campaign.number, [one.recipient_id for one in short])
    if found.left_over:
        surplus.begin(actor, campaign.id, found.left_over)
    return found


def _countable(actor: Actor, campaign_id: int) -> Current:
    campaign = store.campaign(actor.station_id, campaign_id)
    store.next_campaign_state(campaign, CampaignAction.ARRIVE)
    return campaign


def _check(count: Count) -> None:
    if not (0 <= count.damaged <= count.counted <= MOST_UNITS and 0 <= count.short <= MOST_UNITS):
        raise StationError("bad_input", _("Count whole units; of these no more are damaged than there are."))


def _same(known: Crate, count: Count) -> int:
    if known.count == count:
        return known.id
    raise StationError(
        "crate_counted",
        _(
            "This crate was counted: %(counted)s units, %(damaged)s damaged. Change its line if that is wrong.",
            counted=known.counted,
            damaged=known.damaged,
        ),
        crate_id=str(known.id),
    )


def _picture(content: bytes) -> dict[str, object]:
    if not content:
        return {}
    media_type = attachments.media_type_of(content)
    if media_type is None or len(content) > attachments.LARGEST:
        raise StationError("bad_input", _("Choose a photo of at most 4 MB: JPEG, PNG or WebP."))
    return {"media_type": media_type, "picture": content}


def _log(actor: Actor, campaign: Current, crate_id: int, count: Count) -> None:
    facts = {"campaign": str(campaign.id), "crate": str(crate_id)}
    numbers = {"counted": count.counted, "damaged": count.damaged, "short": count.short}
    append(actor, Event("crate_counted", data={**facts, **numbers}))


def _allocated(order: Order) -> Allocated:
    return Allocated(order.id, order.quantity, order.allocated or 0, order.ranked_at)


def _change(order: Order, share: Share) -> Change:
    """Return what becomes of an order: one that gets nothing is over, any other waits for its bag."""
    action = None if share.units else OrderAction.MISS
    return Change(order, action, delivered=share.units, result=share.why[0].reason if share.why else None)


def _give_back(actor: Actor, campaign: Current, short: list[Order], *, shares: dict[int, Share]) -> None:
    points = sharing_store.point_shares(actor.station_id, campaign.id)
    journals = []
    for one in short:
        price = one.unit_price_minor or 0
        amounts = ((one.allocated or 0) * price, shares[one.id].units * price)
        rates = charges.rates(campaign, one, points)
        journals += charges.give_back(campaign, one, amounts=amounts, at=rates, key=f"arrival:{one.id}")
    ledger.post_all(actor, journals)

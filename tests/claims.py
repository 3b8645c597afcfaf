"""Claims about goods of a group buy for tests: bags that were collected, made and answered by the real use cases."""

import io
from datetime import UTC, datetime

from PIL import Image
from sqlalchemy import update

from station.claims import service as claims
from station.claims import store
from station.claims.rules import BorneBy, Problem
from station.claims.service import Refund, Wish
from station.core.db import connection, reading, transaction
from station.group_buys.models import OrderBag
from station.parcels import hand_over
from station.parcels.hand_over import Taker
from tests.sharing import bag, follow, packed, shelve


def photo(size=(40, 30), format_="JPEG", **values):
    """Return the bytes of a picture."""
    file = io.BytesIO()
    Image.new("RGB", size, "orange").save(file, format_, **values)
    return file.getvalue()


def collected(station, *orders, **values):
    """Return a deal and its orders, each collected in full."""
    one, placed = packed(station, *(orders or [(3,)]), **values)
    for order_id in placed:
        collect(one, order_id)
    return one, placed


def collect(one, order_id):
    """Put an order's bag on a shelf and hand it over."""
    shelve(one, order_id)
    hand_out(one, order_id)


def hand_out(one, order_id):
    """Hand an order's bag over from its shelf."""
    one.do(hand_over.hand_over, bag(one, order_id).parcel_id, Taker())
    follow(one.station, one.clock)


def bring_back(one, order_id):
    """Undo the hand-over of an order's bag."""
    one.do(hand_over.undo_hand_over, bag(one, order_id).parcel_id, reason="not_taken")
    follow(one.station, one.clock)


def just_now(one, order_id):
    """Let an order have been collected now by the real clock, as pages of a real server tell the time."""
    mine = (OrderBag.station_id == one.station.id, OrderBag.order_id == order_id)
    with transaction():
        connection().execute(update(OrderBag).where(*mine).values(ended_at=datetime.now(UTC)))


def claim(one, order_id, units=1, problem=Problem.BAD, *, words="", pictures=None):
    """Claim as the clerk does for somebody; return the claim's id."""
    sent = [photo()] if pictures is None else pictures
    return one.do(claims.make, order_id, Wish(problem, units, words), sent)


def refund(one, claim_id, units=1, borne_by=BorneBy.SUPPLIER):
    """Give back; return the amount."""
    return one.do(claims.refund, claim_id, Refund(units, borne_by))


def get(station, claim_id):
    """Return a claim as it stands."""
    with reading():
        return store.get(station.id, claim_id)

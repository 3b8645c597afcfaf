"""Several people at one stocktake at the same moment; on both databases."""

from sqlalchemy import func, select

from station.core import clock
from station.core.db import db, reading, transaction
from station.stocktakes import counting, queries, resolving, service
from station.stocktakes.models import Stocktake, StocktakeScan
from station.stocktakes.resolutions import Resolution
from tests.factories import store
from tests.races.together import together, winners


def scan(actor, walk, raw, layer_id=None):
    return lambda: counting.scan(actor, walk, raw, layer_id=layer_id, scanned_at=clock.now())


def opened(station):
    with transaction():
        return service.open_stocktake(station.clerk)


def count(query):
    with reading():
        return db.session.scalar(query)


def test_two_who_begin_at_once_share_one_stocktake(app, station):
    db.session.remove()
    begun = together(
        app, *(lambda who=who: service.open_stocktake(who) for who in (station.clerk, station.manager))
    )

    assert begun[0] == begun[1]
    assert count(select(func.count()).select_from(Stocktake)) == 1


def test_two_who_scan_the_same_parcel_count_it_once(app, station):
    walk, stored, row = opened(station), store(station), station.layer()
    with transaction():
        scan(station.clerk, walk, "SHELF:1-1")()
    db.session.remove()

    together(app, *(scan(who, walk, stored.waybill, row) for who in (station.clerk, station.manager)))

    assert count(select(func.count()).where(StocktakeScan.waybill == stored.waybill)) == 1
    with reading():
        found = queries.comparison(station.id, queries.get(station.id, walk))
    assert found.present == (stored.waybill,)


def test_one_of_two_who_settle_a_difference_does_it(app, station):
    walk, missing = opened(station), store(station)
    with transaction():
        scan(station.clerk, walk, "SHELF:1-1")()
    db.session.remove()

    acts = (
        lambda: resolving.settle(station.clerk, walk, missing.waybill, Resolution.LOST),
        lambda: resolving.settle(station.manager, walk, missing.waybill, Resolution.SEEN),
    )
    done, refused = winners(together(app, *acts))

    assert len(done) == 1
    assert refused == ["stale"]

"""Two members of staff merge the same two entries, in both directions, at the same moment; on both databases."""

from sqlalchemy import select

from station.core.db import db, reading
from station.parcels.models import Parcel
from station.residents import merging
from station.residents.models import Recipient
from tests.factories import recipient, store
from tests.races.together import together, winners

PHONE = "13812344068"


def test_of_two_merges_in_opposite_directions_one_holds(app, station):
    one, two = recipient(station, PHONE, "陈晓明"), recipient(station, PHONE, "陈小明")
    for who in (one, two):
        store(station, to=who)

    results = together(
        app,
        lambda: merging.merge(station.clerk, one.id, two.id),
        lambda: merging.merge(station.manager, two.id, one.id),
    )

    done, refusals = winners(results)
    assert (done, refusals) == ([1], ["stale"])
    with reading():
        kept = list(db.session.scalars(select(Recipient.id).where(Recipient.merged_into.is_(None))))
        owners = set(db.session.scalars(select(Parcel.recipient_id)))
    assert len(kept) == 1
    assert owners == set(kept)

"""Extending the storage time: by the station's rule, once, never after the return has begun."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.events.models import CustodyEvent
from station.network import queries as network
from station.network.models import StationSettings
from station.parcels import extension, hand_over, handling, overdue, queries
from station.parcels.extension import Extended
from station.parcels.hand_over import Taker
from station.parcels.models import Parcel
from tests.factories import Station, store

MONDAY_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
WEEK_H = 168


def after(hours: float) -> datetime:
    return MONDAY_NOON + timedelta(hours=hours)


def stored_on_monday(station: Station) -> int:
    with clock.use(lambda: MONDAY_NOON):
        return store(station).parcel_id


def extended(station: Station, parcel_id: int, *, at: datetime) -> Extended:
    with clock.use(lambda: at), transaction():
        return extension.extend(station.clerk, parcel_id)


def kept(station: Station, parcel_id: int, *, at: datetime) -> Extended:
    with clock.use(lambda: at), transaction():
        return extension.keep_until_tomorrow(station.clerk, parcel_id)


def refused(station: Station, parcel_id: int, *, at: datetime) -> str:
    with pytest.raises(StationError) as error:
        extended(station, parcel_id, at=at)
    assert error.value.code == "extension_refused"
    return error.value.message


def allow(station: Station, **values: int) -> None:
    with transaction():
        mine = StationSettings.station_id == station.id
        connection().execute(update(StationSettings).where(mine).values(**values))


def parcel(parcel_id: int) -> Parcel:
    with reading():
        found = db.session.scalars(select(Parcel).where(Parcel.id == parcel_id)).one()
        db.session.expunge(found)
    return found


def level_shown(station: Station, parcel_id: int, *, at: datetime) -> str:
    with clock.use(lambda: at), reading():
        return queries.by_ids(queries.clock_of(station.id), [parcel_id])[parcel_id].level


def test_extension_puts_all_levels_off(station: Station) -> None:
    one = stored_on_monday(station)

    granted = extended(station, one, at=after(1))

    assert granted == Extended(one, 24, after(WEEK_H + 24))
    assert parcel(one).due_at == after(48)
    assert level_shown(station, one, at=after(47)) == "none"
    assert level_shown(station, one, at=after(48)) == "remind"


def test_level_already_entered_stays(station: Station) -> None:
    one = stored_on_monday(station)
    with clock.use(lambda: after(48)), transaction():
        overdue.enter_levels(station.id)

    extended(station, one, at=after(49))

    assert parcel(one).due_at == after(96)
    assert level_shown(station, one, at=after(50)) == "overdue"


def test_lists_count_extended_parcels_rightly_while_the_scheduler_is_late(station: Station) -> None:
    with clock.use(lambda: MONDAY_NOON):
        one, other = store(station).parcel_id, store(station).parcel_id
    with transaction():
        connection().execute(update(Parcel).where(Parcel.id == one).values(extended_h=24))

    with clock.use(lambda: after(49)), reading():
        page = queries.page(queries.clock_of(station.id), queries.Filter(tab=queries.Tab.OVERDUE))

    assert [row.id for row in page.rows] == [other]


def test_extension_is_told_in_the_log(station: Station) -> None:
    one = stored_on_monday(station)
    extended(station, one, at=after(1))
    with reading():
        data = db.session.scalar(select(CustodyEvent.data).where(CustodyEvent.kind == "extended"))
    assert data == '{"hours":24}'


def test_second_extension_is_refused(station: Station) -> None:
    one = stored_on_monday(station)
    extended(station, one, at=after(1))
    assert "extended already" in refused(station, one, at=after(2))


def test_station_may_allow_more_or_none(station: Station) -> None:
    one = stored_on_monday(station)
    allow(station, extensions_most=2, extension_h=12)
    extended(station, one, at=after(1))
    assert extended(station, one, at=after(2)).goes_back_at == after(WEEK_H + 24)
    allow(station, extensions_most=0)
    assert "does not extend" in refused(station, one, at=after(3))


def test_return_that_has_begun_is_not_put_off(station: Station) -> None:
    one, other = stored_on_monday(station), stored_on_monday(station)
    with clock.use(lambda: after(2)), transaction():
        handling.start_return(station.clerk, one, reason="not_collected")

    assert "return has begun" in refused(station, one, at=after(3))
    assert "storage time is over" in refused(station, other, at=after(WEEK_H))


def test_come_tomorrow_extends_only_when_it_must(station: Station) -> None:
    one = stored_on_monday(station)

    assert kept(station, one, at=after(24)) == Extended(one, 0, after(WEEK_H))
    # The last evening before it would go back at noon: tomorrow's closing is at 21:00.
    assert kept(station, one, at=after(WEEK_H - 18)) == Extended(one, 24, after(WEEK_H + 24))


def test_come_tomorrow_is_refused_when_the_rule_does_not_reach_so_far(station: Station) -> None:
    allow(station, extension_h=3)
    one = stored_on_monday(station)

    with pytest.raises(StationError, match="cannot wait until then"):
        kept(station, one, at=after(WEEK_H - 18))
    assert parcel(one).extended_h == 0


def test_mistaken_hand_over_keeps_the_extension(station: Station) -> None:
    one = stored_on_monday(station)
    extended(station, one, at=after(1))
    with clock.use(lambda: after(2)), transaction():
        hand_over.hand_over(station.clerk, one, Taker())
    with clock.use(lambda: after(3)), transaction():
        hand_over.undo_hand_over(station.clerk, one, reason="not_taken")

    assert parcel(one).due_at == after(48)


def test_rule_is_said_plainly(station: Station) -> None:
    with reading():
        rules = network.rules(station.id)
    words = extension.rule_in_words(rules)
    assert words == ("You can extend the storage time once, by 24 hours, but not after the return has begun.")

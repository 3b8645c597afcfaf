"""The day book: opening, shifts, figures, the signed close, corrections."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, update
from sqlalchemy.exc import IntegrityError

from station.core import clock
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.days import queries, service
from station.days.models import Day, Shift
from station.days.queries import Figures
from station.events import outbox
from station.events.models import CustodyEvent
from station.events.service import Refusal, keep_refused_scan
from station.events.verify import verify
from station.parcels import hand_over, handling
from station.parcels.hand_over import Taker
from station.parcels.lifecycle import Problem
from tests.factories import Station, make_station, recipient, store

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Monday
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


class Hands:
    """Moves the clock and acts at it."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.now = NOON

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def figures(self, day: date = MONDAY) -> Figures:
        with reading():
            return queries.figures(self.station.id, queries.span_of(self.station.id, day))

    def close(self, day: date = MONDAY) -> queries.DayFacts:
        with transaction():
            return service.close_day(self.station.manager, day)

    def hand_over(self, parcel_id: int) -> None:
        with transaction():
            hand_over.hand_over(self.station.clerk, parcel_id, Taker())

    def kinds(self) -> list[str]:
        with reading():
            return list(
                db.session.scalars(
                    select(CustodyEvent.kind)
                    .where(CustodyEvent.station_id == self.station.id)
                    .order_by(CustodyEvent.seq)
                )
            )


@pytest.fixture
def hands(station: Station):
    made = Hands(station)
    with clock.use(lambda: made.now):
        yield made


def test_a_day_opens_once_and_by_the_station_s_date(hands: Hands) -> None:
    hands.now = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # 01:00 on Monday in Shanghai
    for _ in range(2):
        with transaction():
            opened = service.open_day(hands.station.clerk)
    assert opened.day == MONDAY
    assert hands.kinds().count("day_opened") == 1


def test_the_first_shift_opens_the_day(hands: Hands) -> None:
    with transaction():
        service.start_shift(hands.station.clerk)
    with reading():
        assert queries.day_of(hands.station.id, MONDAY) is not None
        assert [shift.account_id for shift in queries.on_shift(hands.station.id)] == [hands.station.clerk.id]
    assert hands.kinds()[-2:] == ["day_opened", "shift_started"]


def test_a_shift_begins_and_ends_once(hands: Hands) -> None:
    for act in (service.start_shift, service.start_shift, service.end_shift, service.end_shift):
        with transaction():
            act(hands.station.clerk)
        hands.pass_time(hours=1)
    kinds = hands.kinds()
    assert (kinds.count("shift_started"), kinds.count("shift_ended")) == (1, 1)
    with reading():
        [shift] = queries.shifts_in(hands.station.id, queries.span_of(hands.station.id, MONDAY))
    assert shift.ended_at == NOON + timedelta(hours=2)


def test_figures_count_what_came_and_went_by_carrier(hands: Hands) -> None:
    first, second, third = store(hands.station), store(hands.station, carrier="zto"), store(hands.station)
    hands.pass_time(hours=1)
    hands.hand_over(first.parcel_id)
    with transaction():
        handling.start_return(hands.station.clerk, second.parcel_id, reason="refused")
    with transaction():
        handling.return_to_carrier(hands.station.clerk, second.parcel_id)
    with transaction():
        handling.mark_problem(hands.station.clerk, third.parcel_id, Problem.DAMAGED)
    hands.pass_time(minutes=1)
    found = hands.figures()
    zero = dict.fromkeys(queries.COLUMNS, 0)
    assert found["carriers"] == {
        "sf": zero | {"in": 2, "handed_over": 1, "left": 1},
        "zto": zero | {"in": 1, "returned": 1},
    }
    assert found["total"] == zero | {"in": 3, "handed_over": 1, "returned": 1, "left": 1}
    assert found["problems"] == {"damaged": 1}


def test_every_day_s_figures_balance_and_go_on_from_the_day_before(hands: Hands) -> None:
    stored = [store(hands.station).parcel_id for _ in range(5)]
    hands.pass_time(hours=1)
    hands.hand_over(stored[0])
    hands.pass_time(days=1)
    hands.hand_over(stored[1])
    store(hands.station)
    hands.pass_time(minutes=1)
    monday, tuesday = (hands.figures(day)["total"] for day in (MONDAY, TUESDAY))
    for total in (monday, tuesday):
        went = total["handed_over"] + total["returned"] + total["other"]
        assert total["at_start"] + total["in"] - went == total["left"]
    assert monday["left"] == tuesday["at_start"] == 4
    assert tuesday["left"] == 4


def test_what_happens_after_closing_counts_for_the_next_day(hands: Hands) -> None:
    store(hands.station)
    hands.pass_time(hours=8)
    hands.close()
    hands.pass_time(hours=1)
    store(hands.station)
    hands.pass_time(hours=12)
    assert hands.figures(TUESDAY)["total"]["in"] == 1
    assert hands.figures(TUESDAY)["total"]["at_start"] == 1


def test_levels_are_the_clock_s_though_no_job_ran(hands: Hands) -> None:
    store(hands.station)
    hands.pass_time(hours=49)
    assert hands.figures(date(2026, 3, 4))["levels"]["overdue"] == 1


def test_figures_count_refused_scans_and_messages_of_the_day(hands: Hands) -> None:
    with transaction():
        keep_refused_scan(hands.station.clerk, Refusal("check_in", "waybill_malformed", "x"))
    for phone in ("13812344068", "13912344069"):
        store(hands.station, to=recipient(hands.station, phone))
    hands.pass_time(hours=1)
    with transaction():
        claimed = outbox.claim_next(hands.station.id, hands.now)
        assert claimed is not None
        outbox.mark_sent(claimed, channel="console", body="…")
    assert hands.figures()["refused"] == {"waybill_malformed": 1}
    assert hands.figures()["messages"] == {"sent": 1, "failed": 0, "waiting": 1}
    hands.pass_time(days=1)
    assert hands.figures(TUESDAY)["refused"] == {}
    assert hands.figures(TUESDAY)["messages"] == {"sent": 0, "failed": 0, "waiting": 0}


def test_another_station_s_parcels_are_not_counted(app: Flask, hands: Hands) -> None:
    store(make_station("Elsewhere"))
    hands.pass_time(minutes=1)
    assert hands.figures()["carriers"] == {}


# Closing


def test_closing_freezes_signs_and_anchors(hands: Hands) -> None:
    store(hands.station)
    with transaction():
        service.start_shift(hands.station.clerk)
    hands.pass_time(hours=8)
    closed = hands.close()
    assert closed.is_closed
    assert closed.statement is not None
    facts = json.loads(closed.statement)
    assert facts["figures"]["total"]["left"] == 1
    assert facts["shifts"][0]["ended"] is not None
    with reading():
        assert service.verify_close(hands.station.id, MONDAY).is_genuine
        assert queries.on_shift(hands.station.id) == []
        assert verify(hands.station.id).is_whole
    assert hands.kinds()[-2:] == ["shift_ended", "day_closed"]


def test_a_day_is_closed_once(hands: Hands) -> None:
    hands.close()
    with pytest.raises(StationError) as refusal:
        hands.close()
    assert refusal.value.code == "day_closed"
    with pytest.raises(StationError) as refusal, transaction():
        service.open_day(hands.station.clerk)
    assert refusal.value.code == "day_closed"


def test_tomorrow_cannot_be_closed(hands: Hands) -> None:
    with pytest.raises(StationError) as refusal:
        hands.close(TUESDAY)
    assert refusal.value.code == "bad_input"


def test_a_forgotten_day_can_be_closed_later_with_its_own_figures(hands: Hands) -> None:
    store(hands.station)
    hands.pass_time(days=1)
    store(hands.station)
    closed = hands.close(MONDAY)
    assert closed.statement is not None
    assert json.loads(closed.statement)["figures"]["total"]["in"] == 1


@pytest.mark.parametrize(
    "tamper",
    [
        lambda row: {"statement": row.statement.replace('"in":1', '"in":2', 1)},
        lambda row: {"signature": bytes(64)},
        lambda row: {"anchor_seq": row.anchor_seq - 1},
    ],
    ids=["figures", "signature", "anchor"],
)
def test_a_changed_close_is_found(hands: Hands, tamper) -> None:
    store(hands.station)
    hands.pass_time(hours=1)
    closed = hands.close()
    with transaction():
        db.session.execute(update(Day).where(Day.id == closed.id).values(**tamper(closed)))
    with reading():
        report = service.verify_close(hands.station.id, MONDAY)
    assert not report.is_genuine
    assert report.reason


def test_a_close_of_another_day_is_found(hands: Hands) -> None:
    monday = hands.close()
    hands.pass_time(days=1)
    tuesday = hands.close(TUESDAY)
    copied = {name: getattr(monday, name) for name in ("statement", "signature", "anchor_seq")}
    with transaction():
        db.session.execute(update(Day).where(Day.id == tuesday.id).values(**copied))
    with reading():
        assert not service.verify_close(hands.station.id, TUESDAY).is_genuine


def test_an_open_day_has_no_signature_to_check(hands: Hands) -> None:
    with pytest.raises(StationError) as refusal, reading():
        service.verify_close(hands.station.id, MONDAY)
    assert refusal.value.code == "day_not_closed"


def test_a_correction_is_added_and_the_signature_still_fits(hands: Hands) -> None:
    hands.close()
    for text in ("One parcel was counted twice.", "The second one too."):
        with transaction():
            corrected = service.correct(hands.station.manager, MONDAY, text)
    assert corrected.note is not None
    assert len(corrected.note.splitlines()) == 2
    assert "Manager: One parcel was counted twice." in corrected.note
    with reading():
        assert service.verify_close(hands.station.id, MONDAY).is_genuine
    assert hands.kinds()[-1] == "day_corrected"


@pytest.mark.parametrize("text", ["", "  ", "x" * 501, "a\nb", "\x00"])
def test_a_correction_that_is_no_plain_line_is_refused(hands: Hands, text: str) -> None:
    hands.close()
    with pytest.raises(StationError) as refusal, transaction():
        service.correct(hands.station.manager, MONDAY, text)
    assert refusal.value.code == "bad_input"


def test_an_open_day_takes_no_correction(hands: Hands) -> None:
    with transaction():
        service.open_day(hands.station.clerk)
    with pytest.raises(StationError) as refusal, transaction():
        service.correct(hands.station.manager, MONDAY, "Too early.")
    assert refusal.value.code == "day_not_closed"


def test_figures_ask_as_often_for_many_parcels_as_for_one(hands: Hands) -> None:
    store(hands.station)
    one = asked(hands)
    for _ in range(10):
        store(hands.station)
    assert asked(hands) == one


def asked(hands: Hands) -> int:
    count = 0

    def note(*_args: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", note)
    hands.figures()
    event.remove(db.engine, "before_cursor_execute", note)
    return count


def test_a_shift_open_twice_is_impossible(hands: Hands) -> None:

    with transaction():
        shift = service.start_shift(hands.station.clerk)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(
            insert(Shift).values(
                station_id=hands.station.id, id=shift.id + 1, account_id=shift.account_id, started_at=NOON
            )
        )

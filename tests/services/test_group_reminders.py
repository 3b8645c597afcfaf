"""Reminders before a cut-off: for who asked, for buyers of what would fail; once, never at night, never afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from station.core import clock
from station.core.db import reading, transaction
from station.core.errors import StationError
from station.core.i18n import speaking
from station.group_buys import campaigns, cut_off, jobs, messages, reminders
from station.group_buys.messages import GroupNote
from station.group_buys.plans import AtCutOff
from station.notices import sms
from station.notices.quiet import Hours, hours
from station.residents import links
from tests import sharing
from tests.sharing import CUT_OFF, deal, sleep_at_night

SHANGHAI = "Asia/Shanghai"
NIGHT = hours("21:00", "08:00")
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)


def local(hour, minute=0, *, day=20):
    """Return a moment of the clock on the wall in Shanghai."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("begins", "cut_off_at", "at"),
    [
        (LONG_AGO, local(20), local(17)),
        (local(16), local(20), local(18)),  # half of a short time to order
        (LONG_AGO, local(10), local(8)),  # in the night, and there is time in the morning
        (LONG_AGO, local(8, 30), local(20, day=19)),  # in the night, and there is none: the evening before
        (LONG_AGO, local(23, 30), local(20, 30)),
        (LONG_AGO, local(2), local(20, day=19)),
        (
            local(22, day=19),
            local(6),
            local(22, day=19),
        ),  # ordering only at night: nothing is before it begins
    ],
)
def test_the_moment_is_before_the_cut_off_and_not_at_night(begins, cut_off_at, at):
    assert reminders.remind_at(begins, cut_off_at, SHANGHAI, NIGHT) == at


def test_without_quiet_hours_it_is_three_hours_before():
    assert reminders.remind_at(LONG_AGO, local(5), SHANGHAI, None) == local(2)


def test_quiet_hours_of_the_day_count_too():
    at = reminders.remind_at(LONG_AGO, local(16), SHANGHAI, Hours(*[local(h).time() for h in (4, 7)]))
    assert at < local(16)


def ask(one, person):
    one.do(reminders.ask, one.id, person.id)


def run(one, settings):
    with clock.use(one.clock):
        return jobs.remind(settings)


def told(one):
    return [each for each in sharing.messages(one.station) if each[0] in ("group_closing", "group_more")]


def refused(one, person):
    with pytest.raises(StationError) as caught:
        ask(one, person)
    return caught.value.code


def soon(one):
    """Let the time to remind come."""
    one.clock.time = CUT_OFF - timedelta(hours=2)
    return one


def words(one, note, recipient_id):
    number = one.campaign.number
    with reading(), clock.use(one.clock):
        return messages.write(note, one.station.id, recipient_id, number=number)


def test_who_asked_is_told_once_however_often_the_job_runs(station, settings):
    one = deal(station)
    person = one.person()
    ask(one, person)
    ask(one, person)
    assert run(one, settings) == "0 campaigns"
    soon(one)
    assert [run(one, settings) for _ in range(2)] == ["1 campaigns", "0 campaigns"]
    assert told(one) == [("group_closing", person.id)]
    assert "Strawberries" in words(one, GroupNote.CLOSING, person.id)


def test_a_wish_is_taken_back(station, settings):
    one = deal(station)
    person = one.person()
    ask(one, person)
    one.do(reminders.take_back, one.id, [person.id])
    one.do(reminders.take_back, one.id, [person.id])
    soon(one)
    run(one, settings)
    assert told(one) == []


def test_a_job_that_did_not_run_until_the_cut_off_sends_nothing(station, settings):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_IF_MINIMUM, minimum_total=9)
    ask(one, one.person())
    one.order(1)
    one.at_cut_off()
    for _ in range(2):
        assert run(one, settings) == "0 campaigns"
    assert told(one) == []
    with reading(), clock.use(one.clock):
        assert reminders.due_stations(one.clock.time) == []


def test_a_message_that_could_not_go_out_in_time_says_nothing(station, settings):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_IF_MINIMUM, minimum_total=9)
    person = one.person()
    ask(one, person)
    buyer = one.get(one.order(1)).recipient_id
    soon(one)
    run(one, settings)
    one.at_cut_off()
    assert words(one, GroupNote.CLOSING, person.id) is None
    assert words(one, GroupNote.MORE, buyer) is None


def test_who_ordered_meanwhile_is_reminded_of_nothing(station, settings):
    one = deal(station)
    person = one.person()
    ask(one, person)
    one.order(1, person=person)
    soon(one)
    run(one, settings)
    assert words(one, GroupNote.CLOSING, person.id) is None


def test_who_has_ordered_or_comes_late_asks_in_vain(station):
    one = deal(station)
    buyer = one.person()
    one.order(1, person=buyer)
    assert refused(one, buyer) == "already_ordered"
    soon(one)
    assert refused(one, one.person()) == "reminder_over"
    one.at_cut_off()
    one.do(cut_off.cut_off, one.id)
    assert refused(one, one.person()) == "reminder_over"


def test_buyers_of_what_would_fail_are_told_once_what_is_missing(station, settings):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_IF_MINIMUM, minimum_total=4)
    buyer = one.get(one.order(1)).recipient_id
    soon(one)
    for _ in range(2):
        run(one, settings)
    assert told(one) == [("group_more", buyer)]
    assert "3 more" in words(one, GroupNote.MORE, buyer)
    one.order(3)
    assert words(one, GroupNote.MORE, buyer) is None


@pytest.mark.parametrize("rule", [AtCutOff.CLOSE, AtCutOff.CLOSE_AND_ORDER])
def test_buyers_are_left_alone_where_nothing_fails(station, settings, rule):
    one = deal(station, at_cut_off=rule, minimum_total=4 if rule is AtCutOff.CLOSE else 1)
    one.order(1)
    soon(one)
    run(one, settings)
    assert told(one) == []


def test_a_later_cut_off_tells_no_buyer_twice(station, settings):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_IF_MINIMUM, minimum_total=4)
    one.order(1)
    soon(one)
    run(one, settings)
    found = one.campaign
    with reading():
        plan = campaigns.plan_of(station.id, found)
    later = replace(plan, cut_off_at=CUT_OFF + timedelta(hours=12))
    with clock.use(one.clock), transaction():
        campaigns.change(station.manager, one.id, later, version=found.version)
    one.clock.wind(timedelta(hours=12))
    run(one, settings)
    assert len(told(one)) == 1


def test_at_night_it_is_told_before(station, settings):
    sleep_at_night(station)
    one = deal(station, cut_off_at=CUT_OFF + timedelta(hours=12, minutes=30))  # 08:30 in Shanghai
    ask(one, one.person())
    one.clock.time = CUT_OFF - timedelta(minutes=1)
    assert run(one, settings) == "0 campaigns"
    one.clock.time = CUT_OFF  # 20:00
    assert run(one, settings) == "1 campaigns"


def test_a_wish_of_a_campaign_that_was_called_off_is_forgotten(station, settings):
    one = deal(station)
    person = one.person()
    ask(one, person)
    with clock.use(one.clock), transaction():
        campaigns.cancel(station.manager, one.id, reason="Rain")
    run(one, settings)
    with reading():
        assert not reminders.is_asked(station.id, one.id, [person.id])
    assert told(one) == []


def test_the_public_page_is_in_the_message_where_there_is_an_address(station, settings, app):
    one = deal(station, at_cut_off=AtCutOff.CLOSE_IF_MINIMUM, minimum_total=4)
    buyer = one.get(one.order(1)).recipient_id
    soon(one)
    links.configure("https://maple.example")
    try:
        text = words(one, GroupNote.MORE, buyer)
    finally:
        links.configure("")
    assert text.endswith(f"https://maple.example/buy/{station.id}/{one.campaign.share_token}")


@pytest.mark.parametrize("spoken", ["en", "zh"])
def test_the_words_fit_a_phone(station, spoken):
    title = "草莓" if spoken == "zh" else "Berries"
    one = deal(station, at_cut_off=AtCutOff.CLOSE_AND_ORDER, title=title)
    buyer = one.get(one.order(1)).recipient_id
    with speaking(spoken):
        closing = words(one, GroupNote.CLOSING, one.person().id)
        one.cut_off()
        late = words(one, GroupNote.LATE, buyer)
    assert sms.size(closing).parts == 1
    assert sms.size(late).parts <= 2

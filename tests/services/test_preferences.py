"""Preferences: what was chosen is what is read, what makes no sense is refused in words, nothing personal is logged."""

from datetime import time

import pytest
from sqlalchemy import select

from station.core.db import connection, reading, transaction
from station.core.errors import StationError
from station.events.models import CustodyEvent
from station.residents import preferences
from station.residents.preferences import Preferences, Way
from tests.factories import Station, make_station, recipient

NIGHT = Preferences(Way.EMAIL, "ming@example.org", time(22), time(7), "en")


def choose(station: Station, recipient_id: int, chosen: Preferences) -> None:
    with transaction():
        preferences.choose(station.clerk, recipient_id, chosen)


def of(station: Station, recipient_id: int) -> Preferences:
    with reading():
        return preferences.of(station.id, recipient_id)


def test_what_was_chosen_last_counts(station: Station) -> None:
    ming = recipient(station).id
    assert of(station, ming) == Preferences()
    choose(station, ming, NIGHT)
    assert of(station, ming) == NIGHT
    choose(station, ming, Preferences(Way.NONE))
    assert of(station, ming) == Preferences(Way.NONE)


def test_the_same_again_is_not_logged_and_nothing_personal_ever(station: Station) -> None:
    ming = recipient(station).id
    choose(station, ming, NIGHT)
    choose(station, ming, NIGHT)
    with reading():
        query = select(CustodyEvent.data).where(CustodyEvent.kind == "preferences_changed")
        logged = list(connection().scalars(query))
    assert logged == [f'{{"channel":"email","language":"en","recipient":"{ming}"}}']


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (Preferences(Way.EMAIL), "Type the e-mail address"),
        (Preferences(email="ming"), "looks like"),
        (Preferences(email="a@b.cd\nBcc: everybody@b.cd"), "looks like"),
        (Preferences(email="a@b.cd,c@d.ef"), "looks like"),
        (Preferences(language="tlh"), "languages in the list"),
        (Preferences(quiet_from=time(22)), "both times"),
        (Preferences(quiet_from=time(7), quiet_until=time(7)), "at the same time"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(station: Station, chosen: Preferences, words: str) -> None:
    ming = recipient(station).id
    with pytest.raises(StationError, match=words) as refused:
        choose(station, ming, chosen)
    assert refused.value.code == "bad_input"
    assert of(station, ming) == Preferences()


def test_another_stations_recipient_is_not_known(station: Station) -> None:
    stranger = recipient(make_station("Elsewhere")).id
    with pytest.raises(StationError) as refused:
        choose(station, stranger, NIGHT)
    assert refused.value.code == "not_found"

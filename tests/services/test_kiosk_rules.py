"""What a station lets its kiosks do."""

from sqlalchemy import select

from station.core.db import connection, reading, transaction
from station.events.models import CustodyEvent
from station.kiosks import rules
from station.kiosks.rules import KioskRules
from tests.factories import Station, make_station

EVERYTHING = KioskRules(
    takes_pickup_codes=True, takes_faces=True, face_always_asks_tail=False, takes_photos=True
)


def rules_of(station: Station) -> KioskRules:
    with reading():
        return rules.for_station(station.id)


def test_a_station_that_never_chose_has_the_careful_defaults(station: Station) -> None:
    assert rules_of(station) == KioskRules(True, False, True, False)


def test_what_a_manager_chose_holds_for_that_station_only_and_is_logged(station: Station) -> None:
    other = make_station("Lotus Garden")
    with transaction():
        assert rules.change(station.manager, EVERYTHING)
    assert rules_of(station) == EVERYTHING
    assert rules_of(other) == KioskRules()
    with reading():
        kinds = list(
            connection().scalars(select(CustodyEvent.kind).where(CustodyEvent.station_id == station.id))
        )
    assert kinds.count("kiosk_rules_changed") == 1


def test_the_same_rules_again_change_nothing(station: Station) -> None:
    with transaction():
        rules.change(station.manager, EVERYTHING)
    with transaction():
        assert not rules.change(station.manager, EVERYTHING)


def test_rules_can_be_changed_back(station: Station) -> None:
    with transaction():
        rules.change(station.manager, EVERYTHING)
    with transaction():
        assert rules.change(station.manager, KioskRules())
    assert rules_of(station) == KioskRules()

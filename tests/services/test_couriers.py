"""Couriers: how they come in, for which carriers, on which phones, and how they go."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from station.accounts import queries as accounts
from station.accounts import staff
from station.core import clock
from station.core.db import connection, db, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.core.phones import Phone, parse
from station.couriers import applications, invitations, people_queries, personal, phones, queries, service
from station.couriers.applications import Wish
from station.couriers.invitations import Asks, Person
from station.couriers.models import Courier, CourierApplication, CourierCarrier, CourierInvitation
from station.couriers.phones import LASTS, Trust
from station.events.models import CustodyEvent
from tests.couriers import make_courier
from tests.factories import Station, make_station

NUMBER = "13700001234"


def phone(number: str = NUMBER) -> Phone:
    found = parse(number)
    assert found is not None
    return found


def zhao(*carriers: str) -> Person:
    return Person("Zhao Lei", phone(), carriers or ("sf",))


def wish(*carriers: str, password_hash: str = "asked") -> Wish:
    return Wish("Zhao Lei", phone(), carriers or ("zto",), password_hash)


@pytest.fixture
def other(app: object) -> Station:
    return make_station("Lotus Garden")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Let time pass."""

    def pass_by(time: timedelta) -> None:
        moment = clock.now() + time
        monkeypatch.setattr(clock, "now", lambda: moment)

    return pass_by


def invite(station: Station, person: Person | None = None) -> str:
    with transaction():
        return invitations.invite(station.manager, person or zhao()).code


def ask(station: Station, wanted: Wish | None = None) -> int:
    with transaction():
        applications.ask(station.id, wanted or wish())
    with reading():
        return people_queries.asking(station.id)[-1].id


def carriers(station: Station, account_id: int) -> tuple[str, ...]:
    with reading():
        return queries.carriers_of(station.id, account_id)


def proof() -> queries.Proof:
    with reading():
        return queries.proof(invitations.phone_hash(phone().key))


def test_invitation_lets_a_courier_in_for_its_carriers(station: Station) -> None:
    code = invite(station, zhao("zto", "sf"))

    with transaction():
        account_id = invitations.accept_with_new_password(code, "chosen")

    assert carriers(station, account_id) == ("sf", "zto")
    assert proof().password_hash == "chosen"


@pytest.mark.parametrize("typed", ["{}", " {} ", "{} "])
def test_code_is_read_in_any_case_and_grouping(station: Station, typed: str) -> None:
    code = invite(station)

    with reading():
        assert invitations.read(typed.format(code.lower().replace("-", " "))).person == zhao()


def test_invitation_works_once(station: Station) -> None:
    code = invite(station)
    with transaction():
        invitations.accept_with_new_password(code, "chosen")

    with pytest.raises(StationError) as refused, transaction():
        invitations.accept_with_new_password(code, "again")

    assert refused.value.code == "link_over"


def test_invitation_is_over_after_seven_days(station: Station, later) -> None:
    code = invite(station)
    later(invitations.VALID_FOR)

    with pytest.raises(StationError) as refused, reading():
        invitations.read(code)

    assert refused.value.code == "link_over"
    with transaction():
        assert invitations.forget_old(clock.now()) == 1


def test_newer_invitation_of_a_number_ends_the_older(station: Station) -> None:
    first, _second = invite(station), invite(station)

    with pytest.raises(StationError) as refused, reading():
        invitations.read(first)

    assert refused.value.code == "link_over"


def test_invitation_taken_back_works_no_more(station: Station, other: Station) -> None:
    code = invite(station)
    with reading():
        invitation_id = people_queries.invited(station.id)[0].id
    with pytest.raises(StationError), transaction():
        invitations.take_back(other.manager, invitation_id)

    with transaction():
        invitations.take_back(station.manager, invitation_id)

    with pytest.raises(StationError), reading():
        invitations.read(code)


def test_code_is_kept_as_a_keyed_hash_and_person_encrypted(station: Station) -> None:
    code = invite(station).replace("-", "")

    with reading():
        row = connection().exec_driver_sql("select code_hash, phone, name from courier_invitations").one()
    assert code.encode() not in bytes(row[0])
    assert NUMBER.encode() not in bytes(row[1])
    assert b"Zhao" not in bytes(row[2])


def test_lost_password_of_ones_own_courier_is_replaced_and_sessions_end(station: Station) -> None:
    courier = make_courier(station, phone=NUMBER)
    with transaction():
        code = invitations.invite_again(station.manager, courier.account_id).code

    with transaction():
        account_id = invitations.accept_with_new_password(code, "new")

    assert account_id == courier.account_id
    assert proof().password_hash == "new"
    with reading():
        assert people_queries.phones_of([account_id]) == {}


def test_manager_cannot_replace_the_password_of_another_stations_courier(
    station: Station, other: Station
) -> None:
    courier = make_courier(other, phone=NUMBER)
    code = invite(station)
    with reading():
        assert invitations.read(code).asks is Asks.OWN_PASSWORD

    with pytest.raises(StationError) as refused, transaction():
        invitations.accept_with_new_password(code, "stolen")
    assert refused.value.code == "stale"
    assert proof().password_hash != "stolen"

    with transaction():
        invitations.accept(code)
    assert carriers(station, courier.account_id) == ("sf",)


def test_joining_elsewhere_meanwhile_protects_the_password(station: Station, other: Station) -> None:
    courier = make_courier(station, phone=NUMBER)
    code = invite(station)
    with transaction():
        service.let_in(other.manager, courier.account_id, ("jd",))

    with pytest.raises(StationError) as refused, transaction():
        invitations.accept_with_new_password(code, "stolen")

    assert refused.value.code == "stale"


def test_application_is_confirmed_for_the_carriers_the_manager_says(station: Station) -> None:
    application_id = ask(station, wish("zto", "jd"))

    with transaction():
        account_id = applications.confirm(station.manager, application_id, ["zto"])

    assert carriers(station, account_id) == ("zto",)
    assert proof() == queries.Proof(account_id, "asked", NUMBER)
    with reading():
        assert people_queries.asking(station.id) == []


def test_application_never_replaces_a_password(station: Station, other: Station) -> None:
    courier = make_courier(other, phone=NUMBER)
    known = proof().password_hash
    application_id = ask(station)

    with transaction():
        assert applications.confirm(station.manager, application_id, ["zto"]) == courier.account_id

    assert proof().password_hash == known


def test_nobody_gets_in_before_the_manager_confirms(station: Station) -> None:
    ask(station)

    assert proof() == queries.Proof()


def test_refused_application_leaves_nothing_personal(station: Station) -> None:
    application_id = ask(station)

    with transaction():
        applications.refuse(station.manager, application_id)

    with reading():
        assert db.session.scalars(select(CourierApplication.id)).all() == []


def test_newest_application_of_a_number_counts(station: Station) -> None:
    ask(station, wish(password_hash="first"))
    newest = ask(station, wish(password_hash="second"))

    with reading():
        assert [one.id for one in people_queries.asking(station.id)] == [newest]


def test_application_of_another_station_is_not_found(station: Station, other: Station) -> None:
    application_id = ask(station)

    for act in (applications.refuse, lambda actor, id_: applications.confirm(actor, id_, ["sf"])):
        with pytest.raises(StationError) as refused, transaction():
            act(other.manager, application_id)
        assert refused.value.code == "not_found"


def test_applications_are_forgotten_after_a_week_and_never_too_many(
    station: Station, later, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(station)
    monkeypatch.setattr(applications, "MOST_WAITING", 1)
    with pytest.raises(StationError) as refused, transaction():
        applications.ask(station.id, Wish("Li", phone("13700009999"), ("sf",), "x"))
    assert refused.value.code == "too_many_attempts"

    later(applications.KEPT)
    with transaction():
        assert applications.forget_old(station.id, clock.now()) == 1


@pytest.mark.parametrize("chosen", [(), ("nobody",), ("sf", "nobody")])
def test_courier_comes_for_known_carriers_and_at_least_one(station: Station, chosen: tuple[str, ...]) -> None:
    courier = make_courier(station)

    with pytest.raises(StationError) as refused, transaction():
        service.change_carriers(station.manager, courier.account_id, chosen)

    assert refused.value.code == "bad_input"
    assert carriers(station, courier.account_id) == ("sf", "zto")


def test_carriers_are_of_one_station(station: Station, other: Station) -> None:
    courier = make_courier(station)
    with transaction():
        service.let_in(other.manager, courier.account_id, ("jd",))

    assert carriers(station, courier.account_id) == ("sf", "zto")
    assert carriers(other, courier.account_id) == ("jd",)


def test_courier_shut_out_of_the_only_station_is_signed_out(station: Station) -> None:
    courier = make_courier(station)

    with transaction():
        service.shut_out(station.manager, courier.account_id)

    with reading():
        assert signed_in(courier) is None
    with transaction():
        service.let_in_again(station.manager, courier.account_id)
    assert carriers(station, courier.account_id) == ("sf", "zto")


def test_courier_shut_out_of_one_station_goes_on_at_the_other(station: Station, other: Station) -> None:
    courier = make_courier(station)
    with transaction():
        service.let_in(other.manager, courier.account_id, ("jd",))
        service.shut_out(station.manager, courier.account_id)

    with reading():
        found = signed_in(courier)
    assert found is not None
    assert found.station_id == other.id


def signed_in(courier: queries.SignedInCourier) -> queries.SignedInCourier | None:
    return queries.signed_in(
        courier.account_id, epoch=courier.epoch, phone_id=courier.phone_id, station_id=courier.station_id
    )


@pytest.mark.parametrize("trust", Trust)
def test_phone_stays_signed_in_as_long_as_it_is_trusted(station: Station, later, trust: Trust) -> None:
    courier = make_courier(station)
    with transaction():
        phone_id = phones.add(courier.account_id, "Android", trust)
    later(LASTS[trust] - timedelta(minutes=1))
    with reading():
        assert queries.signed_in(courier.account_id, epoch=1, phone_id=phone_id, station_id=station.id)

    later(timedelta(minutes=1))

    with reading():
        assert not queries.signed_in(courier.account_id, epoch=1, phone_id=phone_id, station_id=station.id)


def test_phone_of_another_courier_cannot_be_ended(station: Station) -> None:
    mine, theirs = make_courier(station), make_courier(station)

    with pytest.raises(StationError) as refused, transaction():
        phones.end(mine.account_id, theirs.phone_id)

    assert refused.value.code == "not_found"


def test_couriers_are_nobody_on_the_staffs_pages(station: Station) -> None:
    courier = make_courier(station)

    with reading():
        assert accounts.person(courier.account_id, epoch=1, station_id=station.id) is None
        assert courier.account_id not in {one.account_id for one in accounts.staff(station.id)}
        assert accounts.names(station.id, [courier.actor.key]) == {
            courier.actor.key: "Zhao Lei",
            "system:0": "Stationmaster",
        }
    with pytest.raises(StationError) as refused, transaction():
        staff.change_role(station.manager, courier.account_id, role=Role.MANAGER)
    assert refused.value.code == "not_found"


def test_export_names_everything_that_is_kept(station: Station) -> None:
    courier = make_courier(station, phone=NUMBER)

    with reading():
        text = personal.export(courier)

    assert all(part in text for part in ("Zhao Lei", NUMBER, "Maple Court", "zto", "Android, Chrome"))


def test_erased_courier_leaves_a_number_only(station: Station, other: Station) -> None:
    courier = make_courier(station, phone=NUMBER)
    with transaction():
        service.let_in(other.manager, courier.account_id, ("jd",))
    ask(other)
    invite(other)

    with transaction():
        personal.erase(courier)

    with reading():
        for table in (Courier, CourierCarrier, CourierApplication, CourierInvitation):
            assert connection().execute(select(table.__table__)).all() == []
        assert signed_in(courier) is None
        assert accounts.names(station.id, [courier.actor.key])[courier.actor.key] == ""
        kinds = db.session.scalars(
            select(CustodyEvent.station_id).where(CustodyEvent.kind == "courier_erased")
        ).all()
    assert sorted(kinds) == sorted([station.id, other.id])


def test_log_names_nobody(station: Station) -> None:
    ask(station)
    code = invite(station)
    with transaction():
        invitations.accept_with_new_password(code, "chosen")

    with reading():
        data = db.session.scalars(select(CustodyEvent.data).where(CustodyEvent.kind.like("courier%"))).all()
    assert data
    assert not any("Zhao" in one or NUMBER in one for one in data)

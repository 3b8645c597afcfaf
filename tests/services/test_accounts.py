"""Accounts below the pages: sign-in, passwords, staff, devices; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from station.accounts import devices, passwords, queries, service, staff
from station.accounts.models import Account, Device, Membership
from station.accounts.service import NewAccount
from station.core import clock
from station.core.actor import Actor, ActorKind, system_actor
from station.core.db import db, reading, transaction
from station.core.errors import StationError
from station.core.permissions import Role
from station.events.models import CustodyEvent
from tests.factories import PASSWORD, Station, make_station

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PREPARED = staff.Prepared("one-time-one", passwords.hash_password("one-time-one"))


def login_of(actor: Actor) -> str:
    with reading():
        return db.session.execute(select(Account.login).where(Account.id == actor.id)).scalar_one()


def events_of(station: Station) -> list[tuple[str, str]]:
    with reading():
        rows = db.session.execute(
            select(CustodyEvent.kind, CustodyEvent.data)
            .where(CustodyEvent.station_id == station.id)
            .order_by(CustodyEvent.seq)
        )
        return [tuple(row) for row in rows]


def person_now(actor: Actor) -> queries.Person | None:
    with reading():
        epoch = db.session.execute(select(Account.epoch).where(Account.id == actor.id)).scalar_one()
        return queries.person(actor.id, epoch=epoch, station_id=actor.station_id)


def refusal(code: str):
    return pytest.raises(StationError, check=lambda error: error.code == code)


def add_clerk(station: Station, login: str = "sun.li") -> Actor:
    with transaction():
        made = staff.add_staff(
            station.manager, NewAccount(login, "Sun Li"), role=Role.CLERK, prepared=PREPARED
        )
    return Actor(ActorKind.STAFF, made.account_id, station.id, Role.CLERK, "Sun Li")


@pytest.mark.parametrize("typed", ["{}", "  {} ", "{upper}", "{wide}"])
def test_sign_in_finds_the_account_however_the_name_is_typed(station: Station, typed: str) -> None:
    login = login_of(station.clerk)
    wide = "".join(chr(ord(char) + 0xFEE0) for char in login)

    with transaction():
        found = service.begin_sign_in(
            typed.format(login, upper=login.upper(), wide=wide), address="192.0.2.1"
        )

    assert found.account_id == station.clerk.id
    assert passwords.matches(found.password_hash, PASSWORD)


def test_unknown_login_costs_as_much_and_matches_nothing(station: Station) -> None:
    with transaction():
        found = service.begin_sign_in("nobody", address="192.0.2.1")

    assert found.account_id is None
    assert not passwords.matches(found.password_hash, PASSWORD)


def test_sixth_try_for_a_login_is_refused_wherever_it_comes_from(station: Station) -> None:
    login = login_of(station.clerk)
    for number in range(5):
        with transaction():
            service.begin_sign_in(login, address=f"192.0.2.{number}")

    with refusal("too_many_attempts"), transaction():
        service.begin_sign_in(login, address="198.51.100.1")


def test_thirty_first_try_from_an_address_is_refused_whatever_the_login(station: Station) -> None:
    for number in range(30):
        with transaction():
            service.begin_sign_in(f"login{number}", address="192.0.2.1")

    with refusal("too_many_attempts"), transaction():
        service.begin_sign_in("another", address="192.0.2.1")


def test_limit_ends_after_a_quarter_of_an_hour(station: Station) -> None:
    login = login_of(station.clerk)
    with clock.use(lambda: NOW):
        for _attempt in range(5):
            with transaction():
                service.begin_sign_in(login, address="192.0.2.1")

    with clock.use(lambda: NOW + timedelta(minutes=15, seconds=1)), transaction():
        assert service.begin_sign_in(login, address="192.0.2.1").account_id == station.clerk.id


def test_right_password_forgives_earlier_slips(station: Station) -> None:
    login = login_of(station.clerk)
    for _attempt in range(4):
        with transaction():
            candidate = service.begin_sign_in(login, address="192.0.2.1")
    with transaction():
        service.complete_sign_in(candidate, new_hash=None)

    for _attempt in range(5):
        with transaction():
            service.begin_sign_in(login, address="192.0.2.1")


def test_sign_in_leads_to_the_station_of_the_membership(station: Station) -> None:
    with transaction():
        candidate = service.begin_sign_in(login_of_in(station.clerk), address="192.0.2.1")
        person = service.complete_sign_in(candidate, new_hash="changed")

    assert person is not None
    assert person.actor == Actor(ActorKind.STAFF, station.clerk.id, station.id, Role.CLERK, "Clerk")
    with reading():
        stored = db.session.execute(select(Account.password_hash).where(Account.id == station.clerk.id))
        assert stored.scalar_one() == "changed"


def login_of_in(actor: Actor) -> str:
    return db.session.execute(select(Account.login).where(Account.id == actor.id)).scalar_one()


def test_new_password_ends_the_other_sessions(station: Station) -> None:
    before = person_now(station.clerk)
    with transaction():
        after = service.complete_password_change(station.clerk, "new hash")

    assert before is not None
    assert after is not None
    assert after.epoch == before.epoch + 1
    with reading():
        assert queries.person(before.account_id, epoch=before.epoch, station_id=station.id) is None


def test_signing_out_everywhere_ends_every_session(station: Station) -> None:
    before = person_now(station.clerk)
    with transaction():
        service.sign_out_everywhere(station.clerk)

    assert before is not None
    with reading():
        assert queries.person(before.account_id, epoch=before.epoch, station_id=station.id) is None


@pytest.mark.parametrize(
    "login", ["", "a", "ab", "-abc", "a b c", "陈晓明", "a" * 41, "a\x00bc", "a/b", "😀😀😀"]
)
def test_sign_in_name_that_cannot_be_typed_everywhere_is_refused(station: Station, login: str) -> None:
    with refusal("bad_input"), transaction():
        service.add_account(station.manager, NewAccount(login, "Name"), password="correct horse")


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\nb", "a\x00b", "\u202egnaf"])
def test_name_that_shows_as_something_else_is_refused(station: Station, name: str) -> None:
    with refusal("bad_input"), transaction():
        service.add_account(station.manager, NewAccount("sun.li", name), password="correct horse")


def test_sign_in_name_is_taken_once_in_the_network(station: Station) -> None:
    other = make_station("Lotus Garden")
    add_clerk(station)

    with refusal("login_taken"):
        add_clerk(other)


def test_new_clerk_has_to_choose_a_password(station: Station) -> None:
    clerk = add_clerk(station)
    person = person_now(clerk)

    assert person is not None
    assert person.must_change_password
    assert events_of(station)[-1] == ("staff_added", f'{{"account":"{clerk.id}","role":"clerk"}}')


def test_custody_log_holds_no_name(station: Station) -> None:
    clerk = add_clerk(station)
    with transaction():
        staff.rename_staff(station.manager, clerk.id, name="Zhao Min")

    text = str(events_of(station))

    assert "staff_renamed" in text
    assert "Sun Li" not in text
    assert "Zhao Min" not in text


def test_network_role_is_not_given_by_a_station(station: Station) -> None:
    new = NewAccount("sun.li", "Sun Li")

    with refusal("bad_input"), transaction():
        staff.add_staff(station.manager, new, role=Role.NETWORK_ADMIN, prepared=PREPARED)


def test_disabled_clerk_is_out_at_once_and_may_come_back(station: Station) -> None:
    with transaction():
        staff.disable_staff(station.manager, station.clerk.id)
    assert person_now(station.clerk) is None

    with transaction():
        staff.enable_staff(station.manager, station.clerk.id)
    assert person_now(station.clerk) is not None
    assert [kind for kind, _data in events_of(station)][-2:] == ["staff_disabled", "staff_enabled"]


def test_nobody_disables_themselves(station: Station) -> None:
    with refusal("not_yourself"), transaction():
        staff.disable_staff(station.manager, station.manager.id)


def test_last_manager_stays_even_when_the_network_disables(station: Station) -> None:
    with refusal("last_manager"), transaction():
        staff.disable_staff(system_actor(station.id), station.manager.id)

    assert person_now(station.manager) is not None


def test_manager_reaches_nobody_of_another_station(station: Station) -> None:
    other = make_station("Lotus Garden")
    acts = (
        lambda: staff.disable_staff(station.manager, other.clerk.id),
        lambda: staff.enable_staff(station.manager, other.clerk.id),
        lambda: staff.rename_staff(station.manager, other.clerk.id, name="X"),
        lambda: staff.reset_password(station.manager, other.clerk.id, prepared=PREPARED),
    )
    for act in acts:
        with refusal("not_found"), transaction():
            act()


def test_password_of_somebody_who_works_elsewhere_is_not_reset_here(station: Station) -> None:
    other = make_station("Lotus Garden")
    with transaction():
        service.add_membership(other.manager, station.clerk.id, role=Role.MANAGER)

    with refusal("forbidden"), transaction():
        staff.reset_password(station.manager, station.clerk.id, prepared=PREPARED)


def test_reset_password_ends_sessions_and_asks_for_another(station: Station) -> None:
    before = person_now(station.clerk)
    with transaction():
        made = staff.reset_password(station.manager, station.clerk.id, prepared=PREPARED)

    after = person_now(station.clerk)
    assert before is not None
    assert after is not None
    assert made.password == PREPARED.password
    assert after.must_change_password
    assert after.epoch == before.epoch + 1


def test_network_administrator_works_at_every_station(station: Station) -> None:
    other = make_station("Lotus Garden")
    with transaction():
        new = NewAccount("zhao.min", "Zhao Min")
        admin = service.add_account(system_actor(station.id), new, password="correct horse")
        service.add_membership(system_actor(station.id), admin, role=Role.NETWORK_ADMIN)

    with reading():
        places = {place.station_id: place.managers for place in queries.work_places(admin)}
        people = [queries.person(admin, epoch=1, station_id=place) for place in (station.id, other.id)]
    assert places == {station.id: 1, other.id: 1}
    assert [person.role if person else None for person in people] == [Role.NETWORK_ADMIN] * 2


def test_clerk_of_one_station_is_nobody_at_another(station: Station) -> None:
    other = make_station("Lotus Garden")

    with reading():
        assert queries.person(station.clerk.id, epoch=1, station_id=other.id) is None
        assert [place.station_id for place in queries.work_places(station.clerk.id)] == [station.id]


def test_membership_rows_are_kept_when_somebody_leaves(station: Station) -> None:
    with transaction():
        staff.disable_staff(station.manager, station.clerk.id)

    with reading():
        rows = select(func.count()).where(Membership.account_id == station.clerk.id)
        assert db.session.execute(rows).scalar_one() == 1


def test_token_opens_its_own_station_only(station: Station) -> None:
    with transaction():
        made = devices.add_device(station.manager, name="Gate scanner")

    with reading():
        actor = devices.authenticate_device(made.token)
        stored = db.session.execute(select(Device.token_hash)).scalar_one()

    assert actor == Actor(ActorKind.DEVICE, made.id, station.id, Role.DEVICE, "Gate scanner")
    assert made.token.encode() not in bytes(stored)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token + "x",
        lambda token: token[:-1],
        lambda token: token.replace("smt", "SMT"),
        lambda _token: "",
        lambda _token: "smt_1_2_" + "a" * 43,
        lambda _token: "smt_99999999999999999999_1_" + "a" * 43,
        lambda _token: "smt_9999999999999999999_9999999999999999999_" + "a" * 43,
        lambda token: token.replace("_", "-"),
        lambda token: token + "\n",
    ],
)
def test_token_that_is_not_ours_is_refused(station: Station, spoil) -> None:
    with transaction():
        made = devices.add_device(station.manager, name="Gate scanner")

    with refusal("sign_in_needed"), reading():
        devices.authenticate_device(spoil(made.token))


def test_revoked_token_is_refused_for_ever(station: Station) -> None:
    with transaction():
        made = devices.add_device(station.manager, name="Gate scanner")
    with transaction():
        devices.revoke_device(station.manager, made.id)

    with refusal("sign_in_needed"), reading():
        devices.authenticate_device(made.token)
    with refusal("not_found"), transaction():
        devices.rename_device(station.manager, made.id, name="Again")


def test_device_of_another_station_is_out_of_reach(station: Station) -> None:
    other = make_station("Lotus Garden")
    with transaction():
        made = devices.add_device(other.manager, name="Gate scanner")

    with refusal("not_found"), transaction():
        devices.revoke_device(station.manager, made.id)


def test_last_seen_is_written_at_most_every_five_minutes(station: Station) -> None:
    with transaction():
        made = devices.add_device(station.manager, name="Gate scanner")
        actor = devices.authenticate_device(made.token)
    for minutes in (0, 4, 6):
        moment = NOW + timedelta(minutes=minutes)
        with clock.use(lambda moment=moment: moment), transaction():
            devices.note_device_seen(actor)

    with reading():
        assert queries.devices(station.id)[0].seen_at == NOW + timedelta(minutes=6)


def test_names_stand_behind_the_keys_of_the_log(station: Station) -> None:
    with transaction():
        made = devices.add_device(station.manager, name="Gate scanner")

    keys = [station.clerk.key, f"device:{made.id}", "system:0", "staff:1"]
    with reading():
        names = queries.names(station.id, keys)

    assert names == {
        station.clerk.key: "Clerk",
        f"device:{made.id}": "Gate scanner",
        "system:0": "Stationmaster",
    }


def test_disabled_account_signs_in_nowhere(station: Station) -> None:
    login = login_of(station.clerk)
    with transaction():
        db.session.execute(
            update(Account).where(Account.id == station.clerk.id).values(disabled_at=clock.now())
        )

    with transaction():
        assert service.begin_sign_in(login, address="192.0.2.1").account_id is None
    assert person_now(station.clerk) is None

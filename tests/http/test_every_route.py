"""Every route with every role and with nobody: the marks of the views and the permission table decide, nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from station.accounts import devices
from station.accounts import service as account_service
from station.accounts.devices import ROLES
from station.accounts.models import Account, Membership
from station.accounts.queries import Resident
from station.carriers import keys
from station.carriers.keys import MOST_PER_MINUTE, Scope, Wish
from station.core import clock, ids
from station.core.db import db, reading, transaction
from station.core.permissions import TABLE, Permission, Role
from station.couriers.queries import SignedInCourier
from station.residents.service import phone_hash
from station.web.gate import gate_of
from tests import couriers
from tests.factories import Station, recipient

STAFF = (Role.CLERK, Role.MANAGER, Role.NETWORK_ADMIN)
MACHINES = (Role.DEVICE, Role.KIOSK, Role.CARRIER)
EVERYBODY = (None, *MACHINES, Role.RESIDENT, Role.COURIER, *STAFF)
OWN = {Permission.OWN_PARCELS: Role.RESIDENT, Permission.OWN_DROPS: Role.COURIER}
VALUES = {"IdConverter": 1, "UnicodeConverter": "x", "PathConverter": "x"}
NOT_SIGNED_IN = 401
REFUSED = 403


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def address(app: Flask, rule: Rule) -> str:
    values = {name: VALUES[type(rule._converters[name]).__name__] for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


@pytest.fixture
def accounts(web_station: Station) -> dict[Role, int]:
    with transaction():
        admin, now = ids.next_id(), clock.now()
        db.session.execute(insert(Account).values(id=admin, login="admin", name="Admin", created_at=now))
        member = {"account_id": admin, "station_id": None, "role": Role.NETWORK_ADMIN, "created_at": now}
        db.session.execute(insert(Membership).values(id=ids.next_id(), **member))
    return {
        Role.CLERK: web_station.clerk.id,
        Role.MANAGER: web_station.manager.id,
        Role.NETWORK_ADMIN: admin,
    }


@pytest.fixture
def tokens(web_station: Station) -> dict[Role | None, str]:
    with transaction():
        wish = Wish("SF", "sf", list(Scope), per_minute=MOST_PER_MINUTE)
        carrier = keys.add(web_station.manager, wish).token
        return {
            role: devices.add_device(web_station.manager, name=kind, kind=kind).token
            for kind, role in ROLES.items()
        } | {Role.CARRIER: carrier}


def sign_in(browser: FlaskClient, account_id: int, station: Station) -> None:
    """Write the session as the sign-in does; a password for each of a thousand requests would take minutes."""
    with reading():
        epoch = db.session.scalar(select(Account.epoch).where(Account.id == account_id))
    with browser.session_transaction() as session:
        session["_user_id"] = f"{account_id}.{epoch}.{station.id}"


@dataclass(frozen=True)
class Guests:
    """Who comes from outside: somebody whose parcels wait, and somebody who brings them."""

    resident: Resident
    courier: SignedInCourier


@pytest.fixture
def guests(web_station: Station) -> Guests:
    recipient(web_station)
    with transaction():
        resident = account_service.sign_in_resident(phone_hash("13812344068"))
    return Guests(resident, couriers.make_courier(web_station))


def sign_in_resident(browser: FlaskClient, resident: Resident) -> None:
    with browser.session_transaction() as session:
        session["resident"] = f"{resident.account_id}.{resident.epoch}"


def is_refusal_of_nobody(answer: TestResponse) -> bool:
    if answer.status_code == NOT_SIGNED_IN:
        return True
    target = answer.headers.get("Location", "")
    return answer.status_code == 303 and target.startswith(("/sign-in", "/me/sign-in", "/courier/sign-in"))


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
def test_every_route_obeys_the_permission_table(
    web: Flask,
    web_station: Station,
    accounts: dict[Role, int],
    tokens: dict[Role | None, str],
    guests: Guests,
    role: Role | None,
) -> None:
    wrong = []
    for method, rule in routes(web):
        browser = web.test_client()
        is_api = rule.rule.startswith("/api/")
        headers = {"Authorization": f"Bearer {tokens[role]}"} if role in MACHINES else {}
        if role is Role.RESIDENT:
            sign_in_resident(browser, guests.resident)
        if role is Role.COURIER:
            couriers.sign_in(browser, guests.courier)
        if role in STAFF:
            sign_in(browser, accounts[role], web_station)

        answer = browser.open(address(web, rule), method=method, headers=headers)
        answer.close()

        permission = gate_of(web, rule.endpoint)
        # A token opens the API only, a session the pages only: neither can be used in the other's place.
        is_own = OWN.get(permission) == (role if role in OWN.values() else None)
        is_known = role is not None and is_api == (role in MACHINES) and is_own
        if permission is None:
            expected = answer.status_code not in (NOT_SIGNED_IN, REFUSED) and answer.status_code < 500
        elif not is_known:
            expected = is_refusal_of_nobody(answer)
        elif permission in TABLE[role]:
            expected = answer.status_code not in (NOT_SIGNED_IN, REFUSED) and answer.status_code < 500
        else:
            expected = answer.status_code == REFUSED
        if not expected:
            wrong.append(f"{method} {rule.rule} as {role}: {answer.status}")

    assert wrong == []


def test_every_page_reads_well_in_both_languages(
    web: Flask, web_station: Station, accounts: dict[Role, int]
) -> None:
    wrong = []
    for method, rule in routes(web):
        if (
            method != "GET"
            or rule.endpoint in ("static", "accounts.sign_in")
            or rule.rule.startswith("/api/")
        ):
            continue
        for language in ("en", "zh"):
            browser = web.test_client()
            sign_in(browser, accounts[Role.MANAGER], web_station)
            browser.set_cookie("language", language)
            answer = browser.get(address(web, rule))
            if answer.status_code == 200 and answer.text.startswith("<!doctype html>"):
                code = "zh-CN" if language == "zh" else "en"
                if f'<html lang="{code}"' not in answer.text:
                    wrong.append(f"{rule.rule} in {language}")

    assert wrong == []

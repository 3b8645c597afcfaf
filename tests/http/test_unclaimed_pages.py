"""The register of the unclaimable over HTTP: entering, the record, disposal by two people, and what is refused."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from station.core import clock
from station.core.db import db, reading, transaction
from station.events.models import RefusedScan
from station.parcels import handling, parcel_queries
from station.parcels.intake import CheckedIn
from station.returns import unclaimed
from tests.factories import Station, make_station, store
from tests.http.forms import post

REGISTER = "/returns/unclaimed"
TERM = timedelta(days=184)


@pytest.fixture
def going(web_station: Station) -> CheckedIn:
    """A parcel picked for its carrier."""
    parcel = store(web_station)
    with transaction():
        handling.start_return(web_station.clerk, parcel.parcel_id, reason="not_collected")
    return parcel


@pytest.fixture
def entry(web_station: Station, going: CheckedIn) -> str:
    """The address of the parcel's entry, made so long ago that its term is over."""
    with clock.use(lambda: BEFORE), transaction():
        return f"{REGISTER}/{unclaimed.enter(web_station.clerk, going.waybill, reason='no_sender')}"


BEFORE = clock.now() - TERM - timedelta(days=1)


def test_a_parcel_is_entered_and_its_record_shows_term_and_notices(
    clerk_client: FlaskClient, going: CheckedIn
) -> None:
    page = post(
        clerk_client, REGISTER, {"waybill": going.waybill, "reason": "carrier_refused"}, follow_redirects=True
    )
    assert "It is in the register" in page.text
    assert "Kept until its term is over" in page.text
    assert "The carrier does not take it back" in page.text
    assert "Not before" in page.text
    assert "陈" not in page.text
    assert going.waybill in clerk_client.get(REGISTER).text


def test_what_cannot_be_entered_is_told_and_kept(web_station: Station, clerk_client: FlaskClient) -> None:
    waiting = store(web_station)
    page = post(
        clerk_client, REGISTER, {"waybill": waiting.waybill, "reason": "no_sender"}, follow_redirects=True
    )
    assert "Only a parcel that is here and should go back" in page.text
    with reading():
        assert db.session.execute(select(RefusedScan.purpose, RefusedScan.reason)).all() == [
            ("unclaimed", "not_going_back")
        ]


@pytest.mark.parametrize("said", [{}, {"waybill": "SF1"}, {"waybill": "SF1", "reason": "bored"}])
def test_bad_input_is_refused(clerk_client: FlaskClient, said: dict[str, str]) -> None:
    assert post(clerk_client, REGISTER, said).status_code == 422


def test_two_people_dispose_of_it(
    web: Flask, web_station: Station, clerk_client: FlaskClient, going: CheckedIn, entry: str
) -> None:
    assert "May be disposed of" in clerk_client.get(entry).text
    asked = post(clerk_client, f"{entry}/disposal/propose", {"done": "to_post"}, follow_redirects=True)
    assert "Given to the postal authority" in asked.text
    alone = post(clerk_client, f"{entry}/disposal/confirm", follow_redirects=True)
    assert "A colleague has to confirm this" in alone.text
    manager = web_station.sign_in(web.test_client(), "manager")
    done = post(manager, f"{entry}/disposal/confirm", follow_redirects=True)
    assert "Disposed of as unclaimable: Given to the postal authority." in done.text
    with reading():
        assert parcel_queries.detail(web_station.id, going.parcel_id).state == "written_off"


def test_a_proposal_is_refused_and_an_entry_removed(clerk_client: FlaskClient, entry: str) -> None:
    post(clerk_client, f"{entry}/disposal/propose", {"done": "destroyed"})
    refused = post(clerk_client, f"{entry}/disposal/refuse", follow_redirects=True)
    assert "The disposal is refused" in refused.text
    removed = post(clerk_client, f"{entry}/remove", follow_redirects=True)
    assert "Taken out of the register" in removed.text


def test_what_nobody_can_do_with_an_entry_is_refused(clerk_client: FlaskClient, entry: str) -> None:
    for path in ("sell", "disposal/sell"):
        assert post(clerk_client, f"{entry}/{path}").status_code == 404
    assert post(clerk_client, f"{entry}/disposal/propose", {"done": "sold"}).status_code == 422


def test_nobody_signed_in_and_no_other_station_sees_it(
    web: Flask, client: FlaskClient, web_station: Station, entry: str
) -> None:
    assert client.get(entry).location.startswith("/sign-in")
    other = make_station("Cedar").sign_in(web.test_client(), "clerk")
    assert other.get(entry).status_code == 404
    assert post(other, f"{entry}/remove").status_code == 404
